"""参数: clock, time-outs, intervals, password. Each is set back to what it was."""

from __future__ import annotations

from datetime import timedelta

from qingtian.base import times
from qingtian.stream.conformance.as_server.bench import Exchange, ServerBench, done
from qingtian.stream.conformance.checks import LATER, ONLY_2005, Book, Finding, decided, untestable
from qingtian.stream.hj212 import bodies

parameters: Book[ServerBench] = Book("parameters")

CLOSE_ENOUGH = timedelta(seconds=5)
AN_HOUR = timedelta(hours=1)


def _body(found: Exchange) -> object:
    return found.data[0].message.body if found.data and found.data[0].message is not None else None


@parameters.check("clock_read", "1011 读时钟", "1011 reads the clock", clause="HJ 212-2017 附录C.2")
async def clock_read(bench: ServerBench) -> Finding:
    found = await bench.ask(1011)
    good = found.done and isinstance(_body(found), bodies.Clock)
    return decided(good, good=found.told(), bad=found.told())


@parameters.check(
    "clock_set",
    "1012 设时钟，1011 读出所设的时间",
    "1012 sets the clock, and 1011 then tells what was set",
    clause="HJ 212-2017 附录C.3",
)
async def clock_set(bench: ServerBench) -> Finding:
    fast = await bench.ask(1012, f"SystemTime={times.stamp(bench.now() + AN_HOUR)}")
    ahead = await _offset(bench)
    right = await bench.ask(1012, f"SystemTime={times.stamp(bench.now())}")
    after = await _offset(bench)
    if ahead is None or after is None:
        return decided(condition=False, good=fast.told(), bad=fast.told())
    told = (
        f"设快 1 小时后读出快 {ahead.total_seconds():.0f} 秒，设正后 {after.total_seconds():.0f} 秒",
        f"set an hour ahead it told {ahead.total_seconds():.0f} s, set right {after.total_seconds():.0f} s",
    )
    good = fast.done and right.done and abs(ahead - AN_HOUR) < CLOSE_ENOUGH and abs(after) < CLOSE_ENOUGH
    return decided(good, good=told, bad=told)


async def _offset(bench: ServerBench) -> timedelta | None:
    body = _body(await bench.ask(1011))
    return body.system_time - bench.now() if isinstance(body, bodies.Clock) else None


@parameters.check("time_out", "1000 设超时与重发次数", "1000 sets time-out and retries", clause="HJ 212-2017 附录C.1")
async def time_out(bench: ServerBench) -> Finding:
    return await done(bench, 1000, "OverTime=10;ReCount=3")


@parameters.check(
    "interval",
    "1061、1062：实时数据间隔可读可设",
    "1061 and 1062 read and set the real-time interval",
    clause="HJ 212-2017 附录C.5, C.6",
)
async def interval(bench: ServerBench) -> Finding:
    return await _read_and_set(bench, (1061, 1062), "RtdInterval", "seconds", (60, 30))


@parameters.check(
    "minutes",
    "1063、1064：分钟数据间隔可读可设",
    "1063 and 1064 read and set the minute interval",
    clause="HJ 212-2017 附录C.7, C.8",
    editions=LATER,
)
async def minutes(bench: ServerBench) -> Finding:
    return await _read_and_set(bench, (1063, 1064), "MinInterval", "minutes", (5, 10))


async def _read_and_set(
    bench: ServerBench, commands: tuple[int, int], name: str, attribute: str, trial: tuple[int, int]
) -> Finding:
    """Read, set to another value, read, and set back (where the standard allows the value it had)."""
    read, write = commands
    before = getattr(_body(await bench.ask(read)), attribute, None)
    if before is None:
        return decided(condition=False, good=("", ""), bad=(f"{read} 没有读出", f"{read} told nothing"))
    other = trial[0] if before != trial[0] else trial[1]
    changed = await bench.ask(write, f"{name}={other}")
    after = getattr(_body(await bench.ask(read)), attribute, None)
    back = await bench.ask(write, f"{name}={before}")
    told = f"{name} {before} → {after}", f"{name} {before} → {after}"
    if not back.done:
        told = f"{told[0]}；未能设回（{back.told()[0]}）", f"{told[1]}; not set back ({back.told()[1]})"
    return decided(changed.done and after == other, good=told, bad=told)


@parameters.check(
    "password",
    "1072 改密码：旧密码随即被拒（QnRtn=3）",
    "1072 sets the password; the old one is refused then (QnRtn=3)",
    clause="HJ 212-2017 附录C.9",
)
async def password(bench: ServerBench) -> Finding:
    name, before = ("PW" if bench.old else "NewPW"), bench.me.pw
    other = "654321" if before != "654321" else "123456"
    changed = await bench.ask(1072, f"{name}={other}")
    if not changed.done:
        return decided(condition=False, good=changed.told(), bad=changed.told())
    refused = await bench.ask(1061)
    bench.as_password(other)
    back = await bench.ask(1072, f"{name}={before}")
    bench.as_password(before)
    told = f"旧密码得 QnRtn={refused.qn_rtn}", f"the old one got QnRtn={refused.qn_rtn}"
    return decided(refused.qn_rtn == 3 and back.done, good=told, bad=told)


@parameters.check(
    "limits",
    "1021、1022：报警门限可读可设",
    "1021 and 1022 read and set alarm limits",
    clause="HJ/T 212-2005 附录C",
    editions=ONLY_2005,
)
async def limits(bench: ServerBench) -> Finding:
    code = await bench.factor()
    if code is None:
        return untestable("不知道它测什么", "what it measures is not known")
    found = await bench.ask(1021, f"PolId={code}")
    known = found.data[0].message if found.data else None
    tags = getattr(known.body, "limits", {}).get(code, {}) if known is not None else {}
    if not found.done or not tags:
        return decided(condition=False, good=found.told(), bad=found.told())
    area = ",".join(f"{code}-{tag}={text}" for tag, text in tags.items())
    return await done(bench, 1022, area)


@parameters.check(
    "report_time", "1041 读上报时间", "1041 reads the report time", clause="HJ/T 212-2005 附录C", editions=ONLY_2005
)
async def report_time(bench: ServerBench) -> Finding:
    return await done(bench, 1041)


@parameters.check(
    "address",
    "1031 读上位机地址",
    "1031 reads the platform's address",
    clause="HJ/T 212-2005 附录C",
    editions=ONLY_2005,
)
async def address(bench: ServerBench) -> Finding:
    return await done(bench, 1031)
