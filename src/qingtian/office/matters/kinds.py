"""What the data of a kind says for the office: whose turn it is in a stage, which clocks are duties, who sees all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from qingtian.law import calendar, clocks
from qingtian.law.machine import duties, figures, shelf
from qingtian.law.machine.arrivals import Arrival
from qingtian.law.machine.arrivals import arrivals as machine_arrivals
from qingtian.law.machine.definition import ANY, SAME, Act, Definition
from qingtian.law.machine.state import ClockRun, day_of
from qingtian.office.matters.models import Matter

PARTY = "party"
"""The post of firms' users: they see a matter once it is their turn."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Who can go on with a matter in a stage: posts of the office, and roles that the matter names people for."""

    posts: frozenset[str]
    roles: frozenset[str]


NO_ONE = Desk(posts=frozenset(), roles=frozenset())


def of(matter: Matter) -> Definition:
    """Return the kind in the version that the matter was opened under.

    :raises UnknownKind: if its folder is gone.
    """
    return version(matter.code, matter.version)


def version(code: str, number: int) -> Definition:
    """:raises UnknownKind: if there is no such version."""
    return shelf.discover().version(code, number)


def on(code: str, *, day: date) -> Definition:
    """Return the version that matters are opened under on a day.

    :raises UnknownKind, NoVersionInForce:
    """
    return shelf.discover().on(code, day=day)


def every() -> list[Definition]:
    """Return every version of every kind, by code and version."""
    kinds = shelf.discover().kinds
    return [kinds[key] for key in sorted(kinds)]


@cache
def _desks(code: str, number: int) -> Mapping[str, Desk]:
    definition = version(code, number)
    return {name: _desk(definition, name) for name, stage in definition.stages.items() if not stage.end}


def desk(definition: Definition, stage: str) -> Desk:
    """Return whose turn it is; nobody's at an end."""
    return _desks(definition.manifest.code, definition.manifest.version).get(stage, NO_ONE)


def _desk(definition: Definition, stage: str) -> Desk:
    """Acts that lead on count; those possible anywhere, or staying, only where there are no others.

    What the party may do counts always: it learns only by its turn that it may answer or rate.
    """
    here = [act for act in definition.acts.values() if stage in definition.stages_of(act)]
    onward = [act for act in here if act.sources != (ANY,) and act.target not in (SAME, stage)]
    counting = onward + [act for act in here if _is_the_partys(definition, act)] if onward else here
    roles = [definition.roles[name] for act in counting for name in act.by]
    return Desk(
        posts=frozenset(post for role in roles if not role.assigned for post in role.office),
        roles=frozenset(role.name for role in roles if role.assigned),
    )


def _is_the_partys(definition: Definition, act: Act) -> bool:
    return any(definition.roles[name].office == (PARTY,) for name in act.by)


@cache
def _judging(code: str, number: int) -> Mapping[str, frozenset[str]]:
    definition = version(code, number)
    return {name: figures.judging(definition, act) for name, act in definition.acts.items()}


def judging(definition: Definition, act: str) -> frozenset[str]:
    """Return the figures of the authority that an act of the kind is judged by."""
    return _judging(definition.manifest.code, definition.manifest.version).get(act, frozenset())


@cache
def arrivals(code: str, number: int) -> Mapping[str, Arrival]:
    """Return how matters of the kind come to each stage; none if its folder is gone."""
    definition = version(code, number)
    folder = shelf.folder_of(definition)
    # the official calendar: what is read here is the order of acts, not their days
    return machine_arrivals(definition, folder, calendar=calendar.official()) if folder else {}


@cache
def _lapsing(code: str, number: int) -> frozenset[str]:
    return duties.lapsing(version(code, number))


def is_duty(definition: Definition, run: ClockRun) -> bool:
    """Say whether somebody has to act before the clock runs out; else it is a right that lapses or a time to wait."""
    if run.clock in _lapsing(definition.manifest.code, definition.manifest.version):
        return False
    return clocks.named(run.clock, day=day_of(run.start)).means == "by"


@cache
def posts_in(code: str, number: int) -> frozenset[str]:
    """Return the posts that have a part in a kind by themselves, without being named in a matter."""
    roles = version(code, number).roles.values()
    return frozenset(post for role in roles if not role.assigned for post in role.office)


@cache
def guarded_from(code: str, number: int) -> tuple[frozenset[str], ...]:
    """Return, for each fact that not everybody sees, the posts that see it by themselves."""
    definition = version(code, number)
    return tuple(
        frozenset(
            post
            for name in fact.seen_by
            if name in definition.roles and not definition.roles[name].assigned
            for post in definition.roles[name].office
        )
        for fact in definition.facts.values()
        if fact.seen_by
    )


def openings(definition: Definition) -> list[Act]:
    """Return the acts that open a matter of the kind."""
    return [act for act in definition.acts.values() if act.opens]


def in_force(*, at: datetime) -> list[tuple[Definition, list[Act]]]:
    """Return the kinds of which matters can be opened at a moment, each with its opening acts."""
    day = day_of(at)
    return [(kind, openings(kind)) for kind in every() if kind.manifest.in_force(day)]


def opening_posts(definition: Definition) -> frozenset[str]:
    """Return the posts that may open a matter of the kind."""
    return frozenset(post for name in definition.manifest.opened_by for post in definition.roles[name].office)
