"""Due dates as a calendar feed (日历订阅, RFC 5545): whoever has the token may read it, so it says little."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db import transaction

from qingtian.base.times import BEIJING
from qingtian.law import clocks
from qingtian.law.clocks import Clock
from qingtian.office.ledger import api as ledger
from qingtian.office.matters.inbox import Waiting, inbox
from qingtian.office.matters.models import CalendarFeed, Matter
from qingtian.office.people.api import User

MOST = 500
LONGEST_LINE = 75
"""Octets of a line (RFC 5545 §3.1); longer ones are folded."""


def make_feed(*, acting_user: User, at: datetime) -> str:
    """Make the person's feed and return its token, which is shown this once; a former one ends."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        CalendarFeed.objects.update_or_create(user=acting_user, defaults={"digest": _digest(token), "made_at": at})
        _record(acting_user, "make_feed", at)
    return token


def end_feed(*, acting_user: User, at: datetime) -> None:
    """End the person's feed; one that is not there has ended already."""
    with transaction.atomic():
        if CalendarFeed.objects.filter(user=acting_user).delete()[0]:
            _record(acting_user, "end_feed", at)


def feed_of(user: User) -> CalendarFeed | None:
    """Return when the person's feed was made, if there is one. One query."""
    return CalendarFeed.objects.filter(user=user).first()


def feed(token: str, *, at: datetime) -> str | None:
    """Return the calendar of the token's person; None if the token is not good, or the person not active."""
    row = CalendarFeed.objects.select_related("user__district").filter(digest=_digest(token)).first()
    if row is None or not row.user.is_active:
        return None
    return calendar_text(inbox(row.user, at=at, limit=MOST), at=at)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record(user: User, act: str, at: datetime) -> None:
    ledger.append(chain=f"user:{user.pk}", acting_user=user, act=act, at=at, content={})


def calendar_text(waiting: Iterable[Waiting], *, at: datetime) -> str:
    """Return an iCalendar, an event for each due day, or hour; titles are left out, a feed may be read by many."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Qingtian//matters//ZH", "X-WR-CALNAME:青天 待办期限"]
    for each in waiting:
        if each.due is not None:
            lines += _event(each.matter, each.due, at)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(matter: Matter, due: datetime, at: datetime) -> list[str]:
    clock = _clock(matter)
    said = f"{matter.number} {clock.words.zh if clock else matter.next_clock}".strip()
    return [
        "BEGIN:VEVENT",
        f"UID:matter-{matter.pk}-{matter.next_clock or 'due'}@qingtian",
        f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        *_when(due, by_the_hour=clock is not None and clock.unit == "hour"),
        f"SUMMARY:{_text(said + '（暂定）' * matter.provisional)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _clock(matter: Matter) -> Clock | None:
    """Return the clock that is due, None if the rules no longer know it."""
    try:
        return clocks.named(matter.next_clock, day=matter.opened_at.astimezone(BEIJING).date())
    except clocks.UnknownClock:
        return None


def _when(due: datetime, *, by_the_hour: bool) -> Iterator[str]:
    """Of a day the whole day, of an hour the moment: an event that begins and does not last."""
    if by_the_hour:
        yield f"DTSTART:{due.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        return
    day = due.astimezone(BEIJING).date()
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"


def _text(words: str) -> str:
    return words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Cut a line where it is too long in UTF-8, never inside a character."""
    part, room = "", LONGEST_LINE
    for character in line:
        if len((part + character).encode()) > room:
            yield part
            part, room = " ", LONGEST_LINE
        part += character
    yield part
