"""The whole ledger is proven: a chain deleted with its head, a rewritten tree, a forged checkpoint are found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from tests.ledger_world import CHAINS, ENTRIES, LATER, World, append, clear, proven, rewrite
from tests.office_world import MONDAY

from qingtian.base.settings import Settings

pytestmark = pytest.mark.engines


@pytest.fixture
def world(office: Settings) -> Iterator[World]:
    with proven(office) as made:
        yield made


def broken() -> list[tuple[str, int, str]]:
    from qingtian.office.ledger.api import verify

    return [(link.chain, link.sequence, link.what) for link in verify(processes=1).broken]


def test_it_proves_all_chains_the_tree_and_the_checkpoint(world: World) -> None:
    from qingtian.office.ledger.api import verify

    proof = verify(processes=1)
    assert proof.broken == []
    assert (proof.checkpoints, proof.covered >= CHAINS * ENTRIES) == (1, True)
    assert proof.entries - proof.covered == CHAINS * LATER


def test_it_finds_a_chain_that_was_deleted_together_with_its_head(world: World) -> None:
    gone = world.chains[7]
    ids = {row[0] for row in world.owner.execute("SELECT id FROM ledger_entry WHERE chain = %s", [gone]).fetchall()}
    world.owner.execute("DELETE FROM ledger_personal WHERE entry_id = ANY(%s)", [list(ids)])
    world.owner.execute("DELETE FROM ledger_entry WHERE chain = %s", [gone])
    world.owner.execute("DELETE FROM ledger_chain WHERE name = %s", [gone])
    from qingtian.office.ledger.api import verify

    links = verify(processes=1).broken
    in_tiles = {link.expected for link in links if link.what == "missing"}
    assert in_tiles
    assert in_tiles < ids
    # what is not in a complete tile yet is told by the root
    assert [link.what for link in links if link.what != "missing"] == ["root"]


def test_it_finds_what_was_rewritten_together_with_all_hashes_and_the_tree(world: World) -> None:
    rewrite(world, world.chains[0], ENTRIES + 1)
    # nothing signed covers this one yet
    assert broken() == []
    rewrite(world, world.chains[0], 11)
    assert broken() == [("checkpoint", world.one("SELECT size FROM ledger_checkpoint"), "root")]


def test_it_finds_a_checkpoint_that_was_taken_away(world: World) -> None:
    size = world.one("SELECT size FROM ledger_checkpoint")
    world.owner.execute("DELETE FROM ledger_checkpoint")
    assert broken() == [("checkpoint", size, "log")]


def test_it_finds_a_checkpoint_signed_by_somebody_else(world: World) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from qingtian.office.ledger import checkpoints, witness
    from qingtian.office.ledger.keys import Signer
    from qingtian.office.ledger.models import Checkpoint

    other, row = Signer(private=Ed25519PrivateKey.generate()), Checkpoint.objects.get()
    row.public = other.public
    signature = other.sign(checkpoints.said(row))
    world.owner.execute("UPDATE ledger_checkpoint SET public = %s, signature = %s", [other.public, signature])
    witness.file().unlink()
    assert broken() == [("checkpoint", row.size, "key")]


def test_the_tree_grows_and_every_checkpoint_holds(world: World) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.ledger import merkle, tiles
    from qingtian.office.ledger.models import Checkpoint

    for more in range(1, 4):
        append(world.chains, ENTRIES + LATER + more)
        assert ledger.checkpoint(at=MONDAY + timedelta(minutes=more))
    assert ledger.checkpoint(at=MONDAY) is None
    assert broken() == []
    old, *_, new = Checkpoint.objects.order_by("size")
    path = merkle.consistency(old=old.size, new=new.size, node=tiles.Tree(last_id=new.last_id).node)
    roots = {"old_root": bytes.fromhex(old.root), "new_root": bytes.fromhex(new.root)}
    assert merkle.consistent(old=old.size, new=new.size, path=path, **roots)


def test_it_waits_for_a_transaction_that_may_still_bring_an_entry(world: World, office: Settings) -> None:
    from qingtian.office.ledger import api as ledger

    waited: list[float] = []
    with psycopg.connect(office.require_database_url()) as slow:
        slow.execute("INSERT INTO ledger_chain VALUES ('proof:slow', 0, '')")
        with pytest.raises(ledger.NotSettled):
            ledger.checkpoint(at=MONDAY, pause=waited.append)
        slow.rollback()
    assert sum(waited) > 10
    assert ledger.checkpoint(at=MONDAY)


def test_it_reads_with_two_processes_what_one_reads(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from qingtian.office.ledger import stretches
    from qingtian.office.ledger.api import verify

    monkeypatch.setattr(stretches, "WORTH_A_PROCESS", 100)
    assert verify(processes=2) == verify(processes=1)
    world.owner.execute("UPDATE ledger_entry SET act = 'x' WHERE chain = %s AND sequence = 12", [world.chains[3]])
    assert verify(processes=2).broken == verify(processes=1).broken != []


@pytest.mark.parametrize("table", ["ledger_tile", "ledger_checkpoint"])
def test_nobody_rewrites_the_tree(office: Settings, table: str) -> None:
    for url in (office.require_database_url(), office.require_database_owner_url()):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"DELETE FROM {table} WHERE false".encode())


def test_one_chain_is_proven_up_to_the_checkpoint(world: World) -> None:
    from qingtian.office.ledger.api import verify

    proof = verify(chain=world.chains[5])
    assert (proof.broken, proof.covered, proof.entries) == ([], ENTRIES, ENTRIES + LATER)
    world.owner.execute("UPDATE ledger_checkpoint SET root = repeat('0', 64)")
    assert [link.what for link in verify(chain=world.chains[5]).broken] == ["signature"]


def test_cleared_worlds_leave_nothing(office: Settings) -> None:
    with proven(office) as made:
        clear(made.owner)
        assert made.one("SELECT count(*) FROM ledger_tile") == 0
