"""Which acts are possible now for a person, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from qingtian.law.machine import gates as gating
from qingtian.law.machine import people
from qingtian.law.machine.asked import missing_fact, missing_paper
from qingtian.law.machine.conditions import facts_of
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.state import FactValue, Person, Refusal, State
from qingtian.law.machine.step import check_place, cited, view_of


@dataclass(frozen=True, kw_only=True)
class Possibility:
    """An act, and every reason why it is not possible now. What it asks for when done is not held against it."""

    act: Act
    reasons: tuple[Refusal, ...]

    @property
    def possible(self) -> bool:
        return not self.reasons


def allowed(definition: Definition, state: State | None, person: Person, *, at: datetime) -> tuple[Possibility, ...]:
    """Return every act of the kind in the order of its file. ``state`` None: which acts may open a matter."""
    return tuple(
        Possibility(act=act, reasons=tuple(_reasons(definition, act, state, person, at)))
        for act in definition.acts.values()
    )


def _reasons(definition: Definition, act: Act, state: State | None, person: Person, at: datetime) -> Iterator[Refusal]:
    citation = cited(definition, act, at)
    try:
        check_place(definition, act, state, at=at, citation=citation)
    except Refusal as refusal:
        # elsewhere in the procedure nothing more can be said
        yield refusal
        return
    try:
        people.role_for(definition, act, state, person, citation=citation)
    except Refusal as refusal:
        yield refusal
    known = state.facts if state else {}
    yield from (
        missing_fact(definition, act, name) for name in act.needs if name not in known and name not in act.takes
    )
    for name in act.needs_papers:
        if not (state and state.has_paper(name)) and name not in act.brings + act.may_bring:
            yield missing_paper(definition, act, name, citation)
    yield from _shut(definition, act, state, at, citation)


def _shut(definition: Definition, act: Act, state: State | None, at: datetime, citation: str) -> Iterator[Refusal]:
    """Guards that compare a fact which the act itself asks for are decided only when it is given."""
    view = view_of(definition, state, {}, at=at)
    now = replace(act, guards=tuple(name for name in act.guards if name not in asked_later(definition, act)))
    yield from gating.guards(definition, now, view, citation=citation)
    yield from gating.gates(definition, act, view, event=None)


def asked_later(definition: Definition, act: Act) -> frozenset[str]:
    """Return the guards of an act that depend on facts given with it."""
    return frozenset(
        name for name in act.guards if facts_of(definition.guards[name].when) & {*act.takes, *act.computes}
    )


def visible(definition: Definition, state: State, person: Person) -> dict[str, FactValue]:
    """Return the facts that the person may see: by office role, or as who acted in a role of the matter."""
    mine = {
        role.name
        for role in definition.roles.values()
        if (not role.assigned and person.roles & set(role.office))
        or person.name in state.acted.get(role.name, frozenset())
    }
    return {
        name: value
        for name, value in state.facts.items()
        if not definition.facts[name].seen_by or mine & set(definition.facts[name].seen_by)
    }
