"""Laws that every due day must keep, whatever the clock, the start and the pauses."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qingtian.law import clocks
from qingtian.law.calendar import add_months, official
from qingtian.law.clocks import Clock
from qingtian.law.deadlines import Deadline, deadline
from qingtian.law.pauses import Pause
from qingtian.law.terms import Grant

CALENDAR = official()
ONE_DAY = timedelta(days=1)
STARTS = st.dates(min_value=date(2023, 1, 1), max_value=date(2028, 12, 31))
PAUSABLE = st.sampled_from(
    [clock for clock in clocks.every() if clock.unit != "hour" and clock.direction == "after" and clock.count]
)
EXTENDABLE = st.sampled_from([each for each in clocks.every() if each.extensions and each.extensions[0].count])
PAUSES = st.builds(
    lambda first, days: Pause(first=first, last=first + timedelta(days=days)),
    st.dates(min_value=date(2022, 12, 1), max_value=date(2029, 6, 30)),
    st.integers(min_value=0, max_value=80),
)


def due(clock: Clock, start: date, *pauses: Pause) -> Deadline:
    return deadline(clock, start=start, calendar=CALENDAR, pauses=pauses)


@given(PAUSABLE, STARTS, st.lists(PAUSES, max_size=3), PAUSES)
def test_it_is_only_made_later_by_one_more_pause(clock: Clock, start: date, pauses: list[Pause], more: Pause) -> None:
    assert due(clock, start, *pauses).due <= due(clock, start, *pauses, more).due


@given(PAUSABLE, STARTS, PAUSES, st.data())
def test_it_does_not_care_whether_a_pause_is_given_as_one_or_as_two(
    clock: Clock, start: date, pause: Pause, data: st.DataObject
) -> None:
    at = data.draw(st.dates(min_value=pause.first, max_value=pause.last))
    parts = [Pause(first=pause.first, last=at)]
    if at < pause.last:
        parts.append(Pause(first=at + ONE_DAY, last=pause.last))
    whole = due(clock, start, pause)
    assert due(clock, start, *parts).due == due(clock, start, *reversed(parts)).due == whole.due


@given(PAUSABLE, STARTS, st.integers(min_value=1, max_value=60))
def test_it_comes_no_earlier_for_a_later_start(clock: Clock, start: date, days: int) -> None:
    assert due(clock, start).due <= due(clock, start + timedelta(days=days)).due


@given(EXTENDABLE, STARTS)
def test_it_is_made_later_by_an_extension(clock: Clock, start: date) -> None:
    extended = deadline(clock, start=start, calendar=CALENDAR, grants=[Grant()])
    assert extended.due > due(clock, start).due


@given(PAUSABLE, STARTS)
def test_it_ends_on_a_working_day_if_it_rolls_and_accounts_for_every_day_on_the_way(clock: Clock, start: date) -> None:
    found = due(clock, start)
    if clock.roll:
        assert CALENDAR.is_working_day(found.due)
    told: set[date] = set()
    for step in found.steps:
        told |= {step.first + timedelta(days=number) for number in range((step.last - step.first).days + 1)}
    assert {start + timedelta(days=number) for number in range((found.due - start).days + 1)} <= told


@given(PAUSABLE, STARTS, st.lists(PAUSES, max_size=2))
def test_it_is_provisional_only_where_a_year_without_notice_was_asked(
    clock: Clock, start: date, pauses: list[Pause]
) -> None:
    found = due(clock, start, *pauses)
    if found.provisional:
        assert found.due.year not in CALENDAR.official_years
    if clock.unit == "working_day" and found.due.year not in CALENDAR.official_years:
        assert found.provisional


@given(STARTS, st.integers(min_value=-60, max_value=60))
def test_it_lands_on_the_same_day_number_or_on_the_last_day_of_the_month(day: date, n: int) -> None:
    found = add_months(day, n)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == n
    assert found.day == day.day or (found.day < day.day and (found + ONE_DAY).day == 1)
