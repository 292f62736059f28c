"""What a device measured, as values of a message: code → tag → text, with marks 数据标记 (HJ 212-2017 annex C)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qingtian.stream.hj212 import values as bodies
from qingtian.stream.simulator.device import FLOWS, SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.names import extra_decimals, name_in, scale_in
from qingtian.stream.simulator.values import OXYGEN, Statistics, unconverted

REALTIME, MINUTE, HOUR, DAY = 2011, 2051, 2061, 2031
EQUIPMENT, EQUIPMENT_HOURS, ALARMS = 2021, 2041, 2071
ALARM, START, ASK_TIME, HEARTBEAT = 2072, 2081, 1013, 9015
PERIODS = (MINUTE, HOUR, DAY)
HOUR_S, DAY_S = 3600.0, 86400.0

MASS_PER_HOUR = {"water": 1e-3, "gas": 1e-6}
"""mg/L · m³ and mg/m³ · m³, in kg."""

Factors = dict[str, dict[str, str]]
MarkOf = Callable[[str], str]
"""Factor code → its data mark."""


def period_s(cn: int, minutes: int) -> float:
    """Return the seconds of the period that a message's DataTime begins."""
    return {MINUTE: minutes * 60.0, HOUR: HOUR_S}.get(cn, DAY_S)


def realtime(device: SimulatedDevice, levels: Mapping[str, float], mark_of: MarkOf) -> Factors:
    """Return the values of a 2011."""
    oxygen = levels.get(OXYGEN)
    return {
        name_in(device.edition, factor.code): _realtime_tags(device, factor, levels[factor.code], oxygen, mark_of)
        for factor in device.factors
    }


def _realtime_tags(
    device: SimulatedDevice, factor: SimulatedFactor, level: float, oxygen: float | None, mark_of: MarkOf
) -> dict[str, str]:
    tags = {"Rtd": level}
    if factor.converted and oxygen is not None:
        tags = {"Rtd": unconverted(device, converted=level, oxygen=oxygen), "ZsRtd": level}
    return {tag: _text(device, factor, value) for tag, value in tags.items()} | {"Flag": mark_of(factor.code)}


def period(device: SimulatedDevice, statistics: Mapping[str, Statistics], *, hours: float, mark_of: MarkOf) -> Factors:
    """Return the values of a 2051, 2061 or 2031 over ``hours``."""
    volume = _volume(device, statistics, hours)
    oxygen = statistics[OXYGEN].mean if OXYGEN in statistics else None
    return {
        name_in(device.edition, factor.code): _period_tags(device, factor, statistics[factor.code], volume, oxygen)
        | {"Flag": mark_of(factor.code)}
        for factor in device.factors
    }


def _period_tags(
    device: SimulatedDevice, factor: SimulatedFactor, found: Statistics, volume: float | None, oxygen: float | None
) -> dict[str, str]:
    trio = {"Min": found.least, "Avg": found.mean, "Max": found.greatest}
    values = dict(trio)
    if factor.converted and oxygen is not None:
        values = {name: unconverted(device, converted=value, oxygen=oxygen) for name, value in trio.items()}
        values |= {f"Zs{name}": value for name, value in trio.items()}
    total: dict[str, str] = {}
    if volume is not None and factor.code in FLOWS:
        total = {"Cou": f"{volume:.2f}"}
    elif volume is not None and factor.unit in ("mg/L", "mg/m3"):
        total = {"Cou": f"{values['Avg'] * volume * MASS_PER_HOUR[device.medium]:.4f}"}
    return total | {name: _text(device, factor, value) for name, value in values.items()}


def _text(device: SimulatedDevice, factor: SimulatedFactor, value: float) -> str:
    digits = factor.decimals + extra_decimals(device.edition, factor.code)
    return f"{value * scale_in(device.edition, factor.code):.{digits}f}"


def _volume(device: SimulatedDevice, statistics: Mapping[str, Statistics], hours: float) -> float | None:
    """Return the m³ discharged in the period, None if the device has no flow meter."""
    for factor in device.factors:
        if factor.code in FLOWS:
            return statistics[factor.code].mean * FLOWS[factor.code] * hours
    return None


def alarm(device: SimulatedDevice, factor: SimulatedFactor, value: float) -> dict[str, bodies.Tags]:
    """Return the factor of an alarm 2071, 2072 of 2005."""
    return {name_in(device.edition, factor.code): {"Ala": _text(device, factor, value)}}


def broken(whole: bytes) -> bytes:
    """Return ``whole`` as a noisy line delivers it: one character of its data area changed, the checksum not."""
    place = whole.rindex(b"&&") - 3
    other = b"0" if whole[place : place + 1] != b"0" else b"1"
    return whole[:place] + other + whole[place + 1 :]
