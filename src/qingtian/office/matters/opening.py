"""Open a matter (开启): by hand, from an alert, a task, or another matter's offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from qingtian.base.errors import QingtianError
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
    files,
    kinds,
    numbering,
    offers,
    own_figures,
    tables,
)
from qingtian.office.matters.acting import Acting, Cast, Doing
from qingtian.office.matters.models import Matter, Secrecy
from qingtian.office.matters.numbering import Authority
from qingtian.office.matters.places import Origin, Place, issuer_of, located
from qingtian.office.matters.writing import Work, write
from qingtian.office.people.api import User
from qingtian.office.tasks import api as tasks

Row = TypeVar("Row")
ALERT, TASK, INSPECTION = "alert", "task", "inspection"


class NothingOpens(QingtianError):
    code = "matters.nothing_opens"
    zh = "事项“{kind}”有几种开启方式，请指明其一：{known}。"
    en = "“{kind}” can be opened in several ways; name one of them: {known}."


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
        offers.take(place.offer, work.matter, acting_user=acting_user, at=work.event.at)


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
        offers.place_it(place, acting_user, origin.offer, code=definition.manifest.code)
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


def _title(definition: Definition, state: State, place: Place) -> str:
    """Return a title of the kind and the first text that everybody may read."""
    texts = (
        str(state.facts[name])
        for name, fact in definition.facts.items()
        if fact.type == "text" and not fact.seen_by and name in state.facts
    )
    about = place.enterprise.name if place.enterprise else next(texts, "")
    return "　".join(part for part in (definition.manifest.words.zh, about) if part)
