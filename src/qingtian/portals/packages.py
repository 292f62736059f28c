"""Evidence packages (证据包): the list, the panel of an alert, making one, and the zip itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.alerts import api as alerts
from qingtian.office.evidence import api
from qingtian.office.evidence.api import EvidencePackage
from qingtian.office.ledger.keys import signer
from qingtian.portals import saved
from qingtian.portals.history import lake
from qingtian.portals.listing import Column, Empty, Listing, answer
from qingtian.portals.page import OFFICE, me, page
from qingtian.portals.templatetags import parts


def _alert(row: EvidencePackage) -> object:
    return format_html('<a href="/alerts/{}/">{}</a>', row.episode_id, row.episode.number)


LISTING: Listing[EvidencePackage] = Listing(
    name="packages",
    columns=(
        Column(name="number", title=_("Package"), value=lambda row: row.number),
        Column(name="alert", title=_("Alert"), value=lambda row: row.episode.number, show=_alert),
        Column(
            name="outlet",
            title=_("Outlet"),
            value=lambda row: row.episode.outlet_id,
            show=lambda row: parts.own_name(row.episode.outlet),
        ),
        Column(name="made_by", title=_("By"), value=lambda row: row.made_by.name),
        Column(
            name="made_at",
            title=_("Made"),
            value=lambda row: row.made_at,
            show=lambda row: parts.instant(row.made_at),
            number=True,
        ),
        Column(name="packets", title=_("Packets"), value=lambda row: row.packets, number=True),
        Column(
            name="bytes",
            title=_("Size"),
            value=lambda row: row.bytes,
            show=lambda row: parts.size(row.bytes),
            number=True,
        ),
        Column(
            name="manifest_sha256",
            title=_("Digest of the manifest"),
            value=lambda row: row.manifest_sha256,
            show=lambda row: format_html('<code title="{}">{}…</code>', row.manifest_sha256, row.manifest_sha256[:16]),
        ),
        Column(name="key_id", title=_("Key"), value=lambda row: row.key_id, hidden=True),
    ),
    link=lambda row: f"/packages/{row.pk}/",
    searched=_("Number, alert or outlet"),
    empty=Empty(
        title=_("No evidence package was made"),
        why=_("An evidence package is made on the page of an alert; whoever gets it can check it offline."),
        path="/alerts/",
        act=_("See the alerts"),
    ),
)


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the packages in scope, newest first."""
    rows = api.packages(me(request), search=request.GET.get("q", "").strip())
    return answer(request, LISTING, rows, template="packages/list.html")


@page(roles=OFFICE)
@require_GET
def of_alert(request: HttpRequest, episode_id: int) -> HttpResponse:
    """Show the packages of an alert and the button that makes one: a part of the alert's page."""
    user = me(request)
    episode = alerts.episode(user, episode_id)
    context = {
        "episode": episode,
        "packages": api.packages(user, episode=episode.pk),
        "may_make": user.role in api.MAY_MAKE,
    }
    return render(request, "packages/panel.html", context)


@page(roles=api.MAY_MAKE)
@require_POST
def make(request: HttpRequest, episode_id: int) -> HttpResponse:
    """Make a package of an alert, then show the alert with it."""
    api.make_package(acting_user=me(request), episode_id=episode_id, lake=lake(), signer=signer(), at=times.now())
    return HttpResponseRedirect(f"/alerts/{episode_id}/#evidence")


@page(roles=OFFICE)
@require_GET
def download(request: HttpRequest, package_id: int) -> HttpResponseBase:
    """Send the zip as it was kept."""
    found = api.package(me(request), package_id)
    name = f"evidence-{found.made_at:%Y}-{found.pk:06d}.zip"
    return saved.file(api.content(found), media_type="application/zip", name=name)
