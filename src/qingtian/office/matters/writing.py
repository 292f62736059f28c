"""What an act leaves behind: columns, clocks, people, turns, papers, effects, words, ledger, events.

One act or a thousand take the same statements: numbers of papers, heads of chains, and one for all rows and entries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qingtian.law.calendar import Calendar
from qingtian.law.machine import numbers, record
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import Event, Outcome, State
from qingtian.office import statements
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import calendars, events, files, kinds, rows, tables, words
from qingtian.office.matters.models import Matter, MatterPaper, MatterPerson, MatterText
from qingtian.office.matters.tables import Rows
from qingtian.office.objects.api import Kept


@dataclass(frozen=True, kw_only=True)
class Work:
    """An act that the machine has let through, on a matter that is locked (or new, with ``before`` None).

    ``more``: what its entry in the ledger says besides.
    """

    matter: Matter
    definition: Definition
    before: State | None
    event: Event
    outcome: Outcome
    files: Mapping[str, Sequence[Kept]] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def after(self) -> State:
        return self.outcome.state


def write(works: Sequence[Work], *, acting_user: ledger.Actor, calendar: Calendar, keys: Mapping[str, int]) -> None:
    """Write all of it, inside the caller's transaction. ``keys``: of the people the acts mention, by username."""
    if not works:
        return
    fingerprint = calendars.fingerprint(calendar)
    known = _known(works, keys)
    found = Rows()
    papers: dict[int, list[MatterPaper]] = {}
    for work in works:
        _advance(work)
        (found.opened if work.before is None else found.changed).append(work.matter)
        found.clocks += rows.changed_clocks(
            work.matter, work.definition, work.before, work.after, counted_by=fingerprint
        )
        found.people += _people(work, known)
        if _turns_change(work):
            turned(found, work.matter, work.definition, work.after, known)
        papers[work.matter.pk] = list(_papers(work))
        found.effects += rows.effects(work.matter, work.outcome)
    files.number([(row, work.definition, work.after) for work in works for row in papers[work.matter.pk]])
    works = [_settled(work, papers[work.matter.pk]) for work in works]
    found.texts = [row for work in works for row in _text(work)]
    found.papers = [row for each in papers.values() for row in each]
    traces = [_trace(work, papers[work.matter.pk]) for work in works]
    events.record_all(traces, acting_user=acting_user, beside=tables.batch(found))


def _advance(work: Work) -> None:
    matter = work.matter
    if work.before is not None:
        matter.revision += 1
    # of what was taken over, the day it came to its stage elsewhere
    matter.changed_at = work.after.history[-1].at
    rows.standing(matter, work.definition, work.after)
    if matter.closed:
        matter.closed_at = matter.changed_at


def _settled(work: Work, papers: Sequence[MatterPaper]) -> Work:
    """Return the act with the numbers that its papers got, its state written down, and its papers frozen."""
    given = {row.name: row.number for row in papers}
    state = numbers.filled(work.definition, work.after, given) if given else work.after
    work.matter.state = record.written(state)
    files.settle(papers, work.definition)
    return replace(work, outcome=replace(work.outcome, state=state))


KEYS = "SELECT username, id FROM people_user WHERE username = ANY(%(names)s::text[])"


def keys_of(usernames: Iterable[str]) -> dict[str, int]:
    """Return the keys of these people by username. One query."""
    return dict(statements.run(KEYS, names=sorted(usernames)))


def _known(works: Sequence[Work], keys: Mapping[str, int]) -> dict[str, int]:
    """Return the keys of everybody that the states name or named, by username. At most one query."""
    wanted = {name for work in works for name in rows.names(work.after) | _left(work)} - keys.keys()
    return {**keys, **keys_of(wanted)} if wanted else dict(keys)


def _left(work: Work) -> set[str]:
    return rows.names(work.before) - rows.names(work.after) if work.before else set()


def _roles(state: State | None) -> dict[tuple[str, str], bool]:
    """Return who has been in which role, and whether they are named for it now."""
    if state is None:
        return {}
    return {(role, name): name in state.assigned.get(role, ()) for role, names in state.acted.items() for name in names}


def _people(work: Work, known: Mapping[str, int]) -> Iterator[MatterPerson]:
    """Yield who is new in a role, or named for it no more."""
    for (role, name), assigned in _roles(work.after).items() - _roles(work.before).items():
        if name in known:
            yield statements.made(
                MatterPerson, matter_id=work.matter.pk, user_id=known[name], role=role, assigned=assigned
            )


def _turns_change(work: Work) -> bool:
    before, after = work.before, work.after
    return (
        before is None
        or (before.stage, before.assigned) != (after.stage, after.assigned)
        or before.clocks != after.clocks
    )


def turned(found: Rows, matter: Matter, definition: Definition, state: State, keys: Mapping[str, int]) -> None:
    """Add whose turn it is in this matter."""
    found.turned.append(matter.pk)
    found.turns += rows.turns(matter, definition, state, keys)


def _papers(work: Work) -> Iterator[MatterPaper]:
    return files.rows(work.matter, work.definition, work.before, work.after, work.files)


def _text(work: Work) -> Iterator[MatterText]:
    """Yield the words that the matter is found by, if the act changed them."""
    before, after = work.before, work.after
    if before is None or (before.facts, before.papers) != (after.facts, after.papers):
        yield text(work.matter, work.definition, after)


def text(matter: Matter, definition: Definition, state: State) -> MatterText:
    """Return the words that a matter is found by."""
    open_, guarded = words.of_state(definition, state)
    named = [matter.number, matter.old_number, matter.title, matter.reference]
    open_words, guarded_words = words.vector([*named, *open_]), words.vector(guarded)
    return statements.made(MatterText, matter_id=matter.pk, words=open_words, guarded=guarded_words)


def _trace(work: Work, papers: Sequence[MatterPaper]) -> events.Trace:
    """Return what the ledger keeps of an act: enough to do it again.

    Texts of facts that not everybody sees are personal: they can be erased, and the proofs still hold.
    """
    done: Mapping[str, Any] = work.matter.state["history"][-1]
    event = work.event
    guarded = {name for name in done["facts"] if work.definition.facts[name].seen_by}
    opening = {"source": event.source, "reference": event.reference} if work.before is None else {}
    figures = _figures(work)
    content = {
        "kind": work.matter.code,
        "version": work.matter.version,
        "from": done["source"],
        "role": done["role"],
        "facts": {name: value for name, value in done["facts"].items() if name not in guarded},
        "present": list(done["present"]),
        "people": {role: [person.name for person in people] for role, people in event.people.items()},
        "papers": list(map(_paper, papers)),
        "effects": [f"{effect.kind} {effect.name}" for effect in work.outcome.effects if effect.kind != "paper"],
        **opening,
        **({"settings": figures} if figures else {}),
        **work.more,
    }
    return events.Trace(
        matter=work.matter,
        act=event.act,
        at=event.at,
        content=content,
        personal={f"{events.FACT}{name}": json.dumps(done["facts"][name], ensure_ascii=False) for name in guarded},
    )


def _paper(row: MatterPaper) -> dict[str, Any]:
    """Return what the ledger says of a paper; of one that was brought every file by its digest, in its order."""
    said: dict[str, Any] = {"name": row.name, "version": row.version, "number": row.number, "digest": row.digest}
    return {**said, "files": [each["sha256"] for each in row.files]} if row.files else said


def _figures(work: Work) -> dict[str, str]:
    """Return the figures of the authority that the act was judged by; of an opening all that the matter keeps."""
    if not work.definition.manifest.settings:
        return {}
    figures = {**work.definition.figures, **work.after.settings}
    judging = figures if work.before is None else kinds.judging(work.definition, work.event.act)
    return {name: str(figures[name]) for name in sorted(judging)}
