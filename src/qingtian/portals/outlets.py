"""Monitoring (监测): the list of outlets with their live states, and one outlet with its readings and packets."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.office.marks import api as marks
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import OutletState
from qingtian.portals import alerts, charts, commands, packets, words
from qingtian.portals import devices as devices_page
from qingtian.portals import marks as marks_page
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import EVERYONE, OFFICE, me, page, wants
from qingtian.portals.templatetags import parts

OPEN_ALERTS_SHOWN = 10
MARKS_SHOWN = 5


def listing(user: User) -> Listing[OutletState]:
    """Return how outlets are listed; the filters offer the districts there are."""
    names = {district.code: parts.district_name(district) for district in sites.districts()}
    return Listing(
        name="outlets",
        columns=(
            Column(name="name", title=_("Outlet"), value=lambda row: row.name, show=parts.own_name),
            Column(
                name="state",
                title=_("State"),
                value=lambda row: row.state,
                show=lambda row: parts.outlet_state(row.state),
            ),
            Column(
                name="enterprise",
                title=_("Firm"),
                value=lambda row: row.enterprise,
                show=lambda row: parts.in_language(row.enterprise, row.enterprise_en),
            ),
            Column(
                name="district",
                title=_("District"),
                value=lambda row: row.district,
                show=lambda row: names.get(row.district, row.district),
            ),
            Column(
                name="medium",
                title=_("Medium"),
                value=lambda row: row.medium,
                show=lambda row: words.MEDIA.get(row.medium, row.medium),
            ),
            Column(name="code", title=_("Code"), value=lambda row: row.code),
            Column(
                name="heard",
                title=_("Last heard"),
                value=lambda row: row.heard,
                show=lambda row: parts.instant(row.heard),
                number=True,
            ),
            Column(name="lon", title="lon", value=lambda row: row.lon, hidden=True),
            Column(name="lat", title="lat", value=lambda row: row.lat, hidden=True),
        ),
        link=lambda row: f"/outlets/{row.code}/",
        choices=(
            Choice(
                name="state",
                title=_("State"),
                options=[(key, state.word) for key, state in words.OUTLET_STATES.items()],
            ),
            Choice(name="district", title=_("District"), options=list(names.items())),
            Choice(name="medium", title=_("Medium"), options=list(words.MEDIA.items())),
        ),
        searched=_("Outlet, firm or MN"),
        empty=Empty(
            title=_("No outlet is registered here"),
            why=format_lazy(
                "{} {}", _("Outlets appear when the register has one in your district or firm."), words.BEGIN
            ),
        ),
    )


def chosen(request: HttpRequest, user: User) -> Sequence[OutletState]:
    """Return the outlets that fit the filters of the URL. At most three queries."""
    rows: list[OutletState] = sites.live_states(user, at=times.now())
    for name in ("state", "district", "medium"):
        wish = request.GET.get(name)
        if wish:
            rows = [row for row in rows if getattr(row, name) == wish]
    search = request.GET.get("q", "").strip()
    if search:
        found = {outlet.pk for outlet in sites.outlets(user, search=search)}
        rows = [row for row in rows if row.code in found]
    return rows


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the outlets of the scope."""
    user = me(request)
    return answer(request, listing(user), chosen(request, user), template="outlets/list.html", refresh=REFRESH)


REFRESH = "qtdevice from:body throttle:5s, qtcatchup from:body"


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show one outlet: what it emits, against which limits, and what its device said."""
    user = me(request)
    outlet = sites.outlet(user, code)
    devices = [charts.device_of(device) for device in outlet.devices.all()]
    chart = charts.wish(request, outlet)
    if wants(request) == "json":
        return JsonResponse(charts.as_record(outlet, devices) | {"sessions": devices_page.as_records(user, code)})
    limits = charts.limits_in_force(outlet, times.now())
    context = {
        "outlet": outlet,
        "state": charts.state_of(devices, times.now()),
        "devices": devices,
        "chart": chart,
        "spans": [(key, word) for key, (_length, word) in charts.SPANS.items()],
        "commands": list(words.COMMANDS.items()),
        "limits": limits,
        "has_day_limit": any(limit.period == "day" and limit.upper is not None for limit in limits),
        "episodes": alerts.of_outlet(user, code)[:OPEN_ALERTS_SHOWN],
        "facilities": sites.facilities(user, outlet=code),
        "marks": marks_page.labelled(marks.marks(user, outlet=code, state="live")[:MARKS_SHOWN]),
        "may_mark": marks.may_file(user),
        "packets": packets.latest([device.mn for device in devices]),
        "reverse_control": commands.panel(user, code),
        "standings": devices_page.brief(user, code),
        "letters": [letter for device in devices for letter in sites.dead_letters(user, mn=device.mn, limit=5)],
    }
    return render(request, "outlets/show.html", context)


@page(roles=EVERYONE)
@require_GET
def readings(request: HttpRequest, code: str) -> HttpResponse:
    """Answer with the readings of one factor for the chart (JSON), or as a table (CSV)."""
    outlet = sites.outlet(me(request), code)
    chart = charts.wish(request, outlet)
    if wants(request) == "csv":
        return charts.as_csv(outlet, chart)
    return JsonResponse(charts.series(outlet, chart))
