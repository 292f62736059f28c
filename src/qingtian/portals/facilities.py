"""Facilities and their channels (设施与用电、工况通道): the register of the scope, that of one outlet, the workbook."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import BookRefused, Facility, FacilityRole, Wanted
from qingtian.portals import registers, saved, typed, words
from qingtian.portals.listing import Choice, Column, Empty, Listing
from qingtian.portals.page import EVERYONE, OFFICE, me, page
from qingtian.portals.templatetags import parts

UNITS = {"kW": _("power (kW)"), "A": _("current (A)"), "": _("state (0 stands)")}


def _treats(row: Facility) -> str:
    return "、".join(sorted(unit.name for unit in row.treats.all()))


def _channel(row: Facility) -> str:
    name = parts.factor_name(row.factor)
    return row.factor if name == row.factor else f"{name} {row.factor}"


def _in_force(row: Facility) -> str:
    return f"{row.start or '…'} – {row.end or '…'}" if row.start or row.end else ""


LISTING: Listing[Facility] = Listing(
    name="facilities",
    columns=(
        Column(
            name="outlet_name",
            title=_("Outlet"),
            value=lambda row: row.outlet.name,
            show=lambda row: parts.own_name(row.outlet),
        ),
        Column(name="name", title=_("Facility"), value=lambda row: row.name),
        Column(
            name="role",
            title=_("Kind of facility"),
            value=lambda row: row.role,
            show=lambda row: words.FACILITY_ROLES[row.role],
        ),
        Column(name="treats", title=_("Treats"), value=_treats, show=lambda row: _treats(row) or "—"),
        Column(name="factor", title=_("Channel"), value=lambda row: row.factor, show=_channel),
        Column(name="unit", title=_("Tells"), value=lambda row: row.unit, show=lambda row: UNITS[row.unit]),
        Column(
            name="rated",
            title=_("Rated"),
            value=lambda row: row.rated,
            show=lambda row: parts.quantity(row.rated, row.unit) if row.rated else "—",
            number=True,
        ),
        Column(name="in_force", title=_("In force"), value=_in_force, show=lambda row: _in_force(row) or "—"),
        Column(name="outlet", title="outlet", value=lambda row: row.outlet_id, hidden=True),
        Column(name="biological", title="biological", value=lambda row: row.biological, hidden=True),
    ),
    link=lambda row: f"/outlets/{row.outlet_id}/facilities/",
    choices=(
        Choice(name="role", title=_("Kind of facility"), options=list(words.FACILITY_ROLES.items())),
        Choice(name="medium", title=_("Medium"), options=list(words.MEDIA.items())),
    ),
    searched=_("Outlet, firm or facility"),
    empty=Empty(
        title=_("No facility is registered here"),
        why=_("Without facilities and their channels nobody sees that a firm produces with its treatment off."),
    ),
)


def _chosen(request: HttpRequest) -> list[Facility]:
    rows = sites.facilities(me(request))
    role, medium = request.GET.get("role"), request.GET.get("medium")
    search = request.GET.get("q", "").strip()
    return [
        row
        for row in rows
        if (not role or row.role == role)
        and (not medium or row.outlet.medium == medium)
        and (
            not search or any(search in text for text in (row.name, row.outlet_id, row.outlet.name, row.outlet.name_en))
        )
    ]


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the facilities of the scope, with the workbook for those who enter them."""
    return _list(request)


def _list(request: HttpRequest, *, problem: QingtianError | None = None, entered: int = 0) -> HttpResponse:
    return registers.listed(
        request,
        LISTING,
        _chosen(request),
        template="facilities/list.html",
        problem=problem,
        entered=entered,
        may_set=sites.may_set_facilities(me(request)),
    )


@page(roles=OFFICE)
@require_GET
def workbook(request: HttpRequest) -> HttpResponse:
    """Give out the register of the scope as a workbook (Excel), to be filled in."""
    content = sites.filled(sites.facilities(me(request)))
    return saved.workbook(content, name=say("facilities and channels"))


@page(roles=OFFICE)
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Enter what a filled workbook says, all of it or nothing."""
    try:
        wanted = registers.sent(request, sites.read_book)
        entered = sites.set_facilities(acting_user=me(request), wanted=wanted, at=times.now())
    except (BookRefused, sites.FacilityRefused, sites.NotFoundHere) as error:
        return _list(request, problem=error)
    return _list(request, entered=len(entered))


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show the facilities of an outlet and what treats what, with the form for those whose office it is."""
    return _show(request, code)


def _show(request: HttpRequest, code: str, *, problem: QingtianError | None = None) -> HttpResponse:
    user = me(request)
    outlet = sites.outlet(user, code)
    rows = sites.facilities(user, outlet=code)
    heard = {name for device in outlet.devices.all() if hasattr(device, "status") for name in device.status.values}
    changed = next((row for row in rows if row.name == request.GET.get("change")), None)
    context = {
        "outlet": outlet,
        "rows": [
            (row, words.FACILITY_ROLES[row.role], UNITS[row.unit], _channel(row), _treats(row), _in_force(row))
            for row in rows
        ],
        "heard": heard,
        "production": [row for row in rows if row.role == FacilityRole.PRODUCTION],
        "changed": changed,
        "form": _typed(request.POST) if problem else _held(changed),
        "roles": list(words.FACILITY_ROLES.items()),
        "units": list(UNITS.items()),
        "channels": sorted(code for code in heard if code[:1] not in ("w", "a")),
        "may_set": sites.may_set_facilities(user),
        "problem": registers.told(problem),
    }
    return render(request, "facilities/outlet.html", context, status=422 if problem else 200)


def _typed(form: QueryDict) -> dict[str, Any]:
    """Return what stands in the fields of a form that was refused."""
    return {**form.dict(), "treats": form.getlist("treats")}


def _held(row: Facility | None) -> dict[str, Any]:
    """Return what stands in the fields when a facility is changed; nothing for a new one."""
    if row is None:
        return {"unit": "kW"}
    found = {name: getattr(row, name) for name in ("name", "role", "factor", "unit", "biological")}
    found |= {name: day.isoformat() if day else "" for name, day in (("start", row.start), ("end", row.end))}
    return found | {"rated": "" if row.rated is None else f"{row.rated:g}", "treats": _treats(row).split("、")}


@page(roles=OFFICE)
@require_POST
def act(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Enter, change or end a facility of an outlet, then show them; what was typed stays if it is refused."""
    user, form = me(request), request.POST
    if name not in ("set", "end"):
        raise BadRequest(name)
    try:
        if name == "set":
            sites.set_facility(acting_user=user, outlet_code=code, wanted=_wanted(form), at=times.now())
        else:
            end = typed.day(form, "end") or times.now().astimezone(BEIJING).date()
            sites.end_facility(acting_user=user, outlet_code=code, name=form.get("name", ""), end=end, at=times.now())
    except sites.FacilityRefused as error:
        return _show(request, code, problem=error)
    return HttpResponseRedirect(f"/outlets/{code}/facilities/")


def _wanted(form: QueryDict) -> Wanted:
    return Wanted(
        name=form.get("name", ""),
        role=form.get("role", ""),
        factor=form.get("factor", ""),
        unit=form.get("unit", ""),
        rated=typed.number(form, "rated"),
        biological=form.get("biological") == "on",
        treats=tuple(form.getlist("treats")),
        start=typed.day(form, "start"),
        end=typed.day(form, "end"),
    )
