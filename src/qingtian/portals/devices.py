"""Devices (数采仪): who is connected, in which edition, how their packets deviate; what each is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.people.api import Role, User
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import KEEP_KEY, DeviceStanding, Edition
from qingtian.portals import words
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer, records
from qingtian.portals.page import ADMINISTRATORS, EVERYONE, OFFICE, me, page, wants
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import language
from qingtian.portals.words import State
from qingtian.stream.hj212.deviations import DEVIATIONS, Verdict

CONNECTIONS = {
    "connected": State(word=_("Connected"), tone="normal", shape="normal"),
    "gone": State(word=_("Not connected"), tone="silent", shape="silent"),
    "never": State(word=_("Never connected"), tone="silent", shape="silent"),
}
EDITIONS = dict(Edition.choices)
VERDICTS = {
    Verdict.ACCEPT.value: _("accept"),
    Verdict.RECORD.value: _("accept and count"),
    Verdict.REFUSE.value: _("refuse"),
}
LETTERS_SHOWN = 5
MOST_SAID = 3
REFRESH = "every 10s"


def deviation(code: str) -> str:
    """Return what a deviation is, in the language of the page; one that is not in the table is called by its code."""
    found = DEVIATIONS.get(code)
    return found.sentence(language()) if found else code


DEVIATION_WORD = lazy(deviation, str)
"""`deviation` said when the page is made, in its language."""


def edition(row: DeviceStanding) -> str:
    """Return the edition that the plan knows, or that the packets name."""
    said = row.device.edition or (row.session.edition if row.session else "")
    return EDITIONS.get(said, said)


def _deviations(row: DeviceStanding) -> str:
    return " ".join(f"{one.code}:{one.count}" for one in row.deviations)


def _refused(row: DeviceStanding) -> str:
    return " ".join(f"{one.code}:{one.count}" for one in row.refused)


LISTING: Listing[DeviceStanding] = Listing(
    name="devices",
    columns=(
        Column(name="mn", title="MN", value=lambda row: row.device.mn),
        Column(
            name="outlet",
            title=_("Outlet"),
            value=lambda row: row.device.outlet.name,
            show=lambda row: parts.own_name(row.device.outlet),
        ),
        Column(
            name="state",
            title=_("Connection"),
            value=lambda row: row.state,
            show=lambda row: parts.badge(CONNECTIONS[row.state]),
        ),
        Column(
            name="since",
            title=_("Since"),
            value=lambda row: row.session.since if row.session else None,
            show=lambda row: parts.instant(row.session.since if row.session else None),
        ),
        Column(name="edition", title=_("Edition"), value=edition),
        Column(
            name="clock_offset_s",
            title=_("Clock of the logger"),
            value=lambda row: row.clock_offset_s,
            show=lambda row: parts.quantity(row.clock_offset_s, "s"),
            number=True,
        ),
        Column(
            name="deviations",
            title=_("Deviations"),
            value=_deviations,
            show=lambda row: sum(one.count for one in row.deviations),
            number=True,
        ),
        Column(
            name="refused",
            title=_("Refused"),
            value=_refused,
            show=lambda row: sum(one.count for one in row.refused),
            number=True,
        ),
        Column(name="lockouts", title=_("Lock-outs"), value=lambda row: row.lockouts, number=True),
        Column(
            name="address", title=_("From"), value=lambda row: row.session.address if row.session else None, hidden=True
        ),
        Column(name="outlet_code", title=_("Code"), value=lambda row: row.device.outlet_id, hidden=True),
    ),
    link=lambda row: f"/devices/{row.device.mn}/",
    choices=(
        Choice(name="state", title=_("Connection"), options=[(key, one.word) for key, one in CONNECTIONS.items()]),
        Choice(name="deviation", title=_("Deviation"), options=[(code, DEVIATION_WORD(code)) for code in DEVIATIONS]),
    ),
    searched=_("Outlet or MN"),
    empty=Empty(
        title=_("No device is registered here"),
        why=format_lazy(
            "{} {}", _("A device appears when the register has one at an outlet in your district or firm."), words.BEGIN
        ),
        path="/outlets/",
        act=_("See the outlets"),
    ),
)


def chosen(request: HttpRequest, user: User) -> Sequence[DeviceStanding]:
    """Return the devices that fit the filters of the URL. Two queries."""
    rows: Sequence[DeviceStanding] = sites.device_standings(user, search=request.GET.get("q", "").strip())
    state, code = request.GET.get("state"), request.GET.get("deviation")
    if state:
        rows = [row for row in rows if row.state == state]
    if code:
        rows = [row for row in rows if any(one.code == code for one in row.deviations)]
    return rows


@dataclass(frozen=True, kw_only=True)
class Brief:
    """A device as it stands on its outlet's page. ``deviations``: the most frequent, in words."""

    row: DeviceStanding
    state: State
    edition: str
    deviations: list[tuple[str, int]]


def brief(user: User, outlet: str) -> list[Brief]:
    """Return the devices of an outlet. Two queries."""
    return [
        Brief(
            row=row,
            state=CONNECTIONS[row.state],
            edition=edition(row),
            deviations=[(deviation(one.code), one.count) for one in row.deviations[:MOST_SAID]],
        )
        for row in sites.device_standings(user, outlet=outlet)
    ]


def as_records(user: User, outlet: str) -> list[dict[str, object]]:
    """Return the devices of an outlet as machines read them."""
    return records(LISTING, sites.device_standings(user, outlet=outlet))


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the devices of the scope."""
    return answer(request, LISTING, chosen(request, me(request)), template="devices/list.html", refresh=REFRESH)


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, mn: str) -> HttpResponse:
    """Show how one device stands with the gateway; the administrator may change what it is allowed."""
    user = me(request)
    row = sites.device_standing(user, mn)
    if wants(request) == "json":
        return JsonResponse(records(LISTING, [row])[0] | {"profile": row.device.profile, "login": row.device.login})
    context = {
        "row": row,
        "state": CONNECTIONS[row.state],
        "edition": edition(row),
        "deviations": [(one, deviation(one.code)) for one in row.deviations],
        "refused": [(one, words.REASONS.get(one.code, one.code)) for one in row.refused],
        "letters": sites.dead_letters(user, mn=mn, limit=LETTERS_SHOWN),
        "own": [(code, deviation(code), VERDICTS.get(word, word)) for code, word in row.device.profile.items()],
        "may_set": user.role == Role.ADMINISTRATOR,
        "profile": [(one, deviation(one.code), _verdict(row, one.code)) for one in DEVIATIONS.values()],
        "verdicts": list(VERDICTS.items()),
        "editions": [("", _("as its Flag tells")), *Edition.choices],
        "logins": list(words.LOGINS.items()),
        "keep_key": KEEP_KEY,
        "refresh": REFRESH,
    }
    return render(request, "devices/show.html", context)


def _verdict(row: DeviceStanding, code: str) -> str:
    return str(row.device.profile.get(code) or DEVIATIONS[code].usual.value)


@page(roles=ADMINISTRATORS)
@require_POST
def profile(request: HttpRequest, mn: str) -> HttpResponse:
    """Set what a device is allowed."""
    given = {code: request.POST[f"d-{code}"] for code in DEVIATIONS if f"d-{code}" in request.POST}
    key = request.POST.get("key", "").strip()
    sites.set_device_profile(
        acting_user=me(request),
        mn=mn,
        profile=given,
        edition=request.POST.get("edition", ""),
        login=request.POST.get("login", ""),
        key="" if request.POST.get("no_key") else key or KEEP_KEY,
        reason=request.POST.get("reason", ""),
        at=times.now(),
    )
    return HttpResponseRedirect(f"/devices/{mn}/")
