"""通知: what a device tells of itself, and the 9013 it gets for it."""

from __future__ import annotations

from qingtian.stream.conformance.as_device.bench import DeviceBench, seen
from qingtian.stream.conformance.checks import LATER, ONLY_2005, ONLY_2025, Book, Finding, decided

notices: Book[DeviceBench] = Book("notices")

ANSWER = 9013


async def _notice(bench: DeviceBench, cn: int, area: str) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(bench.upload(qn, cn=cn, area=area))
        found = await bench.answer(wire, qn)
        return decided(found is not None and found.cn == ANSWER, good=seen(found), bad=seen(found))


@notices.check(
    "time",
    "校时请求 1013 得到通知应答 9013",
    "A time request 1013 is answered 9013",
    clause="HJ 212-2017 附录C.4",
    editions=LATER,
)
async def time(bench: DeviceBench) -> Finding:
    return await _notice(bench, 1013, "")


@notices.check(
    "heartbeat",
    "心跳 9015 得到 9013",
    "A heartbeat 9015 is answered 9013",
    clause="HJ 212-2025（第二手）",
    editions=ONLY_2025,
)
async def heartbeat(bench: DeviceBench) -> Finding:
    return await _notice(bench, 9015, "")


@notices.check(
    "identity",
    "数采仪信息 1001 得到 9013",
    "A logger's identity 1001 is answered 9013",
    clause="HJ 212-2025（第二手）",
    editions=ONLY_2025,
)
async def identity(bench: DeviceBench) -> Finding:
    return await _notice(bench, 1001, "i23005-Info=6970000000001ABCDEFG1234;i23007-Info=00-16-3E-00-00-01")


@notices.check(
    "alarm",
    "报警事件 2072 得到 9013",
    "An alarm 2072 is answered 9013",
    clause="HJ/T 212-2005 附录C",
    editions=ONLY_2005,
)
async def alarm(bench: DeviceBench) -> Finding:
    qn = bench.qn()
    return await _notice(bench, 2072, f"AlarmTime={qn[:14]};011-Ala=66.0;AlarmType=1")
