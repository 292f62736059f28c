"""Each detector of suspicion finds what its examples say, and is silent on their twins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from tests.suspicion_cases import FOLDER, cases, period_of, series
from tests.suspicion_series import HOUR, START, plant, series_of

from qingtian.stream.suspicions.detectors import SeriesDetector, discover
from qingtian.stream.suspicions.runs import longest
from qingtian.stream.suspicions.series import DAY, MINUTE
from qingtian.stream.suspicions.suspicion import ALARM, Suspicion

CASES = cases()
BY_CODE = {each.manifest.code: each for each in discover(more=())}


def detector(code: str) -> SeriesDetector:
    return BY_CODE[code]


def said(told: Suspicion) -> str:
    """Return the key of the words that a sentence was made from."""
    words = BY_CODE[told.detector].manifest.words["zh"]
    patterns = {key: re.sub(r"\\{\w+\\}", ".*", re.escape(text)) for key, text in words.items()}
    return next(key for key, pattern in patterns.items() if re.fullmatch(pattern, told.zh))


@pytest.mark.parametrize(("code", "case"), CASES, ids=[f"{code}: {case['name']}" for code, case in CASES])
def test_it_tells_what_the_example_says_and_nothing_else(code: str, case: Mapping[str, Any]) -> None:
    least = 0 if case.get("clues") else ALARM
    alarms = [each for each in detector(code).run(series(case)) if each.weight >= least]
    for expected in case["found"]:
        first, last = (START + row * period_of(case) for row in expected["rows"])
        fitting = [
            each
            for each in alarms
            if said(each) == expected["said"]
            and list(each.factors) == expected["factors"]
            and each.start < last
            and each.end > first
        ]
        assert fitting, [(said(each), each.factors, (each.start - START) // HOUR) for each in alarms]
        alarms = [each for each in alarms if each not in fitting]
    assert [(said(each), each.factors, each.numbers) for each in alarms] == []


def test_every_detector_has_an_example_that_is_found_and_one_that_is_not() -> None:
    assert {file.stem for file in FOLDER.glob("*.yaml")} == set(BY_CODE)
    for code in BY_CODE:
        outcomes = {bool(case["found"]) for each, case in CASES if each == code}
        assert outcomes == {True, False}, code


def test_sentences_are_worded_as_suspicion_in_both_languages() -> None:
    accusing = re.compile(r"造假|伪造|篡改|违法|falsif|forged|fraud|illegal|cheat", re.IGNORECASE)
    for code, each in BY_CODE.items():
        for language in ("zh", "en"):
            for text in each.manifest.words[language].values():
                assert not accusing.search(text), (code, text)


def test_a_suspicion_carries_a_chart_and_numbers_that_a_program_can_read() -> None:
    case = next(case for code, case in CASES if code == "step")
    told = next(each for each in detector("step").run(series(case)) if each.weight >= ALARM).message()
    evidence = told["evidence"]
    assert isinstance(evidence, dict)
    chart = evidence["charts"][0]
    assert len(chart["values"]) == len(chart["lines"][0]["values"]) <= 240
    assert evidence["numbers"]["percent"] == pytest.approx(45, abs=6)
    assert told["start"] < told["end"]


@pytest.mark.parametrize("period", [MINUTE, HOUR, DAY], ids=["minute", "hour", "day"])
@pytest.mark.parametrize("rows", [0, 1, 2, 13, 500])
@pytest.mark.parametrize("value", [float("nan"), 0.0, 5.0], ids=["missing", "zero", "constant"])
def test_short_dark_and_still_series_break_nothing(period: int, rows: int, value: float) -> None:
    made = series_of({"nox": np.full(rows, value), "load": np.full(rows, value)}, period=period)
    for each in BY_CODE.values():
        for told in each.run(made):
            assert told.detector in ("silence", "flat_line", "frozen_minutes", "zero_negative")
            assert told.start < told.end


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("period", [MINUTE, HOUR, DAY], ids=["minute", "hour", "day"])
def test_what_is_told_of_a_series_with_holes_has_its_numbers(period: int, seed: int) -> None:
    dice, columns = np.random.default_rng(seed), plant(rows=1600, seed=seed)
    for first in dice.integers(0, 1500, 12).tolist():
        columns[str(dice.choice(list(columns)))][first : first + int(dice.integers(1, 90))] = np.nan
    for first in dice.integers(800, 1300, 2).tolist():
        columns["nox"][first : first + 240] = 66 + 0.001 * dice.normal(size=240).round(2)
    for told in (each for one in BY_CODE.values() for each in one.run(series_of(columns, period=period))):
        figures = [told.weight, *(each for each in told.numbers.values() if not isinstance(each, str))]
        assert np.isfinite(figures).all(), (told.detector, told.numbers)


@pytest.mark.parametrize("before", [3, 6, 10, 14])
def test_the_first_piece_of_a_long_calm_after_a_gap_weighs_as_the_others_do(before: int) -> None:
    columns = plant(rows=1700, seed=9)
    made = series_of(columns)
    cut = next(row for row in range(1100, 1400) if (made.first + row) % longest(made.step, made.period) == 0)
    nox = columns["nox"]
    calm = slice(cut - before, cut + 260)
    nox[cut - before - 40 : cut - before] = np.nan
    nox[calm] = np.round(np.median(nox[:1000]) + (nox[calm] - np.median(nox[:1000])) * 0.02, 3)
    told = detector("variance_collapse").run(series_of(columns))
    assert len(told) >= 2
    assert all(each.weight >= ALARM for each in told)


def test_a_series_without_factors_says_nothing() -> None:
    made = series_of({"load": np.ones(50)})
    assert [told for each in BY_CODE.values() for told in each.run(made)] == []
