"""The average that the device reported does not follow from the finer data that the same device sent."""

from __future__ import annotations

import numpy as np

from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import pieces
from qingtian.stream.suspicions.series import Column, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the rows where ``reported`` and our own average are farther apart than the tolerance."""
    return [
        told
        for column in series.of(Role.POLLUTANT, Role.OXYGEN, Role.FLOW, Role.CONDITION)
        if column.reported is not None
        for told in _of(series, rules, column)
    ]


def _of(series: Series, rules: Rules, column: Column) -> list[Suspicion]:
    assert column.reported is not None
    apart = np.abs(column.reported - column.values)
    # a figure printed with three decimals may differ by half a step from what it was computed from
    allowed = np.maximum(rules["relative"] * np.abs(column.values), rules["absolute"])
    found = []
    for run in pieces(series, apart > allowed):
        worst = run.first + int(np.argmax(apart[run.rows] / allowed[run.rows]))
        lower = bool(column.reported[worst] < column.values[worst])
        found.append(
            suspect(
                series,
                rules,
                run=run,
                columns=[column],
                weight=graded(float(apart[worst] / allowed[worst]), alarm=1.0, certain=rules["certain_times"]),
                said="lower" if lower else "higher",
                numbers={"reported": float(column.reported[worst]), "own": float(column.values[worst])},
                drawn=[Drawn(zh="设备上报均值", en="reported by the device", values=column.reported)],
            )
        )
    return found
