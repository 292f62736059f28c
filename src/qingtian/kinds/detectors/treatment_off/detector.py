"""Production runs while the treatment registered for it is off or idle, or draws far less than it usually does."""

from __future__ import annotations

import math

import numpy as np

from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import bridged, pieces
from qingtian.stream.suspicions.series import MINUTE, Column, Floats, Mask, Role, Series, Treats
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the stretches for each registered relation whose two meters are both there."""
    meters = {column.facility: column for column in series.of(Role.POWER) if column.facility}
    found = []
    for relation in series.relations:
        production, treatment = meters.get(relation.production), meters.get(relation.treatment)
        if production is not None and treatment is not None:
            found += _off(series, rules, relation, production, treatment)
            if rules["weak_rows"] and {production.unit, treatment.unit} <= set(rules["weak_units"]):
                found += _weak(series, rules, production, treatment)
    return found


def _full(series: Series, column: Column, rules: Rules) -> Floats:
    """Return what the unit draws when it runs: what is rated, else the median before of what was above zero.

    A day of minutes by itself does not tell what is usual: without a rating nothing is known.
    """
    if column.rated is not None or not rules["usual_rows"]:
        return np.full(series.rows, np.nan if column.rated is None else column.rated)
    drawn = np.where(column.values > 0, column.values, np.nan)
    return windows.usual(series, drawn, rules["usual_rows"], least=rules["usual_least"])


def _running(series: Series, column: Column, rules: Rules) -> Mask:
    return np.asarray(column.values > rules["run_share"] * _full(series, column, rules))


def _excused(series: Series, treatment: Column, rules: Rules) -> Mask:
    """Return the rows under a mark; work on the monitor does not excuse the unit, only a mark that names it."""
    named = tuple(mark for mark in series.marks if mark.factors)
    by_name = series.marked_by(named, *rules["excused_by_name"], factor=treatment.code)
    return np.asarray(series.marked(*rules["excused"], factor=treatment.code) | by_name)


def _told_by_minutes(series: Series, production: Column, treatment: Column) -> Mask:
    """Return the rows whose minutes were looked at themselves: they tell the stretch to the minute."""
    if production.rated is None or treatment.rated is None:
        return np.zeros(series.rows, np.bool_)
    both = [column.finer for column in (production, treatment)]
    seen = [np.zeros(series.rows, np.bool_) if each is None else each for each in both]
    return np.asarray(np.logical_and.reduce(seen))


def _rows(series: Series, number: int) -> int:
    """Return how many rows a parameter means: those of minutes are minutes, however far apart the records are."""
    return max(math.ceil(number * MINUTE / series.period), 1) if series.step == "minute" else number


def _off(series: Series, rules: Rules, relation: Treats, production: Column, treatment: Column) -> list[Suspicion]:
    full = _full(series, treatment, rules)
    idle = (treatment.values < rules["run_share"] * full) & _running(series, production, rules)
    idle &= ~_excused(series, treatment, rules) & ~_told_by_minutes(series, production, treatment)
    least = _rows(series, rules["biological_rows"] if relation.biological else rules["least_rows"])
    certain = least + _rows(series, rules["certain_rows"])
    gap = rules["bridge_rows"] * MINUTE // series.period if series.step == "minute" else rules["bridge_rows"]
    limit = Drawn(zh="运行界", en="runs above", values=rules["run_share"] * full)
    return [
        suspect(
            series,
            rules,
            run=run,
            columns=[treatment, production],
            weight=graded(len(run), alarm=least, certain=certain),
            said="stopped_minutes" if series.step == "minute" else "stopped",
            numbers={
                "rows_off": int(idle[run.rows].sum()),
                "minutes": len(run) * series.period // MINUTE,
                "treatment": float(np.nanmedian(treatment.values[run.rows])),
                "production": float(np.nanmedian(production.values[run.rows])),
                "full": float(full[run.first]),
            },
            drawn=[limit],
        )
        for run in pieces(series, bridged(idle, gap), least=least)
    ]


def _weak(series: Series, rules: Rules, production: Column, treatment: Column) -> list[Suspicion]:
    """Treatment that runs but draws, for each unit of production, less than half of what it usually does."""
    both = _running(series, production, rules) & _running(series, treatment, rules)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(both, treatment.values / production.values, np.nan)
        part = ratio / windows.usual(series, ratio, rules["usual_rows"], least=rules["usual_least"])
    weak = (part < rules["weak_share"]) & ~_excused(series, treatment, rules)
    return [
        suspect(
            series,
            rules,
            run=run,
            columns=[treatment, production],
            weight=rules["weak_weight"],
            said="weak",
            numbers={"percent": 100 * float(np.median(part[run.rows]))},
        )
        for run in pieces(series, weak, least=rules["weak_rows"])
    ]
