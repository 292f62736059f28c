"""Enterprises (企业): the list of the scope, and one with its outlets, alerts and tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.office.alerts import api as alerts
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import Enterprise, OutletState
from qingtian.office.tasks import api as tasks
from qingtian.portals import words
from qingtian.portals.alerts import record as alert_record
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import OFFICE, me, page, wants
from qingtian.portals.tasks import record as task_record
from qingtian.portals.templatetags import parts

ALERTS_SHOWN = 20
TASKS_SHOWN = 20
WORST_FIRST = ("breach", "attention", "normal", "silent", "unknown")
REFRESH = "qtalert from:body throttle:3s, qtdevice from:body throttle:10s, qtcatchup from:body"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An enterprise as it stands: its outlets, the worst of their states, the alerts that go on."""

    firm: Enterprise
    outlets: int
    state: str
    open_alerts: int


def worst(states: Sequence[OutletState]) -> str:
    """Return the state of an enterprise: that of its worst outlet; without one, it was never heard."""
    present = {row.state for row in states}
    return next((state for state in WORST_FIRST if state in present), "unknown")


def standings(user: User, *, search: str = "", district: str = "") -> list[Standing]:
    """Return the enterprises of the scope. Three queries."""
    by_firm: dict[str, list[OutletState]] = {}
    for row in sites.live_states(user, at=times.now()):
        by_firm.setdefault(row.enterprise_code, []).append(row)
    going_on: Mapping[str, int] = alerts.open_by_enterprise(user)
    return [
        Standing(
            firm=firm,
            outlets=len(by_firm.get(firm.pk, ())),
            state=worst(by_firm.get(firm.pk, ())),
            open_alerts=going_on.get(firm.pk, 0),
        )
        for firm in sites.enterprises(user, search=search, district=district)
    ]


def listing() -> Listing[Standing]:
    """Return how enterprises are listed."""
    return Listing(
        name="enterprises",
        columns=(
            Column(
                name="name",
                title=_("Firm"),
                value=lambda row: row.firm.name,
                show=lambda row: parts.own_name(row.firm),
            ),
            Column(
                name="state",
                title=_("State"),
                value=lambda row: row.state,
                show=lambda row: parts.outlet_state(row.state),
            ),
            Column(name="open_alerts", title=_("Open alerts"), value=lambda row: row.open_alerts, number=True),
            Column(name="outlets", title=_("Outlets"), value=lambda row: row.outlets, number=True),
            Column(
                name="district",
                title=_("District"),
                value=lambda row: row.firm.district_id,
                show=lambda row: parts.district_name(row.firm.district),
            ),
            Column(name="grid", title=_("Grid"), value=lambda row: row.firm.grid.name),
            Column(name="code", title=_("Code"), value=lambda row: row.firm.pk),
            Column(name="uscc", title=_("Unified social credit code"), value=lambda row: row.firm.uscc, hidden=True),
        ),
        link=lambda row: f"/enterprises/{row.firm.pk}/",
        choices=(
            Choice(
                name="state",
                title=_("State"),
                options=[(key, state.word) for key, state in words.OUTLET_STATES.items()],
            ),
            Choice(
                name="district",
                title=_("District"),
                options=[(row.code, parts.district_name(row)) for row in sites.districts()],
            ),
            Choice(name="alerts", title=_("Alerts"), options=[("open", _("with open alerts"))]),
        ),
        searched=_("Name or code"),
        empty=Empty(
            title=_("No enterprise is registered here"),
            why=format_lazy(
                "{} {}", _("Enterprises appear when the register has one in your district or grid."), words.BEGIN
            ),
        ),
    )


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the enterprises of the scope."""
    query = request.GET
    rows = standings(me(request), search=query.get("q", "").strip(), district=query.get("district", ""))
    if query.get("state"):
        rows = [row for row in rows if row.state == query["state"]]
    if query.get("alerts") == "open":
        rows = [row for row in rows if row.open_alerts]
    return answer(request, listing(), rows, template="enterprises/list.html", refresh=REFRESH)


@page(roles=OFFICE)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show one enterprise: its outlets as they stand, its alerts and tasks, its place in the register."""
    user, at = me(request), times.now()
    firm = sites.enterprise(user, code)
    states = sites.live_states(user, at=at, enterprise=code)
    episodes = alerts.episodes(user, enterprise=code, limit=ALERTS_SHOWN)
    work = tasks.tasks(user, at=at, enterprise=code, limit=TASKS_SHOWN)
    if wants(request) == "json":
        return JsonResponse(record(firm, states, episodes, work))
    context = {
        "firm": firm,
        "state": worst(states),
        "states": states,
        "episodes": episodes,
        "open_alerts": alerts.open_by_enterprise(user).get(code, 0),
        "tasks": work,
        "live_tasks": sum(row.state not in ("closed", "merged") for row in work),
        "refresh": REFRESH,
    }
    return render(request, "enterprises/show.html", context)


def record(
    firm: Enterprise,
    states: Sequence[OutletState],
    episodes: Sequence[alerts.Episode],
    work: Sequence[tasks.Task],
) -> dict[str, Any]:
    """Return the enterprise as a machine reads it."""
    return {
        "code": firm.pk,
        "name": firm.name,
        "uscc": firm.uscc,
        "industry": firm.industry,
        "district": firm.district_id,
        "grid": firm.grid_id,
        "state": worst(states),
        "outlets": [row.feature() for row in states],
        "alerts": [alert_record(row) for row in episodes],
        "tasks": [task_record(row) for row in work],
    }
