"""What is said of a stretch does not depend on data far away: detecting what was touched equals detecting all.

The confirmer rests on this: late records touch a range; `changed_by` says which suspicions may change, `needed_for`
which data tell them, and what it then finds there is what a replay of the whole history finds.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.suspicion_series import START, plant, series_of, with_faults

from qingtian.stream.suspicions.detectors import SeriesDetector, discover, overlapping
from qingtian.stream.suspicions.series import DAY, HOUR, Mark, Range, Series
from qingtian.stream.suspicions.suspicion import Suspicion

ROWS = 4200
DETECTORS = {each.manifest.code: each for each in discover(more=()) if "hour" in each.manifest.reach}


@cache
def history() -> Series:
    """Half a year with faults of all kinds."""
    return with_range(with_faults(plant(rows=ROWS, seed=5), seed=7)[0])


def with_range(series: Series) -> Series:
    """Return the series with a registered range of NOx, which its peaks reach and some of its hours fall below, and
    marks that begin at peaks."""
    nox = series.columns["nox"]
    low, high = (float(np.nanquantile(nox.values, part)) for part in (0.02, 0.99))
    ranged = replace(nox, ranges=(Range(top=high, detection=low),))
    peaks = np.flatnonzero(nox.values >= np.nanquantile(nox.values, 0.92))[::14]
    at = [series.start + int(row) * series.period for row in peaks]
    marks = [Mark(label="maintenance", start=each, end=each + series.period, registered=True) for each in at]
    return replace(series, columns={**series.columns, "nox": ranged}, marks=(*series.marks, *marks))


@cache
def whole(code: str) -> tuple[tuple[object, ...], ...]:
    return facts(DETECTORS[code], history(), START, START + ROWS * HOUR)


@cache
def years() -> Series:
    """Three years by the day, of a plant with a copied, a flat and a shifted stretch."""
    columns = plant(rows=1100, seed=6)
    columns["nox"][400:430] = columns["nox"][330:360]
    columns["nox"][600:612] = 61.5
    columns["nox"][800:] *= 0.55
    columns["co"][900] *= 9
    return with_range(series_of(columns, period=DAY))


@pytest.mark.parametrize("code", [code for code, each in DETECTORS.items() if "day" in each.manifest.reach])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, 1099), days=st.integers(1, 90))
def test_a_slice_of_days_tells_what_the_whole_history_tells(code: str, first: int, days: int) -> None:
    detector, series = DETECTORS[code], years()
    start, end = START + first * DAY, START + min(first + days, 1100) * DAY
    needed = detector.needed_for(start, end, step="day", period=DAY)
    assert facts(detector, series.slice(*needed), start, end) == facts(detector, series, start, end)


@pytest.mark.parametrize("first", [700, 760, 900, 1300])
def test_a_factor_that_ceased_is_missed_alike_from_a_slice(first: int) -> None:
    columns = plant(rows=1500, seed=8)
    columns["nox"][700:] = np.nan
    detector, series = DETECTORS["silence"], series_of(columns)
    start, end = START + first * HOUR, START + (first + 24) * HOUR
    needed = detector.needed_for(start, end, step="hour", period=HOUR)
    assert facts(detector, series.slice(*needed), start, end) == facts(detector, series, start, end)


def test_the_factors_of_a_contradiction_are_those_of_its_own_stretch() -> None:
    columns = plant(rows=3000, seed=8)
    for first in (900, 2600):
        columns["load"][first : first + 12] = 0
    columns["co"][2600:2612] *= 0.1
    detector, series = DETECTORS["contradiction"], series_of(columns)
    start, end = START + 2500 * HOUR, START + 2700 * HOUR
    needed = detector.needed_for(start, end, step="hour", period=HOUR)
    told = facts(detector, series.slice(*needed), start, end)
    assert told
    assert told == facts(detector, series, start, end)


def facts(detector: SeriesDetector, series: Series, start: int, end: int) -> tuple[tuple[object, ...], ...]:
    told = overlapping(detector.run(series), start, end)
    return tuple(sorted((each.id, each.start, each.end, each.weight, each.zh) for each in told))


@pytest.mark.parametrize("code", sorted(DETECTORS))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, ROWS - 1), hours=st.integers(1, 400))
def test_a_slice_with_its_reach_tells_what_the_whole_history_tells(code: str, first: int, hours: int) -> None:
    detector = DETECTORS[code]
    start, end = START + first * HOUR, START + min(first + hours, ROWS) * HOUR
    needed = detector.needed_for(start, end, step="hour", period=HOUR)
    everything = tuple(each for each in whole(code) if each[1] < end and each[2] > start)  # type: ignore[operator]
    assert facts(detector, history().slice(*needed), start, end) == everything


@pytest.mark.parametrize("code", sorted(DETECTORS))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, ROWS - 1), hours=st.integers(1, 700))
def test_what_begins_in_a_stretch_is_told_and_drawn_as_the_whole_history_does(
    code: str, first: int, hours: int
) -> None:
    detector, series = DETECTORS[code], history()
    start, end = START + first * HOUR, START + (first + hours) * HOUR
    expected = [each.message() for each in everything(code) if start <= each.start < end]
    assert [each.message() for each in detector.begun(series, start, end)] == expected


@cache
def everything(code: str) -> tuple[Suspicion, ...]:
    return tuple(DETECTORS[code].run(history()))


@pytest.mark.parametrize("code", ["drift", "flat_line", "replayed", "silence", "spike", "step"])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, ROWS - 30), factor=st.sampled_from(["nox", "co"]), by=st.sampled_from([0.5, 1.0, 3.0]))
def test_a_late_correction_changes_nothing_outside_what_it_may_change(
    code: str, first: int, factor: str, by: float
) -> None:
    detector = DETECTORS[code]
    changed = history().columns[factor].values.copy()
    changed[first : first + 24] *= by
    columns = {**history().columns, factor: replace(history().columns[factor], values=changed)}
    corrected = replace(history(), columns=columns, shared={})
    touched = (START + first * HOUR, START + (first + 24) * HOUR)
    start, end = detector.changed_by(*touched, step="hour", period=HOUR)
    kept = [each for each in whole(code) if not (each[1] < end and each[2] > start)]  # type: ignore[operator]
    needed = detector.needed_for(start, end, step="hour", period=HOUR)
    anew = facts(detector, corrected.slice(*needed), start, end)
    assert sorted([*kept, *anew]) == list(facts(detector, corrected, START, START + ROWS * HOUR))


def test_the_same_series_tells_the_same_twice() -> None:
    for detector in DETECTORS.values():
        again = Series(**{**vars(history()), "shared": {}})
        assert np.array_equal([each.id for each in detector.run(history())], [each.id for each in detector.run(again)])
