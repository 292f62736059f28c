"""请求应答 9011, 执行结果 9012: their form, and what a device says to requests that are not well."""

from __future__ import annotations

from qingtian.stream.conformance.as_server.bench import GRACE, READY, ServerBench
from qingtian.stream.conformance.checks import Book, Finding, decided
from qingtian.stream.conformance.packets import framed, segment, shown, with_wrong_checksum
from qingtian.stream.conformance.wire import Heard

answers: Book[ServerBench] = Book("answers")

HANDSHAKE = "HJ 212-2017 6.5.2, 附录C"
TABLE_7 = "HJ 212-2017 表7"
READ_INTERVAL, SET_INTERVAL = 1061, 1062
ABSENT = ("没有应答", "no answer")


def _sound(bench: ServerBench, heard: Heard | None) -> bool:
    if heard is None or heard.message is None:
        return False
    head, clean = heard.message.head, all(code == "mn_nonstandard" for code in heard.deviations)
    place = (head.qn is None) is bench.old
    return clean and place and head.st == "91" and not head.asks and head.edition == bench.me.edition


@answers.check(
    "request",
    "请求得到 9011：ST=91，QN 相同，不要求应答，格式无误",
    "A request is answered 9011: ST=91, the same QN, asking for nothing, in sound form",
    clause=HANDSHAKE,
)
async def request(bench: ServerBench) -> Finding:
    found = await bench.ask(READ_INTERVAL)
    seen = (shown(found.answer.raw),) * 2 if found.answer is not None else ABSENT
    return decided(_sound(bench, found.answer) and found.qn_rtn == READY, good=seen, bad=seen)


@answers.check(
    "result",
    "执行后发 9012：ST=91，QN 相同，不要求应答，格式无误",
    "Its execution is told by 9012: ST=91, the same QN, asking for nothing, in sound form",
    clause=HANDSHAKE,
)
async def result(bench: ServerBench) -> Finding:
    found = await bench.ask(READ_INTERVAL)
    seen = (shown(found.result.raw),) * 2 if found.result is not None else ABSENT
    return decided(_sound(bench, found.result) and found.done, good=seen, bad=seen)


@answers.check("again", "同一请求再来，再次应答", "The same request again is answered again", clause="HJ 212-2017 6.5")
async def again(bench: ServerBench) -> Finding:
    qn, since = bench.qn(), len(bench.wire.heard)
    frame = bench.request(READ_INTERVAL, qn=qn)
    bench.wire.send(frame)
    first = await bench.answered(qn, 9011, since=since)
    await bench.answered(qn, 9012, since=since)
    since = len(bench.wire.heard)
    bench.wire.send(frame)
    second = await bench.answered(qn, 9011, since=since)
    good = ("两次都有 9011", "9011 both times")
    return decided(first is not None and second is not None, good=good, bad=ABSENT)


async def _refused(bench: ServerBench, returned: int, cn: int = READ_INTERVAL, **other: str) -> Finding:
    """It holds if the QnRtn is the one of table 7; 2005 has but one for most."""
    found = await bench.ask(cn, **other)
    known = returned if not bench.old or returned == 3 else 2
    bad = found.told() if found.answer is not None else ABSENT
    return decided(found.qn_rtn == known, good=found.told(), bad=bad)


@answers.check("wrong_pw", "PW 错误：QnRtn=3", "A wrong PW: QnRtn=3", clause=TABLE_7)
async def wrong_pw(bench: ServerBench) -> Finding:
    return await _refused(bench, 3, pw="000001" if bench.me.pw != "000001" else "000002")


@answers.check("wrong_mn", "MN 错误：QnRtn=4（2005：2）", "A wrong MN: QnRtn=4 (2005: 2)", clause=TABLE_7)
async def wrong_mn(bench: ServerBench) -> Finding:
    return await _refused(bench, 4, mn="F" * len(bench.me.mn))


@answers.check("wrong_st", "ST 错误：QnRtn=5（2005：2）", "A wrong ST: QnRtn=5 (2005: 2)", clause=TABLE_7)
async def wrong_st(bench: ServerBench) -> Finding:
    return await _refused(bench, 5, st="27")


@answers.check("wrong_qn", "QN 错误：QnRtn=7（2005：2）", "A wrong QN: QnRtn=7 (2005: 2)", clause=TABLE_7)
async def wrong_qn(bench: ServerBench) -> Finding:
    since = len(bench.wire.heard)
    bench.wire.send(bench.request(READ_INTERVAL, qn="123"))
    found = await bench.outcome("123", READ_INTERVAL, since=since)
    return decided(found.qn_rtn == (2 if bench.old else 7), good=found.told(), bad=found.told())


@answers.check("wrong_cn", "CN 错误：QnRtn=8（2005：2）", "An unknown CN: QnRtn=8 (2005: 2)", clause=TABLE_7)
async def wrong_cn(bench: ServerBench) -> Finding:
    return await _refused(bench, 8, cn=3099)


@answers.check(
    "bad_checksum", "校验错误的请求不应答", "A request with a wrong checksum gets no answer", clause="HJ 212-2017 表2"
)
async def bad_checksum(bench: ServerBench) -> Finding:
    qn, since = bench.qn(), len(bench.wire.heard)
    raw = segment(bench.me, cn=READ_INTERVAL, area="", qn=qn, flag=bench.me.flag(asks=True))
    bench.wire.send(with_wrong_checksum(raw))
    sound = await bench.ask(READ_INTERVAL)
    found = await bench.answered(qn, 9011, since=since, within=GRACE)
    bad = (shown(found.raw),) * 2 if found is not None else ABSENT
    return decided(found is None and sound.done, good=ABSENT, bad=bad)


@answers.check(
    "cut", "逐字节到达的请求得到应答", "A request that arrives byte by byte is answered", clause="HJ 212-2017 6.1"
)
async def cut(bench: ServerBench) -> Finding:
    qn, since = bench.qn(), len(bench.wire.heard)
    await bench.wire.send_by_bytes(bench.request(READ_INTERVAL, qn=qn))
    found = await bench.outcome(qn, READ_INTERVAL, since=since)
    return decided(found.done, good=found.told(), bad=found.told())


@answers.check(
    "glued",
    "一次到达的两个请求各得应答",
    "Two requests that arrive together are each answered",
    clause="HJ 212-2017 6.1",
)
async def glued(bench: ServerBench) -> Finding:
    first, second, since = bench.qn(), bench.qn(), len(bench.wire.heard)
    bench.wire.send(bench.request(READ_INTERVAL, qn=first), bench.request(1011, qn=second))
    one = await bench.outcome(first, READ_INTERVAL, since=since)
    two = await bench.outcome(second, 1011, since=since)
    told = one.told() if not one.done else two.told()
    return decided(one.done and two.done, good=told, bad=told)


@answers.check(
    "garbage", "杂散字节之后的请求得到应答", "A request after stray bytes is answered", clause="HJ 212-2017 6.1"
)
async def garbage(bench: ServerBench) -> Finding:
    bench.wire.send(b"\xff\x00##12ab&&\r\n" * 3)
    found = await bench.ask(READ_INTERVAL)
    return decided(found.done, good=found.told(), bad=found.told())


@answers.check(
    "out_of_bounds",
    "超出取值范围的参数不执行（RtdInterval=5）",
    "A value out of bounds is not executed (RtdInterval=5)",
    clause="HJ 212-2017 表5, 表8",
)
async def out_of_bounds(bench: ServerBench) -> Finding:
    found = await bench.ask(SET_INTERVAL, "RtdInterval=5")
    return decided(found.answer is not None and not found.done, good=found.told(), bad=found.told())


@answers.check(
    "missing_item",
    "缺少必需字段的请求不执行（1062 无 RtdInterval）",
    "A request without its item is not executed (1062 without RtdInterval)",
    clause="HJ 212-2017 表8",
)
async def missing_item(bench: ServerBench) -> Finding:
    found = await bench.ask(SET_INTERVAL)
    return decided(found.answer is not None and not found.done, good=found.told(), bad=found.told())


@answers.check("to_answers", "应答不被应答", "An answer is not answered", clause=HANDSHAKE)
async def to_answers(bench: ServerBench) -> Finding:
    qn, since = bench.qn(), len(bench.wire.heard)
    area = f"QN={qn}" if bench.old else ""
    head = None if bench.old else qn
    bench.wire.send(framed(segment(bench.me, st="91", cn=9014, area=area, qn=head, flag=bench.me.flag(asks=True))))
    await bench.ask(READ_INTERVAL)
    found = await bench.wire.until(lambda h: h.exchange == qn, within=GRACE, since=since)
    return decided(found is None, good=ABSENT, bad=(shown(found.raw),) * 2 if found is not None else ABSENT)
