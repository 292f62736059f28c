"""Short excursions: values that leave, for a few rows, what load and their neighbours explain, and come back."""

from __future__ import annotations

import numpy as np

from qingtian.stream.suspicions import expectation, windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, stretches
from qingtian.stream.suspicions.series import Column, Floats, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, graded, suspect


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return the runs of at most ``longest_rows`` that stand out from the rolling median of residuals on both sides."""
    found = []
    for column in series.of(Role.POLLUTANT):
        expected = expectation.of(series, column)
        off, threshold = _off(expected, rules)
        for mask, said in ((off > threshold, "high"), (off < -threshold * rules["low_times"], "low")):
            for run in _short(mask & (column.values > 0), rules):
                far = float(np.nanmax(np.abs(off[run.rows]) / threshold[run.rows]))
                if said == "high" and far < rules["own_times"] and _shared(series, column, run, rules):
                    continue
                found.append(_told(series, rules, column, run, said, off / threshold, expected.expected))
    return found


def _off(expected: expectation.Expectation, rules: Rules) -> tuple[Floats, Floats]:
    """Return how far the residual is from its surroundings, and how far it may be."""
    window = rules["window_rows"]
    centre = windows.median(expected.residual, window, ahead=window // 2, least=window // 3)
    local = windows.spread(expected.residual, window, ahead=window // 2, least=window // 3)
    off = expected.residual - centre
    usual = windows.high(np.abs(off), rules["usual_rows"], rules["usual_part"], ahead=-window)
    wide = np.fmax(np.fmax(rules["sigma"] * expected.scale, rules["local_sigma"] * local), rules["usual_times"] * usual)
    return off, np.fmax(rules["least_ratio"], wide)


def _short(mask: Mask, rules: Rules) -> list[Run]:
    return [run for run in stretches(mask) if len(run) <= rules["longest_rows"]]


def _shared(series: Series, column: Column, run: Run, rules: Rules) -> bool:
    """Tell whether another pollutant jumps in the same rows: then the plant did it and not the analyser."""
    for other in series.of(Role.POLLUTANT):
        if other.code != column.code:
            off, threshold = _off(expectation.of(series, other), rules)
            if np.any(np.abs(off[run.rows]) > rules["shared_share"] * threshold[run.rows]):
                return True
    return False


def _told(
    series: Series, rules: Rules, column: Column, run: Run, said: str, ratio: Floats, expected: Floats
) -> Suspicion:
    values, away = column.values[run.rows], np.abs(ratio[run.rows])
    top = int(np.argmax(away))
    return suspect(
        series,
        rules,
        run=run,
        columns=[column],
        weight=graded(float(away[top]), alarm=1.0, certain=3.0),
        said=said,
        numbers={"value": float(values[top]), "expected": float(expected[run.rows][top])},
        drawn=[Drawn(zh="按工况应有", en="expected from load", values=expected)],
    )
