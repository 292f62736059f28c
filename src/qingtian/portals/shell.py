"""What surrounds every page: the rail of this role, its theme, its language. A context processor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from qingtian import __version__
from qingtian.base import times
from qingtian.office.alerts.api import unread_count
from qingtian.office.matters.api import MOST_OVERDUE, overdue_count
from qingtian.office.people.api import Role, Scope, User
from qingtian.office.sites.api import own_enterprise
from qingtian.portals.page import ADMINISTRATORS, DESK, EVERYONE, LEDGER, OFFICE
from qingtian.portals.templatetags import parts
from qingtian.portals.words import ROLES, Word

TABS = 3
"""How many entries stand on a phone's bottom line beside "more"."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """An entry of the rail."""

    path: str
    icon: str
    word: Word
    roles: frozenset[str]


CITY = frozenset({Role.DUTY_DESK, Role.LEADER, Role.ADMINISTRATOR})
NOTICES = "/notices/"
BELONGS = {"kinds": "/matters/", "limits": "/rules/"}
"""Pages without an entry of their own, by the first part of their path: the entry that is lit."""
INBOX = "/inbox/"
TASK_FIRST = (Role.OFFICER, Role.GRID_MEMBER, Role.REVIEWER)

PLACES = (
    Place(path="/desk/", icon="command", word=_("Command"), roles=DESK),
    Place(path="/enterprise/", icon="enterprise", word=_("My outlets"), roles=frozenset({Role.ENTERPRISE})),
    Place(path=INBOX, icon="inbox", word=_("Inbox"), roles=EVERYONE),
    Place(path="/outlets/", icon="monitoring", word=_("Monitoring"), roles=OFFICE),
    Place(path="/alerts/", icon="alerts", word=_("Alerts"), roles=OFFICE | {Role.ENTERPRISE}),
    Place(path="/tasks/", icon="tasks", word=_("Tasks"), roles=OFFICE),
    Place(path="/matters/", icon="matters", word=_("Matters"), roles=EVERYONE),
    Place(path="/marks/", icon="marks", word=_("Marks"), roles=OFFICE | {Role.ENTERPRISE}),
    Place(path="/suspicions/", icon="search", word=_("Suspicions"), roles=OFFICE),
    Place(path="/rules/", icon="rules", word=_("Rules"), roles=OFFICE),
    Place(path="/enterprises/", icon="enterprise", word=_("Enterprises"), roles=OFFICE),
    Place(path="/commands/", icon="control", word=_("Control"), roles=DESK),
    Place(path="/relays/", icon="send", word=_("Relay"), roles=CITY),
    Place(path="/deadletters/", icon="deadletters", word=_("Dead letters"), roles=CITY),
    Place(path="/ledger/", icon="lock", word=_("Ledger"), roles=LEDGER),
    Place(path="/system/", icon="system", word=_("System"), roles=ADMINISTRATORS),
    Place(path="/people/", icon="people", word=_("People"), roles=ADMINISTRATORS),
    Place(path="/parts/", icon="parts", word=_("Parts"), roles=ADMINISTRATORS),
)


def places(user: User) -> list[Place]:
    """Return what this person may go to; whoever works by task has the tasks first."""
    mine = [place for place in PLACES if user.role in place.roles]
    if user.role in TASK_FIRST:
        mine.sort(key=lambda place: place.path != "/tasks/")
    return mine


def home(user: User) -> str:
    """Return the path where this person's work begins."""
    if user.role == Role.ENTERPRISE:
        return "/enterprise/"
    return "/tasks/" if user.role in TASK_FIRST else "/desk/"


def where(user: User) -> str:
    """Return the place that the person sees: the firm, the grid, the district, the whole city, or none at all."""
    scope = Scope.of(user)
    if scope.everything:
        return say("The whole city")
    if scope.enterprise and (firm := own_enterprise(user)):
        return parts.own_name(firm)
    if scope.grid and user.grid:
        return user.grid.name
    if scope.district and user.district:
        return parts.district_name(user.district)
    return say("No place is given to you")


def tell_overdue(request: HttpRequest, count: int) -> None:
    """Tell the rail how many matters are overdue, of a page that has counted them anyway."""
    request.overdue = count  # type: ignore[attr-defined]


def overdue(request: HttpRequest, user: User) -> str:
    """Return how many matters of this person's inbox are overdue, as the rail says it; empty if none is. One query."""
    told: int | None = getattr(request, "overdue", None)
    count = overdue_count(user, at=times.now()) if told is None else min(told, MOST_OVERDUE)
    return f"{count}+" if count >= MOST_OVERDUE else str(count or "")


def surroundings(request: HttpRequest) -> Mapping[str, object]:
    """Context processor: ``shell`` with rail, tabs and preferences; without a person, the preferences only."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"shell": {"theme": request.COOKIES.get("theme", "system"), "care": False, "version": __version__}}
    mine = places(user)
    here = BELONGS.get(request.path.split("/")[1], request.path)
    current = next((path for path in (*(place.path for place in mine), NOTICES) if here.startswith(path)), "")
    return {
        "shell": {
            "theme": user.theme,
            "care": user.care_mode,
            "version": __version__,
            "me": user,
            "role": ROLES.get(user.role, user.role),
            "where": where(user),
            "places": mine,
            "tabs": mine[:TABS],
            "rest": mine[TABS:],
            "current": current,
            "home": home(user),
            "unread": unread_count(user),
            # a part of a page, such as the bell, has no rail and asks for nothing
            "overdue": SimpleLazyObject(lambda: overdue(request, user)),
            "may_search": user.role in OFFICE,
        }
    }
