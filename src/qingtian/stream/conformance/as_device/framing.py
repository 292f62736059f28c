"""通讯包: whole, cut, glued, broken, too long."""

from __future__ import annotations

import asyncio

from qingtian.stream.conformance.as_device.bench import DeviceBench, seen
from qingtian.stream.conformance.checks import LATER, Book, Finding, decided, holds
from qingtian.stream.conformance.packets import with_wrong_checksum
from qingtian.stream.conformance.wire import Wire

framing: Book[DeviceBench] = Book("framing")

SECTION = "HJ 212-2017 6.1, 6.2"
ANNEX_A = "HJ 212-2017 附录A"
RECOVERS = ("其后的正确包得到应答", "the good packet after it was answered")
LOST = ("其后的正确包没有应答", "the good packet after it was not answered")
LONGEST = 1024


@framing.check("whole", "一个完整的包得到应答", "A whole packet is answered", clause=SECTION)
async def whole(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(bench.upload(qn))
        found = await bench.answer(wire, qn)
        return decided(found is not None, good=seen(found), bad=seen(found))


@framing.check("cut", "逐字节到达的包得到应答", "A packet that arrives byte by byte is answered", clause=SECTION)
async def cut(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        await wire.send_by_bytes(bench.upload(qn))
        found = await bench.answer(wire, qn)
        return decided(found is not None, good=seen(found), bad=seen(found))


@framing.check(
    "glued", "一次到达的三个包各得应答", "Three packets that arrive together are each answered", clause=SECTION
)
async def glued(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qns = [bench.qn() for _ in range(3)]
        wire.send(*(bench.upload(qn) for qn in qns))
        answered = [await bench.answer(wire, qn) is not None for qn in qns]
        told = f"{sum(answered)}/3 个得到应答", f"{sum(answered)} of 3 were answered"
        return decided(all(answered), good=told, bad=told)


@framing.check(
    "longest", "1024 字节的数据段得到应答", "A segment of 1024 bytes is answered", clause="HJ 212-2017 6.3.1"
)
async def longest(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        area = bench.values()
        room = LONGEST - len(bench.raw(qn, area=area))
        number = 0
        while room >= 30:
            # equipment states may be many, and no factor is sent twice
            more = f";SB{number}-RS=1"
            area, room, number = area + more, room - len(more), number + 1
        area += ";SB999-RS=" + "1" * max(1, room - len(";SB999-RS="))
        wire.send(bench.upload(qn, area=area))
        found = await bench.answer(wire, qn)
        return decided(found is not None, good=seen(found), bad=seen(found))


@framing.check(
    "bad_checksum",
    "校验错误的包不得应答",
    "A packet with a wrong checksum is not answered",
    clause="HJ 212-2017 表2, 附录A",
)
async def bad_checksum(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(with_wrong_checksum(bench.raw(qn)))
        return await _ignored(bench, wire, qn)


@framing.check(
    "changed",
    "传输中被改动一个字节的包不得应答",
    "A packet with one byte changed on the way is not answered",
    clause=ANNEX_A,
)
async def changed(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(bench.upload(qn).replace(b"23.1", b"93.1"))
        return await _ignored(bench, wire, qn)


async def _ignored(bench: DeviceBench, wire: Wire, qn: str) -> Finding:
    answered = await bench.silent_about(wire, qn)
    serves = await bench.still_serves(wire)
    bad = seen(answered) if answered is not None else LOST
    good = ("没有应答；" + RECOVERS[0], "no answer; " + RECOVERS[1])
    return decided(answered is None and serves, good=good, bad=bad)


@framing.check("wrong_length", "长度字段错误之后能恢复", "It recovers from a wrong length", clause=SECTION)
async def wrong_length(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        frame = bench.upload(bench.qn())
        wire.send(b"##%04d" % (int(frame[2:6]) - 7) + frame[6:])
        return decided(await bench.still_serves(wire), good=RECOVERS, bad=LOST)


@framing.check("garbage", "杂散字节之后能恢复", "It recovers from stray bytes", clause=SECTION)
async def garbage(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        wire.send(b"GET / HTTP/1.1\r\n\r\n", b"\x00\xff#" * 40, b"\r\n")
        return decided(await bench.still_serves(wire), good=RECOVERS, bad=LOST)


@framing.check(
    "oversize",
    "声称 9999 字节的包之后仍提供服务",
    "It serves on after a packet that claims 9999 bytes",
    clause="HJ 212-2017 6.3.1",
)
async def oversize(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        wire.send(b"##9999" + b"x" * 4000 + b"\r\n")
        if await bench.still_serves(wire):
            return holds(*RECOVERS)
    async with bench.line() as wire:
        # to close the line on such a sender is as good
        good = ("断开了连接，新连接得到服务", "it closed the line; a new one is served")
        return decided(await bench.still_serves(wire), good=good, bad=LOST)


@framing.check(
    "half",
    "半个包之后断线，新连接照常服务",
    "Half a packet and a broken line leave the next line served",
    clause=SECTION,
)
async def half(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        wire.send(bench.upload(bench.qn())[:60])
        await asyncio.sleep(0.05)
    async with bench.line() as wire:
        return decided(await bench.still_serves(wire), good=RECOVERS, bad=LOST)


@framing.check(
    "nested",
    "值里的包头字样不当作新包",
    "The beginning of a packet inside a value is not taken for one",
    clause="HJ 212-2017 表B.10",
    editions=LATER,
)
async def nested(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn, inner = bench.qn(), bench.qn()
        log = bench.upload(inner)[:80].decode()
        area = f"DataTime={bench.data_time()};PolId=w01018;i11001-Info=//{log}//"
        wire.send(bench.upload(qn, cn=3020, area=area))
        found = await bench.answer(wire, qn)
        return decided(found is not None, good=seen(found), bad=seen(found))
