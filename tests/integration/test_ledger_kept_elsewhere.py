"""A checkpoint kept elsewhere finds what its own database cannot: a ledger rewritten whole, signatures and all."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.ledger_world import ENTRIES, LATER, World, append, proven, rewrite
from tests.office_world import MONDAY

from qingtian.base.settings import Settings

pytestmark = pytest.mark.engines


@pytest.fixture
def world(office: Settings) -> Iterator[World]:
    with proven(office) as made:
        yield made


@pytest.fixture
def kept(world: World, tmp_path: Path) -> Path:
    """The checkpoint of the first entries, in a file of somebody else's; then the ledger goes on."""
    from qingtian.office.ledger import against
    from qingtian.office.ledger import api as ledger

    newest = ledger.latest()
    assert newest
    file = tmp_path / "checkpoint.json"
    file.write_bytes(against.written(newest))
    append(world.chains, ENTRIES + LATER)
    assert ledger.checkpoint(at=MONDAY + timedelta(minutes=5))
    return file


def verified(capsys: pytest.CaptureFixture[str], file: Path, **words: Any) -> tuple[int, dict[str, Any]]:
    from qingtian.entry.commands import verify

    args = {"file": None, "no_files": False, "chain": None, "key": None, "json": True, "against": str(file), **words}
    code = verify.run(Namespace(**args))
    return code, json.loads(capsys.readouterr().out)


def whats(told: dict[str, Any]) -> list[str]:
    return [link["what"] for link in told["broken"]]


def test_a_ledger_that_only_grew_holds_against_what_was_kept(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = verified(capsys, kept)
    assert (code, told["broken"], told["against"]) == (0, [], 1)
    from qingtian.entry import kept_proof
    from qingtian.office.ledger.api import Proof

    rows = kept_proof.read(str(kept))
    assert f"台账自 2026-11-23 10:00（{rows[0].size} 条）起只增未改" in kept_proof.text(rows, Proof(), "zh")
    assert "it has only grown since" in kept_proof.text(rows, Proof(), "en")


def test_a_ledger_rewritten_with_its_checkpoints_and_its_key_is_found(
    world: World, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.ledger import witness

    world.owner.execute("DELETE FROM ledger_checkpoint WHERE size < (SELECT max(size) FROM ledger_checkpoint)")
    rewrite(world, world.chains[0], 11)
    world.owner.execute("DELETE FROM ledger_checkpoint")
    witness.file().unlink()
    assert ledger.checkpoint(at=MONDAY + timedelta(minutes=9))
    # by itself it is without a fault
    assert ledger.verify(processes=1).holds
    code, told = verified(capsys, kept)
    assert (code, whats(told)) == (1, ["rewritten"])
    assert "no longer begins with it" in told["broken"][0]["sentence"]


def test_a_ledger_set_back_to_an_old_copy_is_found(
    world: World, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from qingtian.office.ledger import against, witness
    from qingtian.office.ledger import api as ledger

    newest = ledger.latest()
    assert newest
    kept.write_bytes(kept.read_bytes() + against.written(newest))
    world.owner.execute("DELETE FROM ledger_checkpoint WHERE size = %s", [newest.size])
    witness.file().unlink()
    code, told = verified(capsys, kept)
    assert (code, whats(told), told["against"]) == (1, ["shorter"], 2)


def test_a_checkpoint_that_was_changed_or_signed_by_another_proves_nothing(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from qingtian.office.ledger import against

    assert whats(verified(capsys, kept, key="0" * 64)[1]) == ["key"]
    (row,) = against.read(kept.read_bytes())
    flat = {**vars(row), "at": row.at.isoformat(), "root": "0" * 64}
    kept.write_text(json.dumps(flat, indent=2))
    assert whats(verified(capsys, kept)[1]) == ["signature"]


def test_what_the_interface_gives_out_can_be_kept_as_well(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from qingtian.office.ledger import against
    from qingtian.office.ledger import api as ledger
    from qingtian.portals.rest_shapes import Checkpoint

    kept.write_text(Checkpoint.from_orm(ledger.latest()).model_dump_json())
    assert against.read(kept.read_bytes())[0].signed
    assert verified(capsys, kept)[0] == 0


@pytest.mark.parametrize(
    ("content", "why"),
    [("", "文件是空的"), ("[1]", "第 1 行"), ('{"size": 3}', "缺少"), ('{"text": "{}", "signature": ""}', "缺少")],
)
def test_a_file_that_is_no_checkpoint_is_refused_with_a_sentence(content: str, why: str) -> None:
    from qingtian.office.ledger import against

    with pytest.raises(against.NotACheckpoint) as refused:
        against.read(content.encode())
    assert why in refused.value.sentence("zh")
