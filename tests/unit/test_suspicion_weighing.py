"""How suspicions of an outlet weigh together, by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from qingtian.base.times import BEIJING
from qingtian.office.suspicions import weighing
from qingtian.office.suspicions.weighing import Stretch, near, share_covered, together, weight_now
from qingtian.stream.suspicions.detectors import discover
from qingtian.stream.suspicions.suspicion import ALARM

NOON = datetime(2026, 11, 20, 12, tzinfo=BEIJING)
FIGURES = weighing.weighing(day=date(2026, 11, 23))


def hours(first: float, last: float) -> Stretch:
    return Stretch(start=NOON + timedelta(hours=first), end=NOON + timedelta(hours=last))


def test_it_lets_two_detectors_weigh_more_than_one_and_the_same_one_twice_no_more() -> None:
    assert together([]) == 0.0
    assert together([("drift", 0.6)]) == pytest.approx(0.6)
    assert together([("drift", 0.6), ("flat_line", 0.6)]) == pytest.approx(0.84)
    assert together([("drift", 0.6), ("drift", 0.5)]) == pytest.approx(0.6)


def test_it_counts_time_that_two_marks_cover_once() -> None:
    assert share_covered(hours(0, 10), [hours(-2, 3), hours(1, 4), hours(9, 12)]) == pytest.approx(0.5)
    assert share_covered(hours(0, 10), [hours(10, 12)]) == 0.0
    assert share_covered(hours(0, 0), [hours(-1, 1)]) == 0.0


def test_it_takes_weight_where_a_mark_covers_and_all_of_it_once_explained() -> None:
    assert weight_now(0.8, explained=False, covered=FIGURES.marked_share, figures=FIGURES) == pytest.approx(0.4)
    assert weight_now(0.8, explained=False, covered=0.49, figures=FIGURES) == pytest.approx(0.8)
    assert weight_now(0.8, explained=True, covered=0.0, figures=FIGURES) == 0.0


def test_it_finds_what_comes_near_in_time_and_nothing_farther() -> None:
    found = near(hours(0, 2), [hours(25, 26), hours(26, 27), hours(-30, -22)], within=FIGURES.near)
    assert found == [hours(25, 26), hours(-30, -22)]


def test_it_calls_an_alarm_what_the_detectors_call_one() -> None:
    assert FIGURES.alarm == ALARM


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_asks_of_every_detector_what_else_it_could_have_been(language: str) -> None:
    for detector in discover(more=()):
        asked = weighing.innocent(detector.manifest.code, day=date(2026, 11, 23), language=language)
        assert asked, detector.manifest.code
