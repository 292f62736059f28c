"""A state in rows: what the tables beside a matter say is a function of the state; here is that function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time

from qingtian.base.identifiers import deterministic
from qingtian.base.times import BEIJING
from qingtian.law.machine.definition import EFFECT_KINDS, Definition
from qingtian.law.machine.state import ClockRun, Outcome, State
from qingtian.office import statements
from qingtian.office.matters import kinds
from qingtian.office.matters.models import Matter, MatterClock, MatterEffect, MatterTurn

LAST_SECOND = time(23, 59, 59, tzinfo=BEIJING)
FIRST_SECOND = time(0, tzinfo=BEIJING)


def instant(due: date | datetime | None) -> datetime | None:
    """Return the last instant that is in time: of a day its last second in Beijing."""
    if due is None or isinstance(due, datetime):
        return due
    return datetime.combine(due, LAST_SECOND)


def clock(matter: Matter, definition: Definition, position: int, run: ClockRun, *, counted_by: str) -> MatterClock:
    """Return the row of one run."""
    duty = kinds.is_duty(definition, run)
    started = run.start if isinstance(run.start, datetime) else datetime.combine(run.start, FIRST_SECOND)
    return statements.made(
        MatterClock,
        matter_id=matter.pk,
        position=position,
        clock=run.clock,
        started=started,
        due=instant(run.due),
        due_day=run.due.astimezone(BEIJING).date() if isinstance(run.due, datetime) else run.due,
        duty=duty,
        paused_on=run.paused_on,
        stopped=run.stopped,
        missed=duty and run.stopped is not None and run.over(run.stopped),
        provisional=run.provisional,
        counted_by=counted_by,
    )


def changed_clocks(
    matter: Matter, definition: Definition, before: State | None, after: State, *, counted_by: str
) -> list[MatterClock]:
    """Return the rows of the runs that are new or not as they were."""
    old = before.clocks if before else ()
    return [
        clock(matter, definition, position, run, counted_by=counted_by)
        for position, run in enumerate(after.clocks)
        if position >= len(old) or old[position] != run
    ]


def standing(matter: Matter, definition: Definition, state: State) -> None:
    """Set the columns of the matter that follow from its state. What lapses by itself makes nobody late."""
    live = [(run, due) for run in state.clocks if run.running and (due := instant(run.due))]
    duties = [(run, due) for run, due in live if kinds.is_duty(definition, run)]
    first = min(duties, key=lambda one: one[1], default=None)
    matter.stage, matter.closed = state.stage, state.closed
    matter.next_due = first[1] if first and not state.closed else None
    matter.next_clock = first[0].clock if first and not state.closed else ""
    matter.provisional = any(run.provisional for run, _ in duties)


def turns(matter: Matter, definition: Definition, state: State, users: Mapping[str, int]) -> list[MatterTurn]:
    """Return whose turn it is; ``users`` are the keys of those the matter names, by username."""
    if state.closed or matter.merged_into_id:
        return []
    whose = kinds.desk(definition, state.stage)
    named = {users[name] for role in whose.roles for name in state.assigned.get(role, ()) if name in users}
    holders = [f"post:{post}" for post in sorted(whose.posts)] + [f"user:{key}" for key in sorted(named)]
    return [
        statements.made(
            MatterTurn,
            matter_id=matter.pk,
            holder=holder,
            district_id=matter.district_id,
            enterprise_id=matter.enterprise_id,
            due=matter.next_due,
        )
        for holder in holders
    ]


def names(state: State) -> set[str]:
    """Return the usernames that a state names for roles."""
    return {name for people in state.assigned.values() for name in people}


def effects(matter: Matter, outcome: Outcome) -> Iterator[MatterEffect]:
    """Yield what is to be carried out after the act, with ids that the same act gives again."""
    asked = [effect for effect in outcome.effects if effect.kind in EFFECT_KINDS]
    for place, effect in enumerate(asked):
        yield statements.made(
            MatterEffect,
            id=deterministic("matter", matter.pk, matter.revision, place),
            matter_id=matter.pk,
            revision=matter.revision,
            kind=effect.kind,
            name=effect.name,
            at=effect.at,
        )
