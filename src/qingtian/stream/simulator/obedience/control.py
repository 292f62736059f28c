"""Control 反控: calibration, cleaning, sampling, retention (HJ 212-2017 annex C.30 to C.37; 3022, 3024 of 2025)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qingtian.base import times
from qingtian.stream.hj212 import Message, bodies
from qingtian.stream.simulator.obedience.outcome import BUSY, CONDITION, Handler, Outcome, Site, Upload
from qingtian.stream.simulator.obedience.standing import Standing, Work

CALIBRATION_S, CLEANING_S, SAMPLING_S, CHECK_S = 300.0, 60.0, 120.0, 300.0
"""Seconds that an analyser needs; `SimulatedDevice.haste` shortens them."""

BOTTLES = 24
"""留样瓶: bottles in the sampler. HJ 212-2017 table 5 numbers them 1 to 99."""

RESULT_MINUTES = {"water": 40, "gas": 1}
"""出样时间 3018: a batch analyser of water needs 40 minutes, as in the example C.37."""

SAMPLE_AGAIN = "留样"


def _act(seconds: float, mark: str | None, log: str) -> Handler:
    """Return the handler of an act on the analyser PolId that takes ``seconds``; its values carry ``mark``."""

    def act(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
        pol_id = getattr(message.body, "pol_id", None)
        code = site.analyser(pol_id) if pol_id is not None else None
        if code is None:
            return Outcome(standing=standing, result=CONDITION)
        if standing.busy_with(code, now):
            return Outcome(standing=standing, result=BUSY)
        needed = seconds / site.device.haste
        work = Work(pol_id=code, begins=now, ends=now + needed, mark=mark)
        return Outcome(standing=standing.working(work).noted(now, f"{pol_id} {log}"), seconds=needed)

    return act


def retain(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    """超标留样 3015: one more bottle is filled, until all are."""
    if standing.bottle >= BOTTLES:
        return Outcome(standing=standing, result=CONDITION)
    if standing.busy_with(SAMPLE_AGAIN, now):
        return Outcome(standing=standing, result=BUSY)
    bottle, needed = standing.bottle + 1, SAMPLING_S / site.device.haste
    moment = times.from_microseconds(round(site.clock(standing, now)) * times.MICROSECONDS)
    filled = replace(standing, bottle=bottle).noted(now, f"超标留样，{bottle}号瓶")
    busy = filled.working(Work(pol_id=SAMPLE_AGAIN, begins=now, ends=now + needed, mark=None))
    record = bodies.SampleRetained(data_time=moment, bottle=bottle)
    return Outcome(standing=busy, data=(Upload(cn=3015, body=record),), seconds=needed)


def _of_analyser(answer: Callable[[Site, Standing, Message, str], Outcome]) -> Handler:
    """Return a handler that refuses what is about an analyser that is not here."""

    def asked(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
        code = site.analyser(getattr(message.body, "pol_id", ""))
        return Outcome(standing=standing, result=CONDITION) if code is None else answer(site, standing, message, code)

    return asked


def _set_cycle(site: Site, standing: Standing, message: Message, code: str) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.SamplingCycle)
    return Outcome(standing=replace(standing, cycles={**standing.cycles, code: (body.start, body.hours)}))


def _read_cycle(site: Site, standing: Standing, message: Message, code: str) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.OnAnalyser)
    start, hours = standing.cycles.get(code, (times.EPOCH.time(), 2))
    cycle = bodies.SamplingCycle(pol_id=body.pol_id, start=start, hours=hours)
    return Outcome(standing=standing, data=(Upload(cn=3017, body=cycle),))


def _time_to_result(site: Site, standing: Standing, message: Message, code: str) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.OnAnalyser)
    minutes = bodies.TimeToResult(pol_id=body.pol_id, minutes=RESULT_MINUTES[site.device.medium])
    return Outcome(standing=standing, data=(Upload(cn=3018, body=minutes),))


HANDLERS: dict[int, Handler] = {
    3011: _act(CALIBRATION_S, "C", "零点校准量程校准"),
    3012: _act(SAMPLING_S, None, "即时采样"),
    3013: _act(CLEANING_S, "M", "清洗/反吹"),
    3014: _act(SAMPLING_S, None, "比对采样"),
    3015: retain,
    3016: _of_analyser(_set_cycle),
    3017: _of_analyser(_read_cycle),
    3018: _of_analyser(_time_to_result),
    3022: _act(SAMPLING_S, None, "即时留样"),
    3024: _act(CHECK_S, "C", "自动标样核查"),
}
