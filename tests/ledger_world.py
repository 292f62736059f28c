"""A ledger that is really committed, with a checkpoint, and the owner of its tables, for tests of proofs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
from tests.office_world import MONDAY

from qingtian.base.settings import Settings

CHAINS, ENTRIES = 15, 20
LATER = 2


@dataclass(frozen=True, kw_only=True)
class World:
    """Names of the chains, and a connection as the owner of the tables that triggers do not hold."""

    chains: list[str]
    owner: psycopg.Connection[Any]

    def one(self, query: str, *values: object) -> Any:
        row = self.owner.execute(query.encode(), values).fetchone()
        return row[0] if row and len(row) == 1 else row


@contextmanager
def proven(office: Settings) -> Iterator[World]:
    """300 entries under a checkpoint (a tile and a rest), 30 after it, some personal fields; all go at the end."""
    from qingtian.office.ledger import api as ledger

    mark = uuid4().hex[:8]
    chains = [f"proof:{mark}-{number}" for number in range(CHAINS)]
    with psycopg.connect(office.require_database_owner_url(), autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        clear(owner)
        try:
            for sequence in range(ENTRIES):
                append(chains, sequence)
            assert ledger.checkpoint(at=MONDAY)
            for sequence in range(ENTRIES, ENTRIES + LATER):
                append(chains, sequence)
            yield World(chains=chains, owner=owner)
        finally:
            clear(owner)


def append(chains: list[str], sequence: int) -> None:
    from django.db import transaction

    from qingtian.office.ledger import api as ledger

    with transaction.atomic():
        for chain in chains:
            personal = {"phone": f"1380000{sequence:04d}"} if sequence % 10 == 0 else None
            content = {"number": sequence, "text": "化学需氧量", "value": 61.2}
            ledger.append(
                chain=chain, acting_user=ledger.System("test"), act="do", at=MONDAY, content=content, personal=personal
            )


def clear(owner: psycopg.Connection[Any]) -> None:
    """Empty the ledger, whatever other tests have left on it, and the file of its checkpoints."""
    from qingtian.office.ledger import witness

    for table in ("personal", "tile", "checkpoint", "entry", "chain"):
        owner.execute(f"DELETE FROM ledger_{table}".encode())
    witness.file().unlink(missing_ok=True)


def rewrite(world: World, chain: str, sequence: int) -> None:
    """Do what a clever owner does: change an entry, all hashes after it, the head, and the stored tree."""
    from django.db import transaction

    from qingtian.office.ledger import tiles
    from qingtian.office.ledger.canonical import entry_hash
    from qingtian.office.ledger.models import Entry
    from qingtian.office.ledger.verify import FIELDS

    previous = Entry.objects.get(chain=chain, sequence=sequence).previous
    for row in Entry.objects.filter(chain=chain, sequence__gte=sequence).order_by("sequence").values("pk", *FIELDS):
        pk = row.pop("pk")
        del row["hash"]
        row |= {"previous": previous, "content": row["content"].replace("61.2", "16.2")}
        content, before, previous = row["content"], previous, entry_hash(**row)
        change = "UPDATE ledger_entry SET content = %s, previous = %s, hash = %s WHERE id = %s"
        world.owner.execute(change, [content, before, previous, pk])
    world.owner.execute("UPDATE ledger_chain SET head_hash = %s WHERE name = %s", [previous, chain])
    world.owner.execute("DELETE FROM ledger_tile")
    with transaction.atomic():
        tiles.grow(until=world.one("SELECT last_id FROM ledger_checkpoint"))
