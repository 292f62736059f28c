"""Registers as people may see them: enterprises and outlets in scope."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from qingtian.base.errors import QingtianError, Term
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import District, Scope, User
from qingtian.office.sites.models import Enterprise, Outlet


class NotFoundHere(QingtianError):
    code = "sites.not_found_here"
    zh = "没有 {what} {code}，或不在您的管辖范围内。请核对编号，或联系管理员调整范围。"
    en = "There is no {what} {code}, or it is outside your scope. Check the code, or ask an administrator."


def history_within(rows: QuerySet[Any], key: object, *, what: Term, chain: str) -> list[ledger.Line]:
    """Return the history of a thing, if it is among ``rows``: those that the asking person sees. Two queries.

    :raises NotFoundHere: if it is not.
    """
    if not rows.filter(pk=key).exists():
        raise NotFoundHere(what=what, code=key)
    return ledger.history(chain)


def outlet(user: User, code: str) -> Outlet:
    """Return an outlet with its enterprise, district and grid; devices and limits are prefetched. Three queries.

    :raises NotFoundHere: if there is none in the user's scope (the same answer for both cases).
    """
    rows = Outlet.objects.select_related("enterprise", "district", "grid")
    found = rows.prefetch_related("devices__status", "limits").filter(Scope.of(user).q(), pk=code).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="排放口", en="outlet"), code=code)
    return found


def outlets(user: User, *, search: str = "", medium: str = "", district: str = "") -> list[Outlet]:
    """Return the outlets in scope, by code, filtered. One query."""
    rows = Outlet.objects.select_related("enterprise", "district").filter(Scope.of(user).q())
    if search:
        rows = rows.filter(_matches(search) | Q(enterprise__name__icontains=search))
    if medium:
        rows = rows.filter(medium=medium)
    if district:
        rows = rows.filter(district_id=district)
    return list(rows.order_by("code"))


def enterprise(user: User, code: str) -> Enterprise:
    """Return an enterprise with its outlets.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    rows = Enterprise.objects.select_related("district", "grid").prefetch_related("outlets")
    found = rows.filter(Scope.of(user).q(enterprise="pk"), pk=code).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="企业", en="enterprise"), code=code)
    return found


def own_enterprise(user: User) -> Enterprise | None:
    """Return the enterprise that the person belongs to; None for everybody of the authority. At most one query."""
    if not user.enterprise:
        return None
    return Enterprise.objects.filter(Scope.of(user).q(enterprise="pk"), pk=user.enterprise).first()


def enterprises(user: User, *, search: str = "", district: str = "") -> list[Enterprise]:
    """Return the enterprises in scope, by code, filtered. One query."""
    rows = Enterprise.objects.select_related("district", "grid").filter(Scope.of(user).q(enterprise="pk"))
    if search:
        rows = rows.filter(_matches(search))
    if district:
        rows = rows.filter(district_id=district)
    return list(rows.order_by("code"))


def districts(*, outlines: bool = False) -> list[District]:
    """Return the districts: public geography; with their ``outlines`` for the map. One query."""
    rows = District.objects.order_by("code")
    return list(rows.select_related("drawn") if outlines else rows)


def _matches(search: str) -> Q:
    return Q(code__icontains=search) | Q(name__icontains=search) | Q(name_en__icontains=search)
