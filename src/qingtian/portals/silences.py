"""Silences (静默): which alerts nobody is told of for a while, and since when, why, by whom."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.alerts import api
from qingtian.office.alerts.api import Silence
from qingtian.portals import typed, words
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import OFFICE, me, page
from qingtian.portals.session import inside
from qingtian.portals.templatetags import parts
from qingtian.portals.words import State

RUNNING = State(word=_("Silent"), tone="attention", shape="silent")
OVER = State(word=_("Over"), shape="done")


def _what(row: Silence) -> object:
    factor = parts.factor_name(row.factor) if row.factor else _("all factors")
    detector = words.detector(row.detector) if row.detector else _("all kinds of alerts")
    return format_html('<span>{}<span class="sub">{}</span></span>', factor, detector)


def _state(row: Silence) -> object:
    return parts.badge(OVER if row.lifted_at or row.until <= times.now() else RUNNING)


LISTING: Listing[Silence] = Listing(
    name="silences",
    columns=(
        Column(
            name="outlet",
            title=_("Outlet"),
            value=lambda row: row.outlet_id,
            show=lambda row: parts.own_name(row.outlet),
        ),
        Column(name="factor", title=_("What"), value=lambda row: row.factor, show=_what),
        Column(name="detector", title=_("Detector"), value=lambda row: row.detector, hidden=True),
        Column(name="state", title=_("State"), value=lambda row: row.lifted_at is None, show=_state),
        Column(name="reason", title=_("Reason"), value=lambda row: row.reason),
        Column(name="by", title=_("By"), value=lambda row: row.made_by.name),
        Column(
            name="since",
            title=_("Since"),
            value=lambda row: row.since,
            show=lambda row: parts.instant(row.since),
            number=True,
        ),
        Column(
            name="until",
            title=_("Until"),
            value=lambda row: row.lifted_at or row.until,
            show=lambda row: parts.instant(row.lifted_at or row.until),
            number=True,
        ),
    ),
    link=lambda row: f"/outlets/{row.outlet_id}/",
    choices=(Choice(name="state", title=_("State"), options=[("running", RUNNING.word), ("over", OVER.word)]),),
    empty=Empty(
        title=_("Nothing is silenced"),
        why=_("The page of an alert has a button that silences its outlet for some hours, with a reason."),
        path="/alerts/",
        act=_("See the alerts"),
    ),
)


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the silences in scope."""
    state = request.GET.get("state", "")
    outlet = request.GET.get("outlet", "")
    rows = api.silences(me(request), outlet=outlet, state=state, at=times.now())
    return answer(request, LISTING, rows, template="silences/list.html")


@page(roles=OFFICE)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Silence an outlet; come back to where one was."""
    form = request.POST
    api.silence(
        acting_user=me(request),
        outlet_code=form.get("outlet", ""),
        factor=form.get("factor", ""),
        detector=form.get("detector", ""),
        hours=typed.whole(form, "hours", digits=3),
        reason=form.get("reason", ""),
        at=times.now(),
    )
    return HttpResponseRedirect(inside(request, form.get("next", "/silences/")))


@page(roles=OFFICE)
@require_POST
def lift(request: HttpRequest, silence_id: int) -> HttpResponse:
    """End a silence; come back to where one was."""
    api.lift(acting_user=me(request), silence_id=silence_id, at=times.now())
    return HttpResponseRedirect(inside(request, request.POST.get("next", "/silences/")))
