"""The administrator's days on top of the official calendar, and what they do to clocks that run (期限重算).

A clock remembers the calendar it was counted by. When that changes, by a day set here or by a year's notice that
came with a new release, the worker counts the running clocks again; a due date that moves is told in the ledger.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.law import clocks, deadlines
from qingtian.law.calendar import Calendar
from qingtian.law.machine import record
from qingtian.law.machine.state import ClockRun, State, day_of
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import calendars, events, kinds, rows, tables, writing
from qingtian.office.matters.models import CalendarDay, Matter, MatterClock
from qingtian.office.matters.tables import Rows
from qingtian.office.people.api import NotYours, Role, User

WORKER = ledger.System("worker")
CHAIN = "calendar"
AT_ONCE = 500


class DayRefused(QingtianError):
    code = "matters.day_refused"
    zh = "{day} 未设置：{why}。"
    en = "{day} was not set: {why}."


def set_day(*, acting_user: User, day: date, working: bool, reason: str, at: datetime) -> CalendarDay:
    """Say that a day is worked, or is not, whatever the official calendar has (日历调整). Clocks follow by `recount`.

    :raises NotYours: if it is not the administrator.
    :raises DayRefused: without a reason (the notice it rests on).
    """
    require(acting_user)
    if not reason.strip():
        raise DayRefused(day=day, why=Term(zh="请写明依据（如通知文号）", en="name the notice that it rests on"))
    with transaction.atomic():
        row, _ = CalendarDay.objects.update_or_create(
            day=day,
            defaults={"working": working, "reason": reason.strip()[:255], "by": acting_user.username, "at": at},
        )
        content = {"day": day, "working": working, "reason": reason.strip()}
        ledger.append(chain=CHAIN, acting_user=acting_user, act="set_day", at=at, content=content)
    return row


def clear_day(*, acting_user: User, day: date, reason: str, at: datetime) -> None:
    """Let the official calendar speak for a day again.

    :raises NotYours: if it is not the administrator.
    :raises DayRefused: if nothing was set for it.
    """
    require(acting_user)
    with transaction.atomic():
        if not CalendarDay.objects.filter(pk=day).delete()[0]:
            raise DayRefused(day=day, why=Term(zh="该日没有调整", en="nothing was set for that day"))
        content = {"day": day, "reason": reason.strip()}
        ledger.append(chain=CHAIN, acting_user=acting_user, act="clear_day", at=at, content=content)


def days() -> list[CalendarDay]:
    """Return the days set by hand, latest first. One query."""
    return list(CalendarDay.objects.order_by("-day"))


def require(user: User) -> None:
    """:raises NotYours: if it is not the administrator."""
    if user.role != Role.ADMINISTRATOR or not user.is_active:
        raise NotYours(role=user.role_term, act=Term(zh="调整日历", en="change the calendar"))


def recount(*, at: datetime) -> int:
    """Count the running clocks anew that were counted by another calendar; return how many due dates moved.

    Run it again: what is counted by the calendar of now is left alone.
    """
    calendar = calendars.current()
    mine = calendars.fingerprint(calendar)
    stale = MatterClock.objects.filter(stopped=None, paused_on=None).exclude(counted_by=mine)
    keys = list(stale.order_by("matter_id").values_list("matter_id", flat=True).distinct()[:AT_ONCE])
    return sum(_recount(key, calendar, mine, at) for key in keys)


def _recount(key: int, calendar: Calendar, mine: str, at: datetime) -> int:
    with transaction.atomic():
        matter = Matter.objects.select_for_update().get(pk=key)
        definition = kinds.of(matter)
        state = record.read(definition, matter.state)
        after = replace(state, clocks=tuple(again(run, calendar) for run in state.clocks))
        moved = [(old, new) for old, new in zip(state.clocks, after.clocks, strict=True) if old.due != new.due]
        if after != state:
            _put(matter, state, after, mine)
        MatterClock.objects.filter(matter=matter, stopped=None).update(counted_by=mine)
        for old, new in moved:
            content = {"clock": new.clock, "was": old.due, "due": new.due, "provisional": new.provisional}
            events.record(matter, acting_user=WORKER, act="recount", at=at, content=content)
    return len(moved)


def again(run: ClockRun, calendar: Calendar) -> ClockRun:
    """Return a run as this calendar counts it; one that does not run stays as it is."""
    if not run.running:
        return run
    found = deadlines.deadline(
        clocks.named(run.clock, day=day_of(run.start)),
        start=run.start,
        calendar=calendar,
        pauses=run.pauses,
        grants=run.grants,
        variant=run.variant or None,
    )
    return replace(run, due=found.due, provisional=found.provisional)


def _put(matter: Matter, before: State, after: State, mine: str) -> None:
    definition = kinds.of(matter)
    matter.state = record.written(after)
    if matter.merged_into_id is None:
        rows.standing(matter, definition, after)
    clocks = rows.changed_clocks(matter, definition, before, after, counted_by=mine)
    found = Rows(changed=[matter], clocks=clocks)
    writing.turned(found, matter, definition, after, writing.keys_of(rows.names(after)))
    tables.put(found)
