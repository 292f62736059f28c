"""Parameters 参数: clock, time-outs, intervals, password, key (HJ 212-2017 annex C.1 to C.9; 1014 of 2025)."""

from __future__ import annotations

from dataclasses import replace

from qingtian.base import times
from qingtian.stream.hj212 import Message, bodies
from qingtian.stream.simulator.obedience.outcome import CONDITION, FAILED, Handler, Outcome, Site, Upload
from qingtian.stream.simulator.obedience.standing import Standing


def read_clock(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.AskClock)
    if body.pol_id is not None and site.analyser(body.pol_id) is None:
        return Outcome(standing=standing, result=CONDITION)
    moment = times.from_microseconds(round(site.clock(standing, now)) * times.MICROSECONDS)
    clock = bodies.Clock(pol_id=body.pol_id, system_time=moment)
    return Outcome(standing=standing, data=(Upload(cn=1011, body=clock),))


def set_clock(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.Clock)
    if body.pol_id is not None:
        # analysers follow the logger's clock here
        return Outcome(standing=standing, result=CONDITION if site.analyser(body.pol_id) is None else 1)
    error = body.system_time.timestamp() - now
    # SystemTime counts whole seconds: a difference below one says nothing
    error = 0.0 if abs(error) < 1 else error
    was = site.clock(standing, now) - now
    set_ = replace(standing, clock_error=error, clock_set_at=now)
    return Outcome(standing=set_.noted(now, f"时钟校准，校准前偏差{was:.0f}秒"))


def set_time_out(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.TimeOut)
    return Outcome(standing=replace(standing, over_time=float(body.over_time), recount=body.recount))


def read_interval(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    seconds = bodies.RealTimeInterval(seconds=max(1, round(standing.interval_s)))
    return Outcome(standing=standing, data=(Upload(cn=1061, body=seconds),))


def set_interval(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.RealTimeInterval)
    return Outcome(standing=replace(standing, interval_s=float(body.seconds)))


def read_minutes(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    return Outcome(standing=standing, data=(Upload(cn=1063, body=bodies.MinuteInterval(minutes=standing.minutes)),))


def set_minutes(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.MinuteInterval)
    return Outcome(standing=replace(standing, minutes=body.minutes))


def set_password(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.NewPassword | bodies.NewPassword2005)
    if not (1 <= len(body.password) <= 6 and body.password.isascii() and body.password.isalnum()):
        return Outcome(standing=standing, result=CONDITION)
    return Outcome(standing=replace(standing, pw=body.password).noted(now, "访问密码已修改"))


def set_key(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.NewKey)
    key = body.key.encode()
    if len(key) != 16:
        return Outcome(standing=standing, result=FAILED)
    return Outcome(standing=replace(standing, key=key).noted(now, "密钥已更新"))


HANDLERS: dict[int, Handler] = {
    1000: set_time_out,
    1011: read_clock,
    1012: set_clock,
    1014: set_key,
    1061: read_interval,
    1062: set_interval,
    1063: read_minutes,
    1064: set_minutes,
    1072: set_password,
}
