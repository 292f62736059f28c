"""上传: what a device sends by itself, and what it does when nobody answers."""

from __future__ import annotations

from qingtian.stream.conformance.as_server.bench import ServerBench
from qingtian.stream.conformance.checks import LATER, ONLY_2025, Book, Finding, decided, fails, untestable
from qingtian.stream.conformance.packets import shown
from qingtian.stream.conformance.wire import Heard

uploads: Book[ServerBench] = Book("uploads")

SECTION = "HJ 212-2017 6.1–6.3, 附录A, 附录C.10"
RESEND = "HJ 212-2017 6.5, 表1"
NOTHING = ("没有收到上传数据", "no upload came")
RECOUNT = 2


@uploads.check("sound", "上传的包完全合乎标准", "What it uploads is as the standard wants", clause=SECTION)
async def sound(bench: ServerBench) -> Finding:
    if await bench.upload(2011, within=bench.execute, since=0) is None:
        return untestable(*NOTHING)
    for heard in bench.wire.heard:
        # how an MN is written is the business of whoever registered it
        wrong = [code for code in heard.deviations if code != "mn_nonstandard"]
        if wrong or heard.message is None:
            raw = shown(heard.raw)
            return fails(f"{'、'.join(wrong)}：{raw}", f"{', '.join(wrong)}: {raw}")
    seen = f"{len(bench.wire.heard)} 包，没有偏离", f"{len(bench.wire.heard)} packets without a deviation"
    return decided(condition=True, good=seen, bad=seen)


@uploads.check("qn", "每一上传的 QN 不同", "Every upload has a QN of its own", clause="HJ 212-2017 表2", editions=LATER)
async def qn(bench: ServerBench) -> Finding:
    first = await bench.upload(2011, within=bench.execute, since=0)
    second = await bench.upload(2011, within=bench.execute)
    if first is None or second is None:
        return untestable(*NOTHING)
    own = [heard for heard in bench.wire.heard if heard.cn in (2011, 2051, 2061)]
    # the same frame again is a repetition
    named = {heard.raw: heard.exchange for heard in own}
    good = len(set(named.values())) == len(named) and None not in named.values()
    told = f"{len(named)} 包，{len(set(named.values()))} 个 QN", f"{len(named)} packets, {len(set(named.values()))} QNs"
    return decided(good, good=told, bad=told)


@uploads.check(
    "answered", "得到应答的包不再重发", "A packet that was answered is not sent again", clause=RESEND, editions=LATER
)
async def answered(bench: ServerBench) -> Finding:
    found = await bench.upload(2011, within=bench.execute)
    if found is None:
        return untestable(*NOTHING)
    again = await bench.wire.until(
        lambda h: h.raw == found.raw, within=bench.patience / 2, since=bench.wire.heard.index(found) + 1
    )
    return decided(again is None, good=("没有再来", "it did not come again"), bad=(shown(found.raw),) * 2)


@uploads.check(
    "repeats",
    "没有 9014 时原样重发，不超过 ReCount 次",
    "Without a 9014 the same frame comes again, up to ReCount times",
    clause=RESEND,
    editions=LATER,
)
async def repeats(bench: ServerBench) -> Finding:
    if not (await bench.ask(1000, f"OverTime=1;ReCount={RECOUNT}")).done:
        return untestable("1000 未执行，默认超时太长", "1000 was not executed; the usual time-out is too long")
    muted: list[bytes] = []

    def mute(heard: Heard) -> bool:
        if heard.cn == 2011 and not muted:
            muted.append(heard.raw)
        return heard.raw in muted

    bench.platform.mute = mute
    try:
        first = await bench.wire.until(lambda h: h.raw in muted, within=bench.execute, since=len(bench.wire.heard))
        if first is None:
            return untestable("没有要求应答的 2011", "no 2011 that asks for an answer came")
        came = await _count(bench, first)
    finally:
        bench.platform.mute = lambda heard: False
        await bench.ask(1000, "OverTime=10;ReCount=3")
    told = f"原样重发 {came} 次（ReCount={RECOUNT}）", f"the same frame came again {came} times (ReCount={RECOUNT})"
    return decided(1 <= came <= RECOUNT, good=told, bad=told)


async def _count(bench: ServerBench, first: Heard) -> int:
    wire, came = bench.wire, 0
    since = wire.heard.index(first) + 1
    while came <= RECOUNT:
        again = await wire.until(lambda h: h.raw == first.raw, within=2.0, since=since)
        if again is None:
            break
        came, since = came + 1, wire.heard.index(again, since) + 1
    return came


@uploads.check(
    "heartbeat", "发送心跳 9015", "It sends heartbeats 9015", clause="HJ 212-2025（第二手）", editions=ONLY_2025
)
async def heartbeat(bench: ServerBench) -> Finding:
    found = await bench.upload(9015, within=bench.execute, since=0)
    if found is None:
        return untestable(f"{bench.execute:.0f} 秒内没有心跳", f"no heartbeat within {bench.execute:.0f} s")
    return decided(condition=True, good=(shown(found.raw),) * 2, bad=NOTHING)
