"""Why did I get this, why not: for each person the rule that sent a notice, held it back, or never routed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.office.alerts import grading
from qingtian.office.alerts.models import Episode, Notice
from qingtian.office.people.api import Role, Scope, User, caring_for

TOLD, HELD, NOT_ROUTED, TOLD_NEITHER = "told", "held", "not_routed", "came_later"


@dataclass(frozen=True, kw_only=True)
class Why:
    """What became of an episode for one person.

    ``outcome``: ``told``; ``held`` (``reason`` is a `HeldBecause`); ``not_routed`` (``needs`` is the severity from
    which the role is told, None if never); ``came_later`` (the role is told, but this person was not there then).
    """

    person: User
    outcome: str
    at: datetime | None = None
    read_at: datetime | None = None
    reason: str = ""
    needs: int | None = None
    digest_at: datetime | None = None
    basis: Mapping[str, Any] | None = None


def why(user: User, episode: Episode) -> Why:
    """Return why this person was told of an episode in their scope, or was not. One or two queries."""
    rows = Notice.objects.filter(user=user, episode=episode, task=None).select_related("digest", "user")
    found = sorted(rows, key=lambda row: (row.held != "", row.at))
    return _of_notice(found[0]) if found else _not_told(user, episode)


def everybody(user: User, episode: Episode) -> list[Why]:
    """Return what became of the episode for all in whose care the place is, for those who watch over the desk.

    Who was to hear of it comes first, then who was not, and why. Two queries.
    """
    if user.role not in (Role.DUTY_DESK, Role.LEADER, Role.ADMINISTRATOR) or not _sees(user, episode):
        return []
    rows = Notice.objects.filter(episode=episode, task=None).select_related("user", "digest")
    first: dict[int, Notice] = {}
    for row in sorted(rows, key=lambda row: (row.held != "", row.at)):
        first.setdefault(row.user_id, row)
    told = [_of_notice(row) for row in first.values()]
    others = [_not_told(person, episode) for person in _near(episode) if person.pk not in first]
    return sorted(told, key=_by_role) + sorted(others, key=_by_role)


def _by_role(line: Why) -> tuple[str, str]:
    return line.person.role, line.person.username


def _near(episode: Episode) -> list[User]:
    """Return everybody in whose care the place of the episode is, whether their role hears of alerts or not."""
    return caring_for(
        roles=Role.values,
        district=episode.district_id,
        grid=episode.grid_id,
        enterprise=episode.enterprise_id,
    )


def _sees(user: User, episode: Episode) -> bool:
    return Scope.of(user).contains(district=episode.district_id, grid=episode.grid_id, enterprise=episode.enterprise_id)


def _of_notice(notice: Notice) -> Why:
    return Why(
        person=notice.user,
        outcome=HELD if notice.held else TOLD,
        at=notice.at,
        read_at=notice.read_at,
        reason=notice.held,
        digest_at=notice.digest.at if notice.digest else None,
        basis=notice.basis,
    )


def _not_told(user: User, episode: Episode) -> Why:
    for severity in range(1, 5):
        route = grading.route(
            medium=episode.outlet.medium,
            factor=episode.factor,
            severity=severity,
            at=episode.opened_at,
            level=episode.level,
        )
        if user.role in route.notify:
            outcome = TOLD_NEITHER if severity <= episode.severity else NOT_ROUTED
            return Why(person=user, outcome=outcome, needs=severity)
    return Why(person=user, outcome=NOT_ROUTED)
