"""Production runs while the treatment registered for it is off or idle, or draws far less than it usually does."""

from __future__ import annotations

import numpy as np

from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import pieces
from qingtian.stream.suspicions.series import Column, Floats, Mask, Role, Series, Treats
from qingtian.stream.suspicions.suspicion import Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the stretches for each registered relation whose two meters are both there."""
    meters = {column.facility: column for column in series.of(Role.POWER) if column.facility}
    found = []
    for relation in series.relations:
        production, treatment = meters.get(relation.production), meters.get(relation.treatment)
        if production is not None and treatment is not None:
            found += _off(series, rules, relation, production, treatment)
            found += _weak(series, rules, production, treatment)
    return found


def _rated(series: Series, column: Column, rules: Rules) -> Floats:
    """Return what the unit draws when it runs: the median of the window before, of what was above zero."""
    drawn = np.where(column.values > 0, column.values, np.nan)
    return windows.usual(series, drawn, rules["usual_rows"], least=rules["usual_least"])


def _running(series: Series, column: Column, rules: Rules) -> Mask:
    return np.asarray(column.values > rules["run_share"] * _rated(series, column, rules))


def _off(series: Series, rules: Rules, relation: Treats, production: Column, treatment: Column) -> list[Suspicion]:
    idle = treatment.values < rules["run_share"] * _rated(series, treatment, rules)
    excused = series.marked(*rules["excused"], factor=treatment.code)
    least = rules["biological_rows"] if relation.biological else rules["least_rows"]
    return [
        suspect(
            series,
            rules,
            run=run,
            columns=[treatment, production],
            weight=graded(len(run), alarm=least, certain=least + rules["certain_rows"]),
            said="stopped",
            numbers={"rows_off": len(run), "production": float(np.median(production.values[run.rows]))},
        )
        for run in pieces(series, idle & _running(series, production, rules) & ~excused, least=least)
    ]


def _weak(series: Series, rules: Rules, production: Column, treatment: Column) -> list[Suspicion]:
    """Treatment that runs but draws, for each unit of production, less than half of what it usually does."""
    both = _running(series, production, rules) & _running(series, treatment, rules)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(both, treatment.values / production.values, np.nan)
        part = ratio / windows.usual(series, ratio, rules["usual_rows"], least=rules["usual_least"])
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
        for run in pieces(series, part < rules["weak_share"], least=rules["weak_rows"])
    ]
