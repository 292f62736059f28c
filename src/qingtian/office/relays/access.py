"""Who sees targets: duty desk, leader and administrator of the whole city; who changes them: desk and administrator."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count

from qingtian.base.errors import Term
from qingtian.office.people.api import NotYours, Role, User
from qingtian.office.relays.models import Record, RelayTarget, Sample
from qingtian.office.sites.api import NotFoundHere

WATCHERS = frozenset({Role.DUTY_DESK, Role.LEADER, Role.ADMINISTRATOR})
EDITORS = frozenset({Role.DUTY_DESK, Role.ADMINISTRATOR})
QUIET = timedelta(seconds=15)
"""A standing older than this says nothing: the relay does not run."""


def may_watch(user: User) -> bool:
    """Say whether a person sees the targets. They belong to no district."""
    return user.is_active and user.role in WATCHERS


def may_edit(user: User) -> bool:
    return user.is_active and user.role in EDITORS


def require_editor(user: User) -> None:
    """:raises NotYours: if the person may not change targets."""
    if not may_edit(user):
        act = Term(zh="修改转发目标", en="change relay targets")
        raise NotYours(role=user.role_term, act=act)


def targets(user: User) -> list[RelayTarget]:
    """Return the targets with their standing and ``device_count``, by code. One query."""
    if not may_watch(user):
        return []
    rows = RelayTarget.objects.select_related("standing").annotate(device_count=Count("devices"))
    return list(rows.order_by("code"))


def target(user: User, code: str) -> RelayTarget:
    """Return a target with its standing and devices. Three queries.

    :raises NotFoundHere: if there is none that this person may see.
    """
    rows = RelayTarget.objects.select_related("standing").prefetch_related("devices__device__outlet")
    found = rows.filter(pk=code).first() if may_watch(user) else None
    if found is None:
        raise NotFoundHere(what=Term(zh="转发目标", en="relay target"), code=code)
    return found


def state_of(target: RelayTarget, *, at: datetime) -> str:
    """Return ``paused``, ``up``, ``connecting``, ``waiting`` (cannot be reached) or ``unheard`` (no relay runs)."""
    standing = getattr(target, "standing", None)
    if not target.enabled:
        return "paused"
    if standing is None or at - standing.at > QUIET:
        return "unheard"
    return "connecting" if standing.state == "paused" else str(standing.state)


def records(
    user: User, code: str, *, kind: str = "", reason: str = "", search: str = "", limit: int = 1000
) -> list[Record]:
    """Return what the relay kept of a target, newest first. ``search``: an MN, here or there.

    :raises NotFoundHere: if there is no such target for this person.
    """
    rows = Record.objects.filter(target=target(user, code))
    if kind:
        rows = rows.filter(kind=kind)
    if reason:
        rows = rows.filter(reason=reason)
    if search:
        rows = rows.filter(mn__icontains=search) | rows.filter(as_mn__icontains=search)
    return list(rows.order_by("-at", "pk")[:limit])


def samples(target: RelayTarget, *, since: datetime) -> list[Sample]:
    """Return the standings by minute since then, oldest first. One query."""
    return list(Sample.objects.filter(target=target, minute__gte=since).order_by("minute"))
