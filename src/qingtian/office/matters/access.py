"""Matters as people may see them, in lists: the inbox by what is due, all matters by filter, offers, saved views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from qingtian.base.times import BEIJING
from qingtian.office.matters import dues, kinds, searching, seeing
from qingtian.office.matters.models import (
    Matter,
    MatterClock,
    MatterEffect,
    MatterPerson,
    MatterTurn,
    SavedView,
)
from qingtian.office.matters.seeing import Viewer
from qingtian.office.people.api import Role, Scope, User

PAGE = 50
Turn = tuple[int, str, datetime | None]
"""A matter's key, as whom somebody can go on with it, and until when."""
FAR = 10_000
"""How many rows into a list one may go; who has to go farther should filter."""
JOINED = ("district", "enterprise")
UNREAD = (
    "state",
    *(f"district__{name}" for name in ("lon", "lat")),
    *(f"enterprise__{name}" for name in ("uscc", "industry", "synthetic", "district", "grid", "lon", "lat")),
)
"""What no list shows: it is not loaded."""
SORTS = {
    "newest": ("-id",),
    "oldest": ("id",),
    # what is under way first: an order that an index has
    "due": ("closed", F("next_due").asc(nulls_last=True), "id"),
}


def matters(
    who: User | Viewer,
    *,
    at: datetime,
    code: str = "",
    stage: str = "",
    state: str = "",
    district: str = "",
    enterprise: str = "",
    source: str = "",
    due: str = "",
    mine: bool = False,
    opened_from: date | None = None,
    opened_to: date | None = None,
    search: str = "",
    sort: str = "newest",
    start: int = 0,
    limit: int = PAGE,
) -> list[Matter]:
    """Return matters that the person may see, with the names of district and enterprise at hand. Two queries, or three.

    ``state``: ``live``, ``closed`` or empty; ``due``: of `dues.NAMES`; ``mine``: named in it or acted in it;
    ``opened_from`` and ``opened_to``: days in Beijing, both inclusive;
    ``sort``: a key of `SORTS`. Their ``state`` column is not loaded.
    """
    viewer = seeing.viewer(who, at=at)
    rows = _filtered(
        viewer,
        at=at,
        equal={"code": code, "stage": stage, "district_id": district, "enterprise_id": enterprise, "source": source},
        state=state,
        due=due,
        mine=mine,
    )
    if opened_from:
        rows = rows.filter(opened_at__gte=dues.midnight(opened_from))
    if opened_to:
        rows = rows.filter(opened_at__lt=dues.midnight(opened_to + timedelta(days=1)))
    if search.strip():
        rows = searching.found(rows, viewer, search)
    ordered = rows.order_by(*SORTS.get(sort, SORTS["newest"]))
    return list(ordered[min(start, FAR) : min(start, FAR) + limit])


def _filtered(
    viewer: Viewer, *, at: datetime, equal: dict[str, str], state: str, due: str, mine: bool
) -> QuerySet[Matter]:
    rows = seeing.seen(viewer).select_related(*JOINED).defer(*UNREAD)
    rows = rows.filter(**{name: value for name, value in equal.items() if value})
    if state:
        rows = rows.filter(closed=state == "closed")
    if due in dues.NAMES:
        rows = rows.filter(dues.between(due, at=at, field="next_due"), closed=False)
    if mine:
        rows = rows.filter(Exists(MatterPerson.objects.filter(matter=OuterRef("pk"), user=viewer.user)))
    return rows


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A line of an inbox: a matter, since when its clock is over or until when it runs, and why it is here."""

    matter: Matter
    due: datetime | None
    holders: tuple[str, ...]
    """``post:clerk`` or ``user:17``: as whom the person can go on with it."""

    def days_left(self, at: datetime) -> int | None:
        """Return whole days until the last one, in Beijing; negative: overdue; None: nothing runs."""
        if self.due is None:
            return None
        return (self.due.astimezone(BEIJING).date() - at.astimezone(BEIJING).date()).days


def inbox(
    who: User | Viewer,
    *,
    at: datetime,
    code: str = "",
    due: str = "",
    holder: str = "",
    start: int = 0,
    limit: int = PAGE,
) -> list[Waiting]:
    """Return what waits for this person, the most urgent first: by name and by post. Three queries.

    ``due``: of `dues.NAMES`; ``holder`` narrows to one post (``clerk``) or to what the person is named for (``me``).
    """
    viewer = seeing.viewer(who, at=at)
    wanted = [each for each in viewer.holders if not holder or each in (f"post:{holder}", _me(viewer, holder))]
    ends = min(start, FAR) + limit
    merged: dict[int, list[Turn]] = {}
    for turn in sorted(_turns(viewer, wanted, at=at, code=code, due=due, ends=ends), key=_urgency):
        merged.setdefault(turn[0], []).append(turn)
    page = list(islice(merged.items(), min(start, FAR), ends))
    rows = seeing.seen(viewer).select_related(*JOINED).defer(*UNREAD).in_bulk([key for key, _ in page])
    return [
        Waiting(matter=rows[key], due=turns[0][2], holders=tuple(holder for _, holder, _ in turns))
        for key, turns in page
        if key in rows
    ]


def _me(viewer: Viewer, holder: str) -> str:
    return f"user:{viewer.user.pk}" if holder == "me" else ""


def _urgency(turn: Turn) -> tuple[bool, Any, int]:
    key, _, due = turn
    return due is None, due, key


def turns_of(holder: str, scope: Scope) -> Q:
    """Return the filter for turns of a holder: a post is held for one's place, what one is named for lies anywhere."""
    return Q(holder=holder) & place_of(scope) if holder.startswith("post:") else Q(holder=holder)


def place_of(scope: Scope) -> Q:
    """Return the filter for turns that lie in a scope; the grid alone stands only at the matter."""
    return scope.q("matter__") if scope.grid else scope.q()


def _turns(viewer: Viewer, holders: Sequence[str], *, at: datetime, code: str, due: str, ends: int) -> list[Turn]:
    """Return the first turns of each holder: each is one walk along an index, all are one query."""
    scope = Scope.of(viewer.user)
    parts: list[Any] = []
    for holder in holders:
        rows = MatterTurn.objects.filter(turns_of(holder, scope))
        if code:
            rows = rows.filter(matter__code=code)
        if due in dues.NAMES:
            rows = rows.filter(dues.between(due, at=at, field="due"))
        first = rows.order_by(F("due").asc(nulls_last=True), "matter")
        parts.append(first.values_list("matter_id", "holder", "due")[:ends])
    if not parts:
        return []
    return list(parts[0].union(*parts[1:], all=True)) if len(parts) > 1 else list(parts[0])


def offers(who: User | Viewer, *, at: datetime) -> list[MatterEffect]:
    """Return the matters that others gave rise to and this person may open (待开启), newest first. Two queries."""
    viewer = seeing.viewer(who, at=at)
    if viewer.user.role == Role.ENTERPRISE:
        return []
    day = at.astimezone(BEIJING).date()
    codes = [
        kind.manifest.code
        for kind in kinds.every()
        if kind.manifest.in_force(day) and kinds.opening_posts(kind) & viewer.standing.posts
    ]
    rows = MatterEffect.objects.filter(kind="open", opened=None, dropped_at=None, name__in=codes)
    rows = rows.filter(Scope.of(viewer.user).q("matter__")).exclude(done_at=None)
    shown = ("matter__number", "matter__title", "matter__code", "matter__version")
    return list(rows.select_related("matter").only("name", "at", *shown).order_by("-at")[:PAGE])


def figures(user: User, *, at: datetime) -> list[dict[str, Any]]:
    """Return how many live matters there are by kind and stage: ``code, stage, live, overdue``. Two queries."""
    late = MatterClock.objects.filter(matter=OuterRef("pk"), stopped=None, duty=True, due__lt=at)
    rows = seeing.seen(seeing.viewer(user, at=at)).filter(closed=False).annotate(late=Exists(late))
    counted = rows.values("code", "stage").annotate(live=Count("pk"), overdue=Count("pk", Q(late=True)))
    return [dict(row) for row in counted.order_by("code", "stage")]


def saved_views(user: User, *, page: str) -> list[SavedView]:
    """Return the person's saved views of a list (``matters``, ``inbox``), by name. One query."""
    return list(SavedView.objects.filter(user=user, page=page).order_by("name"))
