"""Runs of one value to the last digit, longer than a working analyser gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import pieces
from qingtian.stream.suspicions.series import Floats, Role, Series
from qingtian.stream.suspicions.suspicion import Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return one suspicion for each run of at least ``least_rows`` equal values; zero is left to another detector."""
    found = []
    for column in series.of(Role.POLLUTANT, Role.OXYGEN, Role.FLOW):
        length = windows.constant_run(column.values)
        least = _least(series, column.values, length, rules)[windows.run_starts(column.values)]
        stopped = series.marked(*rules["excused"], factor=column.code)
        mask = (length >= least) & (column.values != 0) & ~stopped
        for run in pieces(series, mask):
            rows = int(length[run.first])
            found.append(
                suspect(
                    series,
                    rules,
                    run=run,
                    columns=[column],
                    weight=graded(
                        rows, alarm=float(least[run.first]), certain=float(least[run.first]) + rules["certain_rows"]
                    ),
                    said="constant",
                    numbers={"value": float(np.round(column.values[run.first], 9)), "equal_rows": min(rows, len(run))},
                )
            )
    return found


def _least(series: Series, values: Floats, length: NDArray[np.int64], rules: Rules) -> Floats:
    """Return by row how many equal rows would be a wonder: at least ``least_rows``, more where values repeat anyway.

    A device that prints whole numbers repeats itself. With p the share of rows in the window before that repeat the row
    before them (short runs only), a run of k is as rare as p to the power of k.
    """
    repeats = np.concatenate(([False], values[1:] == values[:-1])) & (length < rules["certain_rows"])
    share = np.clip(windows.usual_share(series, repeats, rules["window_rows"]), 1e-3, 0.95)
    return np.asarray(np.maximum(rules["least_rows"], np.ceil(np.log(rules["rare"]) / np.log(share))))
