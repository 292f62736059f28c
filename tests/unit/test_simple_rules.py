"""The six simple rules that the detectors are held against: each tells its own fault, and a calm plant gives none."""

from __future__ import annotations

import numpy as np
from tests.suspicion_series import HOUR, START, series_of

from qingtian.entry.load import simple_rules

ROWS = 900


def rows_of(rule: str, values: np.ndarray, load: np.ndarray | None = None) -> list[tuple[int, int]]:
    series = series_of({"nox": values, "load": np.full(ROWS, 12.0) if load is None else load})
    told = [each for each in simple_rules.told(series) if each.detector == rule]
    return [((each.start - START) // HOUR, (each.end - START) // HOUR) for each in told]


def noisy() -> np.ndarray:
    return np.random.default_rng(7).normal(50, 5, ROWS)


def test_a_gap_and_what_is_not_above_zero_are_told_by_the_row() -> None:
    values = noisy()
    values[100:103], values[200:204] = np.nan, [0, -1, -1, 0]
    assert rows_of("missing", values) == [(100, 103)]
    assert rows_of("zero_or_below", values) == [(200, 204)]


def test_five_equal_hours_are_constant_and_four_are_not() -> None:
    values = noisy()
    values[300:305], values[400:404] = 51.0, 52.0
    assert rows_of("constant", values) == [(300, 305)]


def test_a_value_far_from_those_around_it_is_apart() -> None:
    values = noisy()
    values[500] *= 4
    assert rows_of("apart", values) == [(500, 501)]


def test_a_day_that_scatters_by_a_tenth_of_the_month_before_is_calm() -> None:
    values = noisy()
    values[700:760] = 50 + (values[700:760] - 50) * 0.05
    (first, last), *rest = rows_of("calm", values)
    assert rest == []
    assert 715 <= first <= 724
    assert 760 <= last <= 765


def test_no_load_counts_only_while_something_is_emitted() -> None:
    load = np.full(ROWS, 12.0)
    load[600:606] = 0.0
    values = noisy()
    values[603:606] = 0.0
    series = series_of({"nox": values, "load": load})
    told = [each for each in simple_rules.told(series) if each.detector == "no_load"]
    assert [((each.start - START) // HOUR, (each.end - START) // HOUR) for each in told] == [(600, 603)]
