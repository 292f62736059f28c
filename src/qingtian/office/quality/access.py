"""The register as people may see it: checks, one check, the instruments of an outlet and what is due of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from qingtian.base.errors import Term
from qingtian.law.quality import calendar
from qingtian.law.quality.calendar import Standing
from qingtian.law.quality.stretches import Duty, Stretch
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import Scope, User
from qingtian.office.quality import register
from qingtian.office.quality.actions import LIVE, MAY_RECORD, MAY_REVIEW, MAY_SET
from qingtian.office.quality.entering import chain
from qingtian.office.quality.models import Check, CheckFile, State
from qingtian.office.sites.api import NotFoundHere, Outlet

MOST = 5000


def _in_scope(user: User) -> QuerySet[Check]:
    rows = Check.objects.filter(Scope.of(user).q("outlet__"))
    return rows.select_related("outlet__enterprise", "made_by", "reviewed_by", "supersedes").prefetch_related("files")


def _fitting(user: User, *, outlet: str, state: str, verdict: str) -> QuerySet[Check]:
    """Return the checks in scope that fit all that is given. ``state`` is a state, ``live`` or empty."""
    rows = _in_scope(user)
    if outlet:
        rows = rows.filter(outlet_id=outlet)
    if state:
        rows = rows.filter(state__in=LIVE) if state == "live" else rows.filter(state=state)
    return rows.filter(verdict=verdict) if verdict else rows


def checks(user: User, *, outlet: str = "", state: str = "", verdict: str = "", search: str = "") -> list[Check]:
    """Return the checks in scope, newest first. ``state`` is a state, ``live`` or empty. Two queries."""
    rows = _fitting(user, outlet=outlet, state=state, verdict=verdict)
    if search:
        rows = rows.filter(Q(outlet__name__icontains=search) | Q(outlet_id=search) | Q(technician__icontains=search))
    return list(rows.order_by("-at", "-pk")[:MOST])


def checks_before(
    user: User, *, outlet: str = "", state: str = "", verdict: str = "", before: int | None = None, limit: int
) -> list[Check]:
    """Return the checks in scope that were entered before the one of the key ``before``, the last entered first. Two
    queries. ``state`` as in `checks`.
    """
    rows = _fitting(user, outlet=outlet, state=state, verdict=verdict)
    rows = rows.filter(pk__lt=before) if before is not None else rows
    return list(rows.order_by("-pk")[:limit])


def checks_about(user: User, *, outlet: str, start: datetime, end: datetime, also: Collection[int] = ()) -> list[Check]:
    """Return the checks of an outlet from ``start`` to ``end``, and ``also`` these, by time; however many there are
    besides. Two queries.
    """
    about = Q(at__gte=start, at__lt=end) | Q(pk__in=also)
    return list(_in_scope(user).filter(about, outlet_id=outlet).order_by("at", "pk"))


def check(user: User, check_id: int) -> Check:
    """Return one check.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    found = _in_scope(user).filter(pk=check_id).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="质控记录", en="record of quality control"), code=check_id)
    return found


def file(user: User, sha256: str) -> CheckFile | None:
    """Return the file with this hash if it belongs to a check in the user's scope."""
    rows = CheckFile.objects.filter(Scope.of(user).q("check_of__outlet__"), sha256=sha256)
    return rows.order_by("pk").first()


def may(user: User, row: Check) -> dict[str, bool]:
    """Return what this person can do with a check now; the actions check again."""
    live = row.state in LIVE
    return {
        "correct": live and may_record(user),
        "withdraw": live and may_record(user),
        "review": row.state == State.TO_REVIEW and user.role in MAY_REVIEW and row.made_by_id != user.pk,
    }


def may_record(user: User) -> bool:
    """Say whether this person enters checks of outlets in their scope."""
    return user.role in MAY_RECORD and user.is_active


def may_set(user: User) -> bool:
    """Say whether this person says how instruments are kept under control."""
    return user.role in MAY_SET and user.is_active


def timeline(user: User, check_id: int) -> list[ledger.Line]:
    """Return the history of a check: its lines of the outlet's chain.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    found = check(user, check_id)
    ids = [found.pk, *([found.supersedes_id] if found.supersedes_id else [])]
    return [line for line in ledger.history(chain(found.outlet_id)) if line.content.get("check") in ids]


def instruments(outlet: Outlet, *, at: datetime) -> list[Duty]:
    """Return the instruments of an outlet that are under a regime at an instant or later, by device and factor."""
    now = [one for one in register.kept(outlet) if one.until is None or at < one.until]
    return sorted(now, key=lambda one: (one.mn, one.factor))


def undone(outlet: Outlet) -> list[Stretch]:
    """Return the data of an outlet that are out of control 失控时段, newest first."""
    return register.undone(outlet, register.checks_of(outlet))[::-1]


def due_of(outlet: Outlet, *, at: datetime) -> list[Standing]:
    """Return how the checks of an outlet stand, instrument by instrument. Two queries."""
    found = calendar.standings(instruments(outlet, at=at), register.checks_of(outlet), medium=outlet.medium, at=at)
    return sorted(found, key=lambda one: (one.duty.mn, one.duty.factor))
