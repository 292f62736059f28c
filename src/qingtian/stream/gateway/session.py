"""One connection: it collects what arrives and writes what it is told to. Frames are found for all at once."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Protocol, cast

KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
"""Seconds of silence before the system asks, between two questions, how many; and ms an answer may stay unconfirmed."""


class Desk(Protocol):
    """Where sessions report: implemented by `intake.Intake`."""

    def opened(self, session: Session) -> bool: ...
    def arrived(self, session: Session, size: int) -> None: ...
    def closed(self, session: Session) -> None: ...


class Session(asyncio.Protocol):
    """The bytes of one connection that are not framed yet, and its standing.

    ``busy``: it waits for its turn or its bytes are on their way to the log; it is then not queued again, so a
    connection has at most one delivery under way and the order of its packets on the log is theirs.
    ``fresh``: something came since its last turn. ``overdue``: the rest of a frame has been waited for long enough.
    ``ended``: nothing more will come; ``gone``: nothing can be written either.
    ``known``: it has sent an acceptable packet, the last time at ``heard`` (monotonic seconds).
    ``refusals``: refused packets in a row. ``mns``: the devices that have spoken here; ``mn``: the last of them, and
    ``device`` its index in the present plan, -1 if none.
    """

    __slots__ = (
        "_desk",
        "_held_back",
        "address",
        "arrived_us",
        "busy",
        "device",
        "ended",
        "fresh",
        "gone",
        "heard",
        "held",
        "known",
        "mn",
        "mns",
        "overdue",
        "pieces",
        "refusals",
        "stuffed",
        "transport",
    )

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._held_back = False
        self.address = ""
        self.pieces: list[bytes] = []
        self.held = 0
        self.arrived_us = 0
        self.heard = time.monotonic()
        self.busy = False
        self.fresh = False
        self.overdue = False
        self.ended = False
        self.gone = False
        self.known = False
        self.refusals = 0
        self.stuffed = False
        self.mn = ""
        self.mns: set[str] = set()
        self.device = -1
        self.transport: asyncio.Transport | None = None

    # -- called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else "unknown"
        _keep_alive(transport.get_extra_info("socket"))
        if not self._desk.opened(self):
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.pieces.append(data)
        self.fresh = True
        self.held += len(data)
        self.arrived_us = time.time_ns() // 1000
        self._desk.arrived(self, len(data))

    def eof_received(self) -> bool:
        """The device will send no more; it may still want the answers, so stay open until they are written."""
        self.ended = True
        self._desk.arrived(self, 0)
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = self.gone = True
        self._desk.closed(self)

    def pause_writing(self) -> None:
        """The device does not take its answers: it is not read either until it does."""
        self.hold_back()
        self.stuffed = True

    def resume_writing(self) -> None:
        self.stuffed = False
        self.read_on()

    # -- called by the intake

    def take(self) -> bytes:
        """Return everything that has arrived and is not framed."""
        found = self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)
        self.pieces = []
        self.held = 0
        self.fresh = False
        return found

    def complete(self) -> bool:
        """Say whether the bytes just taken are all there will be: no use to wait for the end of a frame."""
        overdue, self.overdue = self.overdue, False
        return overdue or self.ended

    def put_back(self, rest: bytes) -> None:
        """Keep the beginning of a frame that has not arrived whole, before what came meanwhile."""
        self.pieces.insert(0, rest)
        self.held += len(rest)

    def send(self, frame: bytes) -> bool:
        """Write; False if the connection is gone."""
        if self.gone or self.transport is None or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    def hold_back(self) -> None:
        """Stop reading: TCP then slows the device down."""
        if not self._held_back and not self.gone and self.transport is not None:
            self._held_back = True
            self.transport.pause_reading()

    def read_on(self) -> None:
        if self._held_back and not self.stuffed and not self.gone and self.transport is not None:
            self._held_back = False
            self.transport.resume_reading()

    def close(self) -> None:
        if not self.gone and self.transport is not None:
            self.transport.close()


def _keep_alive(line: socket.socket | None) -> None:
    """Let the system find a connection whose other end is gone without a word: a cut cable, a power failure."""
    if line is None or line.family not in (socket.AF_INET, socket.AF_INET6):
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEP_ALIVE.items():
        if hasattr(socket, option):
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
