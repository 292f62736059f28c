"""What the checks of a device work with: requests, what came of them, times."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from qingtian.base import times
from qingtian.stream.conformance.as_server.platform import Platform
from qingtian.stream.conformance.checks import Finding, decided
from qingtian.stream.conformance.packets import Identity, framed, segment, shown
from qingtian.stream.conformance.wire import Heard, Wire
from qingtian.stream.hj212 import Edition, encryption, values
from qingtian.stream.hj212.replies import ANSWERS

READY = DONE = 1
GRACE = 0.3
LOOK = 0.1


@dataclass(kw_only=True)
class Exchange:
    """One request and what came of it: the 9011, the data, the 9012."""

    qn: str
    answer: Heard | None = None
    data: list[Heard] = field(default_factory=list)
    result: Heard | None = None

    @property
    def qn_rtn(self) -> int | None:
        return _returned(self.answer)

    @property
    def exe_rtn(self) -> int | None:
        return _returned(self.result)

    @property
    def done(self) -> bool:
        return self.qn_rtn == READY and self.exe_rtn == DONE

    def told(self) -> tuple[str, str]:
        """Return what was seen, in both languages."""
        if self.answer is None:
            return "没有 9011", "no 9011"
        if self.qn_rtn != READY:
            return (f"QnRtn={self.qn_rtn}",) * 2
        end = "没有 9012" if self.result is None else f"ExeRtn={self.exe_rtn}"
        end_en = "no 9012" if self.result is None else f"ExeRtn={self.exe_rtn}"
        data = f"，{shown(self.data[0].raw)}" if self.data else ""
        return f"QnRtn=1，{end}{data}", f"QnRtn=1, {end_en}{data.replace('，', ', ')}"


def _returned(heard: Heard | None) -> int | None:
    return getattr(heard.message.body, "returned", None) if heard is not None and heard.message is not None else None


class ServerBench:
    """``me``: the device that is checked. ``patience``: seconds for a 9011; ``execute``: for a 9012."""

    def __init__(
        self, platform: Platform, me: Identity, *, now: Callable[[], datetime], patience: float, execute: float
    ) -> None:
        self.platform = platform
        self.me = me
        self.now = now
        self.patience = patience
        self.execute = execute
        self._last = datetime.min.replace(tzinfo=times.BEIJING)

    @property
    def wire(self) -> Wire:
        """The device's line, the newest if it has dialled anew."""
        assert self.platform.wire is not None
        return self.platform.wire

    async def ready(self) -> None:
        """Wait for the device if it is about to dial anew; without it every check fails by itself."""
        deadline = self.execute
        while self.wire.closed and deadline > 0:
            await asyncio.sleep(LOOK)
            deadline -= LOOK

    @property
    def old(self) -> bool:
        return self.me.edition is Edition.HJ2005

    def qn(self) -> str:
        self._last = max(self.now(), self._last + timedelta(milliseconds=1))
        return times.stamp_milliseconds(self._last)

    def request(self, cn: int, area: str = "", *, qn: str, **other: str) -> bytes:
        """Return the frame of a request. ``other``: st, pw or mn otherwise than the device's."""
        flag = self.me.flag(asks=True)
        raw = segment(self.me, cn=cn, area=area, qn=qn, flag=flag, **other)
        if self.me.key is not None and encryption.covers(cn):
            return encryption.sealed_frame(raw, key=self.me.key)
        return framed(raw)

    async def ask(self, cn: int, area: str = "", **other: str) -> Exchange:
        """Send a request, and return what comes of it."""
        qn, wire = self.qn(), self.wire
        since = len(wire.heard)
        wire.send(self.request(cn, area, qn=qn, **other))
        return await self.outcome(qn, cn, since=since)

    async def outcome(self, qn: str, cn: int, *, since: int) -> Exchange:
        """Wait for what comes of a request that was sent when ``since`` frames had been heard."""
        wire, found = self.wire, Exchange(qn=qn)
        found.answer = await self.answered(qn, 9011, since=since)
        if found.qn_rtn != READY:
            return found
        found.result = await self.answered(qn, 9012, since=since, within=self.execute)
        found.data = [heard for heard in wire.heard[since:] if heard.cn == cn and heard.cn not in ANSWERS]
        return found

    async def answered(self, qn: str, cn: int, *, since: int, within: float | None = None) -> Heard | None:
        seconds = self.patience if within is None else within
        return await self.wire.until(lambda h: h.cn == cn and h.exchange == qn, within=seconds, since=since)

    async def notify(self, cn: int) -> Heard | None:
        """Send a notice, and return its 9013."""
        qn, since = self.qn(), len(self.wire.heard)
        self.wire.send(self.request(cn, qn=qn))
        return await self.answered(qn, 9013, since=since)

    async def upload(self, cn: int, *, within: float, since: int | None = None) -> Heard | None:
        """Return the next upload of a command."""
        start = len(self.wire.heard) if since is None else since
        return await self.wire.until(lambda h: h.cn == cn and h.message is not None, within=within, since=start)

    async def factor(self) -> str | None:
        """Return the code of a factor that the device measures, as it names it."""
        found = await self.upload(2011, within=self.execute, since=0)
        body = found.message.body if found is not None and found.message is not None else None
        return next(iter(body.factors), None) if isinstance(body, values.Values) else None

    def as_password(self, pw: str) -> None:
        """Use another password from now on."""
        self.me = replace(self.me, pw=pw)


async def done(bench: ServerBench, cn: int, area: str = "", **other: str) -> Finding:
    """Ask; it holds if the request was taken and executed."""
    found = await bench.ask(cn, area, **other)
    return decided(found.done, good=found.told(), bad=found.told())


def in_time(heard: Heard, begin: datetime, end: datetime) -> bool:
    """Say whether a record's DataTime is within these ends, both included."""
    moment = getattr(heard.message.body, "data_time", None) if heard.message is not None else None
    return isinstance(moment, datetime) and begin <= moment <= end
