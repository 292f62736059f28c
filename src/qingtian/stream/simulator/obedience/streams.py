"""What a device sends by itself, on and off: real-time values 2011, 2012, equipment state 2021, 2022."""

from __future__ import annotations

from dataclasses import replace

from qingtian.stream.hj212 import Message
from qingtian.stream.simulator.obedience.outcome import Handler, Outcome, Site
from qingtian.stream.simulator.obedience.standing import Standing


def start_realtime(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    return Outcome(standing=replace(standing, realtime_on=True))


def stop_realtime(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    return Outcome(standing=replace(standing, realtime_on=False))


def start_equipment(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    return Outcome(standing=replace(standing, equipment_on=True))


def stop_equipment(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    return Outcome(standing=replace(standing, equipment_on=False))


HANDLERS: dict[int, Handler] = {
    2011: start_realtime,
    2012: stop_realtime,
    2021: start_equipment,
    2022: stop_equipment,
}
