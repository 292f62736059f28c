"""The compiled texts of entries are those of `canonical.entry_hash`, whatever an entry says."""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingtian.office.ledger import chains, merkle
from qingtian.office.ledger.canonical import entry_hash
from qingtian.office.ledger.runs import Runs
from qingtian.office.ledger.scan import Stretch, scan

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = struct.pack(">h", -1)

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
odd = st.sampled_from(['"', "\\", '\\"', "\x1f\b\f\n\r\t\x7f", "\u2028中🙂", '{"~personal":{}}', ""])
moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999), timezones=st.just(UTC))


def entries(count: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    said = st.fixed_dictionaries(
        {"at": moments, **dict.fromkeys(("chain", "actor", "actor_name", "act", "content"), texts | odd)}
    )
    return st.lists(said, min_size=1, max_size=count)


def written(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return entries as acts would write them, each in its chain."""
    heads: dict[str, tuple[int, str]] = {}
    found = []
    for fields in said:
        sequence, previous = heads.get(fields["chain"], (0, ""))
        whole = {**fields, "sequence": sequence + 1, "algorithm": "sha256", "previous": previous}
        found.append({**whole, "hash": entry_hash(**whole)})
        heads[fields["chain"]] = sequence + 1, found[-1]["hash"]
    return found


def copied(rows: list[dict[str, Any]], *, first: int = 1) -> bytes:
    """Return the rows as PostgreSQL copies them out, without header and trailer."""
    out = []
    for key, row in enumerate(rows, start=first):
        since = row["at"] - EPOCH
        micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        cells = [struct.pack(">q", key), row["chain"].encode(), struct.pack(">q", row["sequence"])]
        cells.append(struct.pack(">q", micros))
        cells += [row[name].encode() for name in ("actor", "actor_name", "act", "content", "algorithm")]
        cells += [row["previous"].encode(), row["hash"].encode()]
        out.append(struct.pack(">h", len(cells)) + b"".join(struct.pack(">i", len(cell)) + cell for cell in cells))
    return b"".join(out)


def pages(*parts: bytes, most: int) -> Any:
    whole = [HEADER + parts[0], *parts[1:-1], parts[-1] + TRAILER] if len(parts) > 1 else [HEADER + parts[0] + TRAILER]
    return [(np.frombuffer(part, np.uint8), most) for part in whole]


def heads_of(rows: list[dict[str, Any]]) -> bytes:
    last = {row["chain"]: row for row in rows}
    out = []
    for name, row in last.items():
        cells = (name.encode(), struct.pack(">q", row["sequence"]), row["hash"].encode())
        out.append(struct.pack(">h", 3) + b"".join(struct.pack(">i", len(cell)) + cell for cell in cells))
    return b"".join(out)


@settings(deadline=None)
@given(entries(12))
def test_what_was_written_by_acts_holds(said: list[dict[str, Any]]) -> None:
    rows = written(said)
    found = scan(pages(copied(rows), most=len(rows)), Stretch(cuts=[len(rows)]))
    count, broken = chains.joined([found.runs], pages(heads_of(rows), most=len(rows)))
    assert (broken, count, found.entries) == ([], len({row["chain"] for row in rows}), len(rows))
    assert found.cuts[len(rows)] == (
        0,
        [merkle.leaf_hash(f"{key}:{row['hash']}".encode()) for key, row in enumerate(rows, start=1)],
    )


@settings(deadline=None)
@given(entries(12), st.data())
def test_any_field_that_was_changed_is_found_where_it_was_changed(said: list[dict[str, Any]], data: Any) -> None:
    rows = written(said)
    place = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(["actor", "actor_name", "act", "content", "at", "algorithm", "hash"]))
    other = data.draw(moments if field == "at" else texts)
    if other == rows[place][field]:
        return
    rows[place] = {**rows[place], field: other}
    heads = heads_of(rows)
    found = scan(pages(copied(rows), most=len(rows)), Stretch())
    _, broken = chains.joined([found.runs], pages(heads, most=len(rows)))
    link = (rows[place]["chain"], rows[place]["sequence"], "hash")
    assert link in [(each.chain, each.sequence, each.what) for each in broken]


@settings(deadline=None)
@given(entries(20), st.integers(0, 20), st.integers(0, 20))
def test_stretches_and_pages_say_the_same_as_the_whole(said: list[dict[str, Any]], one: int, other: int) -> None:
    rows = written(said)
    first, second = sorted((min(one, len(rows)), min(other, len(rows))))
    parts = [copied(rows[:first]), copied(rows[first:second], first=first + 1), copied(rows[second:], first=second + 1)]
    paged = scan(pages(*parts, most=len(rows)), Stretch()).runs
    apart = Runs()
    for part in parts:
        apart.absorb(scan(pages(part, most=len(rows)), Stretch()).runs.trimmed())
    for runs in (paged, apart):
        assert chains.joined([runs], pages(heads_of(rows), most=len(rows)))[1] == []
    shorter = scan(pages(copied(rows[:-1]), most=len(rows)), Stretch()).runs
    (link,) = chains.joined([shorter], pages(heads_of(rows), most=len(rows)))[1]
    assert (link.chain, link.what, link.expected) == (rows[-1]["chain"], "tail", rows[-1]["sequence"])


def test_a_known_entry_has_the_hash_that_it_had_when_this_was_written() -> None:
    said = {"chain": "task:1", "at": EPOCH, "actor": "a", "actor_name": "张三", "act": "x", "content": "{}"}
    (row,) = written([said])
    text = (
        '{"act":"x","actor":"a","actor_name":"张三","algorithm":"sha256","at":"2000-01-01T00:00:00.000000+00:00",'
        '"chain":"task:1","content":"{}","previous":"","sequence":1}'
    )
    assert row["hash"] == hashlib.sha256(text.encode()).hexdigest()
