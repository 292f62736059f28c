"""What a matter is opened from, as a page was asked for it: an alert, a task, another matter's offer, or a place."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from qingtian.base.errors import QingtianError
from qingtian.office.alerts import api as alerts
from qingtian.office.matters import api
from qingtian.office.matters.api import Matter, MatterEffect, Origin
from qingtian.office.people.api import Role, User
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import NotFoundHere
from qingtian.office.tasks import api as tasks
from qingtian.portals import typed
from qingtian.portals.page import me
from qingtian.portals.templatetags import parts

SEPARATOR = " · "
ABOUT, SOURCE, REFERENCE, DISTRICT, TITLE = "about", "source", "reference", "district", "title"
FROM_A_TASK = ("task", "inspection")
"""What a kind calls it when a task gives rise to a matter; see `office.matters.opening`."""


@dataclass(frozen=True, kw_only=True)
class Come:
    """Where a new matter comes from. ``path`` and ``word`` lead back there; ``place`` has its district and firm."""

    origin: Origin
    source: str = ""
    path: str = ""
    word: str = ""
    place: Matter
    about: str = ""

    @property
    def key(self) -> str:
        """What tells a draft of this form from one that came from elsewhere."""
        origin = self.origin
        return f"alert-{origin.episode}" if origin.episode else f"task-{origin.task}" if origin.task else "by-hand"


def come(request: HttpRequest, *, code: str) -> Come:
    """Read the address of the form.

    :raises NotFoundHere, OfferTaken: if it is not there for this person.
    :raises BadRequest: for a key that is none.
    """
    user, query = me(request), request.GET
    if offer := query.get("offer"):
        return _of_offer(api.offered(user, offer, code=code))
    if query.get("task"):
        return _of_task(tasks.task(user, typed.key(query, "task")))
    if query.get("alert"):
        return _of_alert(alerts.episode(user, typed.key(query, "alert")))
    return by_hand(user, about=query.get(ABOUT, ""), district=query.get(DISTRICT, ""))


def _of_alert(episode: alerts.Episode) -> Come:
    place = Matter(district=episode.district, grid_id=episode.grid_id, enterprise=episode.enterprise, episode=episode)
    word, path = episode.number, f"/alerts/{episode.pk}/"
    about = labelled(episode.outlet)
    return Come(origin=Origin(episode=episode.pk), source="alert", path=path, word=word, place=place, about=about)


def _of_task(task: tasks.Task) -> Come:
    place = Matter(district=task.district, grid_id=task.grid_id, enterprise=task.enterprise, episode=task.episode)
    word, path = task.number, f"/tasks/{task.pk}/"
    about = labelled(task.outlet)
    return Come(origin=Origin(task=task.pk), source="task", path=path, word=word, place=place, about=about)


def _of_offer(offer: MatterEffect) -> Come:
    before = offer.matter
    place = Matter(district=before.district, grid_id=before.grid_id, enterprise=before.enterprise)
    about = labelled(before.enterprise) if before.enterprise else ""
    path = f"/matters/{before.pk}/"
    origin = Origin(offer=offer.pk)
    return Come(origin=origin, source=before.code, path=path, word=before.number, place=place, about=about)


def by_hand(
    user: User, *, about: str = "", district: str = "", source: str = "", reference: str = "", strict: bool = False
) -> Come:
    """Return an origin that is only a place: a firm or an outlet by its code, else a district, else one's own.

    :raises NotFoundHere: if ``strict`` and it is not there for this person.
    """
    code = about.split(SEPARATOR)[0].strip() or (user.enterprise if user.role == Role.ENTERPRISE else "")
    outlet, firm = _about(user, code, strict=strict)
    if outlet is not None or firm is not None:
        thing = outlet or firm
        assert thing is not None
        owner = outlet.enterprise if outlet else firm
        place = Matter(district=thing.district, grid_id=thing.grid_id, enterprise=owner)
        origin = Origin(
            source=source,
            reference=reference,
            outlet=outlet.pk if outlet else "",
            enterprise=firm.pk if firm else "",
        )
        return Come(origin=origin, place=place, about=labelled(thing))
    chosen = district or user.district_id or None
    place = Matter(district_id=chosen, grid_id=None if district else user.grid_id)
    return Come(origin=Origin(source=source, reference=reference, district=district), place=place, about=about)


def _about(user: User, code: str, *, strict: bool) -> tuple[sites.Outlet | None, sites.Enterprise | None]:
    if not code:
        return None, None
    try:
        return sites.outlet(user, code), None
    except NotFoundHere:
        try:
            return None, sites.enterprise(user, code)
        except QingtianError:
            if strict:
                raise
            return None, None


def labelled(thing: sites.Outlet | sites.Enterprise) -> str:
    """Return code and name, as the field for a place has it."""
    return f"{thing.pk}{SEPARATOR}{parts.own_name(thing)}"
