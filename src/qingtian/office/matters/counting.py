"""How much waits for a person (待办数量), by urgency; up to a bound, so that no page waits for a large figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Concat

from qingtian.base.times import BEIJING
from qingtian.office.matters import dues, seeing
from qingtian.office.matters.access import place_of, turns_of
from qingtian.office.matters.models import MatterTurn
from qingtian.office.people.api import Scope, User, given_posts, role_posts

MOST = 500
MOST_OVERDUE = 100
NAMED = "named"


@dataclass(frozen=True, kw_only=True)
class InboxCounts:
    """The figures of the strip above an inbox; `MOST` of them means that or more."""

    overdue: int
    today: int
    week: int
    later: int
    none: int
    named: int


def inbox_counts(user: User, *, at: datetime) -> InboxCounts:
    """Return how many matters wait, by bucket of `dues`, and for how many the person is named. Two queries."""
    viewer = seeing.viewer(user, at=at)
    scope = Scope.of(user)
    parts = [
        _first(turns_of(holder, scope) & dues.between(bucket, at=at, field="due"), bucket, MOST)
        for holder in viewer.holders
        for bucket in dues.BUCKETS
    ]
    parts.append(_first(Q(holder=f"user:{user.pk}"), NAMED, MOST))
    found: dict[str, set[int]] = {name: set() for name in (*dues.BUCKETS, NAMED)}
    for name, matter in _together(parts):
        found[name].add(matter)
    figures = {name: min(len(keys), MOST) for name, keys in found.items()}
    return InboxCounts(**figures)


def overdue_count(user: User, *, at: datetime) -> int:
    """Return how many matters that wait for somebody are overdue, at most `MOST_OVERDUE`. One query: for every page."""
    if not user.is_active:
        return 0
    day = at.astimezone(BEIJING).date()
    scope, late = Scope.of(user), dues.between("overdue", at=at, field="due")
    sure = [f"user:{user.pk}", *(f"post:{post}" for post in sorted(role_posts(user.role, day=day)))]
    parts = [_first(turns_of(holder, scope) & late, "", MOST_OVERDUE) for holder in sure]
    given = Q(holder__in=_given(user, day)) & place_of(scope) & late
    parts.append(_first(given, "", MOST_OVERDUE))
    return min(len({matter for _, matter in _together(parts)}), MOST_OVERDUE)


def _given(user: User, day: date) -> QuerySet[Any, Any]:
    """Return the posts given by name, as turns name them."""
    return given_posts(user, day=day).values_list(Concat(Value("post:"), "post"))


def _first(wanted: Q, name: str, most: int) -> QuerySet[Any, Any]:
    named = MatterTurn.objects.filter(wanted).annotate(bucket=Value(name, output_field=CharField()))
    return named.values_list("bucket", "matter_id")[:most]


def _together(parts: Sequence[QuerySet[Any, Any]]) -> Iterable[tuple[str, int]]:
    """Read all parts, each one walk along an index, by one query."""
    return parts[0].union(*parts[1:], all=True)
