"""Read the trace of one object. Who may see the object may see its history; the caller has checked that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.office.ledger.canonical import instant
from qingtian.office.ledger.models import Entry, Personal
from qingtian.office.ledger.sealing import KEY, MARK

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


def history(*chains: str) -> list[Line]:
    """Return the entries of one or more chains, oldest first. One query, two if there are personal fields."""
    entries = list(Entry.objects.filter(chain__in=chains).order_by("id"))
    personal: dict[int, dict[str, str | None]] = {entry.pk: {} for entry in entries if MARK in entry.content}
    if personal:
        for row in Personal.objects.filter(entry__in=list(personal)).order_by("name"):
            personal[row.entry_id][row.name] = row.value
    return [_line(entry, personal.get(entry.pk, {})) for entry in entries]


def records(chain: str) -> list[dict[str, Any]]:
    """Return the entries of a chain with every field that its hashes cover, in order: for a proof elsewhere."""
    rows = Entry.objects.filter(chain=chain).order_by("sequence").values(*HASHED)
    return [{**row, "at": instant(row["at"])} for row in rows]
