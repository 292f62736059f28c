"""What a day set by hand would do to clocks that run (期限变动预览): counted as if it were set; nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from qingtian.law.calendar import Calendar, DayKind
from qingtian.law.machine import record
from qingtian.office.matters import calendars, dues, kinds, overrides, seeing
from qingtian.office.matters.models import Matter, MatterClock
from qingtian.office.people.api import User

MOST = 500
"""Clocks that a preview counts; a bureau with more is told that there are more."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A clock whose due date would be another. ``matter`` None: one that the person may not see."""

    matter: Matter | None
    clock: str
    was: date | datetime | None
    due: date | datetime | None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """``was``, ``becomes``: what the day is and would be; ``counted``: clocks looked at, ``more``: there are others."""

    day: date
    was: DayKind
    becomes: DayKind
    moved: Sequence[Moved]
    counted: int
    more: bool


def preview(*, acting_user: User, day: date, working: bool | None, at: datetime) -> Preview:
    """Say which due dates would move if a day were worked or not; ``working`` None: if it were not set any more.

    Four queries.

    :raises NotYours: if it is not the administrator.
    """
    overrides.require(acting_user)
    now = calendars.current()
    then = _with(now, day, working)
    rows = list(_spanning(day)[: MOST + 1])
    visible = set(
        seeing.seen(seeing.viewer(acting_user, at=at))
        .filter(pk__in=[row.matter_id for row in rows])
        .values_list("pk", flat=True)
    )
    return Preview(
        day=day,
        was=now.kind(day),
        becomes=then.kind(day),
        moved=list(_moved(rows[:MOST], then, visible)),
        counted=min(len(rows), MOST),
        more=len(rows) > MOST,
    )


def _with(calendar: Calendar, day: date, working: bool | None) -> Calendar:
    others = {each: worked for each, worked in calendar.overrides.items() if each != day}
    return replace(calendar, overrides=others if working is None else {**others, day: working})


def _spanning(day: date) -> QuerySet[MatterClock]:
    """Return the clocks that run over a day, whether they count towards their due date or back to it."""
    forward = Q(started__lt=dues.midnight(day + timedelta(days=1)), due_day__gte=day)
    back = Q(started__gte=dues.midnight(day), due_day__lte=day)
    running = MatterClock.objects.filter(forward | back, stopped=None, paused_on=None, matter__closed=False)
    return running.select_related("matter").order_by("due", "pk")


def _moved(rows: Sequence[MatterClock], calendar: Calendar, visible: set[int]) -> Iterator[Moved]:
    for row in rows:
        matter = row.matter
        run = record.read(kinds.of(matter), matter.state).clocks[row.position]
        due = overrides.again(run, calendar).due
        if due != run.due:
            yield Moved(matter=matter if matter.pk in visible else None, clock=run.clock, was=run.due, due=due)
