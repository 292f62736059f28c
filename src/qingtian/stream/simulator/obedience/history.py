"""History 历史数据 from a device's memory: minute, hour, day, equipment hours, alarms (HJ 212-2017 annex C.20 to C.23).

Both ends of the span asked for are included, by DataTime; equal ends ask for one record.
"""

from __future__ import annotations

from qingtian.stream.hj212 import Message, bodies
from qingtian.stream.simulator.obedience.outcome import CONDITION, NO_DATA, Handler, Outcome, Site, Upload
from qingtian.stream.simulator.obedience.standing import Standing


def give(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    body = message.body
    assert isinstance(body, bodies.Span)
    if body.end < body.begin:
        return Outcome(standing=standing, result=CONDITION)
    cn = message.head.cn
    found = site.archive(cn, body.begin.timestamp(), body.end.timestamp(), standing)
    uploads = tuple(Upload(cn=cn, body=record, own=True) for record in found)
    return Outcome(standing=standing, data=uploads, result=1 if uploads else NO_DATA)


HANDLERS: dict[int, Handler] = dict.fromkeys((2013, 2031, 2041, 2051, 2052, 2061, 2062, 2071), give)
