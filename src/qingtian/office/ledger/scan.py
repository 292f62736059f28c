"""Read a stretch of entries once, in the order of their ids, and check all that can be checked on the way.

No Django here: a process of its own may do this. What crosses from stretch to stretch (chains, roots) is returned and
joined by `chains` and `verify`.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json import encoder
from typing import Any

from qingtian.office.ledger import merkle, sealing
from qingtian.office.ledger.canonical import SHA256, AlgorithmMissing, entry_hash

COLUMNS = "id, chain, sequence, at, actor, actor_name, act, content, algorithm, previous, hash"
AT_ONCE = 5000
FOREVER = 2**63 - 1
# what json.dumps(ensure_ascii=False) does with a text, in C
quote: Any = encoder.encode_basestring

Row = tuple[int, str, int, str, str, str, str, str, str, str, str]
"""A row in the order of `COLUMNS`; the instant as PostgreSQL writes it in UTC."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Which entries: ``after < id <= until``. ``ends``: the last ids of its tiles; ``cuts``: those of checkpoints."""

    after: int = 0
    until: int = FOREVER
    ends: Sequence[int] = ()
    cuts: Sequence[int] = ()


@dataclass(kw_only=True)
class Run:
    """The part of one chain in a stretch: how it begins and ends, its first fault: (sequence, key of `chains.WHAT`)."""

    first_sequence: int
    first_previous: str
    sequence: int
    hash: str
    fault: tuple[int, str] | None = None


@dataclass(kw_only=True)
class Found:
    """What a stretch holds.

    ``tiles``: (entries, root, digest of ids) recomputed; ``cuts``: by last id, the tiles before and the leaves since;
    ``sealed``: by entry, its chain, sequence and digests of personal fields.
    """

    entries: int = 0
    runs: dict[str, Run] = field(default_factory=dict)
    tiles: list[tuple[int, bytes, bytes]] = field(default_factory=list)
    cuts: dict[int, tuple[int, list[bytes]]] = field(default_factory=dict)
    sealed: dict[int, tuple[str, int, dict[str, str]]] = field(default_factory=dict)


def query(stretch: Stretch, *, chain: str | None = None) -> tuple[str, list[int | str]]:
    """Return the statement and its parameters."""
    which, named = ("AND chain = %s ", [chain]) if chain else ("", [])
    columns = COLUMNS.replace(" at,", " at::text,")
    statement = f"SELECT {columns} FROM ledger_entry WHERE id > %s AND id <= %s {which}ORDER BY id"  # noqa: S608
    return statement, [stretch.after, stretch.until, *named]


def rows_of(cursor: Any) -> Iterator[Row]:
    """Yield the rows of a cursor on which the `query` was executed, some thousands at a time."""
    while rows := cursor.fetchmany(AT_ONCE):
        yield from rows


def scan(rows: Iterable[Row], stretch: Stretch) -> Found:
    """Check each entry against its own hash and the entry before it in its chain; compute tiles and cuts."""
    found, leaves, ids, writing = Found(), list[bytes](), list[int](), Writing()
    events = iter([*sorted([*((one, 0) for one in stretch.cuts), *((one, 1) for one in stretch.ends)]), (FOREVER, 0)])
    due, kind = next(events)
    for row in rows:
        entry_id, stated = row[0], row[10]
        while entry_id > due:
            _mark(found, leaves, ids, due, kind)
            due, kind = next(events)
        _link(found, row, writing)
        if sealing.MARK in row[7]:
            found.sealed[entry_id] = (row[1], row[2], _digests(row[7]))
        leaves.append(hashlib.sha256(b"\x00%d:%s" % (entry_id, stated.encode())).digest())
        ids.append(entry_id)
        found.entries += 1
    while due != FOREVER:
        _mark(found, leaves, ids, due, kind)
        due, kind = next(events)
    return found


def _mark(found: Found, leaves: list[bytes], ids: list[int], due: int, kind: int) -> None:
    if kind == 0:
        found.cuts[due] = (len(found.tiles), list(leaves))
        return
    found.tiles.append((len(leaves), merkle.fold(leaves) if leaves else b"", hashlib.sha256(pack(ids)).digest()))
    leaves.clear()
    ids.clear()


def pack(ids: Sequence[int]) -> bytes:
    """Write ids as a tile keeps them: 64 bits each."""
    return struct.pack(f">{len(ids)}q", *ids)


def _link(found: Found, row: Row, writing: Writing) -> None:
    chain, sequence, previous, stated = row[1], row[2], row[9], row[10]
    run = found.runs.get(chain)
    fault = None
    if run is None:
        run = found.runs[chain] = Run(first_sequence=sequence, first_previous=previous, sequence=sequence, hash=stated)
    else:
        fault = fault_of_link(sequence, previous, after=(run.sequence, run.hash))
        run.sequence, run.hash = sequence, stated
    if run.fault is None:
        fault = fault or (None if writing.hash(row) == stated else "hash")
        run.fault = (sequence, fault) if fault else None


def fault_of_link(sequence: int, previous: str, *, after: tuple[int, str]) -> str | None:
    """Say what is wrong between an entry and the one before it (sequence, hash), if anything."""
    if sequence != after[0] + 1:
        return "gap"
    return None if previous == after[1] else "previous"


def _digests(content: str) -> dict[str, str]:
    try:
        return sealing.digests(content)
    except (ValueError, AttributeError):
        # not JSON any more: its hash tells
        return {}


def instant_of(at: str) -> str:
    """Write an instant as `canonical.instant` does, from what PostgreSQL says in UTC: ``2026-01-01 00:00:00.5+00``."""
    date, _, time = at.removesuffix("+00").partition(" ")
    whole, _, part = time.partition(".")
    return f"{date}T{whole}.{part:0<6}+00:00"


class Writing:
    """`canonical.entry_hash`, written out for speed; names that come again and again are quoted once."""

    def __init__(self) -> None:
        self._quoted: dict[str, str] = {}

    def hash(self, row: Row) -> str:
        _, chain, sequence, at, actor, actor_name, act, content, algorithm, previous, _ = row
        if algorithm != SHA256:
            return self._slowly(row)
        said = self._said
        text = (
            f'{{"act":{said(act)},"actor":{said(actor)},"actor_name":{said(actor_name)},"algorithm":"{SHA256}",'
            f'"at":"{instant_of(at)}","chain":{quote(chain)},"content":{quote(content)},"previous":{quote(previous)},'
            f'"sequence":{sequence}}}'
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def _said(self, name: str) -> str:
        found = self._quoted.get(name)
        if found is None:
            found = self._quoted[name] = quote(name)
        return found

    def _slowly(self, row: Row) -> str:
        names = ("chain", "sequence", "at", "actor", "actor_name", "act", "content", "algorithm", "previous")
        fields: dict[str, Any] = dict(zip(names, row[1:10], strict=True))
        try:
            return entry_hash(**{**fields, "at": datetime.fromisoformat(row[3])})
        except ValueError:
            return ""
        except AlgorithmMissing:
            if row[8] == "sm3":
                raise
            return ""
