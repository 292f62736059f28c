"""What the checks of a server work with: a device's name, a way to dial, times, packets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from qingtian.base import times
from qingtian.stream.conformance.packets import Identity, framed, segment, shown
from qingtian.stream.conformance.wire import Heard, Wire

ANSWERS = (9013, 9014)
GRACE = 0.3
"""Seconds in which an answer that must not come would still come, after a later packet was answered."""


class DeviceBench:
    """``me``: the device that is played; ``others``: further registered ones. ``patience``: seconds for an answer."""

    def __init__(
        self,
        me: Identity,
        *,
        dial: Callable[[], Awaitable[Wire]],
        now: Callable[[], datetime],
        patience: float = 5.0,
        others: Sequence[Identity] = (),
        set_already: set[str] | None = None,
    ) -> None:
        """``set_already``: MNs whose clock the server has set in this run."""
        self.me = me
        self.others = tuple(others)
        self.patience = patience
        self.now = now
        self.set_clock: Heard | None = None
        self.set_again: Heard | None = None
        self.was_set: Identity | None = None
        self._set_already = set() if set_already is None else set_already
        self._dial = dial
        self._last = datetime.min.replace(tzinfo=times.BEIJING)

    async def ready(self) -> None:
        """Nothing to wait for: each check dials by itself."""

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Wire]:
        """Give a connection of its own."""
        wire = await self._dial()
        try:
            yield wire
        finally:
            wire.close()

    def not_yet_set(self) -> Identity | None:
        """Return a device whose clock was not set in this run, and count it as set from now on."""
        for who in (self.me, *self.others):
            if who.mn not in self._set_already:
                self._set_already.add(who.mn)
                return who
        return None

    def qn(self) -> str:
        """Return a QN that was not used before."""
        self._last = max(self.now(), self._last + timedelta(milliseconds=1))
        return times.stamp_milliseconds(self._last)

    def data_time(self) -> str:
        return times.stamp(self._last)

    def values(self, *, tag: str = "Rtd", value: str = "23.1", time: str | None = None) -> str:
        """Return a data area with one factor, named as the edition names it."""
        code = "011" if self.me.edition == 2005 else "w01018"
        return f"DataTime={time or self.data_time()};{code}-{tag}={value},{code}-Flag=N"

    def raw(
        self, qn: str | None, *, cn: int = 2011, area: str | None = None, asks: bool = True, more: str = ""
    ) -> bytes:
        """Return the segment of an upload."""
        parted = more.startswith("PNUM")
        flag = self.me.flag(asks=asks, parted=parted)
        return segment(self.me, cn=cn, area=self.values() if area is None else area, qn=qn, flag=flag, more=more)

    def upload(
        self, qn: str | None, *, cn: int = 2011, area: str | None = None, asks: bool = True, more: str = ""
    ) -> bytes:
        """Return the frame of an upload."""
        return framed(self.raw(qn, cn=cn, area=area, asks=asks, more=more))

    async def answer(self, wire: Wire, qn: str, *, since: int = 0, mn: str | None = None) -> Heard | None:
        """Return the 9013 or 9014 to ``qn``."""
        mine = self.me.mn if mn is None else mn

        def is_it(heard: Heard) -> bool:
            named = heard.message.head.mn if heard.message is not None else None
            # 2005 may leave MN out of a data answer
            return heard.cn in ANSWERS and heard.exchange == qn and named in (mine, None, "")

        return await wire.until(is_it, within=self.patience, since=since)

    async def still_serves(self, wire: Wire) -> bool:
        """Say whether a good packet is answered now."""
        qn = self.qn()
        wire.send(self.upload(qn))
        return await self.answer(wire, qn) is not None

    async def silent_about(self, wire: Wire, qn: str) -> Heard | None:
        """Return what was answered to ``qn`` although nothing should be, once a later good packet was answered."""
        await self.still_serves(wire)
        return await wire.until(lambda heard: heard.exchange == qn and heard.cn in ANSWERS, within=GRACE)


def seen(heard: Heard | None) -> tuple[str, str]:
    """Return what was seen, in both languages."""
    if heard is None:
        return "没有应答", "no answer"
    return (shown(heard.raw),) * 2
