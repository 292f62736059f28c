"""现场机信息: serial number, state, parameters, log."""

from __future__ import annotations

from datetime import timedelta

from qingtian.base import times
from qingtian.stream.conformance.as_server.bench import ServerBench
from qingtian.stream.conformance.checks import LATER, Book, Finding, decided, untestable
from qingtian.stream.hj212.messages.returns import NO_DATA

information: Book[ServerBench] = Book("information")

UNKNOWN = ("不知道它测什么", "what it measures is not known")
SLOPE = "i13008"


async def _data(bench: ServerBench, cn: int, more: str = "") -> Finding:
    code = await bench.factor()
    if code is None:
        return untestable(*UNKNOWN)
    found = await bench.ask(cn, f"PolId={code}{more}")
    return decided(found.done and bool(found.data), good=found.told(), bad=found.told())


@information.check(
    "serial",
    "3019 读设备唯一标识",
    "3019 reads the analyser's serial number",
    clause="HJ 212-2017 附录C.38",
    editions=LATER,
)
async def serial(bench: ServerBench) -> Finding:
    return await _data(bench, 3019)


@information.check(
    "state",
    "3020 读工作状态 i12001",
    "3020 reads the analyser's state i12001",
    clause="HJ 212-2017 附录C.43",
    editions=LATER,
)
async def state(bench: ServerBench) -> Finding:
    return await _data(bench, 3020, ";InfoId=i12001")


@information.check(
    "parameter",
    "3020 读参数 i13008（斜率）",
    "3020 reads a parameter, i13008 (slope)",
    clause="HJ 212-2017 附录C.45",
    editions=LATER,
)
async def parameter(bench: ServerBench) -> Finding:
    return await _data(bench, 3020, f";InfoId={SLOPE}")


@information.check(
    "log",
    "3020 读日志（可能没有）",
    "3020 reads the log (there may be none)",
    clause="HJ 212-2017 附录C.41",
    editions=LATER,
)
async def log(bench: ServerBench) -> Finding:
    code = await bench.factor()
    if code is None:
        return untestable(*UNKNOWN)
    begin, end = times.stamp(bench.now() - timedelta(hours=1)), times.stamp(bench.now())
    found = await bench.ask(3020, f"PolId={code};InfoId=i21001;BeginTime={begin},EndTime={end}")
    return decided(found.exe_rtn in (1, NO_DATA), good=found.told(), bad=found.told())


@information.check(
    "set_parameter",
    "3021 设参数（设为原值）",
    "3021 sets a parameter (to the value it has)",
    clause="HJ 212-2017 附录C.46",
    editions=LATER,
)
async def set_parameter(bench: ServerBench) -> Finding:
    code = await bench.factor()
    if code is None:
        return untestable(*UNKNOWN)
    read = await bench.ask(3020, f"PolId={code};InfoId={SLOPE}")
    before = _value(read.data[0].message.body) if read.data and read.data[0].message is not None else None
    if before is None:
        return untestable(*read.told())
    # the value it has already: nothing of the monitor is changed
    found = await bench.ask(3021, f"PolId={code};InfoId={SLOPE};{SLOPE}-Info={before}")
    return decided(found.done, good=found.told(), bad=found.told())


def _value(body: object) -> str | None:
    infos = getattr(body, "infos", {})
    return infos.get(SLOPE) if isinstance(infos, dict) else None
