"""A matter taken over at any stage of any kind: it goes on from there, its record rebuilds, and nothing is invented."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingtian.law import calendar
from qingtian.law.machine import record, shelf, walks
from qingtian.law.machine.allowed import allowed
from qingtian.law.machine.arrivals import Arrival, arrivals
from qingtian.law.machine.definition import TAKEN_OVER, Definition
from qingtian.law.machine.state import Person, Refusal, State, day_of
from qingtian.law.machine.step import step
from qingtian.law.machine.taking import Taking, take_over

OFFICIAL = calendar.official()
KINDS = shelf.discover().kinds


@dataclass(frozen=True, kw_only=True)
class Told:
    """A stage as one walk comes to it, with all that a full register would say of it."""

    definition: Definition
    arrival: Arrival
    state: State


@cache
def ways(code: str, version: int) -> dict[str, Arrival]:
    folder = shelf.folder_of(KINDS[code, version])
    assert folder is not None
    return arrivals(KINDS[code, version], folder, calendar=OFFICIAL)


def every() -> Iterator[Told]:
    """Every first arrival of every walk at every stage."""
    for (code, version), definition in sorted(KINDS.items()):
        folder = shelf.folder_of(definition)
        assert folder is not None
        for walk in walks.read(folder, []):
            seen: set[str] = set()
            for done in walks.run(walk, definition, calendar=OFFICIAL):
                if done.outcome and done.outcome.state.stage not in seen:
                    state = done.outcome.state
                    seen.add(state.stage)
                    yield Told(definition=definition, arrival=ways(code, version)[state.stage], state=state)


EVERY = list(every())


def person(definition: Definition, name: str, role: str) -> Person:
    """Somebody who may be named for a role."""
    office = frozenset(definition.roles[role].office)
    return Person(name=name, roles=office, qualifications=frozenset({"enforcement", "legal"}))


def taking(told: Told) -> Taking:
    """What a register says of a matter that has come as far as this."""
    state, last = told.state, told.state.history[-1].at
    named = {role: tuple(person(told.definition, each, role) for each in some) for role, some in state.assigned.items()}
    open_ = {} if told.arrival.end else {run.clock: run.start for run in state.clocks if run.stopped is None}
    return Taking(
        at=last + timedelta(days=1),
        by=Person(name="clerk", roles=frozenset({"clerk"})),
        opened=state.history[0].at,
        reached=last,
        number="旧1号",
        file="ab" * 32,
        row=3,
        done=frozenset(done.act for done in state.history),
        facts=state.facts,
        people=named,
        clocks=open_,
        paused={
            run.clock: run.paused_on
            for run in state.clocks
            if run.stopped is None and run.paused_on and not told.arrival.end
        },
    )


def anybody(definition: Definition) -> list[Person]:
    """One person for each role, who holds its posts and every certificate."""
    return [person(definition, f"new-{role}", role) for role in definition.roles]


@pytest.mark.parametrize("key", sorted(KINDS), ids=str)
def test_from_every_stage_it_goes_on_or_has_ended(key: tuple[str, int]) -> None:
    assert set(ways(*key)) == set(KINDS[key].stages)
    for told in (each for each in EVERY if each.definition is KINDS[key]):
        outcome = take_over(told.definition, told.arrival, taking(told), calendar=OFFICIAL)
        state = outcome.state
        assert record.read(told.definition, json.loads(json.dumps(record.written(state)))) == state
        assert [done.act for done in state.history] == [TAKEN_OVER]
        assert state.papers == ()
        assert state.closed == told.arrival.end
        assert {effect.kind for effect in outcome.effects} <= {"clock_started", "count", "closed"}
        if state.closed:
            assert state.clocks == ()
        else:
            assert goes_on(told, state), f"{told.definition.folder} {state.stage}"


def goes_on(told: Told, state: State) -> bool:
    """Say whether somebody can do something now, or once time has passed."""
    named = [person(told.definition, name, role) for role, some in state.assigned.items() for name in some]
    moments = [taking(told).at + timedelta(days=days) for days in (0, 8, 35, 100, 400, 2500)]
    return any(
        each.possible and not each.act.opens
        for who in (*named, *anybody(told.definition))
        for at in moments
        for each in allowed(told.definition, state, who, at=at)
    )


@pytest.mark.parametrize("key", sorted(KINDS), ids=str)
def test_who_takes_it_over_on_its_usual_way_can_walk_the_rest_of_it(key: tuple[str, int]) -> None:
    definition, folder = KINDS[key], shelf.folder_of(KINDS[key])
    assert folder is not None
    plain = next(walk for walk in walks.read(folder, []) if walk.sort == "plain")
    definition = definition.with_settings(plain.settings)
    rows = [row for row in plain.place.rows("acts") if not row.text("refused")]
    states = [done.outcome.state for done in walks.run(plain, definition, calendar=OFFICIAL) if done.outcome]
    came = {state.stage: place for place, state in reversed(list(enumerate(states)))}
    for stage, place in came.items():
        told = Told(definition=definition, arrival=ways(*key)[stage], state=states[place])
        # people keep the posts that the walk gives them
        known = {role: tuple(plain.people[name] for name in some) for role, some in states[place].assigned.items()}
        at = states[place].history[-1].at
        state = take_over(definition, told.arrival, replace(taking(told), at=at, people=known), calendar=OFFICIAL).state
        for row in rows[place + 1 :]:
            state = step(definition, state, walks.event(plain, row), calendar=OFFICIAL).state
        assert state.stage == states[-1].stage, stage


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(EVERY), st.data())
def test_whatever_is_left_out_it_is_taken_whole_or_refused_with_a_sentence(told: Told, data: st.DataObject) -> None:
    full = taking(told)

    def some(names: list[str]) -> set[str]:
        return set(data.draw(st.lists(st.sampled_from(names), unique=True))) if names else set()

    facts, clocks, people = (some(sorted(each)) for each in (full.facts, full.clocks, full.people))
    less = replace(
        full,
        facts={name: value for name, value in full.facts.items() if name not in facts},
        clocks={name: day for name, day in full.clocks.items() if name not in clocks},
        people={role: who for role, who in full.people.items() if role not in people},
    )
    refused: Refusal | None = None
    try:
        state = take_over(told.definition, told.arrival, less, calendar=OFFICIAL).state
    except Refusal as refusal:
        refused = refusal
    if refused is not None:
        assert "{" not in refused.sentence("zh") + refused.sentence("en")
        return
    assert set(told.arrival.facts) <= set(state.facts)
    assert set(told.arrival.roles) <= set(state.assigned)
    assert {run.clock for run in state.clocks} == set(less.clocks)
    assert all(run.due is not None for run in state.clocks)
    assert day_of(state.history[0].at) <= day_of(full.at)
