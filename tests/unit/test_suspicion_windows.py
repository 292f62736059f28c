"""Rolling figures: the compiled ones say what sorting each window says, and nothing looks beyond its window."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.suspicion_series import START, plant, series_of

from qingtian.stream.suspicions import expectation, fitting, windows
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


@settings(deadline=None)  # the first call compiles
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), part=st.floats(0, 1, exclude_max=True))
def test_the_value_at_a_place_is_that_of_the_sorted_values(values: list[float], part: float) -> None:
    place = int(part * len(values))
    assert fitting.select(np.array(values), len(values), place) == sorted(values)[place]


def test_the_fit_is_the_least_squares_of_what_it_was_given() -> None:
    dice = np.random.default_rng(4)
    design, aims, weights = dice.normal(size=(50, 3)), dice.normal(size=50), dice.uniform(0.1, 1, size=50)
    found, ridge = np.empty(3), np.full(3, 0.5)
    fitting.least_squares(design, aims, weights, 50, 3, ridge, np.empty((3, 3)), found)
    turned = design.T * weights
    assert found == pytest.approx(np.linalg.solve(turned @ design + np.diag(ridge), turned @ aims))


def test_what_is_expected_is_the_same_whoever_asks_for_it_first() -> None:
    whole, again = (series_of(plant(rows=2400, seed=8)) for _ in range(2))
    all_ = expectation.of(whole, whole.columns["nox"])
    for first, last in ((1300, 1700), (200, 1500), (0, 2400)):
        asked = (START + first * HOUR, START + last * HOUR)
        part = again.around(*asked, asked=asked)
        found = expectation.of(part, part.columns["nox"])
        known = slice(min(expectation.reach_rows("hour"), last - first), None)
        for name, rows in vars(found).items():
            assert np.array_equal(rows[known], vars(all_)[name][first:last][known], equal_nan=True)
            assert np.isnan(rows[: known.start]).all()


@settings(deadline=None)  # the first call compiles
@given(values=VALUES, length=st.integers(1, 12), gap=st.integers(0, 5), part=st.sampled_from([0.25, 0.5, 0.9]))
def test_what_is_usual_is_the_rank_of_the_window_before_the_block(
    values: list[float], length: int, gap: int, part: float
) -> None:
    series = series_of({"nox": np.array(values)})
    found = windows.usual(series, np.array(values), length, part, gap=gap, least=0.25)
    for row in range(len(values)):
        end = row - (series.first + row) % windows.BLOCK["hour"] - gap
        known = sorted(v for v in values[max(end - length, 0) : max(end, 0)] if v == v)
        expected = known[int(part * (len(known) - 1))] if known and len(known) >= 0.25 * length else np.nan
        assert found[row] == pytest.approx(expected, nan_ok=True)


@settings(deadline=None)  # the first call compiles
@given(mask=st.lists(st.booleans(), min_size=1, max_size=60), length=st.integers(1, 30))
def test_the_usual_share_is_that_of_the_rows_before_the_block(mask: list[bool], length: int) -> None:
    series = series_of({"nox": np.ones(len(mask))})
    found = windows.usual_share(series, np.array(mask), length)
    for row in range(len(mask)):
        end = row - (series.first + row) % windows.BLOCK["hour"]
        assert found[row] == sum(mask[max(end - length, 0) : max(end, 0)]) / length
