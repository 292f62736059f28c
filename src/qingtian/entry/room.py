"""What a start needs of the machine: free ports, room on the disk. Asked first, so that a refusal is a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from qingtian.base.errors import QingtianError
from qingtian.base.settings import Settings
from qingtian.bus.server import port_is_free

MEBIBYTE = 1024 * 1024
NEEDED_BYTES = 512 * MEBIBYTE
FULL_BYTES = 64 * MEBIBYTE
ROOM_BYTES = 256 * MEBIBYTE
LOOK_EVERY = 1.0


class PortTaken(QingtianError):
    code = "entry.port_taken"
    zh = "{host} 的端口 {port}（{what}）已被其他程序占用。请停止该程序，或用 {option}（或 {variable}）换一个端口。"
    en = (
        "Port {port} of {host} ({what}) is taken by another program. "
        "Stop that program, or choose another port with {option} (or {variable})."
    )


class DiskFull(QingtianError):
    code = "entry.disk_full"
    zh = "{data} 所在磁盘只剩 {free} MiB，启动至少需要 {needed} MiB。请清理磁盘，或用 --data 换一个目录。"
    en = (
        "The disk of {data} has {free} MiB left; a start needs {needed} MiB. "
        "Make room, or choose another folder with --data."
    )


def check(settings: Settings) -> None:
    """Check ports and disk.

    :raises PortTaken: if the gateway or the web cannot listen.
    :raises DiskFull: if the disk of the data folder has less than 512 MiB left.
    """
    _port(settings.gateway_host, settings.gateway_port, "gateway", "--gateway-port", "QINGTIAN_GATEWAY_PORT")
    _port(settings.web_host, settings.web_port, "web", "--port", "QINGTIAN_WEB_PORT")
    _disk(settings.data)


def _port(host: str, port: int, what: str, option: str, variable: str) -> None:
    if not port_is_free(port, host):
        raise PortTaken(host=host, port=port, what=what, option=option, variable=variable)


def _disk(data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True)
    free = free_bytes(data)
    if free < NEEDED_BYTES:
        raise DiskFull(data=data, free=free // MEBIBYTE, needed=NEEDED_BYTES // MEBIBYTE)


def free_bytes(data: Path) -> int:
    return int(psutil.disk_usage(str(data)).free)


class Turn(StrEnum):
    """How the disk changed."""

    FULL = "full"
    ROOM = "room"


@dataclass(kw_only=True)
class DiskWatch:
    """Notices when the disk gets full and when there is room again.

    A NATS stream that has met a full disk refuses writes until its server is started anew, even when there is room;
    so somebody has to notice that there is. ``free`` returns bytes.
    """

    free: Callable[[], int]
    full: bool = False
    _next: float = 0.0

    def look(self) -> Turn | None:
        """Return the turn, if there is one since the last look; looks at most once a second."""
        if time.monotonic() < self._next:
            return None
        self._next = time.monotonic() + LOOK_EVERY
        free = self.free()
        if not self.full and free < FULL_BYTES:
            self.full = True
            return Turn.FULL
        if self.full and free >= ROOM_BYTES:
            self.full = False
            return Turn.ROOM
        return None
