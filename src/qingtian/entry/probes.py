"""How the supervisor knows that a process does its work: the web and the gateway listen, the others beat."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from nats.errors import Error as NatsError

from qingtian.base.settings import Settings
from qingtian.bus import health
from qingtian.bus.client import LogUnreachable, connect

FRESH = 0.4


def listens(host: str, port: int) -> bool:
    """Say whether somebody takes connections there."""
    try:
        socket.create_connection((host, port), timeout=0.5).close()
    except OSError:
        return False
    return True


async def _beating(url: str) -> set[int]:
    bus = await connect(url, name="supervisor", wait=0.5)
    try:
        async with asyncio.timeout(0.5):
            return {int(str(beat["pid"])) for beat in await health.living(bus)}
    finally:
        await bus.close()


@dataclass(kw_only=True)
class Probes:
    """Answers "is it ready?" for each process; the heartbeats are read at most every ``FRESH`` seconds."""

    settings: Settings
    _pids: set[int] = field(default_factory=set)
    _read: float = float("-inf")

    def of(self, name: str) -> Callable[[int], bool]:
        """Return the probe of a process: given its pid, it says whether it is ready."""
        if name == "web":
            return lambda _pid: listens(self.settings.web_host, self.settings.web_port)
        if name == "simulate":
            return lambda _pid: True
        return self._beats

    def _beats(self, pid: int) -> bool:
        if pid not in self._pids and time.monotonic() - self._read > FRESH:
            try:
                self._pids = asyncio.run(_beating(self.settings.require_nats_url()))
            except (LogUnreachable, NatsError, TimeoutError):
                self._pids = set()
            self._read = time.monotonic()
        return pid in self._pids
