"""The register of matters (事项台账): all that this person may see, by filter, by words, in a chosen order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.law.machine import shelf
from qingtian.office.matters import api
from qingtian.office.matters.api import Matter
from qingtian.office.people.api import Role, Scope, User
from qingtian.office.sites import api as sites
from qingtian.portals import asked
from qingtian.portals.listing import Choice, Column, Empty, Listing, Typed, answer_long
from qingtian.portals.matters import cells, clocks, naming, views
from qingtian.portals.page import EVERYONE, OFFICE, me, page
from qingtian.portals.templatetags import parts
from qingtian.portals.words import Word

REFRESH = "qtmatter from:body throttle:5s, qtcatchup from:body"
STATES: list[tuple[str, Word]] = [("live", _("under way")), ("closed", _("closed"))]
DUE: list[tuple[str, Word]] = [
    ("overdue", _("overdue")),
    ("today", _("due today")),
    ("3", _("due in 3 days or overdue")),
    ("7", _("due in 7 days or overdue")),
    ("30", _("due in 30 days or overdue")),
    ("none", _("no clock runs")),
]
ORDERS = {"-number": "newest", "number": "oldest", "due": "due"}


def _columns(at: datetime) -> Sequence[Column[Matter]]:
    return (
        Column(name="number", title=_("Matter"), value=lambda row: row.number, show=cells.name),
        Column(name="id", title="id", value=lambda row: row.pk, hidden=True),
        Column(name="title", title=_("Title"), value=lambda row: row.title, hidden=True),
        Column(name="kind", title=_("Kind"), value=lambda row: row.code, hidden=True),
        Column(name="stage", title=_("Stage"), value=lambda row: row.stage, show=cells.stage),
        Column(name="closed", title="", value=lambda row: row.closed, hidden=True),
        Column(
            name="due",
            title=_("Due"),
            value=lambda row: row.next_due,
            show=lambda row: cells.due(row, due=row.next_due, at=at),
        ),
        Column(name="place", title=_("Place"), value=lambda row: row.district_id, show=cells.place),
        Column(name="old_number", title="", value=lambda row: row.old_number, hidden=True),
        Column(name="source", title=_("Origin"), value=lambda row: row.source, hidden=True),
        Column(name="reference", title="", value=lambda row: row.reference, hidden=True),
        Column(name="enterprise", title="", value=lambda row: row.enterprise_id, hidden=True),
        Column(
            name="opened_at",
            title=_("Opened at"),
            value=lambda row: row.opened_at,
            show=lambda row: parts.instant(row.opened_at),
            number=True,
        ),
        Column(name="closed_at", title="", value=lambda row: row.closed_at, hidden=True),
        Column(
            name="changed_at",
            title=_("Last act"),
            value=lambda row: row.changed_at,
            show=lambda row: parts.instant(row.changed_at),
            number=True,
        ),
    )


def _tone(row: Matter, at: datetime) -> str:
    return "" if row.closed else clocks.due_state(row.next_due, at=at).tone


def _stages(code: str) -> list[tuple[str, Word]]:
    """The stages of the kind that is chosen, by its newest version; without a kind there is nothing to choose."""
    versions = [definition for (found, _number), definition in sorted(shelf.discover().kinds.items()) if found == code]
    return [(name, naming.stage(versions[-1], name)) for name in versions[-1].stages] if versions else []


def _choices(user: User, code: str) -> list[Choice]:
    found = [Choice(name="kind", title=_("Kind"), options=naming.kinds(), opens=True)]
    stages = _stages(code)
    if stages:
        found.append(Choice(name="stage", title=_("Stage"), options=stages, within="kind"))
    found.append(Choice(name="state", title=_("State"), options=STATES))
    found.append(Choice(name="due", title=_("Due"), options=DUE))
    found.append(Choice(name="mine", title=_("Whose"), options=[("1", _("I have a part in it"))]))
    if Scope.of(user).everything:
        names = [(row.code, parts.district_name(row)) for row in sites.districts()]
        found.append(Choice(name="district", title=_("District"), options=names))
    return found


def _listing(user: User, code: str, at: datetime) -> Listing[Matter]:
    days = (
        Typed(name="from", title=_("Opened on or after"), kind="date"),
        Typed(name="to", title=_("on or before"), kind="date"),
    )
    firm = (Typed(name="enterprise", title=_("Code of the enterprise")),) if user.role != Role.ENTERPRISE else ()
    return Listing(
        name="matters",
        columns=_columns(at),
        link=lambda row: f"/matters/{row.pk}/",
        tone=lambda row: _tone(row, at),
        looks=lambda row: cells.looks(row, due=row.next_due, at=at),
        pick=cells.pick if user.role != Role.ENTERPRISE else None,
        choices=_choices(user, code),
        typed=(*firm, *days),
        searched=_("Number, title, or words of facts and papers"),
        orders=ORDERS,
        order="-number",
        empty=Empty(
            title=_("No matter"),
            why=_("A matter stands here from the day it is opened: by you, or from an offer in your inbox."),
            path="/kinds/" if user.role != Role.ENTERPRISE else "/enterprise/",
            act=_("See the kinds of matters") if user.role != Role.ENTERPRISE else _("See your outlets"),
        ),
    )


@page(roles=EVERYONE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the matters that this person may see, the newest first."""
    user, at, query = me(request), times.now(), request.GET

    def read(order: str, start: int, limit: int) -> Sequence[Matter]:
        return api.matters(
            user,
            at=at,
            code=query.get("kind", ""),
            stage=query.get("stage", ""),
            state=query.get("state", ""),
            district=query.get("district", ""),
            enterprise=query.get("enterprise", "").strip(),
            due=query.get("due", ""),
            mine=query.get("mine") == "1",
            opened_from=asked.day(query, "from"),
            opened_to=asked.day(query, "to"),
            search=query.get("q", ""),
            sort=order,
            start=start,
            limit=limit,
        )

    return answer_long(
        request,
        _listing(user, query.get("kind", ""), at),
        read,
        template="matters/register.html",
        refresh=REFRESH,
        views=views.of(user, page="matters", query=query),
        on_many=user.role in OFFICE,
    )
