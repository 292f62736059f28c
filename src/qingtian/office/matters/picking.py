"""Who could be named for a role or be present, for pickers: everybody who holds its posts, and why some may not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from qingtian.base.times import BEIJING
from qingtian.law.machine import people
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import Person, Refusal, State
from qingtian.office.matters import persons, telling
from qingtian.office.matters.models import Matter
from qingtian.office.people.api import User, holders


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A person for a role; ``why``: the sentence that says what stands against it, None if nothing does."""

    user: User
    why: Refusal | None


def pickable(
    definition: Definition, roles: Iterable[str], *, matter: Matter, state: State | None, at: datetime
) -> dict[str, list[Candidate]]:
    """Return the candidates of each role, those who may be it first: of the matter's place, or of anywhere if none.

    ``matter`` may be one that is only being opened; then ``state`` is None. A query for each role, and one more.
    """
    holding = {role: _holding(definition.roles[role].office, matter, at=at) for role in dict.fromkeys(roles)}
    everybody = {user.pk: user for users in holding.values() for user in users}
    known = persons.of_users(everybody.values(), at=at) if everybody else {}
    found = {
        role: [
            Candidate(user=user, why=_against(definition, role, known[user.username], state, at=at)) for user in users
        ]
        for role, users in holding.items()
    }
    return {role: sorted(some, key=lambda one: one.why is not None) for role, some in found.items()}


def _holding(posts: Iterable[str], matter: Matter, *, at: datetime) -> list[User]:
    if matter.district_id or matter.grid_id or matter.enterprise_id:
        return telling.holding(posts, matter, at=at)
    return list(holders(posts, day=at.astimezone(BEIJING).date()))


def _against(definition: Definition, role: str, person: Person, state: State | None, *, at: datetime) -> Refusal | None:
    citation = definition.manifest.basis.on(at.date())
    try:
        people.qualified(definition, definition.roles[role], person, citation=citation)
        people.separate(definition, state, role, person)
    except Refusal as refusal:
        return refusal
    return None
