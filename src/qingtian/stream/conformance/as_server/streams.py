"""实时数据、设备状态: on and off."""

from __future__ import annotations

from itertools import pairwise

from qingtian.stream.conformance.as_server.bench import ServerBench
from qingtian.stream.conformance.checks import Book, Finding, decided, fails, untestable
from qingtian.stream.conformance.packets import shown

streams: Book[ServerBench] = Book("streams")

LOOKED = 3
"""Intervals that are waited for a packet that must not, or must, come."""


async def _interval(bench: ServerBench) -> float | None:
    """Return how often 2011 comes, by what has come."""
    times = [heard.at for heard in bench.wire.heard if heard.cn == 2011]
    while len(times) < 2:
        found = await bench.upload(2011, within=bench.execute)
        if found is None:
            return None
        times.append(found.at)
    return min(later - before for before, later in pairwise(times) if later - before > 0.01)


@streams.check("realtime_off", "2012 停止实时数据", "2012 stops real-time values", clause="HJ 212-2017 附录C.11")
async def realtime_off(bench: ServerBench) -> Finding:
    seconds = await _interval(bench)
    if seconds is None or seconds * LOOKED > bench.execute:
        return untestable("实时间隔太长（--execute）", "the real-time interval is too long (--execute)")
    stopped = await bench.notify(2012)
    # one may be on its way
    await bench.upload(2011, within=min(0.3, seconds / 2))
    late = await bench.upload(2011, within=seconds * LOOKED)
    await bench.ask(2011)
    if stopped is None:
        return fails("没有 9013", "no 9013")
    good = (f"9013；{seconds * LOOKED:.0f} 秒没有 2011", f"9013; no 2011 for {seconds * LOOKED:.0f} s")
    return decided(late is None, good=good, bad=(shown(late.raw),) * 2 if late is not None else good)


@streams.check("realtime_on", "2011 开始实时数据", "2011 starts real-time values", clause="HJ 212-2017 附录C.10")
async def realtime_on(bench: ServerBench) -> Finding:
    asked = await bench.ask(2011)
    found = await bench.upload(2011, within=bench.execute)
    bad = asked.told() if not asked.done else ("没有实时数据", "no real-time values came")
    good = (shown(found.raw),) * 2 if found is not None else bad
    return decided(asked.done and found is not None, good=good, bad=bad)


@streams.check("equipment_on", "2021 开始设备状态", "2021 starts equipment states", clause="HJ 212-2017 附录C.12")
async def equipment_on(bench: ServerBench) -> Finding:
    since = len(bench.wire.heard)
    asked = await bench.ask(2021)
    found = await bench.upload(2021, within=bench.execute, since=since)
    bad = asked.told() if not asked.done else ("没有设备状态", "no equipment states came")
    good = (shown(found.raw),) * 2 if found is not None else bad
    return decided(asked.done and found is not None, good=good, bad=bad)


@streams.check("equipment_off", "2022 停止设备状态", "2022 stops equipment states", clause="HJ 212-2017 附录C.13")
async def equipment_off(bench: ServerBench) -> Finding:
    found = await bench.notify(2022)
    return decided(found is not None, good=("9013", "9013"), bad=("没有 9013", "no 9013"))
