"""数据应答 9014: to whom, in which form, how often, and when not at all."""

from __future__ import annotations

from qingtian.base import times
from qingtian.stream.conformance.as_device.bench import DeviceBench, seen
from qingtian.stream.conformance.checks import (
    LATER,
    ONLY_2005,
    ONLY_2025,
    Book,
    Finding,
    decided,
    fails,
    holds,
    untestable,
)
from qingtian.stream.conformance.packets import framed, segment, shown
from qingtian.stream.conformance.wire import Heard
from qingtian.stream.hj212 import COMMANDS, Edition, encryption

replies: Book[DeviceBench] = Book("replies")

TABLE_3 = "HJ 212-2017 表3, 6.5.2"
ANNEX_C = "HJ 212-2017 附录C.47–C.50"
ABSENT = ("没有应答", "no answer")
AREAS = {
    2021: "DataTime={now};SB1-RS=1",
    2031: "DataTime={day};{code}-Cou=1.0,{code}-Min=1.0,{code}-Avg=2.0,{code}-Max=3.0,{code}-Flag=N",
    2041: "DataTime={day};SB1-RT=23.5",
    2051: "DataTime={hour};{code}-Min=1.0,{code}-Avg=2.0,{code}-Max=3.0,{code}-Flag=N",
    2061: "DataTime={hour};{code}-Min=1.0,{code}-Avg=2.0,{code}-Max=3.0,{code}-Flag=N",
    2081: "DataTime={now};RestartTime={hour}",
    2111: "DataTime={hour};a01901-Avg=850.0,a01901-Flag=N",
    3015: "DataTime={now};VaseNo=1",
    3019: "DataTime={now};PolId={code};{code}-SN=010000A8900016F000169DC1",
    3020: "DataTime={now};PolId={code};i12001-Info=0",
}


async def _one(bench: DeviceBench) -> Heard | None:
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(bench.upload(qn))
        return await bench.answer(wire, qn)


@replies.check(
    "command", "上传数据的应答是 9014，ST=91", "Data are answered 9014, ST=91", clause="HJ 212-2017 6.5.2, 附录C"
)
async def command(bench: DeviceBench) -> Finding:
    found = await _one(bench)
    good = found is not None and found.message is not None and (found.cn, found.message.head.st) == (9014, "91")
    return decided(good, good=seen(found), bad=seen(found))


@replies.check(
    "sound",
    "应答本身完全合乎标准（长度、大写校验、回车换行、字段）",
    "The answer itself is as the standard wants: length, checksum in upper case, line end, fields",
    clause="HJ 212-2017 6.1–6.3, 附录A",
)
async def sound(bench: DeviceBench) -> Finding:
    found = await _one(bench)
    # how an MN is written is the business of whoever registered it
    wrong = [code for code in found.deviations if code != "mn_nonstandard"] if found is not None else ["-"]
    bad = (f"{'、'.join(wrong)}：{seen(found)[0]}", f"{', '.join(wrong)}: {seen(found)[1]}")
    return decided(not wrong, good=seen(found), bad=bad)


@replies.check(
    "qn", "应答带原包的 QN、MN", "The answer carries the QN and MN of the packet", clause=TABLE_3, editions=LATER
)
async def echoes(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(bench.upload(qn))
        found = await bench.answer(wire, qn)
        head = found.message.head if found is not None and found.message is not None else None
        same = head is not None and (head.qn, head.mn) == (qn, bench.me.mn)
        return decided(same, good=seen(found), bad=seen(found))


@replies.check(
    "form_2005",
    "2005 版应答：QN 与被应答的 CN 在 CP 中，包头无 QN",
    "The answer of 2005 has QN and the command answered to inside CP, and no QN in its header",
    clause="HJ/T 212-2005 附录C",
    editions=ONLY_2005,
)
async def form_2005(bench: DeviceBench) -> Finding:
    found = await _one(bench)
    message = found.message if found is not None else None
    good = message is not None and message.head.qn is None and getattr(message.body, "cn", None) == 2011
    return decided(good, good=seen(found), bad=seen(found))


@replies.check("unasking", "应答的 Flag 不要求再应答", "The answer's Flag asks for no answer", clause="HJ 212-2017 表3")
async def unasking(bench: DeviceBench) -> Finding:
    found = await _one(bench)
    good = found is not None and found.message is not None and not found.message.head.asks
    return decided(good, good=seen(found), bad=seen(found))


@replies.check(
    "edition",
    "应答的 Flag 与来包同一版本",
    "The answer's Flag names the edition of the packet",
    clause="HJ 212-2017 表3",
)
async def same_edition(bench: DeviceBench) -> Finding:
    found = await _one(bench)
    good = found is not None and found.message is not None and found.message.head.edition == bench.me.edition
    return decided(good, good=seen(found), bad=seen(found))


@replies.check(
    "unasked", "不要求应答的包不应答", "A packet that asks for no answer gets none", clause="HJ 212-2017 表3"
)
async def unasked(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(bench.upload(qn, asks=False))
        found = await bench.silent_about(wire, qn)
        return decided(found is None, good=ABSENT, bad=seen(found))


@replies.check(
    "duplicate",
    "重发的包再次得到应答",
    "A packet that comes again is answered again",
    clause="HJ 212-2017 6.5（超时重发）",
)
async def duplicate(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        frame = bench.upload(qn)
        wire.send(frame)
        first = await bench.answer(wire, qn)
        wire.send(frame)
        again = await bench.answer(wire, qn, since=len(wire.heard))
        good = (f"两次均应答：{seen(again)[0]}", f"answered both times: {seen(again)[1]}")
        return decided(first is not None and again is not None, good=good, bad=seen(None))


@replies.check(
    "every_upload",
    "本版本的每种上传都得到应答",
    "Every upload of the edition is answered",
    clause="HJ 212-2017 表6, 附录C",
)
async def every_upload(bench: DeviceBench) -> Finding:
    known = [cn for cn in AREAS if bench.me.edition in COMMANDS[cn].versions]
    async with bench.line() as wire:
        silent = []
        for cn in known:
            qn = bench.qn()
            wire.send(bench.upload(qn, cn=cn, area=_area(bench, cn)))
            if await bench.answer(wire, qn) is None:
                silent.append(str(cn))
        names = " ".join(map(str, known))
        bad = (f"没有应答：{' '.join(silent)}", f"not answered: {' '.join(silent)}")
        return decided(not silent, good=(f"都已应答：{names}", f"all were answered: {names}"), bad=bad)


def _area(bench: DeviceBench, cn: int) -> str:
    now = bench.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    return AREAS[cn].format(
        now=times.stamp(now),
        hour=times.stamp(hour),
        day=times.stamp(hour.replace(hour=0)),
        code="011" if bench.me.edition == 2005 else "w01018",
    )


@replies.check(
    "unknown_command",
    "未知命令不断线；要求应答的得到应答",
    "An unknown command that asks is answered, and costs no line",
    clause="HJ 212-2017 表6（自定义命令）",
)
async def unknown_command(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(bench.upload(qn, cn=8013))
        found = await bench.answer(wire, qn)
        return decided(found is not None and not wire.closed, good=seen(found), bad=seen(found))


@replies.check("parts", "拆分包：每一包各自应答", "Each part of a message is answered by itself", clause=ANNEX_C)
async def parts(bench: DeviceBench) -> Finding:
    return await _parts(bench, (1, 2))


@replies.check(
    "parts_reversed", "拆分包倒序到达，仍各自应答", "Parts in reverse order are each answered", clause=ANNEX_C
)
async def parts_reversed(bench: DeviceBench) -> Finding:
    return await _parts(bench, (2, 1))


async def _parts(bench: DeviceBench, order: tuple[int, int]) -> Finding:
    async with bench.line() as wire:
        answered = 0
        time = times.stamp(bench.now().replace(minute=0, second=0))
        for number in order:
            qn = bench.qn()
            area = bench.values(tag="Avg", time=time, value=f"{number}.0")
            wire.send(bench.upload(qn, cn=2061, area=area, more=f"PNUM=2;PNO={number};"))
            answered += await bench.answer(wire, qn) is not None
        told = (f"{answered}/2 包得到应答", f"{answered} of 2 parts were answered")
        return decided(answered == 2, good=told, bad=told)


@replies.check("parts_unasked", "不要求应答的拆分包不应答", "Parts that ask for no answer get none", clause=ANNEX_C)
async def parts_unasked(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(bench.upload(qn, cn=2061, area=bench.values(tag="Avg"), asks=False, more="PNUM=2;PNO=1;"))
        found = await bench.silent_about(wire, qn)
        return decided(found is None, good=ABSENT, bad=seen(found))


@replies.check(
    "to_answers",
    "应答包从不被应答",
    "An answer is never answered",
    clause="HJ 212-2017 6.5.2",
)
async def to_answers(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        # in 2005 an execution may end with a fourth step: a 9014 to the 9012
        asked = (9011, 9013, 9014) if bench.me.edition == Edition.HJ2005 else (9011, 9012, 9013, 9014)
        for cn in asked:
            qn = bench.qn()
            area = {9011: "QnRtn=1", 9012: "ExeRtn=1"}.get(cn, "")
            flag = bench.me.flag(asks=True)
            wire.send(framed(segment(bench.me, st="91", cn=cn, area=area, qn=qn, flag=flag)))
            found = await bench.silent_about(wire, qn)
            if found is not None:
                return fails(f"{cn} 被应答：{shown(found.raw)}", f"{cn}: {shown(found.raw)}")
        return holds(f"{' '.join(map(str, asked))} 均无应答", f"{' '.join(map(str, asked))}: no answer")


@replies.check(
    "without_qn",
    "没有 QN 的上传：不断线",
    "An upload without a QN costs no line",
    clause="HJ/T 212-2005 附录C",
    editions=ONLY_2005,
)
async def without_qn(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        wire.send(bench.upload(None, asks=False))
        good = ("其后的包照常应答", "later packets are answered")
        return decided(await bench.still_serves(wire), good=good, bad=ABSENT)


@replies.check(
    "resent",
    "补传包（RF=1）得到应答",
    "A back-filled packet (RF=1) is answered",
    clause="HJ 212-2025（第二手）",
    editions=ONLY_2025,
)
async def resent(bench: DeviceBench) -> Finding:
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(bench.upload(qn, cn=2061, area=_area(bench, 2061), more="RF=1;"))
        found = await bench.answer(wire, qn)
        return decided(found is not None, good=seen(found), bad=seen(found))


@replies.check(
    "encrypted",
    "加密的数据区得到应答",
    "An encrypted data area is answered",
    clause="HJ 212-2025（第二手）",
    editions=ONLY_2025,
)
async def encrypted(bench: DeviceBench) -> Finding:
    if bench.me.key is None:
        return untestable("没有给出密钥（--key）", "no key was given (--key)")
    async with bench.line() as wire:
        qn = bench.qn()
        wire.send(encryption.sealed_frame(bench.raw(qn), key=bench.me.key))
        found = await bench.answer(wire, qn)
        return decided(found is not None, good=seen(found), bad=seen(found))
