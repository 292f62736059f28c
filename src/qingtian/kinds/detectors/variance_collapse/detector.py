"""Lost variance: values that hardly move although they did before, and although load moves."""

from __future__ import annotations

import numpy as np

from qingtian.stream.suspicions import expectation, windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, pieces, widened
from qingtian.stream.suspicions.series import Column, Floats, Role, Series
from qingtian.stream.suspicions.suspicion import Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the stretches whose spread is a small part of its usual one and of what load makes one expect."""
    found = []
    rows = rules["window_rows"]
    for column in series.of(Role.POLLUTANT):
        part, moved = _parts(series, column, rules)
        alive = windows.constant_run(column.values) < rules["flat_rows"]
        calm = windows.usual(series, part, rules["usual_rows"], rules["calm_part"], gap=rows)
        small = (part < np.fmin(rules["usual_share"], rules["calm_share"] * calm)) & (moved < rules["model_share"])
        mask = widened(small, before=rows - 1) & np.isfinite(column.values) & alive
        for run in pieces(series, mask, least=rows // 2):
            # of all windows that a row of it lies in: of a piece they may all end behind it
            within = part[run.first : run.last + rows - 1]
            found.append(_told(series, rules, column, _trimmed(column.values, run, rules), within))
    return found


def _parts(series: Series, column: Column, rules: Rules) -> tuple[Floats, Floats]:
    """Return the spread of the last window as a part of its usual size, and of what the model says of the window.

    The usual size is the median of the windows before; where nothing explains the factor, only that counts.
    """
    rows, before = rules["window_rows"], rules["usual_rows"]
    expected = expectation.of(series, column)
    moving = np.where(windows.constant_run(column.values) < rules["flat_rows"], column.values, np.nan)
    spread = windows.sigma(moving, rows, least=rows * 3 // 4)
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = windows.usual(series, spread, before)
        part = spread / usual
        model = windows.sigma(expected.expected, rows, least=rows // 2)
        moved = np.where(model > rules["still"] * usual, spread / model, np.where(_explained(series), np.inf, 0.0))
    return part, moved


def _explained(series: Series) -> bool:
    return bool(series.of(*expectation.EXPLAINING))


def _trimmed(values: Floats, run: Run, rules: Rules) -> Run:
    """Leave out the rows at both ends that do not belong to the stretch: far from its middle."""
    centre = np.median(values[run.rows])
    off = np.abs(values[run.rows] - centre)
    near = np.flatnonzero(off <= rules["trim"] * np.median(off))
    return Run(first=run.first + int(near[0]), last=run.first + int(near[-1]) + 1)


def _told(series: Series, rules: Rules, column: Column, run: Run, part: Floats) -> Suspicion:
    smallest = float(np.nanmin(part))
    return suspect(
        series,
        rules,
        run=run,
        columns=[column],
        weight=graded(-smallest, alarm=-rules["usual_share"], certain=-0.2 * rules["usual_share"]),
        said="smooth",
        numbers={"percent": 100 * smallest},
    )
