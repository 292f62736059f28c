"""Marks as people may see them: the register, one mark, the hours used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from qingtian.base.errors import Term
from qingtian.base.times import BEIJING
from qingtian.office.ledger import api as ledger
from qingtian.office.marks import labels
from qingtian.office.marks.actions import LIVE, MAY_FILE, MAY_REVIEW, chain
from qingtian.office.marks.models import Mark, State
from qingtian.office.marks.standing import STANDS, Used, settle
from qingtian.office.people.api import Scope, User
from qingtian.office.sites.api import NotFoundHere, Outlet

MOST = 1000


def _in_scope(user: User) -> QuerySet[Mark]:
    rows = Mark.objects.filter(Scope.of(user).q("outlet__"))
    return rows.select_related("outlet__enterprise", "made_by", "reviewed_by")


def _fitting(user: User, *, outlet: str, state: str, kind: str) -> QuerySet[Mark]:
    """Return the marks in scope that fit all that is given. ``state`` is a state, ``live`` or empty."""
    rows = _in_scope(user)
    if outlet:
        rows = rows.filter(outlet_id=outlet)
    if state:
        rows = rows.filter(state__in=LIVE) if state == "live" else rows.filter(state=state)
    return rows.filter(kind=kind) if kind else rows


def marks(
    user: User, *, outlet: str = "", state: str = "", kind: str = "", suspicious: bool = False, search: str = ""
) -> list[Mark]:
    """Return the marks in scope, newest first; of those to review the most suspicious first. One query.

    ``state`` is a state, ``live`` (neither rejected, nor corrected, nor withdrawn) or empty.
    """
    rows = _fitting(user, outlet=outlet, state=state, kind=kind)
    if suspicious:
        rows = rows.exclude(suspicions=[])
    if search:
        rows = rows.filter(
            Q(outlet__name__icontains=search) | Q(outlet__enterprise__name__icontains=search) | Q(outlet_id=search)
        )
    found = list(rows.order_by("-start", "-pk")[:MOST])
    return sorted(found, key=_urgency, reverse=True) if state == State.TO_REVIEW else found


def marks_before(
    user: User, *, outlet: str = "", state: str = "", kind: str = "", before: int | None = None, limit: int
) -> list[Mark]:
    """Return the marks in scope that were filed before the one of the key ``before``, the last filed first. One query.

    ``state`` as in `marks`.
    """
    rows = _fitting(user, outlet=outlet, state=state, kind=kind)
    rows = rows.filter(pk__lt=before) if before is not None else rows
    return list(rows.order_by("-pk")[:limit])


def standing_between(user: User, *, start: datetime, end: datetime) -> list[Mark]:
    """Return the marks in scope that stand and touch a stretch of time. One query."""
    rows = Mark.objects.filter(Scope.of(user).q("outlet__"), state__in=STANDS, start__lt=end, end__gt=start)
    return list(rows.order_by("start", "pk"))


def _urgency(mark: Mark) -> int:
    weights = labels.suspicion_weights(day=mark.start.astimezone(BEIJING).date())
    return sum(weights.get(code, 1) for code in mark.suspicions)


def mark(user: User, mark_id: int) -> Mark:
    """Return one mark.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    found = _in_scope(user).select_related("supersedes", "superseded_by").filter(pk=mark_id).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="标记", en="mark"), code=mark_id)
    return found


def may(user: User, mark: Mark) -> dict[str, bool]:
    """Return what this person can do with a mark now; the actions check again."""
    live = mark.state in LIVE
    return {
        "correct": live and user.role in MAY_FILE,
        "withdraw": live and user.role in MAY_FILE,
        "review": live and user.role in MAY_REVIEW and mark.made_by_id != user.pk,
    }


def may_file(user: User) -> bool:
    """Say whether this person may file marks for outlets in their scope."""
    return user.role in MAY_FILE


def timeline(user: User, mark_id: int) -> list[ledger.Line]:
    """Return the history of a mark: its lines of the outlet's chain.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    found = mark(user, mark_id)
    ids = {found.pk, found.supersedes_id}
    return [line for line in ledger.history(chain(found.outlet_id)) if line.content.get("mark") in ids]


@dataclass(frozen=True, kw_only=True)
class YearUse:
    """The hours that the marks of an outlet took from a pool in a year."""

    outlet: Outlet
    used: Used

    @property
    def hours(self) -> float:
        return self.used.used.total_seconds() / 3600

    @property
    def most(self) -> float | None:
        bound = self.used.budget.per_year
        return None if bound is None else bound.total_seconds() / 3600


def hours_used(user: User, *, year: int, outlet: str = "") -> list[YearUse]:
    """Return the hours of every outlet in scope that has a pool of them, the fullest first. Two queries."""
    day = date(year, 12, 31)
    rows = Outlet.objects.filter(Scope.of(user).q()).select_related("enterprise")
    rows = rows.filter(pk=outlet) if outlet else rows
    pooled = {one.pk: one for one in rows if labels.budgets(source_type=one.source_type, day=day)}
    year_begins = datetime(year, 1, 1, tzinfo=BEIJING)
    year_ends = datetime(year + 1, 1, 1, tzinfo=BEIJING)
    marked = Mark.objects.filter(outlet__in=pooled, state__in=STANDS, start__lt=year_ends, end__gt=year_begins)
    of: dict[str, list[Mark]] = {code: [] for code in pooled}
    for row in marked:
        of[row.outlet_id].append(row)
    found = [use for code, one in pooled.items() for use in _uses(one, of[code], year)]
    return sorted(found, key=lambda use: (-(use.used.part or 0), use.outlet.pk, use.used.budget.pool))


def _uses(outlet: Outlet, marks: Sequence[Mark], year: int) -> list[YearUse]:
    budgets = labels.budgets(source_type=outlet.source_type, day=date(year, 12, 31))
    _, used = settle(marks, budgets)
    by_pool = {one.budget.pool: one for one in used if one.year == year}
    return [
        YearUse(outlet=outlet, used=by_pool.get(budget.pool) or Used(budget=budget, year=year)) for budget in budgets
    ]
