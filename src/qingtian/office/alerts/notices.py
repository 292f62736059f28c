"""Words to people (通知): written in bulk, read by their addressee only; what can wait comes in a digest (摘要)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q

from qingtian.base.times import BEIJING
from qingtian.office import statements
from qingtian.office.alerts import delivery, grading, hearing
from qingtian.office.alerts.models import Episode, Notice, NoticeKind, QuietHours
from qingtian.office.people.api import User

SHOWN = 500
UNREAD = "SELECT count(*) FROM alerts_notice WHERE user_id = %(user)s AND read_at IS NULL AND held = ''"
UNREAD_FIRST = ExpressionWrapper(Q(read_at__isnull=False), output_field=BooleanField())


def notify(
    people: Iterable[User],
    *,
    kind: NoticeKind,
    subject: str,
    at: datetime,
    episode: Episode | None = None,
    task: int | None = None,
    matter: int | None = None,
    basis: Mapping[str, Any] | None = None,
) -> None:
    """Tell each of these people at once; ``basis``: why, or the figures it is about. One statement."""
    where: dict[str, Any] = {"episode": episode, "task": task, "matter": matter, "basis": dict(basis or {})}
    Notice.objects.bulk_create(
        Notice(user=person, kind=kind, subject=subject[:160], at=at, **where) for person in people
    )


def of_episode(episode: Episode, *, roles: Sequence[str], kind: NoticeKind, subject: str, at: datetime) -> list[Notice]:
    """Return the notices that tell these roles of an episode, or are held back for a digest. One query.

    Each says by which rule it was sent and, if held, by which held back. They are not written here.
    """
    situation, people = hearing.hearers(episode, roles, at=at)
    basis = {"severity": episode.severity, "notify": list(roles)}
    about = {"episode_id": episode.pk, "kind": kind, "subject": subject[:160], "at": at}
    found = []
    for key, hearer in people.items():
        held, figures = delivery.decide(hearer, situation, at=at)
        found.append(statements.made(Notice, user_id=key, held=held, basis={**basis, **figures}, **about))
    return found


def notices(user: User, *, unread_only: bool = False, held: str = "") -> list[Notice]:
    """Return the user's notices with what they are about, newest first, unread before. One query.

    What was held back is among them only if ``held`` asks: ``all``, or one reason.
    """
    rows = Notice.objects.filter(user=user).select_related("episode__outlet")
    if held:
        rows = rows.exclude(held="") if held == "all" else rows.filter(held=held)
        return list(rows.order_by("-at", "-pk")[:SHOWN])
    rows = rows.filter(held="").order_by(UNREAD_FIRST, "-at", "-pk")
    return list((rows.filter(read_at=None) if unread_only else rows)[:SHOWN])


def unread_count(user: User) -> int:
    """Return how many notices wait for this user; what was held back does not. For every page."""
    ((count,),) = statements.run(UNREAD, user=user.pk)
    return int(count)


def mark_read(*, acting_user: User, at: datetime, notice_ids: Iterable[int] | None = None) -> int:
    """Mark these of the user's own notices as read (all, if none are named); others' stay. Return how many changed."""
    mine = Notice.objects.filter(user=acting_user, read_at=None)
    if notice_ids is not None:
        mine = mine.filter(pk__in=list(notice_ids))
    return mine.update(read_at=at)


def quiet_hours(user: User) -> QuietHours | None:
    """Return when this person does not want to be told of what can wait."""
    return QuietHours.objects.filter(user=user).first()


def gather(*, at: datetime) -> int:
    """Send the digests that are due at this hour; return to how many people. Run it again: nothing comes twice."""
    if at.astimezone(BEIJING).hour not in grading.manners(at=at).digest_hours:
        return 0
    waiting = Notice.objects.exclude(held="").filter(digest=None).values("user")
    people = User.objects.filter(is_active=True, pk__in=waiting).select_related("quiet_hours").order_by("pk")
    return sum(_gather(person, at) for person in people if not _wants_quiet(person, at))


def _wants_quiet(person: User, at: datetime) -> bool:
    """Who wants no word now gets the digest at a later hour of the day."""
    hours = getattr(person, "quiet_hours", None)
    return hours is not None and delivery.within((hours.begins, hours.ends), at)


def _gather(person: User, at: datetime) -> int:
    with transaction.atomic():
        held = Notice.objects.select_for_update().filter(user=person, digest=None).exclude(held="")
        ids = list(held.values_list("pk", flat=True))
        if not ids:
            return 0
        subject = f"{len(ids)} 条预警通知未单独发送"
        digest = Notice.objects.create(
            user=person, kind=NoticeKind.DIGEST, subject=subject, at=at, basis={"gathered": len(ids)}
        )
        Notice.objects.filter(pk__in=ids).update(digest=digest)
    return 1
