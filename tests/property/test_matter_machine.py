"""The machine under random clerks: it answers with a state or a refusal, never otherwise, and keeps its word."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.law import calendar
from qingtian.law.machine import record, shelf, walks
from qingtian.law.machine.allowed import allowed
from qingtian.law.machine.definition import Definition, Fact
from qingtian.law.machine.reading import load
from qingtian.law.machine.state import Event, Person, State
from qingtian.law.machine.step import step

FOLDERS = list(shelf.folders())
KINDS: dict[str, Definition] = {folder.name: load(folder) for folder in FOLDERS}
OFFICIAL = calendar.official()
START = datetime(2026, 9, 1, 9, tzinfo=BEIJING)


def somebody(kind: Definition) -> list[Person]:
    """Three people who hold every office role, so that duties are separated by name only."""
    roles = frozenset(office for role in kind.roles.values() for office in role.office)
    return [Person(name=name, roles=roles, qualifications=frozenset({"enforcement", "legal"})) for name in "abc"]


def plausible(draw: st.DrawFn, fact: Fact, at: datetime) -> object:
    """A value of the fact's type, and sometimes a wrong one."""
    if draw(st.integers(0, 30)) == 0:
        return draw(st.sampled_from([None, 1.5, "", [], object()]))
    days = draw(st.integers(0, 40)) * {"past": -1, "future": 1, "any": 1}[fact.when]
    return {
        "text": "文字",
        "date": (at + timedelta(days=days)).date(),
        "datetime": at + timedelta(days=days),
        "money": Decimal(draw(st.integers(0, 100_000_000))) / 100,
        "number": Decimal(1),
        "whole": draw(st.integers(0, 40)),
        "choice": draw(st.sampled_from(fact.options or ("x",))),
        "yes_no": draw(st.booleans()),
        "person": "a",
        "list": ["甲"],
    }[fact.type]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Definition, list[Event]]:
    kind = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    people, at, state = somebody(kind), max(START, START), None
    start = max(START.date(), kind.manifest.start)
    if kind.manifest.end and start >= kind.manifest.end:
        at = datetime(2026, 1, 5, 9, tzinfo=BEIJING)
    events = []
    for _ in range(draw(st.integers(1, 25))):
        at += timedelta(hours=draw(st.integers(0, 24 * 30)))
        by = draw(st.sampled_from(people))
        names = [each.act.name for each in allowed(kind, state, by, at=at) if each.possible] or sorted(kind.acts)
        act = kind.acts[draw(st.sampled_from(names))]
        event = Event(
            act=act.name,
            at=at,
            by=by,
            present=tuple(people) if draw(st.booleans()) else (),
            facts={name: plausible(draw, kind.facts[name], at) for name in act.asks},
            papers=frozenset(act.brings),
            people={role: (draw(st.sampled_from(people)),) for role in act.assigns},
            source=kind.manifest.opened_from[0],
        )
        events.append(event)
        try:
            state = step(kind, state, event, calendar=OFFICIAL).state
        except QingtianError:
            continue
    return kind, events


@settings(max_examples=150, deadline=None)
@given(histories())
def test_whatever_clerks_do_the_matter_stays_in_order(history: tuple[Definition, list[Event]]) -> None:
    kind, events = history
    state: State | None = None
    for event in events:
        before = state
        try:
            outcome = step(kind, state, event, calendar=OFFICIAL)
        except QingtianError as error:
            refused = error
            assert "{" not in refused.sentence("zh") + refused.sentence("en")
            continue
        state = outcome.state
        assert before is None or not before.closed
        assert state.stage in kind.stages
        assert state.closed == kind.stages[state.stage].end
        assert len(state.history) == (len(before.history) if before else 0) + 1
        assert all(run.due is not None or run.paused_on for run in state.clocks)
        for rule in kind.separations:
            held = [state.acted.get(role, frozenset()) for role in rule.roles]
            assert not any(one & other for place, one in enumerate(held) for other in held[place + 1 :])
        assert record.read(kind, json.loads(json.dumps(record.written(state)))) == state


def test_every_walk_of_every_kind_survives_the_record() -> None:
    for folder in FOLDERS:
        kind = KINDS[folder.name]
        for walk in walks.read(folder, []):
            for done in walks.run(walk, kind, calendar=OFFICIAL):
                if done.outcome:
                    state = done.outcome.state
                    assert record.read(kind, json.loads(json.dumps(record.written(state)))) == state


def test_a_record_of_another_version_or_a_damaged_one_is_refused() -> None:
    kind, other = KINDS["credit_repair"], KINDS["credit_repair_2023"]
    folder = next(each for each in FOLDERS if each.name == "credit_repair")
    first = next(iter(walks.run(walks.read(folder, [])[0], kind, calendar=OFFICIAL)))
    assert first.outcome
    plain = record.written(first.outcome.state)
    with pytest.raises(record.RecordNotReadable, match="version 2"):
        record.read(other, plain)
    with pytest.raises(record.RecordNotReadable):
        record.read(kind, {**plain, "facts": {"decided_on": "yesterday"}})
    assert Path(str(folder)).is_dir()
