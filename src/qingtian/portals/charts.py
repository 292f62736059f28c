"""The chart of an outlet: which factor, which uploads, which stretch of time, with its limits. All of it in the URL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import Device, Limit, Outlet
from qingtian.portals import asked, saved, words
from qingtian.portals.history import lake
from qingtian.portals.templatetags.parts import factor_name, printed, unit
from qingtian.portals.words import Word

POINTS = 600
"""About so many points are drawn; more would not be seen."""

SPANS: dict[str, tuple[timedelta, Word]] = {
    "1h": (timedelta(hours=1), gettext_lazy("1 hour")),
    "6h": (timedelta(hours=6), gettext_lazy("6 hours")),
    "24h": (timedelta(hours=24), gettext_lazy("24 hours")),
    "7d": (timedelta(days=7), gettext_lazy("7 days")),
    "30d": (timedelta(days=30), gettext_lazy("30 days")),
}
UPLOADS = (2011, 2051, 2061, 2031)
REAL_TIME = 2011


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The last value of a factor with unit and data flag."""

    value: float | None
    unit: str
    flag: str
    word: Word


def _reading(code: str, pair: Sequence[Any]) -> Reading:
    flag = str(pair[1] or "N")
    return Reading(value=pair[0], unit=sites.factor(code).unit, flag=flag, word=words.FLAGS.get(flag, ""))


@dataclass(frozen=True, kw_only=True)
class DeviceLine:
    """A device (数采仪) and what was last heard of it."""

    mn: str
    heard: datetime | None
    data_time: datetime | None
    clock_offset_s: float | None
    packets: int
    duplicates: int
    state: str
    values: dict[str, list[Any]]

    @property
    def readings(self) -> list[tuple[str, Reading]]:
        """The last value of each factor, by code."""
        return [(code, _reading(code, pair)) for code, pair in sorted(self.values.items())]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What the URL wishes to see."""

    factor: str
    factors: Sequence[str]
    cn: int
    span: str
    end: datetime

    @property
    def start(self) -> datetime:
        return self.end - SPANS[self.span][0]


def device_of(device: Device) -> DeviceLine:
    """Return a device with its status; one that was never heard has none."""
    status = getattr(device, "status", None)
    return DeviceLine(
        mn=device.mn,
        heard=status.received if status else None,
        data_time=status.data_time if status else None,
        clock_offset_s=status.clock_offset_s if status else None,
        packets=status.packets if status else 0,
        duplicates=status.duplicates if status else 0,
        state=status.state if status else "unknown",
        values=dict(status.values) if status else {},
    )


WORST_FIRST = ("breach", "attention", "normal")


def state_of(devices: Sequence[DeviceLine], at: datetime) -> str:
    """Return the state of the outlet as the map shows it."""
    heard = max((device.heard for device in devices if device.heard), default=None)
    if heard is None:
        return "unknown"
    if heard < at - sites.silent_after(at=at):
        return "silent"
    states = {device.state for device in devices}
    return next((state for state in WORST_FIRST if state in states), "normal")


def limits_in_force(outlet: Outlet, at: datetime) -> list[Limit]:
    """Return the limits that bind on the day, by factor and period."""
    return sites.in_force(outlet, at.astimezone(BEIJING).date())


def _factors(outlet: Outlet) -> list[str]:
    """The factors with a limit first, then the others that the device sends."""
    limited = list(dict.fromkeys(row.factor for row in limits_in_force(outlet, times.now())))
    sent = sorted({code for device in outlet.devices.all() for code in device_of(device).values})
    known = [code for code in limited if code in sent] + [code for code in sent if code not in limited]
    return known + [code for code in limited if code not in known]


def wish(request: HttpRequest, outlet: Outlet) -> Chart:
    """Read the chart from the URL; what the URL does not say is the usual.

    :raises AskedUnknown: for what there is not.
    """
    factors, query = _factors(outlet), request.GET
    factor = asked.option(query, "factor", [*factors, *sites.factors()], usual=next(iter(factors), ""))
    return Chart(
        factor=factor,
        # an alert may be of a factor that no limit and no device names any more
        factors=factors if factor in ("", *factors) else [*factors, factor],
        cn=int(asked.option(query, "cn", map(str, UPLOADS), usual=str(REAL_TIME))),
        span=asked.option(query, "range", SPANS, usual="1h"),
        end=times.now(),
    )


def _rows(outlet: Outlet, chart: Chart, *, points: int | None) -> pl.DataFrame:
    """The readings of all devices of the outlet; measured and converted values only, not totals."""
    main = ["Rtd", "ZsRtd"] if chart.cn == REAL_TIME else ["Avg", "ZsAvg"]
    frames = [
        lake().readings(
            mn=device.mn,
            start=chart.start,
            end=chart.end + timedelta(minutes=5),
            factors=[chart.factor],
            cns=[chart.cn],
            measures=main,
            points=points,
        )
        for device in outlet.devices.all()
    ]
    return pl.concat(frames) if frames else pl.DataFrame()


def _milliseconds(instant: datetime) -> int:
    return times.to_microseconds(instant) // 1000


def series(outlet: Outlet, chart: Chart) -> dict[str, Any]:
    """Return the chart for the browser: points ``[ms, value, flag]`` by measure, limits with their words."""
    rows = _rows(outlet, chart, points=POINTS)
    drawn: dict[str, list[list[Any]]] = {}
    for row in rows.iter_rows(named=True):
        flag = row["flag"] or "N"
        drawn.setdefault(row["measure"], []).append([_milliseconds(row["data_time"]), row["value"], flag])
    return {
        "factor": chart.factor,
        "name": factor_name(chart.factor),
        "unit": unit(sites.factor(chart.factor).unit),
        "start": _milliseconds(chart.start),
        "end": _milliseconds(chart.end),
        "series": [
            {"measure": measure, "name": _measure_word(measure), "points": points} for measure, points in drawn.items()
        ],
        "limits": [_limit(row) for row in limits_in_force(outlet, chart.end) if row.factor == chart.factor],
        "flags": {code: str(word) for code, word in words.FLAGS.items()},
        "said": {"limit": _("limit"), "empty": _("No readings in this stretch of time."), "flag": _("data flag")},
    }


def _measure_word(measure: str) -> str:
    return _("converted to reference oxygen") if measure.startswith("Zs") else _("measured")


def _limit(row: Limit) -> dict[str, Any]:
    return {
        "upper": float(row.upper) if row.upper is not None else None,
        "lower": float(row.lower) if row.lower is not None else None,
        "word": f"{words.PERIODS.get(row.period, row.period)} {printed(row.printed)}",
        "standard": row.standard,
        "period": row.period,
    }


def as_csv(outlet: Outlet, chart: Chart) -> HttpResponse:
    """Every reading of the stretch, as it was sent."""
    return saved.table(_table(outlet, chart), name=f"{outlet.pk}-{chart.factor}")


def _table(outlet: Outlet, chart: Chart) -> Iterator[Sequence[object]]:
    yield "factor", "cn", "measure", "data_time", "value", "flag"
    for row in _rows(outlet, chart, points=None).iter_rows(named=True):
        when = row["data_time"].astimezone(BEIJING).isoformat()
        yield row["factor"], row["cn"], row["measure"], when, row["value"], row["flag"]


def as_record(outlet: Outlet, devices: Sequence[DeviceLine]) -> dict[str, Any]:
    """Return the outlet as a machine reads it."""
    return {
        "code": outlet.pk,
        "name": outlet.name,
        "enterprise": {"code": outlet.enterprise_id, "name": outlet.enterprise.name},
        "district": outlet.district_id,
        "medium": outlet.medium,
        "standard": outlet.standard,
        "state": state_of(devices, times.now()),
        "devices": [
            {
                "mn": device.mn,
                "heard": device.heard.astimezone(BEIJING).isoformat() if device.heard else None,
                "clock_offset_s": device.clock_offset_s,
                "packets": device.packets,
                "duplicates": device.duplicates,
                "values": device.values,
            }
            for device in devices
        ],
        "limits": [
            _limit(row) | {"factor": row.factor, "unit": row.unit} for row in limits_in_force(outlet, times.now())
        ],
    }
