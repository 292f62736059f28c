"""Values that come near their limit, and days whose mean will probably end over it."""

from __future__ import annotations

import numpy as np

from qingtian.kinds.detectors.near_limit import kernel
from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import pieces
from qingtian.stream.suspicions.series import DAY, HOUR, Column, Floats, Limit, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect

BEIJING_OFFSET = 8 * HOUR


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return runs near a limit of the series' own period, and hours of days that will probably exceed a day limit."""
    found = []
    for column in series.of(Role.POLLUTANT):
        for limit in column.limits:
            if limit.upper is None or limit.upper <= 0:
                continue
            if limit.period == series.step:
                found += _near(series, rules, column, limit, limit.upper)
            if limit.period == "day" and series.step == "hour":
                found += _projected(series, rules, column, limit, limit.upper)
    return found


def _near(series: Series, rules: Rules, column: Column, limit: Limit, upper: float) -> list[Suspicion]:
    values = column.bound_by(limit)
    mask = (values >= rules["notice_share"] * upper) & (values <= upper) & limit.in_force(series.times())
    found = []
    for run in pieces(series, mask):
        top = float(values[run.rows].max())
        warned = top >= rules["warning_share"] * upper
        found.append(
            suspect(
                series,
                rules,
                run=run,
                columns=[column],
                weight=rules["warning_weight"] if warned else rules["notice_weight"],
                said="warning" if warned else "notice",
                numbers={"highest": top, "limit": upper, "percent": 100 * top / upper},
                drawn=[Drawn(zh="限值", en="limit", values=upper)],
            )
        )
    return found


def _projected(series: Series, rules: Rules, column: Column, limit: Limit, upper: float) -> list[Suspicion]:
    """Look at each hour at what the day would come to if the rest of it went on as the last hours did."""
    projection = _day_end(series, rules, column.bound_by(limit))
    mask = (projection > upper) & limit.in_force(series.times())
    return [
        suspect(
            series,
            rules,
            run=run,
            columns=[column],
            weight=graded(float(projection[run.last - 1]) / upper, alarm=1.0, certain=rules["certain_times"]),
            said="projected",
            numbers={"projected": float(projection[run.last - 1]), "limit": upper},
            drawn=[Drawn(zh="日限值", en="day limit", values=upper)],
        )
        for run in pieces(series, mask)
    ]


def _day_end(series: Series, rules: Rules, values: Floats) -> Floats:
    """Return the projected day mean, weighted by flow if there is a flow; NaN until ``least_hours`` are known."""
    flows = series.of(Role.FLOW)
    weights = np.nan_to_num(flows[0].values) if flows else np.ones(series.rows)
    weights = np.where(np.isfinite(values), weights, 0.0)
    weighted = np.where((weights > 0) & ~np.isnan(values * weights), values * weights, 0.0)
    hour = (series.times() + BEIJING_OFFSET) % DAY // series.period
    lately = windows.median(values, rules["recent_rows"], least=1)
    projected, lanes = np.empty(series.rows), np.empty(kernel.LANES)
    hours = DAY // series.period
    kernel.day_end(hour.astype(np.float64), weights, weighted, lately, hours, rules["least_hours"], lanes, projected)
    return projected
