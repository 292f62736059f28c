"""The calendar that matters are counted by: the official one, with the administrator's days on top."""

from __future__ import annotations

from qingtian.base.identifiers import deterministic
from qingtian.law import calendar
from qingtian.law.calendar import Calendar
from qingtian.office.matters.models import CalendarDay


def current() -> Calendar:
    """Return the calendar as it is now. One query."""
    return calendar.official(overrides=dict(CalendarDay.objects.values_list("day", "working")))


def fingerprint(known: Calendar) -> str:
    """Return what tells two calendars apart: days set by hand, and years with a notice."""
    return deterministic(sorted(known.overrides.items()), sorted(known.official_years), length=16)
