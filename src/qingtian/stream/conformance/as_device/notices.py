"""通知 and the server's requests: what a device may ask for, and what the server then sends."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

from qingtian.stream.conformance.as_device.bench import DeviceBench, seen
from qingtian.stream.conformance.checks import (
    LATER,
    ONLY_2005,
    ONLY_2025,
    Book,
    Finding,
    decided,
    fails,
    untestable,
)
from qingtian.stream.conformance.packets import framed, segment
from qingtian.stream.conformance.wire import Heard, Wire
from qingtian.stream.hj212 import bodies, breaches

notices: Book[DeviceBench] = Book("notices")
requests: Book[DeviceBench] = Book("requests")

QN = re.compile(r"[0-9]{17}")
TIME_REQUEST, SET_TIME = 1013, 1012
CLOSE_ENOUGH = timedelta(seconds=30)
OVER_TIME, RECOUNT = 10.0, 3
"""HJ 212-2017 table 9: seconds until a repetition, and how many there are."""
NONE_CAME = ("没有收到 1012", "no 1012 came")


async def _notice(bench: DeviceBench, cn: int, area: str, *, answer: int = 9013) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(bench.upload(qn, cn=cn, area=area))
        found = await bench.answer(wire, qn)
        return decided(found is not None and found.cn == answer, good=seen(found), bad=seen(found))


@notices.check(
    "time",
    "校时请求 1013 得到通知应答 9013",
    "A time request 1013 is answered 9013",
    clause="HJ 212-2017 附录C.4",
    editions=LATER,
)
async def time(bench: DeviceBench) -> Finding:
    return await _notice(bench, TIME_REQUEST, "")


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


async def _asked(bench: DeviceBench, wire: Wire) -> Heard | None:
    """Ask for the time; return the 1012 that comes of it."""
    since = len(wire.heard)
    wire.send(bench.upload(bench.qn(), cn=TIME_REQUEST, area=""))
    return await wire.until(lambda heard: heard.cn == SET_TIME, within=bench.patience, since=since)


def _reply(bench: DeviceBench, request: Heard, cn: int, area: str) -> bytes:
    qn = request.exchange or ""
    return framed(segment(bench.me, st="91", cn=cn, area=area, qn=qn, flag=bench.me.flag()))


def _obey(bench: DeviceBench, wire: Wire, request: Heard) -> None:
    wire.send(_reply(bench, request, 9011, "QnRtn=1"), _reply(bench, request, 9012, "ExeRtn=1"))


@requests.check("time_set", "1013 之后发来 1012", "A 1012 follows a 1013", clause="HJ 212-2017 附录C.4", editions=LATER)
async def time_set(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        found = await _asked(bench, wire)
        if found is not None:
            _obey(bench, wire, found)
        return decided(found is not None, good=seen(found), bad=NONE_CAME)


@requests.check(
    "form",
    "请求：17 位 QN、设备的 ST PW MN、Flag 要求应答、取值在标准之内",
    "A request has a QN of 17 digits, the device's ST, PW and MN, asks for an answer, and keeps to the bounds",
    clause="HJ 212-2017 表2, 表3, 表5",
    editions=LATER,
)
async def form(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        found = await _asked(bench, wire)
        if found is None or found.message is None:
            return untestable(*NONE_CAME)
        _obey(bench, wire, found)
        head, me = found.message.head, bench.me
        wrong = [code for code in found.deviations if code != "mn_nonstandard"]
        fits = QN.fullmatch(head.qn or "") is not None and (head.st, head.pw, head.mn) == (me.st, me.pw, me.mn)
        good = fits and head.asks and head.edition == me.edition and not wrong and not breaches(found.message)
        return decided(good, good=seen(found), bad=seen(found))


@requests.check(
    "right_time", "1012 的时间是对的", "The time of the 1012 is right", clause="HJ 212-2017 附录C.3", editions=LATER
)
async def right_time(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        found = await _asked(bench, wire)
        if found is None or found.message is None:
            return untestable(*NONE_CAME)
        _obey(bench, wire, found)
        body = found.message.body
        if not isinstance(body, bodies.Clock):
            return fails(*seen(found))
        off = abs(body.system_time - bench.now())
        told = (
            f"SystemTime 与本机相差 {off.total_seconds():.0f} 秒",
            f"SystemTime is {off.total_seconds():.0f} s from here",
        )
        return decided(off < CLOSE_ENOUGH, good=told, bad=told)


@requests.check(
    "ends",
    "9011、9012 之后不再重发",
    "After 9011 and 9012 the request is not sent again",
    clause="HJ 212-2017 6.5.2",
    editions=LATER,
)
async def ends(bench: DeviceBench) -> Finding:
    return await _not_again(bench, "QnRtn=1", then="ExeRtn=1")


@requests.check(
    "refused",
    "QnRtn 表示拒绝之后不再重发",
    "A request refused by QnRtn is not sent again",
    clause="HJ 212-2017 表7",
    editions=LATER,
)
async def refused(bench: DeviceBench) -> Finding:
    return await _not_again(bench, "QnRtn=2", then=None)


async def _not_again(bench: DeviceBench, answer: str, *, then: str | None) -> Finding:
    async with bench.line() as wire:
        found = await _asked(bench, wire)
        if found is None:
            return untestable(*NONE_CAME)
        wire.send(_reply(bench, found, 9011, answer))
        if then is not None:
            wire.send(_reply(bench, found, 9012, then))
        again = await _repetition(wire, found, within=min(bench.patience, OVER_TIME))
        return decided(again is None, good=(f"{answer} 之后没有再来", f"nothing more after {answer}"), bad=seen(again))


async def _repetition(wire: Wire, request: Heard, *, within: float) -> Heard | None:
    since = len(wire.heard)
    return await wire.until(lambda h: h.exchange == request.exchange, within=within, since=since)


@requests.check(
    "repeats",
    "无 9011 时原样重发，次数有限",
    "Without a 9011 the same frame is sent again, a limited number of times",
    clause="HJ 212-2017 6.5.3, 表9",
    editions=LATER,
    slow=True,
)
async def repeats(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        found = await _asked(bench, wire)
        if found is None:
            return untestable(*NONE_CAME)
        came = [found]
        while len(came) <= RECOUNT + 1:
            again = await _repetition(wire, found, within=OVER_TIME * 1.5)
            if again is None:
                break
            came.append(again)
        same = all(one.raw == found.raw for one in came)
        gaps = [later.at - before.at for before, later in pairwise(came)]
        told = (
            f"重发 {len(gaps)} 次，间隔 {'、'.join(f'{gap:.0f}' for gap in gaps)} 秒",
            f"sent again {len(gaps)} times, after {', '.join(f'{gap:.0f}' for gap in gaps)} s",
        )
        return decided(same and 1 <= len(gaps) <= RECOUNT, good=told, bad=told)
