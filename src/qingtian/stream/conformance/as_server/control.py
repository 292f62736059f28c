"""反控: calibration, cleaning, sampling. The device really does it."""

from __future__ import annotations

import asyncio

from qingtian.stream.conformance.as_server.bench import ServerBench, done
from qingtian.stream.conformance.checks import (
    ALL,
    LATER,
    ONLY_2005,
    ONLY_2017,
    ONLY_2025,
    Book,
    Finding,
    decided,
    untestable,
)
from qingtian.stream.conformance.wire import Heard
from qingtian.stream.hj212 import values

control: Book[ServerBench] = Book("control")

UNKNOWN = ("不知道它测什么", "what it measures is not known")
SECOND_HAND = "HJ 212-2025（第二手）"


async def _act(bench: ServerBench, cn: int, more: str = "") -> Finding:
    code = await bench.factor()
    return untestable(*UNKNOWN) if code is None else await done(bench, cn, f"PolId={code}{more}")


@control.check(
    "calibrate",
    "3011 校准，完成后 9012",
    "3011 calibrates, and 9012 comes when it is done",
    clause="HJ 212-2017 附录C.30",
)
async def calibrate(bench: ServerBench) -> Finding:
    return await _act(bench, 3011, ",CalibrationType=0" if bench.me.edition == 2025 else "")


@control.check(
    "marked",
    "校准期间的实时数据标记为 C",
    "Real-time values carry the mark C while it calibrates",
    clause="HJ 212-2017（数据标记）",
)
async def marked(bench: ServerBench) -> Finding:
    code = await bench.factor()
    if code is None:
        return untestable(*UNKNOWN)
    since = len(bench.wire.heard)
    asked = asyncio.create_task(bench.ask(3011, f"PolId={code}"))

    def within(heard: Heard) -> bool:
        body = heard.message.body if heard.message is not None else None
        return isinstance(body, values.Values) and heard.cn == 2011 and _mark(body, code) == "C"

    found = await bench.wire.until(within, within=bench.execute, since=since)
    exchange = await asked
    seen = (f"{code}-Flag=C",) * 2
    if found is None and not any(heard.cn == 2011 for heard in bench.wire.heard[since:]):
        return untestable("其间没有实时数据", "no real-time values came meanwhile")
    return decided(found is not None and exchange.done, good=seen, bad=("没有 C", "no C"))


def _mark(body: values.Values, code: str) -> str | None:
    return body.factors.get(code, {}).get("Flag")


@control.check("sample", "3012 即时采样", "3012 samples at once", clause="HJ 212-2017 附录C.31")
async def sample(bench: ServerBench) -> Finding:
    return await _act(bench, 3012)


@control.check(
    "clean",
    "3013 清洗、反吹（2005：设备操作）",
    "3013 cleans (2005: operates equipment)",
    clause="HJ 212-2017 附录C.32",
)
async def clean(bench: ServerBench) -> Finding:
    return await _act(bench, 3013)


@control.check(
    "compare", "3014 比对采样", "3014 samples for comparison", clause="HJ 212-2017 附录C.33", editions=ONLY_2017
)
async def compare(bench: ServerBench) -> Finding:
    return await _act(bench, 3014)


@control.check(
    "times_2005", "3014 设采样时间周期", "3014 sets sampling times", clause="HJ/T 212-2005 附录C", editions=ONLY_2005
)
async def times_2005(bench: ServerBench) -> Finding:
    return await _act(bench, 3014, ",CTime=04,CTime=10,CTime=16,CTime=22")


@control.check(
    "retain",
    "3015 超标留样，报告瓶号",
    "3015 retains a sample and tells the bottle",
    clause="HJ 212-2017 附录C.34",
    editions=ONLY_2017,
)
async def retain(bench: ServerBench) -> Finding:
    found = await bench.ask(3015)
    return decided(found.done and bool(found.data), good=found.told(), bad=found.told())


@control.check(
    "cycle",
    "3016、3017：采样时间周期可设可读",
    "3016 and 3017 set and read the sampling cycle",
    clause="HJ 212-2017 附录C.35, C.36",
    editions=ONLY_2017,
)
async def cycle(bench: ServerBench) -> Finding:
    code = await bench.factor()
    if code is None:
        return untestable(*UNKNOWN)
    was = await bench.ask(3017, f"PolId={code}")
    found = await bench.ask(3016, f"PolId={code};CstartTime=013000;CTime=4")
    read = await bench.ask(3017, f"PolId={code}")
    body = read.data[0].message.body if read.data and read.data[0].message is not None else None
    before = was.data[0].message.body if was.data and was.data[0].message is not None else None
    if before is not None:
        start, hours = getattr(before, "start", None), getattr(before, "hours", None)
        if start is not None:
            await bench.ask(3016, f"PolId={code};CstartTime={start:%H%M%S};CTime={hours}")
    return decided(found.done and getattr(body, "hours", None) == 4, good=read.told(), bad=read.told())


@control.check(
    "time_to_result",
    "3018 读出样时间",
    "3018 reads the time to a result",
    clause="HJ 212-2017 附录C.37",
    editions=LATER,
)
async def time_to_result(bench: ServerBench) -> Finding:
    return await _act(bench, 3018)


@control.check("retain_2025", "3022 即时留样", "3022 retains a sample at once", clause=SECOND_HAND, editions=ONLY_2025)
async def retain_2025(bench: ServerBench) -> Finding:
    return await _act(bench, 3022)


@control.check(
    "standard_check", "3024 自动标样核查", "3024 runs the standard check", clause=SECOND_HAND, editions=ONLY_2025
)
async def standard_check(bench: ServerBench) -> Finding:
    return await _act(bench, 3024)


@control.check(
    "unknown_factor",
    "不测的因子：不执行",
    "What it does not measure is not executed",
    clause="HJ 212-2017 表8",
    editions=ALL,
)
async def unknown_factor(bench: ServerBench) -> Finding:
    found = await bench.ask(3011, "PolId=w99999")
    return decided(found.answer is not None and not found.done, good=found.told(), bad=found.told())
