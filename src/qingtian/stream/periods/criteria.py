"""Which limits are held against which windows on a day: the plan's limits under ``rules/periods/criteria.yaml``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from qingtian.base import times
from qingtian.law import rules
from qingtian.law.rounding import decimals_of, lower_edge, upper_edge
from qingtian.stream.periods.plan import PeriodOutlet, PeriodPlan

WARN, PENALTY = "warn", "penalty"
FROM_THE_START, FOR_EVER = -(1 << 62), 1 << 62

SCHEMA = {
    "outlet": pl.String,
    "factor": pl.String,
    "period": pl.String,
    "limit": pl.Int32,
    "measure": pl.String,
    "each_value": pl.Boolean,
    "support": pl.String,
    "at_least": pl.Int32,
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


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """The comparisons of one day. ``frame`` has the columns of `SCHEMA`, ``limit`` is a place in ``limits``."""

    frame: pl.DataFrame
    limits: tuple[Mapping[str, Any], ...]


def at(plan: PeriodPlan, day: date, *, outlets: Collection[str] | None = None) -> Criteria:
    """Return what is held against what on a day (for these ``outlets`` alone). Times in µs."""
    known = rules.table("periods/criteria").at(day)
    special = {rule["factor"]: rule for rule in rules.table("periods/factors").at(day)}
    asked = [outlet for outlet in plan.outlets if outlets is None or outlet.code in outlets]
    found = [pair for outlet in asked for pair in _of_outlet(outlet, known, special)]
    rows = [row | {"limit": number} for number, (row, _) in enumerate(found)]
    return Criteria(frame=pl.DataFrame(rows, schema=SCHEMA), limits=tuple(limit for _, limit in found))


def _of_outlet(
    outlet: PeriodOutlet, known: tuple[rules.Rule, ...], special: Mapping[str, rules.Rule]
) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    for limit in outlet.limits:
        rule = _criterion(outlet, str(limit["period"]), known)
        if rule is not None:
            yield _row(outlet, limit, rule, special.get(limit["factor"])), limit


def _criterion(outlet: PeriodOutlet, against: str, known: tuple[rules.Rule, ...]) -> rules.Rule | None:
    fitting = (rule for rule in known if rule["medium"] == outlet.medium and rule["against"] == against)
    return next((rule for rule in fitting if rule["source_type"] in outlet.source_type), None)


def _row(
    outlet: PeriodOutlet, limit: Mapping[str, Any], rule: rules.Rule, special: rules.Rule | None
) -> dict[str, Any]:
    is_median = special is not None and special["role"] == "median"
    least = int(special.get("decimals") or 0) if special is not None and special.get("decimals") else -99
    upper, lower = limit["upper"], limit["lower"]
    above = upper_edge(upper, max(least, decimals_of(upper, limit["printed"])) if upper is not None else 0)
    below = lower_edge(lower, max(least, decimals_of(lower, limit["printed"])) if lower is not None else 0)
    return {
        "outlet": outlet.code,
        "factor": limit["factor"],
        "period": rule["period"],
        "measure": limit["measure"],
        "each_value": bool(rule["each_value"]) or is_median,
        "support": _support(limit, rule),
        "at_least": int(rule.get("at_least") or 1),
        "upper": upper,
        "lower": lower,
        "upper_edge": above.at,
        "lower_edge": below.at,
        "upper_tie": above.tie_is_out,
        "lower_tie": below.tie_is_out,
        "distance": is_median,
        "start": _microseconds(limit["from"], otherwise=FROM_THE_START),
        "end": _microseconds(limit["to"], otherwise=FOR_EVER),
    }


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
