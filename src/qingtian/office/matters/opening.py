"""Open a matter (开启): by hand, from an alert, a task, or another matter's offer. Its place comes from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.law.calendar import Calendar
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import State, day_of
from qingtian.law.machine.step import step
from qingtian.office.alerts import api as alerts
from qingtian.office.matters import (
    acting,
    calendars,
    effects,
    events,
    files,
    kinds,
    numbering,
    own_figures,
    seeing,
    tables,
)
from qingtian.office.matters.acting import Acting, Cast, Doing
from qingtian.office.matters.models import LinkKind, Matter, MatterEffect, MatterLink, Secrecy
from qingtian.office.matters.numbering import Authority
from qingtian.office.matters.writing import Work, write
from qingtian.office.people.api import District, Scope, User
from qingtian.office.sites.api import NotFoundHere
from qingtian.office.sites.models import Enterprise, Outlet
from qingtian.office.tasks import api as tasks

Row = TypeVar("Row")
ALERT, TASK, INSPECTION = "alert", "task", "inspection"


class NothingOpens(QingtianError):
    code = "matters.nothing_opens"
    zh = "事项“{kind}”有几种开启方式，请指明其一：{known}。"
    en = "“{kind}” can be opened in several ways; name one of them: {known}."


class OfferTaken(QingtianError):
    code = "matters.offer_taken"
    zh = "该待开启事项已由他人开启或已作罢，请刷新页面查看。"
    en = "That matter has been opened by somebody else, or dropped. Reload the page."


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


def open_matter(
    *,
    acting_user: Acting,
    code: str,
    at: datetime,
    origin: Origin,
    act: str = "",
    title: str = "",
    facts: Mapping[str, object] | None = None,
    papers: files.Uploads | None = None,
    present: tuple[str, ...] = (),
    people: Mapping[str, tuple[str, ...]] | None = None,
) -> Matter:
    """Open a matter of the kind in the version that is in force on the day of ``at``.

    :raises UnknownKind, NoVersionInForce, NothingOpens, OfferTaken: if it is not clear what is opened.
    :raises NotFoundHere: if the origin is outside the acting user's scope.
    :raises Refusal: why the machine does not let it be opened.
    """
    definition = kinds.on(code, day=at.astimezone(BEIJING).date())
    doing = Doing(
        act=act or _only_opening(definition),
        facts=facts or {},
        papers=papers or {},
        present=present,
        people=people or {},
    )
    with transaction.atomic():
        place = _place(acting_user, definition, origin, at=at)
        issuer = issuer_of(place, at=at)
        definition = own_figures.applied(definition, issuer, day=day_of(at))
        cast = acting.cast(acting_user, doing, at=at)
        event = acting.event(doing, cast, at=at, source=place.source, reference=place.reference)
        calendar = calendars.current()
        outcome = step(definition, None, event, calendar=calendar)
        year, sequence = numbering.following(authority=issuer, series=definition.manifest.code, at=at)
        matter = row(definition, outcome.state, place, issuer, title=title, opened=at)
        (matter.id,) = tables.next_keys(1)
        matter.year, matter.sequence = year, sequence
        matter.number = numbering.of_matter(issuer, definition, year=year, sequence=sequence)
        matter.opened_by_id = cast.keys.get(cast.by.name)
        work = Work(
            matter=matter,
            definition=definition,
            before=None,
            event=event,
            outcome=outcome,
            files=files.kept(doing.papers),
        )
        _write(work, place, acting_user, cast, calendar)
        effects.carry_out_soon([work], at=at)
    return matter


def _write(work: Work, place: Place, acting_user: Acting, cast: Cast, calendar: Calendar) -> None:
    write([work], acting_user=acting_user, calendar=calendar, keys=cast.keys)
    if place.offer is not None:
        _take(place.offer, work.matter, acting_user, at=work.event.at)


def _only_opening(definition: Definition) -> str:
    ways = kinds.openings(definition)
    if len(ways) != 1:
        known = "、".join(f"{definition.words.of('acts', each.name).zh}（{each.name}）" for each in ways)
        raise NothingOpens(kind=definition.manifest.words.zh, known=known)
    return ways[0].name


def _place(acting_user: Acting, definition: Definition, origin: Origin, *, at: datetime) -> Place:
    """Find what the matter is opened from; the acting user must be able to see it."""
    place = Place(source=origin.source, reference=origin.reference)
    if origin.offer:
        _from_offer(place, acting_user, origin.offer, definition)
    elif origin.task is not None and isinstance(acting_user, User):
        place.task = task = tasks.task(acting_user, origin.task)
        place.episode, place.enterprise, place.outlet = task.episode, task.enterprise, task.outlet
        place.district, place.grid_id = task.district, task.grid_id
        # what a task found on site was found by an inspection, where the kind has no word of its own for it
        known = definition.manifest.opened_from
        place.source = place.source or (TASK if TASK in known else INSPECTION)
        place.reference = place.reference or task.number
    elif origin.episode is not None and isinstance(acting_user, User):
        place.episode = episode = alerts.episode(acting_user, origin.episode)
        place.enterprise, place.outlet = episode.enterprise, episode.outlet
        place.district, place.grid_id = episode.district, episode.grid_id
        place.source = place.source or ALERT
        place.reference = place.reference or episode.number
    else:
        return located(acting_user, origin)
    return place


def _from_offer(place: Place, acting_user: Acting, offer: str, definition: Definition) -> None:
    rows = MatterEffect.objects.select_for_update(of=("self",)).select_related("matter__district", "matter__enterprise")
    found = rows.filter(pk=offer, kind="open", name=definition.manifest.code, opened=None, dropped_at=None).first()
    if found is None or not _may_take(acting_user, found.matter):
        raise OfferTaken
    before = found.matter
    place.offer = found
    place.district, place.grid_id = before.district, before.grid_id
    place.enterprise, place.outlet = before.enterprise, before.outlet
    place.episode, place.task = before.episode, before.task
    place.source = place.source or before.code
    place.reference = place.reference or before.number


def offered(user: User, key: str, *, code: str) -> MatterEffect:
    """Return an offer that still stands, with the matter it comes from. One query.

    :raises OfferTaken: if it is gone, of another kind, or not at this person's place.
    """
    rows = MatterEffect.objects.select_related("matter__district", "matter__enterprise").exclude(done_at=None)
    found = rows.filter(pk=key, kind="open", name=code, opened=None, dropped_at=None).first()
    if found is None or not _may_take(user, found.matter):
        raise OfferTaken
    return found


def _may_take(acting_user: Acting, before: Matter) -> bool:
    """An offer is for who may open the kind, at that place; the matter it comes from may be closed to them."""
    if not isinstance(acting_user, User):
        return True
    return Scope.of(acting_user).contains(
        district=before.district_id, grid=before.grid_id, enterprise=before.enterprise_id
    )


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


def row(
    definition: Definition, state: State, place: Place, issuer: Authority, *, title: str, opened: datetime
) -> Matter:
    """Return a new matter's row, without key and number; `write` sets what follows from the state."""
    return Matter(
        authority=issuer.code,
        code=definition.manifest.code,
        version=definition.manifest.version,
        title=(title.strip() or _title(definition, state, place))[:200],
        stage=state.stage,
        state={},
        source=place.source,
        reference=place.reference[:128],
        secrecy=Secrecy(definition.manifest.secrecy),
        district=place.district,
        grid_id=place.grid_id,
        enterprise=place.enterprise,
        outlet=place.outlet,
        episode=place.episode,
        task=place.task,
        opened_at=opened,
        changed_at=opened,
    )


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


def _title(definition: Definition, state: State, place: Place) -> str:
    """Return a title of the kind and the first text that everybody may read."""
    texts = (
        str(state.facts[name])
        for name, fact in definition.facts.items()
        if fact.type == "text" and not fact.seen_by and name in state.facts
    )
    about = place.enterprise.name if place.enterprise else next(texts, "")
    return "　".join(part for part in (definition.manifest.words.zh, about) if part)


def _take(offer: MatterEffect, matter: Matter, acting_user: Acting, *, at: datetime) -> None:
    offer.opened = matter
    offer.save(update_fields=["opened"])
    MatterLink.objects.create(
        matter=matter, other=offer.matter, kind=LinkKind.OPENED_FROM, at=at, by=acting_user.username
    )
    content = {"link": LinkKind.OPENED_FROM, "other": matter.number, "effect": offer.pk}
    events.record(offer.matter, acting_user=acting_user, act="gave_rise", at=at, content=content)


def drop_offer(*, acting_user: User, offer: str, reason: str, at: datetime) -> None:
    """Note that nothing is opened from an offer, with the reason (不开启).

    :raises OfferTaken: if it is gone, or not for this person.
    :raises MatterReasonMissing:
    """
    reason = acting.because(reason, Term(zh="不开启", en="open nothing"))
    with transaction.atomic():
        rows = MatterEffect.objects.select_for_update(of=("self",)).select_related("matter")
        found = rows.filter(pk=offer, kind="open", opened=None, dropped_at=None).first()
        if found is None or not _may_take(acting_user, found.matter) or not _may_open(acting_user, found.name, at):
            raise OfferTaken
        found.dropped_at = at
        found.save(update_fields=["dropped_at"])
        content = {"effect": found.pk, "open": found.name, "reason": reason}
        events.record(found.matter, acting_user=acting_user, act="drop_offer", at=at, content=content)


def _may_open(user: User, code: str, at: datetime) -> bool:
    definition = kinds.on(code, day=at.astimezone(BEIJING).date())
    return bool(kinds.opening_posts(definition) & seeing.viewer(user, at=at).standing.posts)
