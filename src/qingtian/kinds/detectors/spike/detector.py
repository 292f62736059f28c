"""Short excursions: values that leave, for a few rows, what load and their neighbours explain, and come back."""

from __future__ import annotations

import numpy as np

from qingtian.kinds.detectors.spike import raised
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
        off, threshold = _off(series, column, expected, rules)
        for mask, said in ((off > threshold, "high"), (off < -threshold * rules["low_times"], "low")):
            runs = _short(mask & (column.values > 0), off, threshold, rules)
            for run in runs:
                far = float(np.nanmax(np.abs(off[run.rows]) / threshold[run.rows]))
                if said == "high" and far < rules["own_times"] and _shared(series, column, run, rules):
                    continue
                weight = rules["clue_weight"] if _recurs(runs, run, rules) else graded(far, alarm=1.0, certain=3.0)
                found.append(_told(series, rules, column, run, said, weight, expected.expected))
        found += _raised(series, column, rules, expected)
    return found


def _raised(series: Series, column: Column, rules: Rules, expected: expectation.Expectation) -> list[Suspicion]:
    found = []
    for block in raised.find(series, column, rules):
        if np.all(column.values[block.run.rows] > 0):
            weight = rules["clue_weight"] if block.usual else graded(block.ratio, alarm=1.0, certain=3.0)
            found.append(_told(series, rules, column, block.run, "raised", weight, expected.expected))
    return found


def _recurs(runs: list[Run], run: Run, rules: Rules) -> bool:
    """Tell whether the factor did the like some times before: then it is its nature, and no more than a clue."""
    since = run.first - rules["usual_rows"]
    return bool(sum(since <= other.first < run.first for other in runs) >= rules["recurs"])


def _off(series: Series, column: Column, expected: expectation.Expectation, rules: Rules) -> tuple[Floats, Floats]:
    """Return how far the residual is from its surroundings, and how far it may be."""
    window = rules["window_rows"]
    centre = windows.median(expected.residual, window, ahead=window // 2, least=window // 3)
    local = windows.spread(expected.residual, window, ahead=window // 2, least=window // 3)
    off = expected.residual - centre
    # zero and negative values are told elsewhere: they must not make a spike look usual
    apart = np.where(column.values > 0, np.abs(off), np.nan)
    usual = windows.usual(series, apart, rules["usual_rows"], rules["usual_part"], gap=window)
    wide = np.fmax(np.fmax(rules["sigma"] * expected.scale, rules["local_sigma"] * local), rules["usual_times"] * usual)
    # what load explains a lot of, it may explain a bit more of
    moved = expected.model - windows.median(expected.model, window, ahead=window // 2, least=window // 3)
    return off, np.fmax(rules["least_ratio"], wide) + rules["doubt"] * np.abs(np.nan_to_num(moved))


def _short(mask: Mask, off: Floats, threshold: Floats, rules: Rules) -> list[Run]:
    found = []
    for run in stretches(mask & ~np.isnan(off)):
        if len(run) <= rules["longest_rows"] and _sharp(off, threshold, run, rules):
            found.append(run)
    return found


def _sharp(off: Floats, threshold: Floats, run: Run, rules: Rules) -> bool:
    """Tell whether the values leave and come back at once: a plant goes up and down, an analyser jumps."""
    for inside, outside in ((run.first, run.first - 1), (run.last - 1, run.last)):
        if 0 <= outside < len(off) and np.isfinite(off[outside]):
            edge = abs(off[inside] - off[outside])
            if edge < rules["edge_share"] * threshold[inside]:
                return False
    return True


def _shared(series: Series, column: Column, run: Run, rules: Rules) -> bool:
    """Tell whether another pollutant jumps in the same rows: then the plant did it and not the analyser."""
    for other in series.of(Role.POLLUTANT):
        if other.code != column.code:
            off, threshold = _off(series, other, expectation.of(series, other), rules)
            if np.any(np.abs(off[run.rows]) > rules["shared_share"] * threshold[run.rows]):
                return True
    return False


def _told(
    series: Series, rules: Rules, column: Column, run: Run, said: str, weight: float, expected: Floats
) -> Suspicion:
    values = column.values[run.rows]
    top = int(np.argmin(values) if said == "low" else np.argmax(values))
    return suspect(
        series,
        rules,
        run=run,
        columns=[column],
        weight=weight,
        said=said,
        numbers={"value": float(values[top]), "expected": float(expected[run.rows][top])},
        drawn=[Drawn(zh="按工况应有", en="expected from load", values=expected)],
    )
