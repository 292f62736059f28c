"""Rolling figures: the compiled ones say what sorting each window says, and nothing looks beyond its window."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.suspicion_series import START, plant, series_of

from qingtian.stream.suspicions import expectation, windows
from qingtian.stream.suspicions.series import HOUR

VALUES = st.lists(st.one_of(st.just(float("nan")), st.integers(-5, 5).map(float)), min_size=1, max_size=40)


@settings(deadline=None)  # the first call compiles
@given(values=VALUES, length=st.integers(1, 12), ahead=st.integers(-15, 15), least=st.integers(1, 4))
def test_the_rolling_median_is_that_of_the_sorted_window(
    values: list[float], length: int, ahead: int, least: int
) -> None:
    found = windows.median(np.array(values), length, ahead=ahead, least=least)
    for row in range(len(values)):
        inside = [values[i] for i in range(row + ahead - length + 1, row + ahead + 1) if 0 <= i < len(values)]
        known = [value for value in inside if value == value]
        assert found[row] == pytest.approx(np.median(known) if len(known) >= least else np.nan, nan_ok=True)


@settings(deadline=None)  # the first call compiles
@given(values=VALUES, length=st.integers(1, 12))
def test_the_rolling_spread_is_the_median_deviation(values: list[float], length: int) -> None:
    found = windows.spread(np.array(values), length, least=1)
    for row in range(len(values)):
        known = [value for value in values[max(row - length + 1, 0) : row + 1] if value == value]
        expected = windows.MAD_TO_SIGMA * np.median(np.abs(known - np.median(known))) if known else np.nan
        assert found[row] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("rows", [1, 3, -2, 99])
def test_later_moves_rows_and_leaves_nothing_where_nothing_was(rows: int) -> None:
    moved = windows.later(np.arange(6.0), rows)
    expected = [float(i - rows) if 0 <= i - rows < 6 else np.nan for i in range(6)]
    assert moved.tolist() == pytest.approx(expected, nan_ok=True)


def test_what_is_usual_is_the_same_from_every_cut() -> None:
    whole = series_of(plant(rows=400, seed=3))
    part = whole.slice(START + 101 * HOUR, START + 400 * HOUR)
    all_ = windows.usual(whole, whole.columns["nox"].values, 72)
    cut = windows.usual(part, part.columns["nox"].values, 72)
    assert cut[-200:].tolist() == all_[-200:].tolist()


def test_load_explains_a_plant_that_follows_it_and_not_a_fault() -> None:
    columns = plant(rows=1000, seed=3)
    columns["nox"][900:930] *= 1.5
    series = series_of(columns)
    found = expectation.of(series, series.columns["nox"])
    assert np.nanstd(found.residual[768:900]) < 0.07
    assert np.nanmedian(found.residual[900:930]) == pytest.approx(np.log(1.5), abs=0.05)


def test_nothing_is_expected_of_a_plant_that_stands() -> None:
    columns = plant(rows=1000, seed=3)
    columns["load"][900:930] = 0
    series = series_of(columns)
    assert np.isnan(expectation.of(series, series.columns["nox"]).residual[900:930]).all()
