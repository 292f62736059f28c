"""会话: several devices on one line, one device on several lines."""

from __future__ import annotations

from qingtian.stream.conformance.as_device.bench import DeviceBench
from qingtian.stream.conformance.checks import Book, Finding, decided, untestable
from qingtian.stream.conformance.packets import framed, segment

sessions: Book[DeviceBench] = Book("sessions")

PRACTICE = "现场实践（标准未规定）"


@sessions.check("two_lines", "同一 MN 的两个连接都得到应答", "Two lines of one MN are both answered", clause=PRACTICE)
async def two_lines(bench: DeviceBench) -> Finding:
    async with bench.line() as first, bench.line() as second:
        answered = [await bench.still_serves(wire) for wire in (first, second, first)]
        told = (f"{sum(answered)}/3 个包得到应答", f"{sum(answered)} of 3 packets were answered")
        return decided(all(answered), good=told, bad=told)


@sessions.check(
    "several_mns", "一个连接上的几个 MN 各得应答", "Several MNs on one line are each answered", clause=PRACTICE
)
async def several_mns(bench: DeviceBench) -> Finding:
    if not bench.others:
        return untestable("只给出一个 MN（--also-mn）", "only one MN was given (--also-mn)")
    async with bench.line() as wire:
        silent = []
        for who in (bench.me, *bench.others, bench.me):
            qn = bench.qn()
            area = bench.values()
            wire.send(framed(segment(who, cn=2011, area=area, qn=qn, flag=bench.me.flag(asks=True))))
            if await bench.answer(wire, qn, mn=who.mn) is None:
                silent.append(who.mn)
        told = ("都得到应答，应答带各自的 MN", "all were answered, each with its own MN")
        return decided(not silent, good=told, bad=(f"没有应答：{silent}", f"not answered: {silent}"))


@sessions.check(
    "reconnect",
    "断开后重连，旧包重发得到应答",
    "A packet sent again on a new line is answered",
    clause="HJ 212-2017 6.5",
)
async def reconnect(bench: DeviceBench) -> Finding:
    qn = bench.qn()
    frame = bench.upload(qn)
    async with bench.line() as wire:
        wire.send(frame)
    async with bench.line() as wire:
        wire.send(frame)
        found = await bench.answer(wire, qn)
        told = ("新连接上得到应答", "answered on the new line")
        return decided(found is not None, good=told, bad=("没有应答", "no answer"))
