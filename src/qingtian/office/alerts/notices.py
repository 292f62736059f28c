"""Words to people (通知): written in bulk, read by their addressee only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import BooleanField, ExpressionWrapper, Q

from qingtian.office.alerts.models import Episode, Notice, NoticeKind
from qingtian.office.people.api import User

SHOWN = 500
UNREAD_FIRST = ExpressionWrapper(Q(read_at__isnull=False), output_field=BooleanField())


def notify(
    people: Iterable[User],
    *,
    kind: NoticeKind,
    subject: str,
    at: datetime,
    episode: Episode | None = None,
    task: int | None = None,
) -> None:
    """Give each of these people one notice. One statement."""
    Notice.objects.bulk_create(
        Notice(user=person, episode=episode, task=task, kind=kind, subject=subject[:160], at=at) for person in people
    )


def notices(user: User, *, unread_only: bool = False) -> list[Notice]:
    """Return the user's notices, unread first, newest first, with what they are about. One query."""
    rows = Notice.objects.filter(user=user).select_related("episode__outlet")
    rows = rows.order_by(UNREAD_FIRST, "-at", "-pk")
    return list((rows.filter(read_at=None) if unread_only else rows)[:SHOWN])


def unread_count(user: User) -> int:
    """Return how many notices wait for this user."""
    return Notice.objects.filter(user=user, read_at=None).count()


def mark_read(*, acting_user: User, at: datetime, notice_ids: Iterable[int] | None = None) -> int:
    """Mark these of the user's own notices as read (all, if none are named); others' stay. Return how many changed."""
    mine = Notice.objects.filter(user=acting_user, read_at=None)
    if notice_ids is not None:
        mine = mine.filter(pk__in=list(notice_ids))
    return mine.update(read_at=at)
