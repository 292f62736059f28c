"""Entries that a bench makes in bulk are such as acts write; a bench that has no room for them says so first."""

from __future__ import annotations

import argparse
from datetime import datetime

import pytest

from qingtian.base.times import BEIJING
from qingtian.entry.bench import office
from qingtian.entry.load.chains import Writer
from qingtian.office.ledger.canonical import canonical, entry_hash

AT = datetime(2026, 11, 23, 10, 0, tzinfo=BEIJING)
NAMES = ("id", "chain", "sequence", "at", "actor", "actor_name", "act", "content", "algorithm", "previous", "hash")


def fields(line: str) -> dict[str, str]:
    unescaped = line.rstrip("\n").replace("\\\\", "\\")
    return dict(zip(NAMES, unescaped.split("\t"), strict=True))


def test_lines_hold_the_hashes_that_acts_would_have_written() -> None:
    writer = Writer(actor="desk", name="值班员", act="register")
    content = canonical({"said": '引"号\\', "stage": "accepted"})
    found = [fields(writer.line(7 + step, "matter:1", AT, content)) for step in range(3)]
    previous = ""
    for sequence, row in enumerate(found, start=1):
        hashed = {name: row[name] for name in NAMES[1:-1]}
        stated = entry_hash(**{**hashed, "sequence": sequence, "at": datetime.fromisoformat(row["at"])})
        assert (row["content"], row["previous"], row["hash"]) == (content, previous, stated)
        previous = stated
    assert list(writer.head_lines()) == [f"matter:1\t3\t{previous}\n"]
    assert list(writer.head_lines()) == []


def test_a_bench_without_room_on_the_disk_makes_nothing() -> None:
    with pytest.raises(office.NoRoomForMatters) as refused:
        office.run(argparse.Namespace(matters=10**12, entries=10, seconds=1.0))
    assert "--matters" in refused.value.sentence("en")
    assert "--matters" in refused.value.sentence("zh")
