"""The platform that is played: it takes a device's line, answers what asks to be answered, and keeps all it heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from qingtian.stream.conformance.packets import Identity, framed, segment
from qingtian.stream.conformance.wire import Heard, Wire
from qingtian.stream.hj212 import Edition, Way
from qingtian.stream.hj212.replies import ANSWERS

NOTICES = (1013, 2072, 9015)
IDENTITY_2025 = 1001


class Platform:
    """``mn``: the one device to be checked (None: whichever speaks first). ``mute``: uploads that are not answered."""

    def __init__(self, *, mn: str | None = None, pw: str | None = None, key: bytes | None = None) -> None:
        self.device: Identity | None = None
        self.wire: Wire | None = None
        self.mute: Callable[[Heard], bool] = lambda heard: False
        self._mn = mn
        self._pw = pw
        self._key = key
        self._arrived = asyncio.Event()
        self._wires: list[Wire] = []

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """:raises OSError: if the port is taken."""
        return await asyncio.get_running_loop().create_server(self._taken, host, port)

    def _taken(self) -> Wire:
        wire = Wire(way=Way.UP, key=self._key, hear=self._hear)
        self._wires.append(wire)
        return wire

    async def arrival(self, within: float) -> Identity | None:
        """Return the device once it has spoken; None if none did."""
        try:
            await asyncio.wait_for(self._arrived.wait(), within)
        except TimeoutError:
            return None
        return self.device

    def close(self) -> None:
        for wire in self._wires:
            wire.close()

    def _hear(self, wire: Wire, heard: Heard) -> None:
        message = heard.message
        if message is None or message.head.cn in ANSWERS:
            return
        head = message.head
        if head.mn and (self._mn is None or head.mn == self._mn):
            if self.device is None:
                self._mn = head.mn
                self.device = Identity(
                    mn=head.mn,
                    pw=self._pw or head.pw or "",
                    st=head.st or "",
                    edition=head.edition,
                    key=self._key if head.edition is Edition.HJ2025 else None,
                )
            # the device may have dialled anew
            self.wire = wire
            self._arrived.set()
        if head.asks and not self.mute(heard):
            wire.send(_answer(heard))


def _answer(heard: Heard) -> bytes:
    assert heard.message is not None
    head = heard.message.head
    old = head.edition is Edition.HJ2005
    notice = head.cn in NOTICES or (head.edition is Edition.HJ2025 and head.cn == IDENTITY_2025)
    area = f"QN={head.qn}" + ("" if notice else f";CN={head.cn}") if old and head.qn else ""
    who = Identity(mn=head.mn or "", pw=head.pw or "", edition=head.edition)
    cn = 9013 if notice else 9014
    return framed(segment(who, st="91", cn=cn, area=area, qn=None if old else head.qn, flag=who.flag()))
