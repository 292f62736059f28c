"""What only HJ/T 212-2005 knows: alarm time and limits, the platform's address, the report time, sampling times."""

from __future__ import annotations

from dataclasses import replace

from qingtian.stream.hj212 import Message, bodies, values
from qingtian.stream.simulator.obedience.outcome import CONDITION, Handler, Outcome, Site, Upload
from qingtian.stream.simulator.obedience.standing import Standing


def set_warn_time(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.WarnTime)
    return Outcome(standing=replace(standing, warn_time=body.warn_time))


def read_limits(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.AskFactors)
    codes = {pol_id: site.analyser(pol_id) for pol_id in body.pol_ids}
    known = {
        pol_id: standing.limits[code] for pol_id, code in codes.items() if code is not None and code in standing.limits
    }
    if len(known) < len(codes):
        return Outcome(standing=standing, result=CONDITION)
    return Outcome(standing=standing, data=(Upload(cn=1021, body=values.AlarmLimits(limits=known)),))


def set_limits(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, values.AlarmLimits)
    codes = {pol_id: site.analyser(pol_id) for pol_id in body.limits}
    if not codes or None in codes.values():
        return Outcome(standing=standing, result=CONDITION)
    limits = dict(standing.limits)
    for pol_id, tags in body.limits.items():
        code = codes[pol_id] or pol_id
        limits[code] = {**limits.get(code, {}), **tags}
    return Outcome(standing=replace(standing, limits=limits))


def read_target(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    return Outcome(standing=standing, data=(Upload(cn=1031, body=bodies.ReportTarget(target=standing.report_target)),))


def set_target(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.ReportTarget)
    return Outcome(standing=replace(standing, report_target=body.target))


def read_report_time(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = bodies.ReportTime(report_time=standing.report_time)
    return Outcome(standing=standing, data=(Upload(cn=1041, body=body),))


def set_report_time(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.ReportTime)
    return Outcome(standing=replace(standing, report_time=body.report_time))


def operate(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    """设备操作 3013: PolId names an equipment here, not an analyser."""
    body = message.body
    assert isinstance(body, bodies.OnAnalyser)
    if site.analyser(body.pol_id) is None and body.pol_id not in site.device.equipment:
        return Outcome(standing=standing, result=CONDITION)
    return Outcome(standing=standing.noted(now, f"{body.pol_id} 设备操作"))


def set_sampling_hours(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.SamplingTimes)
    code = site.analyser(body.pol_id)
    if code is None:
        return Outcome(standing=standing, result=CONDITION)
    return Outcome(standing=replace(standing, sampling_hours={**standing.sampling_hours, code: body.hours}))


HANDLERS: dict[int, Handler] = {
    1001: set_warn_time,
    1021: read_limits,
    1022: set_limits,
    1031: read_target,
    1032: set_target,
    1041: read_report_time,
    1042: set_report_time,
    3013: operate,
    3014: set_sampling_hours,
}
