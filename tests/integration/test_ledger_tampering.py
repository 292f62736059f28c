"""Whoever owns the database, or a file, can change any byte: each change is found, and where it was made."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from tests.ledger_world import World, proven
from tests.office_world import MONDAY

from qingtian.base.settings import Settings

pytestmark = pytest.mark.engines

CHANGES = 1000
SEED = 20261123
HEX = "0123456789abcdef"
TEXTS = ("chain", "actor", "actor_name", "act", "content", "algorithm", "previous", "hash")
COLUMNS = {
    "ledger_entry": (*TEXTS, "sequence", "at"),
    "ledger_chain": ("name", "head_hash", "head_sequence"),
    "ledger_tile": ("hash", "first_id", "last_id", "number", "ids"),
    "ledger_checkpoint": ("root", "public", "signature", "size", "last_id", "at"),
    "ledger_personal": ("name", "salt", "value", "entry_id"),
}
KEYS = {"ledger_chain": "name"}


@pytest.fixture(scope="module")
def world(office: Settings) -> Iterator[World]:
    with proven(office) as made:
        yield made


def spoiled(value: Any, dice: random.Random) -> Any:
    """Return the value with one byte changed: a character, a byte, a bit of a number, a microsecond."""
    if isinstance(value, int):
        return value ^ (1 << dice.randrange(16))
    if isinstance(value, bytes):
        place = dice.randrange(len(value))
        return value[:place] + bytes([value[place] ^ (1 << dice.randrange(8))]) + value[place + 1 :]
    if value == "":
        return dice.choice(HEX)
    if isinstance(value, str):
        place = dice.randrange(len(value))
        other = dice.choice([letter for letter in HEX + "中" if letter != value[place]])
        return value[:place] + other + value[place + 1 :]
    return value + timedelta(microseconds=1 << dice.randrange(30))


class Change:
    """One byte of one row, changed as the owner of the tables; `undo` puts it back."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.owner = world.owner
        self.table = dice.choices(list(COLUMNS), weights=[6, 2, 1, 1, 1])[0]
        self.column = dice.choice(COLUMNS[self.table])
        self.key = KEYS.get(self.table, "id")
        chain = {"ledger_entry": "chain", "ledger_chain": "name"}.get(self.table)
        which = f"WHERE {chain} LIKE '{world.chains[0].rsplit('-', 1)[0]}-%'" if chain else ""
        rows = self.owner.execute(f"SELECT {self.key} FROM {self.table} {which} ORDER BY 1".encode()).fetchall()
        self.row = dice.choice(rows)[0]
        (self.before,) = self.owner.execute(
            f"SELECT {self.column} FROM {self.table} WHERE {self.key} = %s".encode(), [self.row]
        ).fetchone() or (None,)
        self.after = spoiled(self.before, dice)
        self.where = self.place()
        self.set(self.row, self.after)

    def set(self, row: Any, value: Any) -> None:
        self.owner.execute(f"UPDATE {self.table} SET {self.column} = %s WHERE {self.key} = %s".encode(), [value, row])

    def undo(self) -> None:
        self.set(self.after if self.column == self.key else self.row, self.before)

    def place(self) -> set[str]:
        """Return the names under which the fault may be told."""
        if self.table == "ledger_chain":
            return {str(self.row), str(self.after)}
        if self.table == "ledger_tile":
            return {"tree"}
        if self.table == "ledger_checkpoint":
            return {"checkpoint"}
        entry = self.row
        if self.table == "ledger_personal":
            (entry,) = self.owner.execute("SELECT entry_id FROM ledger_personal WHERE id = %s", [self.row]).fetchone()
        (chain,) = self.owner.execute("SELECT chain FROM ledger_entry WHERE id = %s", [entry]).fetchone()
        return {chain}

    def __repr__(self) -> str:
        return f"{self.table}.{self.column} of {self.row}: {self.before!r} -> {self.after!r}"


def changes(world: World, dice: random.Random) -> Iterator[Change]:
    """Make one change after the other; what the database itself refuses (a key that is there already) is none."""
    made = 0
    while made < CHANGES:
        try:
            change = Change(world, dice)
        except psycopg.errors.UniqueViolation:
            continue
        made += 1
        yield change


def test_a_thousand_changes_of_one_byte_are_each_found_and_located(world: World) -> None:
    from qingtian.office.ledger.api import verify
    from qingtian.office.ledger.models import Entry

    dice = random.Random(SEED)
    sequences = dict(Entry.objects.values_list("pk", "sequence"))
    for change in changes(world, dice):
        links = verify(processes=1).broken
        change.undo()
        told = {link.chain for link in links}
        assert told & change.where, (change, links)
        if change.table == "ledger_entry" and change.column not in ("chain", "sequence"):
            own = [link.sequence for link in links if link.chain in change.where]
            assert set(own) == {sequences[change.row]}, (change, links)
    assert verify(processes=1).holds


def test_an_entry_moved_to_another_id_is_found(world: World) -> None:
    from qingtian.office.ledger.api import verify

    first, last = world.one(
        "SELECT min(id), max(id) FROM ledger_entry WHERE chain = %s AND sequence <= 5", world.chains[2]
    )
    world.owner.execute("UPDATE ledger_entry SET id = -1 WHERE id = %s", [first])
    links = verify(processes=1).broken
    world.owner.execute("UPDATE ledger_entry SET id = %s WHERE id = -1", [first])
    assert first < last
    assert ("tree", first) in {(link.chain, link.expected) for link in links}


def test_any_byte_changed_in_an_exported_chain_is_found(world: World) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.ledger import exported, keys

    chain, dice = world.chains[4], random.Random(SEED)
    content = ledger.export(chain=chain, at=MONDAY)
    whole = exported.check(content, known=keys.known())
    assert (whole.broken, whole.entries, whole.covered) == ([], 22, 20)
    for _ in range(CHANGES):
        place = dice.randrange(len(content))
        other = content[:place] + bytes([content[place] ^ (1 << dice.randrange(8))]) + content[place + 1 :]
        try:
            proof = exported.check(other, known=keys.known())
        except exported.NotAnExport:
            continue
        assert not proof.holds, (place, content[place : place + 20])


def test_an_exported_chain_names_what_was_changed(world: World) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.ledger import exported, keys

    content = ledger.export(chain=world.chains[4], at=MONDAY)
    forged = content.replace(b'\\"number\\":7,', b'\\"number\\":8,')
    links = exported.check(forged, known=set()).broken
    assert [(link.chain, link.sequence, link.what) for link in links] == [
        (world.chains[4], 8, "hash"),
        ("file", 0, "signed"),
    ]
    strangers = exported.check(content, known={"00" * 32}).broken
    assert {(link.chain, link.what) for link in strangers} == {("checkpoint", "key"), ("file", "key")}
    assert keys.known()
