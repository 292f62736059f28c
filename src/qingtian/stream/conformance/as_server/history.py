"""历史数据: ranges by DataTime, both ends included; nothing there is told as 100."""

from __future__ import annotations

from datetime import datetime, timedelta

from qingtian.base import times
from qingtian.stream.conformance.as_server.bench import Exchange, ServerBench, done, in_time
from qingtian.stream.conformance.checks import ONLY_2005, Book, Finding, decided
from qingtian.stream.hj212.messages.returns import NO_DATA

history: Book[ServerBench] = Book("history")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURS, MINUTES, DAYS, EQUIPMENT, ALARMS = 2061, 2051, 2031, 2041, 2071


def _span(begin: datetime, end: datetime) -> str:
    return f"BeginTime={times.stamp(begin)};EndTime={times.stamp(end)}"


def _whole_hour(bench: ServerBench, ago: int) -> datetime:
    return bench.now().replace(minute=0, second=0, microsecond=0) - HOUR * ago


async def _records(bench: ServerBench, cn: int, begin: datetime, end: datetime) -> tuple[Exchange, list[datetime]]:
    found = await bench.ask(cn, _span(begin, end))
    moments = [h.message.body.data_time for h in found.data if h.message and in_time(h, begin, end)]  # type: ignore[attr-defined]
    return found, sorted(set(moments))


def _told(found: Exchange, moments: list[datetime]) -> tuple[str, str]:
    if not found.done:
        return found.told()
    told = " ".join(f"{moment:%d %H:%M}" for moment in moments[:8])
    return f"{len(moments)} 条：{told}", f"{len(moments)} records: {told}"


@history.check(
    "hours",
    "2061：两端的小时都在内",
    "2061 gives the hours asked for, both ends included",
    clause="HJ 212-2017 附录C.21, 表5",
)
async def hours(bench: ServerBench) -> Finding:
    begin, end = _whole_hour(bench, 4), _whole_hour(bench, 2)
    found, moments = await _records(bench, HOURS, begin, end)
    told = _told(found, moments)
    return decided(found.done and moments == [begin, begin + HOUR, end], good=told, bad=told)


@history.check("one_hour", "起止相同：一条记录", "Equal ends ask for one record", clause="HJ 212-2017 表5")
async def one_hour(bench: ServerBench) -> Finding:
    moment = _whole_hour(bench, 3)
    found, moments = await _records(bench, HOURS, moment, moment)
    told = _told(found, moments)
    return decided(found.done and moments == [moment], good=told, bad=told)


@history.check("none", "没有数据：ExeRtn=100", "No data: ExeRtn=100", clause="HJ 212-2017 表8")
async def none(bench: ServerBench) -> Finding:
    begin = bench.now() + timedelta(days=300)
    found, _ = await _records(bench, HOURS, begin, begin + HOUR)
    return decided(found.exe_rtn == NO_DATA, good=found.told(), bad=found.told())


@history.check("reversed", "起晚于止：不执行", "An end before its beginning is not executed", clause="HJ 212-2017 表8")
async def reversed_(bench: ServerBench) -> Finding:
    found, _ = await _records(bench, HOURS, _whole_hour(bench, 2), _whole_hour(bench, 4))
    return decided(found.answer is not None and not found.done, good=found.told(), bad=found.told())


@history.check("minutes", "2051 给出分钟数据", "2051 gives minute values", clause="HJ 212-2017 附录C.20")
async def minutes(bench: ServerBench) -> Finding:
    begin = _whole_hour(bench, 2)
    found, moments = await _records(bench, MINUTES, begin, begin + HOUR)
    told = _told(found, moments)
    good = found.done and bool(moments) and (moments[0], moments[-1]) == (begin, begin + HOUR)
    return decided(good, good=told, bad=told)


@history.check("days", "2031 给出日数据", "2031 gives daily values", clause="HJ 212-2017 附录C.22")
async def days(bench: ServerBench) -> Finding:
    day = _whole_hour(bench, 0).replace(hour=0) - DAY
    found, moments = await _records(bench, DAYS, day - DAY, day)
    told = _told(found, moments)
    return decided(found.done and moments == [day - DAY, day], good=told, bad=told)


@history.check("equipment", "2041 给出设备运行时间", "2041 gives equipment hours", clause="HJ 212-2017 附录C.23")
async def equipment(bench: ServerBench) -> Finding:
    day = _whole_hour(bench, 0).replace(hour=0) - DAY
    return await done(bench, EQUIPMENT, _span(day, day))


@history.check(
    "alarms",
    "2071 有应答（可能没有记录）",
    "2071 is answered (there may be none)",
    clause="HJ/T 212-2005 附录C",
    editions=ONLY_2005,
)
async def alarms(bench: ServerBench) -> Finding:
    found = await bench.ask(ALARMS, _span(bench.now() - HOUR, bench.now()))
    return decided(found.exe_rtn in (1, NO_DATA), good=found.told(), bad=found.told())
