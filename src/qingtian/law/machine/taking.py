"""Take over a matter that was begun elsewhere (存量录入): place it in the stage it has reached, and pretend nothing.

What the kind's walks do before that stage counts as done and filed (`arrivals`), and is marked so: no act, no paper, no
person of it stands here. What is needed from that stage on has to be told: facts, people, and of each clock that runs
the day it runs from. An ended matter brings its closing day; no clock of it starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from qingtian.law import clocks as law_clocks
from qingtian.law.calendar import Calendar
from qingtian.law.clocks import Words
from qingtian.law.machine import people, running, untaken
from qingtian.law.machine.arrivals import Arrival
from qingtian.law.machine.definition import TAKEN_OVER, ClockMove, Definition
from qingtian.law.machine.documents import near
from qingtian.law.machine.state import (
    ClockRun,
    Done,
    Effect,
    FactValue,
    Outcome,
    Person,
    State,
    Taken,
    day_of,
)
from qingtian.law.machine.step import view_of
from qingtian.law.machine.values import UnknownFact, settled

Days = Mapping[str, date | datetime]
"""Of a clock, what it runs from."""


@dataclass(frozen=True, kw_only=True)
class Taking:
    """What is told of a matter that is taken over at the moment ``at`` by ``by``.

    ``reached``: since when it has been in its stage; of an end, when it was closed. ``done``: acts that were done
    besides those that lead to the stage (`Arrival.acts`). ``number``, ``file``, ``row``: see `Taken`.
    """

    at: datetime
    by: Person
    opened: datetime
    reached: datetime
    number: str
    file: str
    row: int
    done: frozenset[str] = frozenset()
    source: str = ""
    reference: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    people: Mapping[str, tuple[Person, ...]] = field(default_factory=dict)
    clocks: Days = field(default_factory=dict)
    paused: Mapping[str, date] = field(default_factory=dict)
    """Of a clock that stands still, the first day that is not counted."""


def take_over(definition: Definition, arrival: Arrival, taking: Taking, *, calendar: Calendar) -> Outcome:
    """Return the matter in the stage of the arrival, and what follows: clocks that run; of an end, what it counts in.

    :raises Refusal: if what is told cannot be, or is not enough to go on with (`untaken`, `values`, `people`).
    """
    _check_days(taking)
    stage = definition.words.of("stages", arrival.stage)
    facts = dict(_facts(definition, taking))
    _check_done(definition, arrival, taking, stage)
    _check_enough(definition, arrival, taking, stage, facts)
    state = _placed(definition, arrival, taking, facts)
    days = _clock_days(definition, arrival, taking, state, stage)
    runs = tuple(_run(definition, name, day, state, taking, calendar) for name, day in sorted(days.items()))
    started = (Effect(kind="clock_started", name=run.clock, at=taking.at, due=run.due) for run in runs)
    counted = _counted(definition, state, taking) if arrival.end else ()
    return Outcome(state=replace(state, clocks=runs), effects=(*started, *counted))


def _check_days(taking: Taking) -> None:
    if taking.opened > taking.at:
        raise untaken.OpenedInTheFuture(opened=day_of(taking.opened), today=day_of(taking.at))
    if taking.reached > taking.at:
        raise untaken.ReachedInTheFuture(reached=day_of(taking.reached), today=day_of(taking.at))
    if day_of(taking.reached) < day_of(taking.opened):
        raise untaken.ReachedBeforeOpening(reached=day_of(taking.reached), opened=day_of(taking.opened))


def _facts(definition: Definition, taking: Taking) -> Iterator[tuple[str, FactValue]]:
    """What had to lie before or after the day of an act did so on a day between opening and now."""
    for name, found in taking.facts.items():
        if name not in definition.facts:
            raise UnknownFact(kind=definition.manifest.words, fact=name, near=near(name, definition.facts))
        fact = definition.facts[name]
        day = day_of(taking.opened if fact.when == "future" else taking.at)
        yield name, settled(definition, fact, found, day=day)


def _check_done(definition: Definition, arrival: Arrival, taking: Taking, stage: Words) -> None:
    strangers = [definition.words.of("acts", name) for name in sorted(taking.done) if name not in arrival.before]
    if strangers:
        raise untaken.NotDoneBefore(stage=stage, **_named(strangers))


def _check_enough(
    definition: Definition, arrival: Arrival, taking: Taking, stage: Words, facts: Mapping[str, FactValue]
) -> None:
    missing = [definition.words.of("facts", name) for name in arrival.facts if name not in facts]
    if missing:
        raise untaken.FactsWanting(stage=stage, **_named(missing))
    alone = [definition.words.of("roles", name) for name in arrival.roles if not taking.people.get(name)]
    if alone:
        raise untaken.PeopleWanting(stage=stage, **_named(alone))


def _named(some: list[Words]) -> dict[str, str]:
    return {"names_zh": "、".join(each.zh for each in some), "names_en": ", ".join(each.en for each in some)}


def _placed(definition: Definition, arrival: Arrival, taking: Taking, facts: Mapping[str, FactValue]) -> State:
    done = Done(
        act=TAKEN_OVER,
        at=taking.reached,
        by=taking.by.name,
        role="",
        present=(),
        source="",
        target=arrival.stage,
        facts=facts,
    )
    acts = tuple(name for name in arrival.before if name in arrival.acts | taking.done)
    papers = dict.fromkeys(
        paper for name in acts for paper in definition.acts[name].makes + definition.acts[name].brings
    )
    state = State(
        code=definition.manifest.code,
        version=definition.manifest.version,
        stage=arrival.stage,
        closed=arrival.end,
        source=taking.source,
        reference=taking.reference,
        facts=facts,
        assigned={},
        acted={},
        papers=(),
        clocks=(),
        history=(done,),
        settings=definition.figures,
        taken=Taken(acts=acts, papers=tuple(papers), number=taking.number, file=taking.file, row=taking.row),
    )
    return _peopled(definition, state, taking)


def _peopled(definition: Definition, state: State, taking: Taking) -> State:
    day = day_of(taking.at)
    for name, some in taking.people.items():
        role = definition.roles[name]
        for person in some:
            if not person.roles & set(role.office):
                raise untaken.NotOfThePost(person=person.name, role=definition.words.of("roles", name))
            people.may_be(definition, state, role, person, citation=definition.manifest.basis.on(day))
    names = {role: tuple(person.name for person in some) for role, some in taking.people.items()}
    acted = {role: frozenset(some) for role, some in names.items()}
    people.apart(definition, acted, day=day)
    return replace(state, assigned=names, acted=acted)


def _clock_days(definition: Definition, arrival: Arrival, taking: Taking, state: State, stage: Words) -> Days:
    """Return what each clock runs from, once all that have to be told are told and none is too many."""
    if arrival.end and taking.clocks:
        raise untaken.ClocksAtAnEnd(stage=stage, **_clocks(taking.clocks, day_of(taking.at)))
    strangers = [name for name in taking.clocks if name not in arrival.may_run]
    if strangers:
        raise untaken.ClocksNotHere(stage=stage, **_clocks(strangers, day_of(taking.at)))
    wanted = [name for name in due_here(definition, arrival, state, at=taking.at) if name not in taking.clocks]
    wanted += [name for name in sorted(arrival.paused | taking.paused.keys()) if name not in taking.clocks]
    if wanted:
        raise untaken.ClocksWanting(stage=stage, **_clocks(wanted, day_of(taking.at)))
    _check_pauses(arrival, taking, stage)
    for name, start in taking.clocks.items():
        if day_of(start) > day_of(taking.at) and not _may_lie_ahead(definition, name):
            words = law_clocks.named(name, day=day_of(taking.at)).words
            raise untaken.ClockInTheFuture(name=words, start=day_of(start), today=day_of(taking.at))
    return taking.clocks


def _check_pauses(arrival: Arrival, taking: Taking, stage: Words) -> None:
    """A clock that stands still has done so since a day between its start and now; where it runs on, it is not told."""
    today = day_of(taking.at)
    strangers = [name for name in taking.paused if name not in arrival.may_pause]
    if strangers:
        raise untaken.PausesNotHere(stage=stage, **_clocks(strangers, today))
    wanting = [name for name in sorted(arrival.paused) if name not in taking.paused]
    if wanting:
        raise untaken.PausesWanting(stage=stage, **_clocks(wanting, today))
    for name, since in taking.paused.items():
        if not day_of(taking.clocks[name]) <= since <= today:
            words = law_clocks.named(name, day=today).words
            raise untaken.PausedOutside(name=words, since=since, start=day_of(taking.clocks[name]), today=today)


def _may_lie_ahead(definition: Definition, clock: str) -> bool:
    """Say whether the clock runs from a day that a fact names, and that may be still to come (a hearing, an end)."""
    moves = (move for act in definition.acts.values() for move in act.clocks if move.move == "start")
    since = [move.since for move in moves if move.clock == clock]
    return any(name and definition.facts[name].when != "past" for name in since)


def _clocks(names: Mapping[str, object] | list[str], day: date) -> dict[str, str]:
    """Say clocks as people know them, and from what each runs."""
    found = [law_clocks.named(name, day=day) for name in names]
    return {
        "names_zh": "；".join(f"{each.words.zh}（{each.name}，{each.start_event.zh}）" for each in found),
        "names_en": "; ".join(f"{each.words.en} ({each.name}, {each.start_event.en})" for each in found),
    }


def due_here(definition: Definition, arrival: Arrival, state: State, *, at: datetime) -> tuple[str, ...]:
    """Return the clocks whose start has to be told.

    Those that run however one arrives; and those that an act before starts in a case (``when``) that is the case here.
    """
    left = _left_running(definition, state, at=at)
    wanted = (name for name, move in left.items() if move.when or name in arrival.running)
    return tuple(name for name in wanted if name in arrival.may_run)


def _left_running(definition: Definition, state: State, *, at: datetime) -> dict[str, ClockMove]:
    """Return the clocks that the acts done before have left running in a case like this, by what started them."""
    return _left(definition, state, at=at)[0]


def _left(definition: Definition, state: State, *, at: datetime) -> tuple[dict[str, ClockMove], dict[str, ClockMove]]:
    """Return the clocks that the acts done before have left running, and those they have left standing still or
    stopped, each by what started it."""
    view = view_of(definition, state, {}, at=at)
    started: dict[str, ClockMove] = {}
    paused: dict[str, ClockMove] = {}
    for move in (move for name in _done(state) for move in definition.acts[name].clocks):
        if move.when and not definition.guards[move.when].when.holds(view):
            continue
        if move.move == "start":
            started[move.clock] = move
        elif move.move == "resume" and move.clock in paused:
            started[move.clock] = paused.pop(move.clock)
        elif move.move in ("stop", "pause") and move.clock in started:
            paused[move.clock] = started.pop(move.clock)
    return started, paused


def _done(state: State) -> tuple[str, ...]:
    return state.taken.acts if state.taken else ()


def _run(
    definition: Definition, name: str, start: date | datetime, state: State, taking: Taking, calendar: Calendar
) -> ClockRun:
    started, paused = _left(definition, state, at=taking.at)
    move = started.get(name) or paused.get(name)
    run = running.counted(ClockRun(clock=name, start=start, due=None, variant=move.variant if move else ""), calendar)
    return _paused(definition, run, taking.paused[name]) if name in taking.paused else run


def _paused(definition: Definition, run: ClockRun, since: date) -> ClockRun:
    """Return a run that stands still since a day, for the reason for which acts of the kind pause it.

    :raises PausedTooLate: if it was over by then.
    """
    if run.due is not None and day_of(run.due) < since:
        words = law_clocks.named(run.clock, day=day_of(run.start)).words
        raise untaken.PausedTooLate(name=words, since=since, due=day_of(run.due))
    moves = (move for act in definition.acts.values() for move in act.clocks)
    pause = next((move for move in moves if move.move == "pause" and move.clock == run.clock), None)
    return replace(run, paused_on=since, pause_reason=pause.reason if pause else "", due=None)


def _counted(definition: Definition, state: State, taking: Taking) -> Iterator[Effect]:
    """Yield what an ended matter counts in, as of its closing day."""
    view = view_of(definition, state, {}, at=taking.reached)
    rules = (rule for name in _done(state) for rule in definition.acts[name].effects if rule.kind == "count")
    held = (rule.name for rule in rules if not rule.when or definition.guards[rule.when].when.holds(view))
    for name in dict.fromkeys(held):
        yield Effect(kind="count", name=name, at=taking.reached)
    yield Effect(kind="closed", name=state.stage, at=taking.reached)
