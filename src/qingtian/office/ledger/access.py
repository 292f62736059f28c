"""Read the trace of one object. Who may see the object may see its history; the caller has checked that."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from qingtian.office.ledger.canonical import instant
from qingtian.office.ledger.models import Chain, Checkpoint, Entry, Personal
from qingtian.office.ledger.sealing import KEY, MARK

AT_ONCE = 2000
HASHED = ("chain", "sequence", "at", "actor", "actor_name", "act", "content", "algorithm", "previous", "hash")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a timeline. ``content`` is what the act said; ``hash`` its proof mark; ``erased``: fields erased."""

    id: int
    chain: str
    sequence: int
    at: datetime
    actor: str
    actor_name: str
    act: str
    content: dict[str, Any]
    algorithm: str
    hash: str
    erased: tuple[str, ...] = ()


def _line(entry: Entry, personal: Mapping[str, str | None]) -> Line:
    content = json.loads(entry.content)
    if content.pop(KEY, None):
        content |= {name: value for name, value in personal.items() if value is not None}
    return Line(
        id=entry.pk,
        chain=entry.chain,
        sequence=entry.sequence,
        at=entry.at,
        actor=entry.actor,
        actor_name=entry.actor_name,
        act=entry.act,
        content=content,
        algorithm=entry.algorithm,
        hash=entry.hash,
        erased=tuple(sorted(name for name, value in personal.items() if value is None)),
    )


def history(*chains: str, acts: Collection[str] = ()) -> list[Line]:
    """Return the entries of one or more chains (only these ``acts``, if any are named), oldest first.

    One query, two if there are personal fields.
    """
    rows = Entry.objects.filter(chain__in=chains)
    entries = list((rows.filter(act__in=acts) if acts else rows).order_by("id"))
    personal: dict[int, dict[str, str | None]] = {entry.pk: {} for entry in entries if MARK in entry.content}
    if personal:
        for row in Personal.objects.filter(entry__in=list(personal)).order_by("name"):
            personal[row.entry_id][row.name] = row.value
    return [_line(entry, personal.get(entry.pk, {})) for entry in entries]


def entry(*, chain: str, sequence: int) -> Line:
    """Return one entry, without its personal fields. One query.

    :raises Entry.DoesNotExist: if there is none.
    """
    return _line(Entry.objects.get(chain=chain, sequence=sequence), {})


@dataclass(frozen=True, kw_only=True)
class Erasable:
    """An entry with personal fields: which are still there, and which were erased. Never what they say."""

    sequence: int
    at: datetime
    actor_name: str
    act: str
    there: tuple[str, ...]
    erased: tuple[str, ...]


def erasable(chain: str) -> list[Erasable]:
    """Return the entries of a chain that have, or had, personal fields, newest first. Two queries."""
    names: dict[int, dict[bool, list[str]]] = {}
    for row in Personal.objects.filter(entry__chain=chain).order_by("name").only("entry_id", "name", "erased_by"):
        names.setdefault(row.entry_id, {True: [], False: []})[row.erased_by is None].append(row.name)
    return [
        Erasable(
            sequence=entry.sequence,
            at=entry.at,
            actor_name=entry.actor_name,
            act=entry.act,
            there=tuple(names[entry.pk][True]),
            erased=tuple(names[entry.pk][False]),
        )
        for entry in Entry.objects.filter(pk__in=list(names)).order_by("-sequence")
    ]


def checkpoints(*, start: int, limit: int) -> list[Checkpoint]:
    """Return checkpoints, newest first. One query."""
    return list(Checkpoint.objects.order_by("-size")[start : start + limit])


def checkpoint_over(size: int) -> Checkpoint | None:
    """Return the checkpoint over exactly so many entries. One query."""
    return Checkpoint.objects.filter(size=size).first()


def extent() -> tuple[int, int]:
    """Return how many chains there are, and the number of the newest entry. Two queries."""
    newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
    return Chain.objects.count(), newest or 0


def records(chain: str) -> list[dict[str, Any]]:
    """Return the entries of a chain with every field that its hashes cover, in order: for a proof elsewhere."""
    rows = Entry.objects.filter(chain=chain).order_by("sequence").values(*HASHED)
    return [{**row, "at": instant(row["at"])} for row in rows]


def naming(*words: str, chain: str | None = None) -> Iterator[Line]:
    """Yield the entries whose content has one of these words as it is written, of one chain or of all, without their
    personal fields, oldest first. One query, read as it goes."""
    rows = Entry.objects.filter(chain=chain) if chain else Entry.objects.all()
    wanted = reduce(or_, (Q(content__contains=word) for word in words))
    for row in rows.filter(wanted).order_by("pk").iterator(AT_ONCE):
        yield _line(row, {})
