"""The ledger cannot be rewritten by those who write it, and whoever can is found out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.office_world import MONDAY

from qingtian.base.settings import Settings

pytestmark = pytest.mark.engines
ENTRIES = 7


@pytest.fixture
def owner(office: Settings) -> Iterator[psycopg.Connection[Any]]:
    """The owner of the tables, who can do what the application cannot: past triggers too."""
    with psycopg.connect(office.require_database_owner_url(), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


@pytest.fixture
def chain(owner: psycopg.Connection[Any]) -> Iterator[str]:
    """A chain of seven entries that is really committed."""
    from django.db import transaction

    from qingtian.office.ledger.api import System, append

    name = f"test:{uuid4().hex}"
    with transaction.atomic():
        for number in range(ENTRIES):
            append(
                chain=name,
                acting_user=System("test"),
                act="do",
                at=MONDAY,
                content={"number": number, "value": 61.2, "text": "化学需氧量", "when": MONDAY},
            )
    yield name
    owner.execute("DELETE FROM ledger_entry WHERE chain = %s", [name])
    owner.execute("DELETE FROM ledger_chain WHERE name = %s", [name])


def broken(chain: str) -> tuple[int, str] | None:
    from qingtian.office.ledger.api import verify

    proof = verify(chain=chain)
    return (proof.broken[0].sequence, proof.broken[0].what) if proof.broken else None


def test_it_proves_a_chain_that_nobody_touched(chain: str) -> None:
    from qingtian.office.ledger.api import verify

    proof = verify(chain=chain)
    assert (proof.holds, proof.chains, proof.entries) == (True, 1, ENTRIES)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("content = replace(content, '61.2', '16.2')", (4, "hash")),
        ("actor = 'somebody'", (4, "hash")),
        ("at = at + interval '1 microsecond'", (4, "hash")),
        ("hash = repeat('0', 64)", (4, "hash")),
        ("previous = repeat('0', 64)", (4, "previous")),
    ],
)
def test_it_names_the_entry_that_was_changed(
    chain: str, owner: psycopg.Connection[Any], change: str, expected: tuple[int, str]
) -> None:
    owner.execute(f"UPDATE ledger_entry SET {change} WHERE chain = %s AND sequence = 4", [chain])
    assert broken(chain) == expected


def test_it_finds_a_change_whose_hash_was_recomputed(chain: str, owner: psycopg.Connection[Any]) -> None:
    from qingtian.office.ledger.canonical import entry_hash
    from qingtian.office.ledger.models import Entry
    from qingtian.office.ledger.verify import FIELDS

    row = Entry.objects.filter(chain=chain, sequence=4).values(*FIELDS).get()
    row["content"] = row["content"].replace("61.2", "16.2")
    del row["hash"]
    owner.execute(
        "UPDATE ledger_entry SET content = %s, hash = %s WHERE chain = %s AND sequence = 4",
        [row["content"], entry_hash(**row), chain],
    )
    assert broken(chain) == (5, "previous")


def test_it_finds_a_gap_a_cut_tail_and_a_missing_head(chain: str, owner: psycopg.Connection[Any]) -> None:
    owner.execute("DELETE FROM ledger_entry WHERE chain = %s AND sequence = 7", [chain])
    assert broken(chain) == (6, "tail")
    owner.execute("DELETE FROM ledger_entry WHERE chain = %s AND sequence = 3", [chain])
    assert broken(chain) == (4, "gap")
    owner.execute("DELETE FROM ledger_entry WHERE chain = %s", [chain])
    assert broken(chain) == (0, "tail")


def test_it_finds_entries_whose_head_was_taken_away(chain: str, owner: psycopg.Connection[Any]) -> None:
    owner.execute("DELETE FROM ledger_chain WHERE name = %s", [chain])
    assert broken(chain) == (ENTRIES, "head")


def test_it_finds_an_entry_that_was_put_in_at_the_end(chain: str, owner: psycopg.Connection[Any]) -> None:
    owner.execute(
        "INSERT INTO ledger_entry (chain, sequence, at, actor, actor_name, act, content, algorithm, previous, hash)"
        " SELECT chain, 8, at, actor, actor_name, act, content, algorithm, hash, repeat('a', 64)"
        " FROM ledger_entry WHERE chain = %s AND sequence = 7",
        [chain],
    )
    assert broken(chain) == (8, "hash")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET act = 'x' WHERE false",
        "DELETE FROM ledger_entry WHERE false",
        "TRUNCATE ledger_entry",
    ],
)
def test_it_lets_neither_the_application_nor_the_owner_rewrite_an_entry(office: Settings, statement: str) -> None:
    for url in (office.require_database_url(), office.require_database_owner_url()):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_the_command_names_the_broken_link_and_exits_with_one(chain: str, owner: psycopg.Connection[Any]) -> None:
    words = [sys.executable, "-m", "qingtian", "verify", "--json", "--chain", chain]
    whole = subprocess.run(words, capture_output=True, text=True)
    assert (whole.returncode, json.loads(whole.stdout)["entries"]) == (0, ENTRIES)
    owner.execute("UPDATE ledger_entry SET actor_name = 'x' WHERE chain = %s AND sequence = 2", [chain])
    cut = subprocess.run(words, capture_output=True, text=True)
    link = json.loads(cut.stdout)["broken"][0]
    assert (cut.returncode, link["chain"], link["sequence"], link["what"]) == (1, chain, 2, "hash")
    nothing = subprocess.run([*words[:-1], "task:none"], capture_output=True, text=True)
    assert (nothing.returncode, "ledger.chain_unknown" in nothing.stderr) == (1, True)
