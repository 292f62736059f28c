"""Upload messages as a device writes them: HJ 212-2017, annex C, with DataTime, values and data marks (数据标记).

A message that would be longer than the standard allows is sent in parts (拆分包), each a whole frame with its own QN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qingtian.base import times
from qingtian.stream.hj212.checksum import checksum, printed
from qingtian.stream.simulator.device import FLOWS, SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.values import OXYGEN, Statistics, unconverted

REALTIME, MINUTE, HOUR, DAY = 2011, 2051, 2061, 2031
SECONDS = {MINUTE: 600.0, HOUR: 3600.0, DAY: 86400.0}
"""Length of the period that a message's DataTime begins. 600 s is the default MinInterval here (1063)."""

MAX_DATA_AREA = 950
"""Bytes of a data area (HJ 212-2017 §6.3.1, table 2)."""

ANSWER_WANTED, IN_PARTS, VERSION_2017 = 1, 2, 4
MASS_PER_HOUR = {"water": 1e-3, "gas": 1e-6}
"""mg/L · m³ and mg/m³ · m³, in kg."""


def realtime(device: SimulatedDevice, levels: Mapping[str, float]) -> list[str]:
    """Return the items of a 2011, one text a factor."""
    oxygen = levels.get(OXYGEN)
    return [_realtime_item(device, factor, levels[factor.code], oxygen) for factor in device.factors]


def _realtime_item(device: SimulatedDevice, factor: SimulatedFactor, level: float, oxygen: float | None) -> str:
    code, digits = factor.code, factor.decimals
    if not factor.converted or oxygen is None:
        return f"{code}-Rtd={level:.{digits}f},{code}-Flag=N"
    measured = unconverted(device, converted=level, oxygen=oxygen)
    return f"{code}-Rtd={measured:.{digits}f},{code}-ZsRtd={level:.{digits}f},{code}-Flag=N"


def period(device: SimulatedDevice, statistics: Mapping[str, Statistics], *, hours: float) -> list[str]:
    """Return the items of a 2051, 2061 or 2031 over ``hours``, one text a factor."""
    volume = _volume(device, statistics, hours)
    oxygen = statistics[OXYGEN].mean if OXYGEN in statistics else None
    return [_period_item(device, factor, statistics[factor.code], volume, oxygen) for factor in device.factors]


def _period_item(
    device: SimulatedDevice, factor: SimulatedFactor, found: Statistics, volume: float | None, oxygen: float | None
) -> str:
    code, digits = factor.code, factor.decimals
    trio = {"Min": found.least, "Avg": found.mean, "Max": found.greatest}
    values = dict(trio)
    if factor.converted and oxygen is not None:
        values = {name: unconverted(device, converted=value, oxygen=oxygen) for name, value in trio.items()}
        values |= {f"Zs{name}": value for name, value in trio.items()}
    words = [f"{code}-{name}={value:.{digits}f}" for name, value in values.items()]
    if volume is not None and code in FLOWS:
        words.insert(0, f"{code}-Cou={volume:.2f}")
    elif volume is not None and factor.unit in ("mg/L", "mg/m3"):
        words.insert(0, f"{code}-Cou={values['Avg'] * volume * MASS_PER_HOUR[device.medium]:.4f}")
    return ",".join((*words, f"{code}-Flag=N"))


def _volume(device: SimulatedDevice, statistics: Mapping[str, Statistics], hours: float) -> float | None:
    """Return the m³ discharged in the period, None if the device has no flow meter."""
    for factor in device.factors:
        if factor.code in FLOWS:
            return statistics[factor.code].mean * FLOWS[factor.code] * hours
    return None


def data_areas(data_time: float, items: Sequence[str]) -> list[str]:
    """Put the items into as few data areas as the standard's length allows, each with the DataTime."""
    head = "DataTime=" + times.stamp(times.from_microseconds(round(data_time * 1e6)))
    areas = [head]
    for item in items:
        if len(areas[-1]) + 1 + len(item) > MAX_DATA_AREA and areas[-1] != head:
            areas.append(head)
        areas[-1] += ";" + item
    return areas


def frame(device: SimulatedDevice, *, cn: int, qn: str, area: str, part: tuple[int, int] = (1, 1)) -> bytes:
    """Return a whole frame that asks for an answer; ``part`` is (number, of how many)."""
    number, parts = part
    flag = VERSION_2017 | ANSWER_WANTED | (IN_PARTS if parts > 1 else 0)
    split = f"PNUM={parts};PNO={number};" if parts > 1 else ""
    segment = (f"QN={qn};ST={device.st};CN={cn};PW={device.pw};MN={device.mn};Flag={flag};{split}CP=&&{area}&&").encode(
        "ascii"
    )
    return b"##%04d%s%s\r\n" % (len(segment), segment, printed(checksum(segment)))


def broken(whole: bytes) -> bytes:
    """Return ``whole`` as a noisy line delivers it: one character of its data area changed, the checksum not."""
    place = whole.index(b"DataTime=") + len(b"DataTime=") + 16
    other = b"0" if whole[place : place + 1] != b"0" else b"1"
    return whole[:place] + other + whole[place + 1 :]
