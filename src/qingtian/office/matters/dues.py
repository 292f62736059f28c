"""Due dates by how near they are (到期时段): overdue, today, this week, later; days are those of Beijing. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Q

from qingtian.base.times import BEIJING

BUCKETS = ("overdue", "today", "week", "later", "none")
"""Each live matter is in one: over, due today, in the rest of this week, after it, or nothing runs."""
WITHIN = {"3": timedelta(days=3), "7": timedelta(days=7), "30": timedelta(days=30)}
"""Due in so many days, or over already."""
NAMES = frozenset({*BUCKETS, *WITHIN})


def midnight(day: date) -> datetime:
    """Return when a day begins in Beijing."""
    return datetime.combine(day, time(), BEIJING)


def between(name: str, *, at: datetime, field: str) -> Q:
    """Return the filter for due dates in ``field`` that lie in a bucket, or within so many days.

    :raises KeyError: for a name that is not of `NAMES`.
    """
    if name == "none":
        return Q(**{field: None})
    first, end = bounds(name, at=at)
    after = Q(**{f"{field}__gte": first}) if first else Q()
    return after & (Q(**{f"{field}__lt": end}) if end else Q())


def bounds(name: str, *, at: datetime) -> tuple[datetime | None, datetime | None]:
    """Return from when, inclusive, and until when, exclusive."""
    today = at.astimezone(BEIJING).date()
    tomorrow = midnight(today + timedelta(days=1))
    monday = midnight(today + timedelta(days=7 - today.weekday()))
    bounds: dict[str, tuple[datetime | None, datetime | None]] = {
        "overdue": (None, at),
        "today": (at, tomorrow),
        "week": (tomorrow, monday),
        "later": (monday, None),
        **{key: (None, at + length) for key, length in WITHIN.items()},
    }
    return bounds[name]
