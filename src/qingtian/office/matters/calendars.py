"""The calendar that matters are counted by: the official one, with the administrator's days on top."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from qingtian.base.identifiers import deterministic
from qingtian.law import calendar
from qingtian.law.calendar import Calendar
from qingtian.office import statements

ASKING = "SELECT day, working FROM matters_calendarday ORDER BY day"
DAYS = f"ARRAY(SELECT day FROM ({ASKING}) AS d), ARRAY(SELECT working FROM ({ASKING}) AS d)"  # noqa: S608
"""Two columns of another question: the days set by hand, and whether each is worked; for `of_days`, as pairs."""


def current() -> Calendar:
    """Return the calendar as it is now. One query."""
    return of_days(statements.run(ASKING))


def of_days(rows: statements.Found) -> Calendar:
    """Return the calendar with these days set by hand; the same days give the same object."""
    return _with(tuple((day, working) for day, working in rows))


@lru_cache(16)
def _with(overrides: tuple[tuple[date, bool], ...]) -> Calendar:
    return calendar.official(overrides=dict(overrides))


def fingerprint(known: Calendar) -> str:
    """Return what tells two calendars apart: days set by hand, and years with a notice."""
    return _fingerprint(tuple(sorted(known.overrides.items())), known.official_years)


@lru_cache(16)
def _fingerprint(overrides: tuple[tuple[date, bool], ...], years: frozenset[int]) -> str:
    return deterministic(list(overrides), sorted(years), length=16)
