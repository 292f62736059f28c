"""What a statutory clock of a matter says: days left, overdue, paused, provisional; by whole days in Beijing."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as say
from django.utils.translation import ngettext

from qingtian.base.times import BEIJING
from qingtian.office.matters.api import MatterClock
from qingtian.portals.templatetags import parts
from qingtian.portals.words import State

SOON_DAYS = 3
LAST_SECOND = (23, 59, 59)


def days(count: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", count) % {"n": count}


def _left(due: datetime, at: datetime) -> int:
    return (due.astimezone(BEIJING).date() - at.astimezone(BEIJING).date()).days


def _by_the_hour(due: datetime) -> bool:
    """A clock of hours ends at its moment, all others with the last second of a day."""
    local = due.astimezone(BEIJING)
    return (local.hour, local.minute, local.second) != LAST_SECOND


def due_text(due: datetime | None) -> str:
    """Return until when, in Beijing: the day, or of a clock of hours its minute; empty: nothing runs."""
    if due is None:
        return ""
    return due.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M" if _by_the_hour(due) else "%Y-%m-%d")


def _over(due: datetime, at: datetime) -> str:
    """How much later ``at`` is than ``due``."""
    return parts.span((at - due).total_seconds()) if _by_the_hour(due) else _days(-_left(due, at), parts.language())


@lru_cache(maxsize=4096)
def _days(count: int, _language: str) -> str:
    return days(count)


def due_state(due: datetime | None, *, at: datetime, duty: bool = True) -> State:
    """Return what a running clock says: overdue, due today, soon, or how much is left; None: nothing runs.

    A clock that is no duty (a right that lapses, a time to wait) is over without anybody being late.
    """
    if due is None:
        return State(word=say("no clock runs"))
    if at > due:
        if not duty:
            return State(word=say("ran out"), shape="done")
        return _overdue(_over(due, at), parts.language())
    left = _left(due, at)
    if _by_the_hour(due) and left < 2:
        word = say("%(span)s left") % {"span": parts.span((due - at).total_seconds())}
        return State(word=word, tone="attention", shape="attention")
    return _days_left(left, duty, parts.language())


@lru_cache(maxsize=2048)
def _overdue(span: str, _language: str) -> State:
    return State(word=say("overdue by %(span)s") % {"span": span}, tone="breach", shape="breach")


@lru_cache(maxsize=2048)
def _days_left(left: int, duty: bool, _language: str) -> State:
    """What a list says in row after row."""
    if left == 0:
        return State(word=say("last day today"), tone="attention", shape="attention")
    word = say("%(span)s left") % {"span": days(left)}
    return State(word=word, tone="attention", shape="attention") if left <= SOON_DAYS and duty else State(word=word)


def run_state(row: MatterClock, *, at: datetime) -> State:
    """Return what one run of a clock says: stopped in time or late, paused, or as `due_state`."""
    if row.stopped is not None and row.due is not None:
        if row.missed:
            word = say("late by %(span)s") % {"span": _over(row.due, row.stopped)}
            return State(word=word, tone="breach", shape="breach")
        return State(
            word=say("in time") if row.duty else say("ended"), tone="normal" if row.duty else "plain", shape="done"
        )
    if row.stopped is not None:
        return State(word=say("ended"), shape="done")
    if row.paused_on is not None:
        return State(
            word=say("paused since %(day)s") % {"day": row.paused_on.isoformat()}, tone="silent", shape="silent"
        )
    return due_state(row.due, at=at, duty=row.duty)


def badge(due: datetime | None, *, at: datetime, provisional: bool = False) -> SafeString:
    """Badge of a matter's next due date, for lists; provisional: a year concerned has no holiday notice yet."""
    shown = parts.badge(due_state(due, at=at))
    return shown + format_html(' <span class="quiet">{}</span>', say("provisional")) if provisional and due else shown
