"""Where the day of an outlet is heading (日均值走势): running means of factors with a day limit, and the day's end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.lake import windows as lake_windows
from qingtian.law import rules
from qingtian.law.binding import Binding
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import Outlet
from qingtian.portals.history import windows
from qingtian.portals.page import EVERYONE, me, page, wants
from qingtian.portals.words import State
from qingtian.stream.periods import api as periods

COLUMNS = ("medium", "value", "converted", "volume", "valid", "exempt")
STATES = {
    "within": State(word=_("within, as it goes"), tone="normal", shape="normal"),
    "likely": State(word=_("will probably exceed"), tone="attention", shape="attention"),
    "certain": State(word=_("exceeds whatever comes"), tone="breach", shape="breach"),
}


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A series' day so far, against its strictest day limit ``upper``; see `periods.project`."""

    factor: str
    measure: str
    unit: str
    hours: int
    left: int
    running: float
    projected: float
    upper: float
    room: float | None

    @property
    def state(self) -> str:
        if self.room is not None and self.room < 0:
            return "certain"
        return "likely" if self.projected > self.upper else "within"

    @property
    def is_converted(self) -> bool:
        return self.measure.startswith("Zs")


def headings(outlet: Outlet, *, now: datetime) -> list[Heading]:
    """Return where each series of the outlet with a day limit is heading, the nearest to its limit first.

    :raises LakeUnreachable: if the lake does not answer.
    """
    today = now.astimezone(BEIJING).date()
    hours = lake_windows.windows(
        windows(), first=today, last=today, outlets=[outlet.pk], periods=["hour"], columns=COLUMNS
    )
    found = periods.project(hours, _plan(outlet), day=today, now=now)
    told = [_heading(row) for row in found.iter_rows(named=True)]
    return sorted(told, key=lambda one: (-one.projected / one.upper if one.upper else 0.0, one.factor))


def _heading(row: Mapping[str, Any]) -> Heading:
    names = ("factor", "measure", "hours", "left", "running", "projected", "upper")
    # with no hour left nothing can bring the day back
    room = row["room"] if row["left"] else None
    return Heading(**{name: row[name] for name in names}, unit=sites.factor(row["factor"]).unit, room=room)


def _plan(outlet: Outlet) -> periods.PeriodPlan:
    """Return the outlet as a plan has it, with the limits that bind it now."""
    part = {
        "code": outlet.pk,
        "medium": outlet.medium,
        "source_type": outlet.source_type,
        "devices": [{"mn": device.mn} for device in outlet.devices.all()],
        "limits": [_limit(one) for one in sites.bindings(outlet)],
    }
    return periods.read_plan({"number": 0, "outlets": [part]})


def _limit(one: Binding) -> dict[str, Any]:
    bound = one.candidate.bound
    named = ("factor", "period", "measure", "printed", "certainty", "reference_oxygen")
    bounds = {side: None if (value := getattr(bound, side)) is None else float(value) for side in ("lower", "upper")}
    return {name: getattr(bound, name) for name in named} | bounds | {"from": _iso(one.start), "to": _iso(one.end)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show where the day is heading: a part of the outlet's page, and JSON."""
    outlet = sites.outlet(me(request), code)
    now = times.now()
    told = headings(outlet, now=now)
    if wants(request) == "json":
        rows = [{**vars(one), "state": one.state} for one in told]
        return JsonResponse({"list": "today", "outlet": outlet.pk, "count": len(rows), "rows": rows})
    (rule,) = rules.table("periods/projection").at(now.astimezone(BEIJING).date())
    lines = [(one, STATES[one.state]) for one in told]
    return render(request, "outlets/today.html", {"outlet": outlet, "lines": lines, "from_hours": rule["from_hours"]})
