"""How good the detectors are: parameters were chosen on seeded faults in another stretch; cems_faults is only a test.

The bounds lie below what was measured (docs/detectors.md), so that a change that costs recall or cries wolf is seen.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.suspicion_series import REAL_FLAT_LINE, SHARED, plant, series_of, turbine, with_faults

from qingtian.stream.suspicions.detectors import discover
from qingtian.stream.suspicions.labelled import Label, read_labels, read_series
from qingtian.stream.suspicions.scoring import Score, score
from qingtian.stream.suspicions.series import Series
from qingtian.stream.suspicions.suspicion import ALARM

SEEDS = range(3)


def scored(series: Series, labels: list[Label]) -> Score:
    return score(series, labels, [each for detector in discover(more=()) for each in detector.run(series)])


@pytest.mark.parametrize("seed", SEEDS)
def test_faults_put_into_another_stretch_are_found_and_named(seed: int) -> None:
    series, labels = with_faults(turbine(), seed=seed)
    # what no statistic can tell from the plant itself: a CO that swings tenfold hides a doubling (docs/detectors.md)
    tellable = [each for each in labels if not (each.factor == "co" and each.kind in ("drift", "exceedance"))]
    found = scored(series, [*tellable, REAL_FLAT_LINE])
    assert found.recall >= 0.9
    assert found.named >= 0.85
    assert scored(series, [*labels, REAL_FLAT_LINE]).false_alarm_rate <= 0.02


def test_the_real_stretch_itself_gives_hardly_an_alarm_but_its_real_flat_line() -> None:
    found = scored(series_of(turbine()), [REAL_FLAT_LINE])
    assert found.recall == 1.0
    assert found.false_alarm_rate <= 0.012


def test_a_plant_that_follows_its_load_gives_no_alarm() -> None:
    series = series_of(plant(rows=2500, seed=99))
    told = [each for detector in discover(more=()) for each in detector.run(series) if each.weight >= ALARM]
    assert [(each.detector, each.factors) for each in told] == []


def test_the_labelled_stretch_that_nothing_was_chosen_on() -> None:
    folder = SHARED / "data" / "cems_faults"
    if not folder.exists():
        pytest.skip(f"{folder} is not here: set QINGTIAN_SHARED to the folder of the shared facts")
    series = read_series(folder / "series.csv")
    labels = read_labels(folder / "labels.csv", series)
    found = scored(series, labels)
    assert found.recall >= 0.88
    assert found.false_alarm_rate <= 0.01
    without_digits = replace(found, by_detector={k: v for k, v in found.by_detector.items() if k != "digit_pattern"})
    assert without_digits.by_detector == found.by_detector, "no alarm lives on the digits of the injection"
