"""The server's requests 请求. The one that a device can bring about is 1012: it asks for the time (1013).

A server may set one device's clock only so often; so each question is put by a device that was not set in this run.
"""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

from qingtian.stream.conformance.as_device.bench import DeviceBench, seen
from qingtian.stream.conformance.checks import LATER, Book, Finding, decided, fails, untestable
from qingtian.stream.conformance.packets import Identity, framed, segment
from qingtian.stream.conformance.wire import Heard, Wire
from qingtian.stream.hj212 import bodies, breaches

requests: Book[DeviceBench] = Book("requests")

QN = re.compile(r"[0-9]{17}")
SYSTEM_TIME = re.compile(rb"SystemTime=[0-9]*")
TIME_REQUEST, SET_TIME = 1013, 1012
CLOSE_ENOUGH = timedelta(seconds=30)
OVER_TIME, RECOUNT = 10.0, 3
"""HJ 212-2017 table 1: seconds until a repetition, and how many there are."""

NONE_CAME = ("没有收到 1012", "no 1012 came")
NOBODY_LEFT = (
    "给出的 MN 本次都已校时；请用 --also-mn 多给几个",
    "every MN given was set in this run already; give more with --also-mn",
)


async def _asked(bench: DeviceBench, wire: Wire, who: Identity) -> Heard | None:
    """Ask for the time as ``who``; return the 1012 that comes of it."""
    since = len(wire.heard)
    wire.send(framed(segment(who, cn=TIME_REQUEST, area="", qn=bench.qn(), flag=who.flag(asks=True))))
    return await wire.until(lambda heard: heard.cn == SET_TIME, within=bench.patience, since=since)


def _reply(who: Identity, request: Heard, cn: int, area: str) -> bytes:
    return framed(segment(who, st="91", cn=cn, area=area, qn=request.exchange or "", flag=who.flag()))


def _but_for_the_time(raw: bytes) -> bytes:
    """Return a 1012 without its SystemTime, length and checksum: a later repetition had better tell a later time."""
    return SYSTEM_TIME.sub(b"", raw[6:].rpartition(b"&&")[0])


async def _repetition(wire: Wire, request: Heard, *, within: float) -> Heard | None:
    since = len(wire.heard)
    return await wire.until(lambda h: h.exchange == request.exchange, within=within, since=since)


@requests.check("time_set", "1013 之后发来 1012", "A 1012 follows a 1013", clause="HJ 212-2017 附录C.4", editions=LATER)
async def time_set(bench: DeviceBench) -> Finding:
    who = bench.not_yet_set()
    if who is None:
        return untestable(*NOBODY_LEFT)
    async with bench.line() as wire:
        found = await _asked(bench, wire, who)
        bench.set_clock = found
        if found is None:
            return fails(*NONE_CAME)
        wire.send(_reply(who, found, 9011, "QnRtn=1"), _reply(who, found, 9012, "ExeRtn=1"))
        bench.set_again = await _repetition(wire, found, within=min(bench.patience, OVER_TIME))
        bench.was_set = who
        return decided(condition=True, good=seen(found), bad=NONE_CAME)


@requests.check(
    "form",
    "请求：17 位 QN、设备的 ST PW MN、Flag 要求应答、取值在标准之内",
    "A request has a QN of 17 digits, the device's ST, PW and MN, asks for an answer, and keeps to the bounds",
    clause="HJ 212-2017 表2, 表3, 表5",
    editions=LATER,
)
async def form(bench: DeviceBench) -> Finding:
    found, who = bench.set_clock, bench.was_set
    if found is None or found.message is None or who is None:
        return untestable(*NONE_CAME)
    head = found.message.head
    wrong = [code for code in found.deviations if code != "mn_nonstandard"]
    fits = QN.fullmatch(head.qn or "") is not None and (head.st, head.pw, head.mn) == (who.st, who.pw, who.mn)
    good = fits and head.asks and head.edition == who.edition and not wrong and not breaches(found.message)
    return decided(good, good=seen(found), bad=seen(found))


@requests.check(
    "right_time", "1012 的时间是对的", "The time of the 1012 is right", clause="HJ 212-2017 附录C.3", editions=LATER
)
async def right_time(bench: DeviceBench) -> Finding:
    found = bench.set_clock
    if found is None or found.message is None:
        return untestable(*NONE_CAME)
    body = found.message.body
    if not isinstance(body, bodies.Clock):
        return fails(*seen(found))
    # a few checks may lie between the request and this look at it; they take seconds
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
    if bench.set_clock is None:
        return untestable(*NONE_CAME)
    good = ("9012 之后没有再来", "nothing more after 9012")
    return decided(bench.set_again is None, good=good, bad=seen(bench.set_again))


@requests.check(
    "refused",
    "QnRtn 表示拒绝之后不再重发",
    "A request refused by QnRtn is not sent again",
    clause="HJ 212-2017 表7",
    editions=LATER,
)
async def refused(bench: DeviceBench) -> Finding:
    who = bench.not_yet_set()
    if who is None:
        return untestable(*NOBODY_LEFT)
    async with bench.line() as wire:
        found = await _asked(bench, wire, who)
        if found is None:
            return untestable(*NONE_CAME)
        wire.send(_reply(who, found, 9011, "QnRtn=2"))
        again = await _repetition(wire, found, within=min(bench.patience, OVER_TIME))
        return decided(again is None, good=("没有再来", "nothing more came"), bad=seen(again))


@requests.check(
    "repeats",
    "无 9011 时原样重发，次数有限",
    "Without a 9011 the same frame is sent again, a limited number of times",
    clause="HJ 212-2017 6.5, 表1",
    editions=LATER,
    slow=True,
)
async def repeats(bench: DeviceBench) -> Finding:
    who = bench.not_yet_set()
    if who is None:
        return untestable(*NOBODY_LEFT)
    async with bench.line() as wire:
        found = await _asked(bench, wire, who)
        if found is None:
            return untestable(*NONE_CAME)
        came = [found]
        while len(came) <= RECOUNT + 1:
            again = await _repetition(wire, found, within=OVER_TIME * 1.5)
            if again is None:
                break
            came.append(again)
        gaps = [later.at - before.at for before, later in pairwise(came)]
        told = (
            f"重发 {len(gaps)} 次，间隔 {'、'.join(f'{gap:.0f}' for gap in gaps)} 秒",
            f"sent again {len(gaps)} times, after {', '.join(f'{gap:.0f}' for gap in gaps)} s",
        )
        same = all(_but_for_the_time(one.raw) == _but_for_the_time(found.raw) for one in came)
        return decided(same and 1 <= len(gaps) <= RECOUNT, good=told, bad=told)
