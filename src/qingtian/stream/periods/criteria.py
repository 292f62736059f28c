"""Which limits are held against which windows on a day: the plan's limits under ``rules/periods/criteria.yaml``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from qingtian.base import times
from qingtian.law import rules
from qingtian.law.rounding import decimals_of, lower_edge, upper_edge
from qingtian.stream.periods.plan import PeriodOutlet, PeriodPlan

WARN, PENALTY = "warn", "penalty"
FROM_THE_START, FOR_EVER = -(1 << 62), 1 << 62

SHARED = {
    "factor": pl.String,
    "period": pl.String,
    "measure": pl.String,
    "each_value": pl.Boolean,
    "support": pl.String,
    "at_least": pl.Int32,
    "early": pl.Int32,
    "upper": pl.Float64,
    "lower": pl.Float64,
    "upper_edge": pl.Float64,
    "lower_edge": pl.Float64,
    "upper_tie": pl.Boolean,
    "lower_tie": pl.Boolean,
    "distance": pl.Boolean,
    "start": pl.Int64,
    "end": pl.Int64,
}
"""What two outlets under one limit have in common."""


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """The comparisons of one day.

    ``frame``: ``outlet``, ``limit`` (a place in ``limits``) and the columns of `SHARED`.
    """

    frame: pl.DataFrame
    limits: tuple[Mapping[str, Any], ...]


def at(plan: PeriodPlan, day: date, *, outlets: Collection[str] | None = None) -> Criteria:
    """Return what is held against what on a day (for these ``outlets`` alone). Times in µs."""
    known = rules.table("periods/criteria").at(day)
    special = {rule["factor"]: rule for rule in rules.table("periods/factors").at(day)}
    asked = [outlet for outlet in plan.outlets if outlets is None or outlet.code in outlets]
    held = [(outlet.code, limit, rule) for outlet in asked for limit, rule in _of_outlet(outlet, known)]
    # many outlets stand under the same limits
    rows: dict[tuple[int, int], tuple[Any, ...]] = {}
    for _, limit, rule in held:
        if (id(limit), id(rule)) not in rows:
            rows[id(limit), id(rule)] = _row(limit, rule, special.get(limit["factor"]))
    columns = zip(*(rows[id(limit), id(rule)] for _, limit, rule in held), strict=True) if held else [()] * len(SHARED)
    frame = pl.DataFrame(dict(zip(SHARED, columns, strict=True)), schema=SHARED).select(
        pl.Series("outlet", [code for code, _, _ in held], pl.String),
        pl.Series("limit", np.arange(len(held), dtype=np.int32)),
        *SHARED,
    )
    return Criteria(frame=frame, limits=tuple(limit for _, limit, _ in held))


def _of_outlet(outlet: PeriodOutlet, known: tuple[rules.Rule, ...]) -> Iterator[tuple[Mapping[str, Any], rules.Rule]]:
    by_period: dict[str, rules.Rule | None] = {}
    for limit in outlet.limits:
        period = str(limit["period"])
        if period not in by_period:
            by_period[period] = _criterion(outlet, period, known)
        if (rule := by_period[period]) is not None:
            yield limit, rule


def _criterion(outlet: PeriodOutlet, against: str, known: tuple[rules.Rule, ...]) -> rules.Rule | None:
    fitting = (rule for rule in known if rule["medium"] == outlet.medium and rule["against"] == against)
    return next((rule for rule in fitting if rule["source_type"] in outlet.source_type), None)


def _row(limit: Mapping[str, Any], rule: rules.Rule, special: rules.Rule | None) -> tuple[Any, ...]:
    """Return the columns of `SHARED`: of windows that count together ``early`` of ``at_least`` are a warning."""
    is_median = special is not None and special["role"] == "median"
    least = int(special.get("decimals") or 0) if special is not None and special.get("decimals") else -99
    upper, lower = limit["upper"], limit["lower"]
    at_least = int(rule.get("at_least") or 1)
    above = upper_edge(upper, max(least, decimals_of(upper, limit["printed"])) if upper is not None else 0)
    below = lower_edge(lower, max(least, decimals_of(lower, limit["printed"])) if lower is not None else 0)
    return (
        *(limit["factor"], rule["period"], limit["measure"], bool(rule["each_value"]) or is_median),
        *(_support(limit, rule), at_least, int(rule.get("early") or at_least), upper, lower),
        *(above.at, below.at, above.tie_is_out, below.tie_is_out, is_median),
        _microseconds(limit["from"], otherwise=FROM_THE_START),
        _microseconds(limit["to"], otherwise=FOR_EVER),
    )


def _support(limit: Mapping[str, Any], rule: rules.Rule) -> str:
    """A limit whose figure nobody has read supports no penalty; neither does a criterion that only warns."""
    told = limit.get("support") or (PENALTY if limit["certainty"] == "read" else WARN)
    return PENALTY if told == rule["support"] == PENALTY else WARN


def _microseconds(instant: str | None, *, otherwise: int) -> int:
    """A bare date is midnight in Beijing."""
    if instant is None:
        return otherwise
    moment = datetime.fromisoformat(instant)
    return times.to_microseconds(moment if moment.tzinfo else moment.replace(tzinfo=times.BEIJING))
