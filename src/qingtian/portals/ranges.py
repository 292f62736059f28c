"""Measuring ranges (量程与检出限): the register of the scope, that of one outlet, the workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import BookRefused, MeasuringRange, WantedRange
from qingtian.portals import registers, saved, typed, words
from qingtian.portals.listing import Choice, Column, Empty, Listing
from qingtian.portals.page import EVERYONE, OFFICE, me, page
from qingtian.portals.templatetags import parts


def unit_of(factor: str) -> str:
    return sites.factor(factor).unit


def _factor(row: MeasuringRange) -> str:
    return f"{parts.factor_name(row.factor)} {row.factor}"


def _in_force(row: MeasuringRange) -> str:
    return f"{row.start or '…'} – {row.end or '…'}" if row.start or row.end else ""


LISTING: Listing[MeasuringRange] = Listing(
    name="ranges",
    columns=(
        Column(name="outlet_name", title=_("Outlet"), value=lambda row: row.outlet.name),
        Column(name="factor", title=_("Factor"), value=lambda row: row.factor, show=_factor),
        Column(
            name="top",
            title=_("Top of the range"),
            value=lambda row: row.top,
            show=lambda row: parts.quantity(row.top, unit_of(row.factor)),
            number=True,
        ),
        Column(
            name="detection",
            title=_("Detection limit"),
            value=lambda row: row.detection,
            show=lambda row: parts.quantity(row.detection, unit_of(row.factor)),
            number=True,
        ),
        Column(
            name="mn", title=_("Device"), value=lambda row: row.mn, show=lambda row: row.mn or _("all of the outlet")
        ),
        Column(
            name="state",
            title=_("State"),
            value=lambda row: row.state,
            show=lambda row: words.RANGE_STATES[row.state],
        ),
        Column(name="in_force", title=_("In use"), value=_in_force, show=lambda row: _in_force(row) or "—"),
        Column(name="made_by", title=_("Entered by"), value=lambda row: row.made_by),
        Column(name="document", title=_("Source of the figures"), value=lambda row: row.document),
        Column(name="outlet", title="outlet", value=lambda row: row.outlet_id, hidden=True),
    ),
    link=lambda row: f"/outlets/{row.outlet_id}/ranges/",
    marked=lambda row: row.state == sites.RangeState.PROPOSED,
    choices=(
        Choice(name="state", title=_("State"), options=list(words.RANGE_STATES.items())),
        Choice(name="medium", title=_("Medium"), options=list(words.MEDIA.items())),
    ),
    searched=_("Outlet, firm or factor"),
    empty=Empty(
        title=_("No measuring range is registered here"),
        why=_("Without ranges nobody sees that an analyser stands at the top of what it can measure."),
    ),
)


def _chosen(request: HttpRequest) -> list[MeasuringRange]:
    medium, search = request.GET.get("medium"), request.GET.get("q", "").strip()
    return [
        row
        for row in sites.ranges(me(request), state=request.GET.get("state", ""))
        if (not medium or row.outlet.medium == medium)
        and (not search or any(search in text for text in (_factor(row), row.outlet_id, row.outlet.name)))
    ]


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the ranges of the scope, with the workbook for those who enter them."""
    return _list(request)


def _list(request: HttpRequest, *, problem: QingtianError | None = None, entered: int = 0) -> HttpResponse:
    return registers.listed(
        request,
        LISTING,
        _chosen(request),
        template="ranges/list.html",
        problem=problem,
        entered=entered,
        may_set=sites.may_set_ranges(me(request)),
        waiting=len(sites.ranges(me(request), state=sites.RangeState.PROPOSED)),
    )


@page(roles=OFFICE)
@require_GET
def workbook(request: HttpRequest) -> HttpResponse:
    """Give out what stands in the scope as a workbook (Excel), to be filled in."""
    rows = sites.ranges(me(request), state=sites.RangeState.STANDING)
    return saved.workbook(sites.filled_ranges(rows), name=say("measuring ranges"))


@page(roles=OFFICE)
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Enter what a filled workbook says, all of it or nothing."""
    try:
        wanted = registers.sent(request, sites.read_range_book)
        entered = sites.enter_ranges(acting_user=me(request), wanted=wanted, at=times.now())
    except (BookRefused, sites.RangeRefused, sites.NotFoundHere) as error:
        return _list(request, problem=error)
    return _list(request, entered=len(entered))


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show what the analysers of an outlet can measure, with the forms for those whose office it is."""
    return _show(request, code)


def _show(request: HttpRequest, code: str, *, problem: QingtianError | None = None) -> HttpResponse:
    user = me(request)
    outlet = sites.outlet(user, code)
    rows = sites.ranges(user, outlet=code)
    heard = {name for device in outlet.devices.all() if hasattr(device, "status") for name in device.status.values}
    measured = {name for name in {*heard, *(limit.factor for limit in outlet.limits.all())} if name[:1] in ("w", "a")}
    by_state = {state: [row for row in rows if row.state == state] for state in words.RANGE_STATES}
    context = {
        "outlet": outlet,
        "standing": [(row, unit_of(row.factor), _in_force(row)) for row in by_state["standing"]],
        "proposed": [(row, unit_of(row.factor), _in_force(row)) for row in by_state["proposed"]],
        "past": [(row, unit_of(row.factor), words.RANGE_STATES[row.state]) for row in rows if row.state in PAST],
        "factors": sorted(((one, unit_of(one)) for one in measured), key=lambda pair: parts.factor_name(pair[0])),
        "form": request.POST if problem else {},
        "may_set": sites.may_set_ranges(user),
        "may_propose": sites.may_propose_ranges(user),
        "problem": registers.told(problem),
    }
    return render(request, "ranges/outlet.html", context, status=422 if problem else 200)


PAST = (sites.RangeState.REFUSED, sites.RangeState.REPLACED)


def _enter(user: User, code: str, form: QueryDict, at: datetime) -> None:
    sites.enter_ranges(acting_user=user, wanted=[(code, _wanted(form))], at=at)


def _wanted(form: QueryDict) -> WantedRange:
    return WantedRange(
        factor=form.get("factor", ""),
        mn=form.get("mn", ""),
        top=typed.number(form, "top"),
        detection=typed.number(form, "detection"),
        document=form.get("document", ""),
        start=typed.day(form, "start"),
    )


def _confirm(user: User, code: str, form: QueryDict, at: datetime) -> None:
    _decide(user, form, at, accept=True)


def _send_back(user: User, code: str, form: QueryDict, at: datetime) -> None:
    _decide(user, form, at, accept=False)


def _decide(user: User, form: QueryDict, at: datetime, *, accept: bool) -> None:
    range_id, opinion = typed.key(form, "range"), form.get("opinion", "")
    sites.decide_range(acting_user=user, range_id=range_id, accept=accept, opinion=opinion, at=at)


def _end(user: User, code: str, form: QueryDict, at: datetime) -> None:
    end = typed.day(form, "end") or at.astimezone(BEIJING).date()
    sites.end_range(acting_user=user, range_id=typed.key(form, "range"), end=end, at=at)


ACTS: Mapping[str, Callable[[User, str, QueryDict, datetime], None]] = {
    "enter": _enter,
    "confirm": _confirm,
    "refuse": _send_back,
    "end": _end,
}


@page(roles=EVERYONE)
@require_POST
def act(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Enter, confirm, send back or end a range of an outlet; what was typed stays if it is refused."""
    user = me(request)
    doing = typed.one_of(ACTS, name)
    sites.outlet(user, code)
    try:
        doing(user, code, request.POST, times.now())
    except (sites.RangeRefused, sites.RangeNotProposed) as error:
        return _show(request, code, problem=error)
    return HttpResponseRedirect(f"/outlets/{code}/ranges/")
