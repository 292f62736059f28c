"""Site information 现场机信息: serial numbers 3019, logs, states and parameters 3020, 3021 (HJ 212-2017 annex B.10)."""

from __future__ import annotations

import zlib
from dataclasses import replace

from qingtian.base import times
from qingtian.stream.hj212 import Message, bodies
from qingtian.stream.simulator.obedience.outcome import CONDITION, NO_DATA, Handler, Outcome, Site, Upload
from qingtian.stream.simulator.obedience.standing import Standing

LOGS = frozenset({"i11001", "i21001", "i31001"})
LOGGER_LOG = "i21001"
STATES = {"i12002": "0", "i12003": "0", "i22001": "0", "i22002": "0", "i22003": "0", "i22101": "0", "i32001": "0"}
ANALYSER_STATE, RUNNING, MAINTENANCE, CALIBRATING = "i12001", "0", "1", "3"
PARAMETERS = {
    "i13001": "100.0",
    "i13002": "0.1",
    "i13003": "120",
    "i13004": "168.0",
    "i13005": "40",
    "i13007": "0.0",
    "i13008": "1.0",
    "i13009": "0.5",
}
"""Range, precision, measuring interval, digestion temperature and time, intercept, slope, detection limit."""


def serial_number(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.OnAnalyser)
    code = site.analyser(body.pol_id)
    if code is None:
        return Outcome(standing=standing, result=CONDITION)
    number = f"{zlib.crc32(f'{site.device.mn} {code}'.encode()):024X}"
    found = bodies.SerialNumber(pol_id=body.pol_id, serials={body.pol_id: number})
    return Outcome(standing=standing, data=(Upload(cn=3019, body=found),))


def read(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.AskInformation)
    code = site.analyser(body.pol_id)
    if code is None:
        return Outcome(standing=standing, result=CONDITION)
    if body.info_id in LOGS:
        return _log(standing, body)
    value = _value(standing, code, body.info_id, now)
    if value is None:
        return Outcome(standing=standing, result=NO_DATA)
    return Outcome(standing=standing, data=(Upload(cn=3020, body=_said(body, site.clock(standing, now), value)),))


def _log(standing: Standing, body: bodies.AskInformation) -> Outcome:
    if body.begin is None or body.end is None or body.end < body.begin:
        return Outcome(standing=standing, result=CONDITION)
    begin, end = body.begin.timestamp(), body.end.timestamp()
    notes = standing.notes if body.info_id == LOGGER_LOG else ()
    found = [_said(body, note.at, f"//{note.text}//") for note in notes if begin <= note.at < end + 1]
    uploads = tuple(Upload(cn=3020, body=line, own=True) for line in found)
    return Outcome(standing=standing, data=uploads, result=1 if uploads else NO_DATA)


def _said(body: bodies.AskInformation, at: float, value: str) -> bodies.SiteInformation:
    moment = times.from_microseconds(round(at) * times.MICROSECONDS)
    return bodies.SiteInformation(data_time=moment, pol_id=body.pol_id, infos={body.info_id: value})


def _value(standing: Standing, code: str, info: str, now: float) -> str | None:
    if info == ANALYSER_STATE:
        return {"C": CALIBRATING, "M": MAINTENANCE}.get(standing.mark_at(code, now), RUNNING)
    return standing.parameters.get((code, info)) or STATES.get(info) or PARAMETERS.get(info)


def write(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    """设置现场机参数 3021: parameters can be set, logs and states cannot."""
    body = message.body
    assert isinstance(body, bodies.SetInformation)
    code, value = site.analyser(body.pol_id), body.infos.get(body.info_id)
    if code is None or not value or body.info_id not in PARAMETERS:
        return Outcome(standing=standing, result=CONDITION)
    before = _value(standing, code, body.info_id, now)
    changed = replace(standing, parameters={**standing.parameters, (code, body.info_id): value})
    return Outcome(standing=changed.noted(now, f"{body.pol_id} 参数 {body.info_id} 由 {before} 改为 {value}"))


HANDLERS: dict[int, Handler] = {3019: serial_number, 3020: read, 3021: write}
