"""The bodies that carry values: real-time, minute, hour, day, equipment, alarms (HJ 212-2017 annex C.2)."""

# ruff: noqa: RUF009 - item() and tagged() are dataclasses.field() with a declaration

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from qingtian.stream.hj212.messages.bodies import Body
from qingtian.stream.hj212.messages.items import MOMENT, WHOLE, Kind, item, tagged
from qingtian.stream.hj212.numbers import number

Tags = Mapping[str, str]
"""Tag → text as it was written, so that a relay passes on every zero; `exact` reads the number."""

MAX_EXPONENT = 400


def exact(text: str) -> Decimal | None:
    """Return the number that a text writes, exactly; None if it writes none that a packet can mean."""
    if number(text) is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    # an exponent of a million would make a number that cannot be written out
    return value if abs(value.adjusted()) <= MAX_EXPONENT or not value else None


def _read_exact(text: str) -> Decimal:
    value = exact(text)
    if value is None:
        raise ValueError(text)
    return value


EXACT = Kind("exact", _read_exact, lambda value: format(value, "f"))


@dataclass(frozen=True, kw_only=True)
class Values(Body):
    """污染物数据 2011, 2051, 2061, 2031, 2013, 2052, 2062, 2111: factor code → tag → text.

    ``data_time``: of 2011 the instant; of periods their start (HJ 212-2017 table 5).
    """

    data_time: datetime = item("DataTime", kind=MOMENT)
    factors: Mapping[str, Tags] = tagged()


@dataclass(frozen=True, kw_only=True)
class EquipmentStates(Body):
    """设备运行状态 2021: 0 off, 1 on, 2 calibration, 3 maintenance, 4 alarm, 5 blow-back, by equipment."""

    data_time: datetime = item("DataTime", kind=MOMENT)
    states: Mapping[str, int] = tagged("RS", kind=WHOLE)


@dataclass(frozen=True, kw_only=True)
class EquipmentHours(Body):
    """设备运行时间 2041: hours of the day, by equipment."""

    data_time: datetime = item("DataTime", kind=MOMENT)
    hours: Mapping[str, Decimal] = tagged("RT", kind=EXACT)


@dataclass(frozen=True, kw_only=True)
class Restart(Body):
    """数采仪开机时间 2081."""

    data_time: datetime = item("DataTime", kind=MOMENT)
    restart_time: datetime = item("RestartTime", kind=MOMENT)


@dataclass(frozen=True, kw_only=True)
class AlarmLimits(Body):
    """污染物报警门限值 1021, 1022 (2005): factor code → LowValue, UpValue."""

    limits: Mapping[str, Tags] = tagged()


@dataclass(frozen=True, kw_only=True)
class Alarm(Body):
    """报警事件 2072, 报警记录 2071 (2005). ``alarm_type``: 1 exceedance, 0 back to normal."""

    alarm_time: datetime = item("AlarmTime", kind=MOMENT)
    factors: Mapping[str, Tags] = tagged()
    alarm_type: int | None = item("AlarmType", kind=WHOLE, optional=True)
