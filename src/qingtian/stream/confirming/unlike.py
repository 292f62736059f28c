"""A device's converted values or totals that do not follow from its own data (数据矛盾), one finding a series and day.

Its plain means are compared by the series detector ``own_average``, hour by hour; here is what no series shows.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.base.identifiers import deterministic
from qingtian.law import rules
from qingtian.stream.confirming.ground import HOUR, Ground, band_of
from qingtian.stream.confirming.said import HOUR_DATA, Shown
from qingtian.stream.hj212.factors import factor as factor_named
from qingtian.stream.periods import api as periods
from qingtian.stream.suspicions.suspicion import Chart

DETECTOR, VERSION = "period_contradiction", "1"
BEIJING = "Asia/Shanghai"


def contradictions(windows: pl.DataFrame, ground: Ground) -> list[dict[str, Any]]:
    """Return one message for each series and day in which hours contradict, in a fixed order."""
    hours = windows.filter(pl.col("period") == "hour")
    dated = hours.with_columns(date=pl.col("data_time").dt.convert_time_zone(BEIJING).dt.date())
    found: list[dict[str, Any]] = []
    for (day,), part in dated.sort("date").group_by("date", maintain_order=True):
        apart = periods.contradictions(part, day=day).filter(pl.col("what") != "mean")
        if apart.is_empty():
            continue
        heard = {(mn, factor): hours for mn, factor, hours in part.group_by("mn", "factor").len().iter_rows()}
        for key, group in apart.group_by("outlet", "mn", "factor", "what", maintain_order=True):
            found.append(_message(group, ground, of=heard[key[1], key[2]]))
    return sorted(found, key=lambda one: (one["since"], one["outlet"], one["mn"], one["factor"], one["finding"]))


def _message(group: pl.DataFrame, ground: Ground, *, of: int) -> dict[str, Any]:
    hours = group.sort("data_time")
    first, last = (times.to_microseconds(hours["data_time"][place]) for place in (0, -1))
    worst = hours.sort("relative", "data_time", descending=[True, False]).row(0, named=True)
    outlet, mn, factor, what = (worst[name] for name in ("outlet", "mn", "factor", "what"))
    day = times.from_microseconds(first).date()
    (rule,) = [one for one in rules.table("confirming/contradictions").at(day) if one["what"] == what]
    weight = round(min(rule["least"] + rule["an_hour"] * (len(hours) - 1), rule["most"]), 3)
    named = factor_named(factor)
    places = {
        "day": day.isoformat(),
        "hours": len(hours),
        "of": of,
        "at": f"{times.from_microseconds(times.to_microseconds(worst['data_time'])):%H:%M}",
        "own": f"{worst['own']:.6g}",
        "reported": f"{worst['reported']:.6g}",
        "percent": f"{worst['relative'] * 100:.1f}",
    }
    return Shown(
        finding=deterministic(DETECTOR, VERSION, outlet, mn, factor, what, day),
        detector=DETECTOR,
        version=VERSION,
        cn=HOUR_DATA,
        outlet=outlet,
        mn=mn,
        factor=factor,
        factors=[factor],
        measure={"converted": "ZsAvg", "amount": "Cou"}[what],
        period="hour",
        band=band_of(weight, at=first),
        weight=weight,
        begins=first,
        last=last,
        end=last + HOUR,
        running=False,
        known=last + HOUR,
        count=len(hours),
        evidence={
            "zh": rule["zh"].format_map({**places, "factor": named.zh if named else factor}),
            "en": rule["en"].format_map({**places, "factor": named.en if named else factor}),
            "numbers": {"own": worst["own"], "reported": worst["reported"], "relative": round(worst["relative"], 4)},
            "charts": [_chart(hours, factor, what).as_dict()],
        },
    ).message(ground)


def _chart(hours: pl.DataFrame, factor: str, what: str) -> Chart:
    """Draw the hours that contradict: what the device says, and beside it what follows from its own data."""
    at = [times.to_microseconds(moment) for moment in hours["data_time"]]
    first, rows = at[0], (at[-1] - at[0]) // HOUR + 1
    said: list[float | None] = [None] * rows
    ours: list[float | None] = [None] * rows
    for moment, reported, own in zip(at, hours["reported"], hours["own"], strict=True):
        said[(moment - first) // HOUR], ours[(moment - first) // HOUR] = round(reported, 6), round(own, 6)
    named = factor_named(factor)
    return Chart(
        factor=factor,
        unit="kg" if what == "amount" else str(named.unit or "") if named else "",
        start=first,
        period=HOUR,
        values=said,
        marked=(first, at[-1] + HOUR),
        lines=[{"zh": "由自身数据算得", "en": "computed from its own data", "values": ours}],
    )
