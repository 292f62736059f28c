"""People (人员): who there is, with which role and place; the administrator unlocks a paused login."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.people import api
from qingtian.office.people.api import User
from qingtian.portals import words
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import ADMINISTRATORS, me, page
from qingtian.portals.templatetags import parts
from qingtian.portals.words import State


def _place(row: User) -> str:
    if row.enterprise:
        return row.enterprise
    if row.grid_id and row.grid:
        return row.grid.name
    return row.district.name if row.district_id and row.district else ""


def _place_shown(row: User) -> str:
    alone = row.district and not row.enterprise and not row.grid_id
    return parts.district_name(row.district) if alone else _place(row)


ACTIVE = State(word=_("active"), tone="normal", shape="normal")
OFF = State(word=_("switched off"), tone="silent", shape="silent")
LISTING: Listing[User] = Listing(
    name="people",
    columns=(
        Column(name="name", title=_("Name"), value=lambda row: row.name),
        Column(name="username", title=_("User name"), value=lambda row: row.username),
        Column(
            name="role",
            title=_("Role"),
            value=lambda row: row.role,
            show=lambda row: words.ROLES.get(row.role, row.role),
        ),
        Column(name="place", title=_("Place"), value=_place, show=_place_shown),
        Column(
            name="active",
            title=_("State"),
            value=lambda row: row.is_active,
            show=lambda row: parts.badge(ACTIVE if row.is_active else OFF),
        ),
    ),
    link=lambda row: f"/people/{row.pk}/",
    choices=(Choice(name="role", title=_("Role"), options=list(words.ROLES.items())),),
    searched=_("Name or user name"),
    empty=Empty(title=_("Nobody is registered"), why=_("People are registered when the system is set up.")),
)


@page(roles=ADMINISTRATORS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the people, and those whose login is paused."""
    rows = api.users(me(request))
    role, search = request.GET.get("role"), request.GET.get("q", "").strip().lower()
    if role:
        rows = [row for row in rows if row.role == role]
    if search:
        rows = [row for row in rows if search in row.name.lower() or search in row.username.lower()]
    return answer(request, LISTING, rows, template="people/list.html", locked=locked(request))


def locked(request: HttpRequest) -> list[api.Locked]:
    return api.locked(me(request), at=times.now())


@page(roles=ADMINISTRATORS)
@require_POST
def unlock(request: HttpRequest) -> HttpResponse:
    """Let a name (and the address it failed from) log in again."""
    api.unlock(
        acting_user=me(request),
        username=request.POST.get("username", ""),
        address=request.POST.get("address", ""),
        at=times.now(),
    )
    return HttpResponseRedirect("/people/")
