"""Where a matter lies, and what it was opened from 来源: rows that the acting user may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from qingtian.base.errors import Term
from qingtian.law.machine.state import day_of
from qingtian.office.alerts import api as alerts
from qingtian.office.matters import numbering
from qingtian.office.matters.acting import Acting
from qingtian.office.matters.models import MatterEffect
from qingtian.office.matters.numbering import Authority
from qingtian.office.people.api import District, Scope, User
from qingtian.office.sites.api import NotFoundHere
from qingtian.office.sites.models import Enterprise, Outlet
from qingtian.office.tasks import api as tasks

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a matter is opened from: an alert, a task, the offer of another matter, or only a place.

    ``source`` is a word of the kind's ``opens``; where it is left out, alert, task and offer say it themselves.
    """

    source: str = ""
    reference: str = ""
    episode: int | None = None
    task: int | None = None
    offer: str = ""
    district: str = ""
    enterprise: str = ""
    outlet: str = ""


@dataclass(kw_only=True)
class Place:
    """Where a matter lies, and what it came from, as rows."""

    district: District | None = None
    grid_id: str | None = None
    enterprise: Enterprise | None = None
    outlet: Outlet | None = None
    episode: alerts.Episode | None = None
    task: tasks.Task | None = None
    offer: MatterEffect | None = None
    source: str = ""
    reference: str = ""


def located(acting_user: Acting, origin: Origin) -> Place:
    """Return the place that is named by district, enterprise or outlet; else where the acting user works.

    :raises NotFoundHere: if there is none such in the acting user's scope.
    """
    place = Place(source=origin.source, reference=origin.reference)
    _named(place, acting_user, origin)
    return place


def issuer_of(place: Place, *, at: datetime) -> Authority:
    """Return the authority that acts at a place."""
    return numbering.authority(place.district.pk if place.district else None, day=day_of(at))


def _named(place: Place, acting_user: Acting, origin: Origin) -> None:
    """The place as it was named; an officer's own district where none was."""
    scope = Scope.of(acting_user).q() if isinstance(acting_user, User) else Scope(everything=True).q()
    if origin.outlet:
        outlets = Outlet.objects.select_related("enterprise", "district").filter(scope, pk=origin.outlet)
        place.outlet = outlet = _found(outlets.first(), Term(zh="排放口", en="outlet"), origin.outlet)
        place.enterprise, place.district, place.grid_id = outlet.enterprise, outlet.district, outlet.grid_id
    elif origin.enterprise:
        of_firms = Scope.of(acting_user).q(enterprise="pk") if isinstance(acting_user, User) else scope
        firms = Enterprise.objects.select_related("district").filter(of_firms, pk=origin.enterprise)
        place.enterprise = firm = _found(firms.first(), Term(zh="企业", en="enterprise"), origin.enterprise)
        place.district, place.grid_id = firm.district, firm.grid_id
    elif origin.district:
        place.district = _found(
            District.objects.filter(pk=origin.district).first(), Term(zh="行政区", en="district"), origin.district
        )
        if isinstance(acting_user, User) and not _within(acting_user, origin.district):
            raise NotFoundHere(what=Term(zh="行政区", en="district"), code=origin.district)
    elif isinstance(acting_user, User):
        place.district, place.grid_id = acting_user.district, acting_user.grid_id


def _within(user: User, district: str) -> bool:
    return Scope.of(user).everything or user.district_id == district


def _found(row: Row | None, what: Term, code: str) -> Row:
    if row is None:
        raise NotFoundHere(what=what, code=code)
    return row
