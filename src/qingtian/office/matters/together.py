"""Many matters at once (批量办理): which acts are possible for how many, and what one would do, before it is done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from qingtian.law.machine import record
from qingtian.law.machine.allowed import allowed
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.state import Person, State
from qingtian.office.matters import kinds, seeing
from qingtian.office.matters.acting import Acting
from qingtian.office.matters.actions import Bulk, do_acts
from qingtian.office.matters.models import Matter
from qingtian.office.people.api import User

MOST_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Shared:
    """An act of a kind, and for how many of the chosen matters it is possible now."""

    act: Act
    able: int


@dataclass(frozen=True, kw_only=True)
class Group:
    """The chosen matters of one kind in one version, with the acts that are possible for at least one of them."""

    definition: Definition
    person: Person
    matters: Sequence[Matter]
    states: Sequence[State]
    acts: Sequence[Shared]
    alone: Sequence[Act]
    """Possible as well, but each by itself: papers have to be brought with it."""


class _Undone(Exception):
    """Takes a preview back."""


def together(user: User, matter_ids: Collection[int], *, at: datetime) -> list[Group]:
    """Return the chosen matters that the person may see, by kind and version; merged ones are left out. Two queries."""
    viewer = seeing.viewer(user, at=at)
    person = seeing.person(viewer)
    found: dict[tuple[str, int], list[Matter]] = {}
    rows = seeing.seen(viewer).filter(pk__in=sorted(matter_ids)[:MOST_AT_ONCE], merged_into=None)
    for matter in rows.select_related("district", "enterprise").order_by("code", "version", "pk"):
        found.setdefault((matter.code, matter.version), []).append(matter)
    return [_group(kinds.version(*key), matters, person, at) for key, matters in found.items()]


def _group(definition: Definition, matters: Sequence[Matter], person: Person, at: datetime) -> Group:
    states = [record.read(definition, matter.state) for matter in matters]
    able: dict[str, int] = {}
    for state in states:
        for each in () if state.closed else allowed(definition, state, person, at=at):
            able[each.act.name] = able.get(each.act.name, 0) + each.possible
    possible = [act for name, act in definition.acts.items() if able.get(name)]
    return Group(
        definition=definition,
        person=person,
        matters=matters,
        states=states,
        acts=[Shared(act=act, able=able[act.name]) for act in possible if not act.brings],
        alone=[act for act in possible if act.brings],
    )


def preview_acts(
    *,
    acting_user: Acting,
    matters: Mapping[int, int | None],
    act: str,
    at: datetime,
    facts: Mapping[str, object] | None = None,
    present: Sequence[str] = (),
    people: Mapping[str, Sequence[str]] | None = None,
) -> Bulk:
    """Say what `do_acts` would do, by doing it and taking it back: nothing stays, no number is used, nobody is told.

    :raises PersonUnknown: if somebody named is not there.
    """
    try:
        with transaction.atomic():
            found = do_acts(
                acting_user=acting_user, matters=matters, act=act, at=at, facts=facts, present=present, people=people
            )
            raise _Undone
    except _Undone:
        return found
