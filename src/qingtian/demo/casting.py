"""Who of the demo's cast plays whom in a worked history: whoever holds the posts and certificates, each one role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from qingtian.demo import cast
from qingtian.law import rules
from qingtian.law.machine.state import Event, Person

SYSTEM = "system"
"""The post of programs; nobody of the cast holds it."""


BAOAN, NANSHAN = "440306", "440305"
"""The districts in which the cast has officers: two in Bao'an, one in Nanshan; and a firm each."""
FIRMS = {BAOAN: cast.FIRM, NANSHAN: cast.OTHER_FIRM}


@cache
def players(district: str) -> tuple[Person, ...]:
    """Return those of the cast who work in a district, as the machine knows people: posts and certificates."""
    posts = {rule["role"]: frozenset(rule["posts"]) for rule in rules.table("posts")}
    return tuple(
        Person(
            name=person.username,
            roles=posts.get(person.role, frozenset()) | frozenset(person.posts),
            qualifications=frozenset(person.certificates),
        )
        for person in cast.PEOPLE
        if (person == FIRMS[district] if person.enterprise else person.district in (None, district))
    )


def cast_for(people: Mapping[str, Person], *, district: str) -> dict[str, Person]:
    """Return for each name of a history who plays it there; of two who fit, the one with the fewer other posts.

    Somebody plays twice only where nobody else is left. Who fits nobody stays who they are: the machine refuses.
    """
    found: dict[str, Person] = {}
    for name, person in people.items():
        fitting = [each for each in players(district) if _fits(each, person)]
        free = [each for each in fitting if each not in found.values()] or fitting
        found[name] = min(free, key=lambda each: len(each.roles), default=person)
    return found


def _fits(player: Person, person: Person) -> bool:
    return player.roles >= person.roles and player.qualifications >= person.qualifications


def recast(event: Event, roles: Mapping[str, Person]) -> Event:
    """Return the act as the cast does it."""
    return replace(
        event,
        by=roles[event.by.name],
        present=tuple(roles[person.name] for person in event.present),
        people={role: tuple(roles[person.name] for person in some) for role, some in event.people.items()},
    )
