"""The calendar: notices of the State Council, provisional years, and the administrator's word above both."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from qingtian.law.calendar import Calendar, DayOutOfCalendar, official

SHARED = Path(os.environ.get("QINGTIAN_SHARED", "../shared"))
CALENDAR = official()


def days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def test_it_rests_on_the_nine_days_of_spring_festival_2026_and_works_the_two_saturdays_around() -> None:
    festival = [date(2026, 2, 15) + timedelta(days=number) for number in range(9)]
    assert not any(map(CALENDAR.is_working_day, festival))
    assert CALENDAR.is_working_day(date(2026, 2, 14))
    assert CALENDAR.is_working_day(date(2026, 2, 28))
    assert not CALENDAR.is_working_day(date(2026, 3, 1))


@pytest.mark.parametrize(("year", "working"), [(2023, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_it_has_the_working_days_of_the_year(year: int, working: int) -> None:
    assert sum(map(CALENDAR.is_working_day, days_of(year))) == working


def test_it_agrees_with_the_researched_list_on_every_day_of_four_years() -> None:
    if not (SHARED / "domain/holidays.csv").is_file():
        pytest.skip("set QINGTIAN_SHARED to compare with the researched list")
    with (SHARED / "domain/holidays.csv").open(encoding="utf-8") as file:
        listed = {date.fromisoformat(row["date"]): row["kind"] == "workday" for row in csv.DictReader(file)}
    for year in CALENDAR.official_years:
        for day in days_of(year):
            assert CALENDAR.is_working_day(day) == listed.get(day, day.weekday() < 5), day


def test_it_counts_over_national_day_and_its_make_up_saturday() -> None:
    # 2026-10-01 to 07 are off, Saturday 10-10 is worked
    assert CALENDAR.add_working_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert CALENDAR.add_working_days(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert CALENDAR.add_working_days(date(2026, 10, 12), -4) == date(2026, 9, 30)


def test_it_stays_on_a_working_day_and_leaves_a_rest_day() -> None:
    assert CALENDAR.next_working_day(date(2026, 2, 28)) == date(2026, 2, 28)
    assert CALENDAR.next_working_day(date(2026, 2, 15)) == date(2026, 2, 24)
    assert CALENDAR.previous_working_day(date(2026, 2, 23)) == date(2026, 2, 14)


def test_it_counts_weekends_only_and_says_so_in_a_year_without_notice() -> None:
    new_year = date(2028, 1, 3)
    assert CALENDAR.is_provisional(new_year)
    assert CALENDAR.is_working_day(new_year)
    assert not CALENDAR.is_provisional(date(2026, 12, 31))


def test_it_puts_the_administrators_word_above_the_notice() -> None:
    typhoon, saturday = date(2026, 9, 2), date(2028, 1, 8)
    calendar = official(overrides={typhoon: False, saturday: True})
    assert not calendar.is_working_day(typhoon)
    assert calendar.kind(typhoon).zh == "管理员定为休息日"
    assert calendar.is_working_day(saturday)
    assert not calendar.is_provisional(saturday)
    assert CALENDAR.is_working_day(typhoon), "the official calendar itself stays as it is"


def test_it_refuses_to_leave_the_calendar() -> None:
    with pytest.raises(DayOutOfCalendar, match="9999-12-31"):
        CALENDAR.add_working_days(date(9999, 12, 31), 1)
    without_work = Calendar(notices={}, official_years=frozenset(), overrides={date(9999, 12, 31): False})
    with pytest.raises(DayOutOfCalendar):
        without_work.next_working_day(date(9999, 12, 31))
