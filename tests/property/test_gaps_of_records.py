"""Gaps: what arrived and what is said to be missing are together all there should be, and nothing is said twice."""

from __future__ import annotations

import random
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from qingtian.base.times import BEIJING
from qingtian.office.reverse_control.gaps import Stretch, expected, floor, missing, stretches, usual_step

STEPS = st.sampled_from([60, 300, 600, 1800, 3600, 86400])
MORNING = int(datetime(2026, 11, 23, 0, 0, tzinfo=BEIJING).timestamp())


@st.composite
def series(draw: st.DrawFn) -> tuple[int, int, int, list[int], list[int]]:
    """(step, since, until, periods that should be there, records that arrived, each somewhere within its period)."""
    step = draw(STEPS)
    since = MORNING + draw(st.integers(0, 200_000))
    until = since + draw(st.integers(0, 60)) * step + draw(st.integers(0, step - 1))
    whole = [at for at in range(floor(since, step), until + 1, step) if at >= since and at + step <= until]
    there = draw(st.lists(st.sampled_from(whole), unique=True)) if whole else []
    arrived = [at + draw(st.integers(0, min(step - 1, 59))) for at in there]
    return step, since, until, whole, arrived


@given(series())
def test_it_expects_each_period_that_is_wholly_over(drawn: tuple[int, int, int, list[int], list[int]]) -> None:
    step, since, until, whole, _ = drawn
    assert list(expected(since=since, until=until, step=step)) == whole


@given(series(), st.randoms(use_true_random=False))
def test_what_arrived_and_what_is_missing_are_all_there_should_be(
    drawn: tuple[int, int, int, list[int], list[int]], dice: random.Random
) -> None:
    step, since, until, whole, arrived = drawn
    dice.shuffle(arrived)
    found = missing([*arrived, *arrived], since=since, until=until, step=step)
    assert sorted({*found, *(floor(at, step) for at in arrived)}) == whole
    assert not set(found) & {floor(at, step) for at in arrived}


@given(series(), st.integers(1, 20))
def test_stretches_are_the_missing_records_and_no_others(
    drawn: tuple[int, int, int, list[int], list[int]], most: int
) -> None:
    step, since, until, _, arrived = drawn
    found = missing(arrived, since=since, until=until, step=step)
    cut = list(stretches(found, step=step, most=most))
    assert [at for stretch in cut for at in stretch.times()] == found
    assert all(1 <= stretch.records <= most for stretch in cut)


@given(series())
def test_what_is_covered_is_not_found_again(drawn: tuple[int, int, int, list[int], list[int]]) -> None:
    step, since, until, _, arrived = drawn
    found = missing(arrived, since=since, until=until, step=step)
    again = missing(arrived, since=since, until=until, step=step, covered=set(found[::2]))
    assert again == found[1::2]


@given(st.sampled_from([60, 300, 600]), st.sets(st.integers(0, 49), max_size=10))
def test_it_learns_the_interval_of_a_device_in_spite_of_gaps(step: int, lost: set[int]) -> None:
    times = [MORNING + place * step for place in range(50) if place not in lost]
    assert usual_step(times, among={60, 300, 600}, default=1800) == step


def test_it_takes_the_usual_interval_until_it_learns_another() -> None:
    assert usual_step([MORNING], among={60, 300, 600}, default=600) == 600
    assert usual_step([MORNING, MORNING + 17, MORNING + 59], among={60, 300, 600}, default=600) == 600


def test_a_day_begins_at_midnight_in_beijing() -> None:
    assert floor(MORNING + 5, 86400) == MORNING
    assert list(expected(since=MORNING + 1, until=MORNING + 3 * 86400, step=86400)) == [
        MORNING + 86400,
        MORNING + 2 * 86400,
    ]
    assert Stretch(begin=MORNING, end=MORNING + 86400, step=86400).records == 2
