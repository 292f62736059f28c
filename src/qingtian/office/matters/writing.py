"""What an act leaves behind, written in bulk: columns, clocks, people, turns, papers, effects, words, ledger, events.

One act or a thousand take the same number of statements, but for numbers of papers, the ledger and the events.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qingtian.law.calendar import Calendar
from qingtian.law.machine import record
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import Event, Outcome, State
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import calendars, events, files, rows, words
from qingtian.office.matters.models import (
    Matter,
    MatterClock,
    MatterEffect,
    MatterPaper,
    MatterPerson,
    MatterText,
    MatterTurn,
)
from qingtian.office.objects.api import Kept
from qingtian.office.people.api import User

COLUMNS = (
    *("stage", "closed", "state", "revision", "changed_at", "closed_at"),
    *("next_due", "next_clock", "provisional", "version", "merged_into"),
)
OF_A_CLOCK = (
    *("clock", "started", "due", "due_day", "duty", "paused_on", "stopped", "missed"),
    *("provisional", "counted_by", "told"),
)


@dataclass(frozen=True, kw_only=True)
class Work:
    """An act that the machine has let through, on a matter that is locked (or new, with ``before`` None)."""

    matter: Matter
    definition: Definition
    before: State | None
    event: Event
    outcome: Outcome
    files: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def after(self) -> State:
        return self.outcome.state


def write(works: Sequence[Work], *, acting_user: ledger.Actor, calendar: Calendar, users: Mapping[str, User]) -> None:
    """Write all of it, inside the caller's transaction. ``users``: those the acts mention, by username."""
    fingerprint = calendars.fingerprint(calendar)
    for work in works:
        _advance(work)
    save([work.matter for work in works])
    put_clocks(
        row
        for work in works
        for row in rows.changed_clocks(work.matter, work.definition, work.before, work.after, counted_by=fingerprint)
    )
    known = _known(works, users)
    _put_people(works, known)
    turn([(work.matter, work.definition, work.after) for work in works if _turns_change(work)], known)
    papers = {work.matter.pk: list(_papers(work)) for work in works}
    files.settle([(row, work.definition) for work in works for row in papers[work.matter.pk]])
    MatterPaper.objects.bulk_create(row for each in papers.values() for row in each)
    MatterEffect.objects.bulk_create(
        (row for work in works for row in rows.effects(work.matter, work.outcome)), ignore_conflicts=True
    )
    put_words([(work.matter, work.definition, work.after) for work in works])
    if works:
        traces = [_trace(work, papers[work.matter.pk]) for work in works]
        events.record_all(traces, acting_user=acting_user)


def _advance(work: Work) -> None:
    matter = work.matter
    if work.before is not None:
        matter.revision += 1
    matter.state = record.written(work.after)
    matter.changed_at = work.event.at
    rows.standing(matter, work.definition, work.after)
    if matter.closed:
        matter.closed_at = work.event.at


def save(matters: Sequence[Matter]) -> None:
    """Save the columns that acts change. One statement."""
    if len(matters) == 1:
        matters[0].save(update_fields=COLUMNS)
    elif matters:
        Matter.objects.bulk_create(matters, update_conflicts=True, unique_fields=["id"], update_fields=COLUMNS)


def put_clocks(clocks: Iterator[MatterClock]) -> None:
    """Write runs of clocks; one that was there before is as good as new, and not told of yet. One statement."""
    MatterClock.objects.bulk_create(
        clocks, update_conflicts=True, unique_fields=["matter", "position"], update_fields=OF_A_CLOCK
    )


def _known(works: Sequence[Work], users: Mapping[str, User]) -> dict[str, int]:
    """Return the keys of everybody that the states name or named, by username. At most one query."""
    known = {name: user.pk for name, user in users.items()}
    wanted = {name for work in works for name in rows.names(work.after) | _left(work)} - known.keys()
    if wanted:
        known.update(User.objects.filter(username__in=wanted).values_list("username", "pk"))
    return known


def _left(work: Work) -> set[str]:
    return rows.names(work.before) - rows.names(work.after) if work.before else set()


def _roles(state: State | None) -> dict[tuple[str, str], bool]:
    """Return who has been in which role, and whether they are named for it now."""
    if state is None:
        return {}
    return {(role, name): name in state.assigned.get(role, ()) for role, names in state.acted.items() for name in names}


def _put_people(works: Sequence[Work], known: Mapping[str, int]) -> None:
    changed = [
        MatterPerson(matter=work.matter, user_id=known[name], role=role, assigned=assigned)
        for work in works
        for (role, name), assigned in sorted(_roles(work.after).items() - _roles(work.before).items())
        if name in known
    ]
    if changed:
        MatterPerson.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["matter", "user", "role"], update_fields=["assigned"]
        )


def _turns_change(work: Work) -> bool:
    before, after = work.before, work.after
    return (
        before is None
        or (before.stage, before.assigned) != (after.stage, after.assigned)
        or before.clocks != after.clocks
    )


def turn(matters: Sequence[tuple[Matter, Definition, State]], users: Mapping[str, int]) -> None:
    """Write anew whose turn it is in these matters. Two statements."""
    if matters:
        MatterTurn.objects.filter(matter__in=[matter.pk for matter, _, _ in matters]).delete()
        MatterTurn.objects.bulk_create(
            row for matter, definition, state in matters for row in rows.turns(matter, definition, state, dict(users))
        )


def _papers(work: Work) -> Iterator[MatterPaper]:
    return files.rows(work.matter, work.definition, work.before, work.after, work.files)


def put_words(matters: Sequence[tuple[Matter, Definition, State]]) -> None:
    """Write the words that these matters are found by. One statement."""
    found = []
    for matter, definition, state in matters:
        open_, guarded = words.of_state(definition, state)
        named = [matter.number, matter.title, matter.reference]
        found.append(MatterText(matter=matter, words=words.vector([*named, *open_]), guarded=words.vector(guarded)))
    MatterText.objects.bulk_create(
        found, update_conflicts=True, unique_fields=["matter"], update_fields=["words", "guarded"]
    )


def _trace(work: Work, papers: Sequence[MatterPaper]) -> events.Trace:
    """Return what the ledger keeps of an act: enough to do it again.

    Texts of facts that not everybody sees are personal: they can be erased, and the proofs still hold.
    """
    done: Mapping[str, Any] = work.matter.state["history"][-1]
    event = work.event
    guarded = {name for name in done["facts"] if work.definition.facts[name].seen_by}
    opening = {"source": event.source, "reference": event.reference} if work.before is None else {}
    content = {
        "kind": work.matter.code,
        "version": work.matter.version,
        "from": done["source"],
        "role": done["role"],
        "facts": {name: value for name, value in done["facts"].items() if name not in guarded},
        "present": list(done["present"]),
        "people": {role: [person.name for person in people] for role, people in event.people.items()},
        "papers": [
            {"name": row.name, "version": row.version, "number": row.number, "digest": row.digest} for row in papers
        ],
        "effects": [f"{effect.kind} {effect.name}" for effect in work.outcome.effects if effect.kind != "paper"],
        **opening,
    }
    return events.Trace(
        matter=work.matter,
        act=event.act,
        at=event.at,
        content=content,
        personal={f"{events.FACT}{name}": json.dumps(done["facts"][name], ensure_ascii=False) for name in guarded},
    )
