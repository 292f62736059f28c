"""Laws that counting working days must keep, whatever the day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qingtian.law.calendar import official

CALENDAR = official()
DAYS = st.dates(min_value=date(2022, 6, 1), max_value=date(2029, 12, 31))
COUNTS = st.integers(min_value=0, max_value=120)


@given(DAYS, COUNTS)
def test_it_counts_back_what_it_has_added(day: date, n: int) -> None:
    assert CALENDAR.working_days_between(day, CALENDAR.add_working_days(day, n)) == n
    assert CALENDAR.working_days_between(day, CALENDAR.add_working_days(day, -n)) == -n


@given(DAYS, DAYS, COUNTS)
def test_it_never_brings_a_later_start_to_an_earlier_end(one: date, other: date, n: int) -> None:
    first, second = sorted((one, other))
    assert CALENDAR.add_working_days(first, n) <= CALENDAR.add_working_days(second, n)


@given(DAYS, COUNTS)
def test_it_returns_to_a_working_day_by_the_same_number(day: date, n: int) -> None:
    start = CALENDAR.next_working_day(day)
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, n), -n) == start


@given(DAYS)
def test_it_finds_the_nearest_working_day_on_each_side(day: date) -> None:
    for found, passed in (
        (CALENDAR.next_working_day(day), range((CALENDAR.next_working_day(day) - day).days)),
        (CALENDAR.previous_working_day(day), range(0, (CALENDAR.previous_working_day(day) - day).days, -1)),
    ):
        assert CALENDAR.is_working_day(found)
        assert not any(CALENDAR.is_working_day(day + timedelta(days=number)) for number in passed)
