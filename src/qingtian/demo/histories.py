"""What happened in the demo city's office: the kinds' own worked histories 走查, moved in time and given to the cast.

Pure, and the same at every call for the same instant. A history is moved by whole weeks, so that working days stay
working days, until the machine lets all of it pass at its new place in the calendar.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.demo import casting
from qingtian.law import clocks
from qingtian.law.calendar import Calendar
from qingtian.law.machine import duties, numbers, shelf, walks
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import Event, State
from qingtian.law.machine.step import step
from qingtian.law.machine.walks import Walk

WEEK = timedelta(weeks=1)
TRIES = 26
"""How many weeks further back a history is tried."""


class Goal(StrEnum):
    """How a history should stand today."""

    SOON = "soon"
    OVERDUE = "overdue"
    FRESH = "fresh"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class History:
    """A matter from its opening to today: acts in their order, as the machine has let them pass."""

    definition: Definition
    district: str
    walk: str
    goal: Goal
    events: tuple[Event, ...]
    state: State

    @property
    def due(self) -> datetime | None:
        """Until when somebody has to act; None: nothing runs."""
        return None if self.state.closed else _due(self.definition, self.state)


def histories(*, now: datetime, calendar: Calendar) -> Iterator[History]:
    """Yield the histories of all kinds that can be opened today: one near its end, one on its way, one closed.

    A kind whose worked histories do not fit the calendar before ``now`` yields fewer.
    """
    day = now.astimezone(BEIJING).date()
    for number, definition in enumerate(_kinds(day)):
        told = {walk.sort: walk for walk in _walks(definition)}
        late = Goal.OVERDUE if number % 3 == 0 else Goal.SOON
        wanted = (("plain", Goal.CLOSED), ("plain", Goal.FRESH if number % 4 == 0 else Goal.SOON), ("longest", late))
        for place, (sort, goal) in enumerate(wanted, start=number):
            if sort in told and (found := _somewhere(definition, told[sort], goal, place, now=now, calendar=calendar)):
                yield found


def _kinds(day: date) -> list[Definition]:
    known = shelf.discover()
    return [kind for _, kind in sorted(known.kinds.items()) if kind.manifest.in_force(day)]


def _walks(definition: Definition) -> list[Walk]:
    """Return the kind's walks that need no figures of another authority."""
    folder = shelf.folder_of(definition)
    return [walk for walk in walks.read(folder, []) if not walk.settings] if folder else []


def _somewhere(
    definition: Definition, walk: Walk, goal: Goal, number: int, *, now: datetime, calendar: Calendar
) -> History | None:
    """Every third happens in Nanshan, if one officer is enough for it; the others in Bao'an."""
    districts = (casting.NANSHAN, casting.BAOAN) if number % 3 == 0 else (casting.BAOAN,)
    for district in districts:
        if found := _history(definition, walk, goal, district, now=now, calendar=calendar):
            return found
    return None


def _history(
    definition: Definition, walk: Walk, goal: Goal, district: str, *, now: datetime, calendar: Calendar
) -> History | None:
    events = list(_acts(definition, walk, district, calendar))
    states = list(_states(definition, events, calendar))
    dice = random.Random(f"qingtian demo {definition.manifest.code} {walk.name} {goal}")
    until = _until(definition, states, goal, dice)
    if until is None:
        return None
    first = _weeks(events[until].at, _due(definition, states[until]), goal, now=now, dice=dice)
    for weeks in range(first, first - TRIES, -1):
        moved = tuple(shifted(event, weeks * WEEK) for event in events[: until + 1])
        if definition.manifest.in_force(moved[0].day) and (state := _passes(definition, moved, calendar)):
            return History(
                definition=definition, district=district, walk=walk.name, goal=goal, events=moved, state=state
            )
    return None


def _acts(definition: Definition, walk: Walk, district: str, calendar: Calendar) -> Iterator[Event]:
    """Yield the acts of a walk that were done, by people of the cast who work in the district."""
    roles = casting.cast_for(walk.people, district=district)
    for walked in walks.run(walk, definition, calendar=calendar):
        if walked.outcome is not None:
            yield casting.recast(walks.event(walk, walked.place), roles)


def _states(definition: Definition, events: Sequence[Event], calendar: Calendar) -> Iterator[State]:
    """Yield the state after each act, as long as the machine lets the cast do them."""
    state: State | None = None
    for event in events:
        try:
            state = numbers.sampled(definition, step(definition, state, event, calendar=calendar).state)
        except QingtianError:
            return
        yield state


def _passes(definition: Definition, events: Sequence[Event], calendar: Calendar) -> State | None:
    states = list(_states(definition, events, calendar))
    return states[-1] if len(states) == len(events) else None


def _until(definition: Definition, states: Sequence[State], goal: Goal, dice: random.Random) -> int | None:
    """Return the last act that happens: for a goal with a clock, one that leaves somebody with a duty."""
    if goal is Goal.CLOSED:
        return next((number for number, state in enumerate(states) if state.closed), None)
    live = [number for number, state in enumerate(states) if not state.closed]
    if goal is Goal.FRESH:
        return live[0] if live else None
    running = [number for number in live if _due(definition, states[number])]
    return dice.choice(running or live) if live else None


def _due(definition: Definition, state: State) -> datetime | None:
    """Return until when somebody has to act."""
    runs = [run for run in state.clocks if run.running and run.due is not None and _is_duty(definition, run.clock)]
    dues = [_moment(run.due) for run in runs if run.due is not None]
    return min(dues, default=None)


def _is_duty(definition: Definition, clock: str) -> bool:
    return clock not in duties.lapsing(definition) and clocks.named(clock, day=date.max).means == "by"


def _moment(due: date | datetime) -> datetime:
    return due if isinstance(due, datetime) else datetime(due.year, due.month, due.day, 23, 59, 59, tzinfo=BEIJING)


def _weeks(last: datetime, due: datetime | None, goal: Goal, *, now: datetime, dice: random.Random) -> int:
    """Return by how many weeks a history moves so that its last act lies behind us and the clock stands as wished."""
    most = (now - last) // WEEK
    if goal is Goal.CLOSED:
        return most - dice.randrange(1, 12)
    if due is None or goal is Goal.FRESH:
        return most
    over = (now - due) // WEEK
    return min(most, over if goal is Goal.OVERDUE else over + 1)


def shifted(event: Event, by: timedelta) -> Event:
    """Return an act that happened at another time: its moment, and the days among its facts."""
    facts = {name: _later(value, by) for name, value in event.facts.items()}
    return replace(event, at=event.at + by, facts=facts)


def _later(value: object, by: timedelta) -> object:
    return value + by if isinstance(value, date) else value
