"""One matter as a person may see it: visible facts, clocks that explain themselves, acts possible now, its history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Model, Q

from qingtian.base.errors import Term
from qingtian.law import clocks as law_clocks
from qingtian.law import deadlines
from qingtian.law.calendar import Calendar
from qingtian.law.clocks import Words
from qingtian.law.deadlines import Deadline
from qingtian.law.machine import record
from qingtian.law.machine.allowed import Possibility, allowed, visible
from qingtian.law.machine.definition import Definition, Fact, Paper
from qingtian.law.machine.shelf import NoVersionInForce, UnknownKind
from qingtian.law.machine.state import ClockRun, FactValue, Person, State, day_of
from qingtian.law.pauses import Pause
from qingtian.office.alerts.models import Episode
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import calendars, events, kinds, persons, seeing, telling
from qingtian.office.matters.models import Matter, MatterClock, MatterEffect, MatterLink, MatterPaper, MatterPerson
from qingtian.office.matters.seeing import Viewer
from qingtian.office.people.api import Role, Scope, User, holders
from qingtian.office.sites.api import NotFoundHere
from qingtian.office.tasks.models import Task

PLACE = ("district", "grid", "enterprise")
NAMED: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "episode": (Episode, ("id", "number", *PLACE)),
    "task": (Task, ("id", "number", *PLACE)),
    "merged_into": (Matter, ("id", "number")),
}
"""What is only named beside a matter, and what is read of it: by which number, and whether one may see it."""
_NOT_NAMED = [
    f"{relation}__{field.name}"
    for relation, (model, kept) in NAMED.items()
    for field in model._meta.concrete_fields
    if field.name not in kept
]


@dataclass(frozen=True, kw_only=True)
class RunningClock:
    """A run of a clock: its row, and the counting day by day."""

    row: MatterClock
    run: ClockRun
    clock: law_clocks.Clock
    counted: Deadline
    paused_until: date | None = None
    """Today, of a clock that stands still: nobody knows what comes after."""

    @property
    def steps(self) -> Sequence[Any]:
        """How the due day came about, sentence by sentence (``zh``, ``en``)."""
        if self.paused_until is None:
            return self.counted.steps
        return [step for step in self.counted.steps if day_of(step.first) <= self.paused_until]


@dataclass(kw_only=True)
class OneMatter:
    """A matter that the person may see, and what they may see of it."""

    matter: Matter
    definition: Definition
    state: State
    viewer: Viewer
    person: Person
    at: datetime
    calendar: Calendar

    @cached_property
    def facts(self) -> dict[str, FactValue]:
        """The facts this person may see."""
        return visible(self.definition, self.state, self.person)

    @cached_property
    def hidden(self) -> list[Fact]:
        """Facts that are known and not for this person: their names may be shown, not their values."""
        return [self.definition.facts[name] for name in self.state.facts if name not in self.facts]

    @cached_property
    def acts(self) -> tuple[Possibility, ...]:
        """Every act of the kind that this stage knows, and why it is not possible if it is not."""
        if self.state.closed or self.matter.merged_into_id:
            return ()
        here = replace(
            self.definition,
            acts={
                name: act
                for name, act in self.definition.acts.items()
                if self.state.stage in self.definition.stages_of(act)
            },
        )
        return allowed(here, self.state, self.person, at=self.at)

    @cached_property
    def clocks(self) -> list[RunningClock]:
        """All runs, those that run first, with their explanation. One query."""
        rows = {row.position: row for row in MatterClock.objects.filter(matter=self.matter)}
        found = [
            _explained(self.definition, rows[position], run, self.calendar, today=day_of(self.at))
            for position, run in enumerate(self.state.clocks)
            if position in rows
        ]
        return sorted(found, key=lambda each: (each.run.stopped is not None, each.row.due is None, each.row.due))

    @cached_property
    def papers(self) -> list[MatterPaper]:
        """The papers of the file that this person may read, oldest first. One query."""
        rows = MatterPaper.objects.filter(matter=self.matter).order_by("at", "pk")
        return [paper for paper in rows if self.may_read(paper)]

    def may_read(self, paper: MatterPaper) -> bool:
        """Who may not see a fact may not read a paper that shows it; the side volume 副卷 is the authority's own."""
        defined = self.definition.papers.get(paper.name)
        return defined is None or self.may_read_named(defined)

    def may_read_named(self, paper: Paper) -> bool:
        """Say whether this person may read papers of this name."""
        own = paper.volume == "main" or self.viewer.user.role != Role.ENTERPRISE
        return own and not {fact.name for fact in self.hidden} & set(paper.shows)

    @cached_property
    def people(self) -> list[MatterPerson]:
        """Who is named or has acted, by role. One query."""
        return list(MatterPerson.objects.filter(matter=self.matter).select_related("user").order_by("role", "pk"))

    @cached_property
    def links(self) -> list[MatterLink]:
        """Links to and from other matters, as far as the person may see those. One query, two if there are any."""
        rows = list(MatterLink.objects.filter(Q(matter=self.matter) | Q(other=self.matter)).order_by("at"))
        there = {self.matter.pk: self.matter}
        if others := {key for row in rows for key in (row.matter_id, row.other_id)} - there.keys():
            there |= seeing.seen(self.viewer).defer("state").in_bulk(others)
        found = [row for row in rows if row.matter_id in there and row.other_id in there]
        for row in found:
            row.matter, row.other = there[row.matter_id], there[row.other_id]
        return found

    @cached_property
    def effects(self) -> list[MatterEffect]:
        """What followed outside: done, waiting, offered. One query, two if a matter was opened."""
        rows = list(MatterEffect.objects.filter(matter=self.matter).order_by("at", "revision", "id"))
        if opened := {row.opened_id for row in rows if row.opened_id}:
            there = Matter.objects.defer("state").in_bulk(opened)
            for row in rows:
                row.opened = there.get(row.opened_id) if row.opened_id else None
        return rows

    def may_take(self, effect: MatterEffect) -> bool:
        """Say whether this is an offer that still stands, and one for this person; see `opening.open_matter`."""
        if effect.kind != "open" or not effect.done_at or effect.opened_id or effect.dropped_at:
            return False
        try:
            kind = kinds.on(effect.name, day=day_of(self.at))
        except (UnknownKind, NoVersionInForce):
            return False
        return bool(kinds.opening_posts(kind) & self.viewer.standing.posts) and self.may_see_around(self.matter)

    def may_see_around(self, thing: Matter | Episode | Task) -> bool:
        """Say whether what lies where this lies is in the person's own place; one may be named elsewhere."""
        return Scope.of(self.viewer.user).contains(
            district=thing.district_id, grid=thing.grid_id, enterprise=thing.enterprise_id
        )

    @cached_property
    def timeline(self) -> list[ledger.Line]:
        """The history as the ledger has it; values of facts that the person may not see are left out. One query."""
        secret = {fact.name for fact in self.definition.facts.values() if fact.seen_by} - self.facts.keys()
        return [_without(line, secret) for line in ledger.history(events.chain(self.matter.pk))]


def _explained(
    definition: Definition, row: MatterClock, run: ClockRun, calendar: Calendar, *, today: date
) -> RunningClock:
    clock = law_clocks.named(run.clock, day=day_of(run.start))
    paused = run.paused_on if run.stopped is None else None
    pauses = [*run.pauses]
    if paused:
        last = max(paused, today)
        pauses.append(Pause(first=paused, last=last, reason=run.pause_reason, paper=run.pause_paper))
    counted = deadlines.deadline(
        clock,
        start=run.start,
        calendar=calendar,
        pauses=[
            replace(each, reason=_word(definition, each.reason), paper=_title(definition, each.paper))
            for each in pauses
        ],
        grants=[replace(each, paper=_title(definition, each.paper)) for each in run.grants],
        variant=run.variant or None,
    )
    return RunningClock(row=row, run=run, clock=clock, counted=counted, paused_until=paused and max(paused, today))


def _word(definition: Definition, reason: str | Words) -> str | Words:
    """Return the words of a kind for why a clock stands still."""
    return definition.words.of("reasons", reason) if isinstance(reason, str) and reason else reason


def _title(definition: Definition, paper: str | Words) -> str | Words:
    known = definition.papers.get(paper) if isinstance(paper, str) else None
    return known.title if known else paper


def _without(line: ledger.Line, secret: set[str]) -> ledger.Line:
    """Put erasable facts back among the others; None for those that are secret or erased."""
    kept = {name: value for name, value in line.content.items() if not name.startswith(events.FACT)}
    if "facts" not in kept:
        return line
    guarded = {
        name.removeprefix(events.FACT): json.loads(value)
        for name, value in line.content.items()
        if name.startswith(events.FACT)
    }
    erased = dict.fromkeys(name.removeprefix(events.FACT) for name in line.erased)
    facts = {**kept["facts"], **erased, **guarded}
    shown = {name: None if name in secret else value for name, value in facts.items()}
    return replace(line, content={**kept, "facts": shown})


def matter(user: User, matter_id: int, *, at: datetime) -> OneMatter:
    """Return one matter. Three queries; each part that is looked at is one more.

    :raises NotFoundHere: if there is none that the person may see.
    """
    viewer = seeing.viewer(user, at=at)
    rows = seeing.seen(viewer).select_related("district", "enterprise", "outlet", *NAMED).defer(*_NOT_NAMED)
    found = rows.filter(pk=matter_id).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="事项", en="matter"), code=matter_id)
    definition = kinds.of(found)
    return OneMatter(
        matter=found,
        definition=definition,
        state=record.read(definition, found.state),
        viewer=viewer,
        person=seeing.person(viewer),
        at=at,
        calendar=calendars.current(),
    )


def numbered(user: User, number: str, *, at: datetime) -> Matter:
    """Return the matter of that number, or of that old number, for who names one by hand. Two queries.

    :raises NotFoundHere: if there is none that the person may see.
    """
    named = Q(number=number.strip()) | Q(old_number=number.strip(), taken_over=True)
    rows = seeing.seen(seeing.viewer(user, at=at)).filter(named).defer("state")
    found = rows.order_by("-pk").first()
    if found is None:
        raise NotFoundHere(what=Term(zh="事项", en="matter"), code=number.strip())
    return found


def openable(user: User, *, at: datetime, source: str = "") -> list[tuple[Definition, tuple[Possibility, ...]]]:
    """Return the kinds that the person may open now (from ``source``), each with its opening acts. One query."""
    person = persons.of_users([user], at=at)[user.username]
    found = []
    for definition in kinds.every():
        manifest = definition.manifest
        if not manifest.in_force(day_of(at)) or (source and source not in manifest.opened_from):
            continue
        opening = replace(definition, acts={act.name: act for act in kinds.openings(definition)})
        possible = tuple(each for each in allowed(opening, None, person, at=at) if each.possible)
        if possible:
            found.append((definition, possible))
    return found


@dataclass(frozen=True, kw_only=True)
class Openings:
    """The acts that open a matter of one kind, for one person, and why some are not possible."""

    definition: Definition
    person: Person
    acts: tuple[Possibility, ...]


def openings(user: User, code: str, *, at: datetime) -> Openings:
    """Return how the person may open a matter of the kind, in the version of the day. One query.

    :raises UnknownKind, NoVersionInForce: if there is none to be opened.
    """
    definition = kinds.on(code, day=day_of(at))
    person = persons.of_users([user], at=at)[user.username]
    opening = replace(definition, acts={act.name: act for act in kinds.openings(definition)})
    return Openings(definition=definition, person=person, acts=allowed(opening, None, person, at=at))


def arisen(user: User, *, at: datetime, episode: int | None = None, task: int | None = None) -> list[Matter]:
    """Return the matters that came of an alert or of a task, as far as the person may see them. Two queries."""
    rows = seeing.seen(seeing.viewer(user, at=at)).filter(**({"task": task} if task else {"episode": episode}))
    return list(rows.defer("state").order_by("-pk"))


def candidates(definition: Definition, role: str, *, at: datetime, matter: Matter | None = None) -> list[User]:
    """Return who could be named for a role, for pickers: holders of its posts whose scope has the place. One query."""
    posts = definition.roles[role].office
    if matter is None:
        return list(holders(posts, day=day_of(at)))
    return telling.holding(posts, matter, at=at)


def paper(user: User, paper_id: int, *, at: datetime) -> tuple[OneMatter, MatterPaper]:
    """Return a paper with its matter.

    :raises NotFoundHere: if it is not one this person may read.
    """
    row = MatterPaper.objects.filter(pk=paper_id).first()
    if row is not None:
        one = matter(user, row.matter_id, at=at)
        if one.may_read(row):
            return one, row
    raise NotFoundHere(what=Term(zh="文书", en="paper"), code=paper_id)
