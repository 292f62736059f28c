"""How the supervisor knows that a process does its work: the web answers, the others beat."""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from nats.errors import Error as NatsError

from qingtian.base.settings import Settings
from qingtian.bus import health
from qingtian.bus.client import LogUnreachable, connect

FRESH = 0.4


def answers(host: str, port: int) -> bool:
    """Say whether a web server answers anything at all; the port alone is open before a worker is behind it."""
    connection = http.client.HTTPConnection(host, port, timeout=0.3)
    try:
        connection.request("GET", "/favicon.ico")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
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
            return lambda _pid: answers(self.settings.web_host, self.settings.web_port)
        if name == "simulate":
            return lambda _pid: True
        return self._beats

    def _beats(self, pid: int) -> bool:
        if pid not in self._pids and time.monotonic() - self._read > FRESH:
            try:
                self._pids = asyncio.run(_beating(self.settings.require_nats_url()))
            except (LogUnreachable, NatsError, TimeoutError, OSError):
                self._pids = set()
            self._read = time.monotonic()
        return pid in self._pids
