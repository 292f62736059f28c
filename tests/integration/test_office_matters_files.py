"""Papers with several files, numbers that come by themselves, and what `qingtian verify` finds of either."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from tests.matters_world import PDF, penalty, taken_back

from qingtian.base import times
from qingtian.base.errors import QingtianError

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

JPEG = b"\xff\xd8\xff\xe0 a photo"
PNG = b"\x89PNG\r\n\x1a\n a scan"


@pytest.fixture
def store(tmp_path: Path, settings_override: Any) -> Path:
    """An object store of the test's own."""
    settings_override(OBJECTS_URL=str(tmp_path / "store"), EVIDENCE_FOLDER=tmp_path)
    return tmp_path / "store"


def withdrawn(people: dict[str, Any], *files: Any) -> Any:
    """A petition that was taken back with these files; returns the paper."""
    from qingtian.office.matters.models import MatterPaper

    return MatterPaper.objects.get(matter=taken_back(people, *files), name="withdrawal")


def upload(name: str, content: bytes) -> Any:
    from qingtian.office.objects.api import Upload

    return Upload(name=name, content=content)


def test_the_files_of_a_paper_keep_their_order_and_each_stands_in_the_ledger(
    people: dict[str, Any], store: Path
) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.matters import api as matters

    paper = withdrawn(people, upload("b.pdf", PDF), upload("a.jpg", JPEG), upload("c.png", PNG), upload("b2.pdf", PDF))
    assert [(file["name"], file["media_type"]) for file in paper.files] == [
        ("b.pdf", "application/pdf"),
        ("a.jpg", "image/jpeg"),
        ("c.png", "image/png"),
    ], "the same file twice is there once"
    digests = [hashlib.sha256(content).hexdigest() for content in (PDF, JPEG, PNG)]
    said = ledger.history(matters.chain(paper.matter_id), acts=["withdraw"])[-1].content["papers"][0]
    assert said["files"] == [file["sha256"] for file in paper.files] == digests
    assert said["digest"] == paper.digest not in digests
    whole = matters.paper_file(people["desk"], paper.pk, form="original", at=times.now())
    with whole.content as sent:  # type: ignore[union-attr]
        archive = ZipFile(io.BytesIO(sent.read()))
    assert archive.namelist() == ["01 b.pdf", "02 a.jpg", "03 c.png"]
    assert [archive.read(name) for name in archive.namelist()] == [PDF, JPEG, PNG]
    second = matters.brought_file(people["desk"], paper.pk, 2, at=times.now())
    assert (second.name, second.media_type, second.content) == ("a.jpg", "image/jpeg", JPEG)
    with pytest.raises(QingtianError):
        matters.brought_file(people["desk"], paper.pk, 4, at=times.now())


def test_every_file_that_is_not_taken_is_named_with_the_reason_and_nothing_is_done(
    people: dict[str, Any], store: Path
) -> None:
    from qingtian.office.matters.models import MatterPaper
    from qingtian.office.objects.api import TooManyUploads, UploadRefused

    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"
    with pytest.raises(UploadRefused) as refused:
        withdrawn(people, upload("a.pdf", PDF), upload("b.exe", b"MZ"), upload("c.jpg", b""), upload("d.heic", heic))
    said = refused.value.sentence("zh")
    assert "“b.exe”没有收下：类型不支持" in said
    assert "“c.jpg”没有收下：文件是空的" in said
    assert "兼容性最佳" in said
    assert "a.pdf" not in said
    with pytest.raises(TooManyUploads, match="51"):
        withdrawn(people, *(upload(f"{n}.pdf", PDF + bytes([n])) for n in range(51)))
    assert not MatterPaper.objects.filter(name="withdrawal").exists()


def verified(chain: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    from qingtian.entry.commands import verify

    parser = argparse.ArgumentParser()
    verify.add_arguments(parser)
    code = verify.run(parser.parse_args(["--chain", chain, "--json"]))
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, told


def test_verify_finds_a_file_that_was_changed_or_is_gone(
    people: dict[str, Any], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from qingtian.office.matters import api as matters

    paper = withdrawn(people, upload("a.pdf", PDF), upload("b.jpg", JPEG))
    chain = matters.chain(paper.matter_id)
    code, told = verified(chain, capsys)
    assert (code, told["holds"], told["papers"], told["files"]) == (0, True, 2, 2)
    first, second = (file["sha256"] for file in paper.files)
    (store / first[:2] / first).write_bytes(PDF + b".")
    (store / second[:2] / second).unlink()
    code, told = verified(chain, capsys)
    assert code == 1
    assert {(each["what"], each["about"]) for each in told["broken"]} == {
        ("object_changed", first),
        ("object_gone", second),
    }
    assert all("recorded here" in each["sentence"] or "of this entry" in each["sentence"] for each in told["broken"])


def test_verify_finds_a_paper_that_was_changed_behind_the_ledger(
    people: dict[str, Any], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterPaper
    from qingtian.office.objects import api as objects

    paper = withdrawn(people, upload("a.pdf", PDF), upload("b.jpg", JPEG))
    chain = matters.chain(paper.matter_id)
    rows = MatterPaper.objects.filter(pk=paper.pk)
    (other,) = objects.keep([upload("b.jpg", JPEG + b" of another day")])
    rows.update(files=[paper.files[0], {**paper.files[1], "sha256": other.sha256}])
    assert [each["what"] for each in verified(chain, capsys)[1]["broken"]] == ["paper"]
    rows.update(files=[dict(file) for file in reversed(paper.files)])
    assert [each["what"] for each in verified(chain, capsys)[1]["broken"]] == ["paper"], "their order counts"
    rows.delete()
    assert [each["what"] for each in verified(chain, capsys)[1]["broken"]] == ["paper_gone"]


def test_verify_finds_a_changed_page_of_what_was_made_here(
    people: dict[str, Any], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterPaper

    matter = penalty(people, upto="inspect")
    record = MatterPaper.objects.get(matter=matter, name="site_record")
    record = matters.made_paper(record, at=times.now())
    chain = matters.chain(matter.pk)
    assert verified(chain, capsys)[0] == 0
    page = store / record.pdf[:2] / record.pdf
    page.write_bytes(page.read_bytes()[:-1] + b"x")
    assert [each["what"] for each in verified(chain, capsys)[1]["broken"]] == ["object_changed"]


def test_a_papers_number_becomes_the_fact_in_the_same_act(people: dict[str, Any]) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterPaper, MatterText

    matter = penalty(people, upto="file")
    approval = MatterPaper.objects.get(matter=matter, name="filing_approval")
    assert approval.number.startswith("深环宝安立〔")
    assert matter.state["facts"]["case_number"] == approval.number
    assert matter.state["history"][-1]["facts"]["case_number"] == approval.number
    assert approval.content["facts"]["case_number"] == approval.content["number"] == approval.number
    entry = ledger.history(matters.chain(matter.pk), acts=["file"])[-1]
    assert entry.content["facts"]["case_number"] == entry.content["papers"][0]["number"] == approval.number
    assert MatterText.objects.filter(matter=matter).exists()


def test_a_number_that_comes_by_itself_is_not_to_be_typed(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    matter = penalty(people)
    with pytest.raises(QingtianError) as refused:
        matters.do_act(
            acting_user=people["leader"],
            matter_id=matter.pk,
            act="file",
            at=times.now(),
            revision=None,
            facts={"four_conditions": True, "case_number": "深环立〔2026〕999号"},
            people={"investigator": ["officer", "officer3"]},
        )
    assert refused.value.code == "machine.numbered_by_itself"
    assert "立案审批表" in refused.value.sentence("zh")


def test_an_act_that_is_refused_uses_no_number(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterPaper

    refused, other = penalty(people), penalty(people)
    words = {"acting_user": people["leader"], "act": "file", "at": times.now(), "revision": None}
    with pytest.raises(QingtianError):
        matters.do_act(
            matter_id=refused.pk, facts={"four_conditions": False}, people={"investigator": ["officer"]}, **words
        )
    for matter in (other, refused):
        matters.do_act(
            matter_id=matter.pk,
            facts={"four_conditions": True},
            people={"investigator": ["officer", "officer3"]},
            **words,
        )
    numbers = [
        MatterPaper.objects.get(matter=matter, name="filing_approval").number.partition("〕")[2].removesuffix("号")
        for matter in (other, refused)
    ]
    assert int(numbers[1]) == int(numbers[0]) + 1


def test_a_paper_of_before_keeps_its_only_file(people: dict[str, Any]) -> None:
    from importlib import import_module

    from django.db import connection

    migration = import_module("qingtian.office.matters.migrations.0006_papers_of_several_files")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE before (file text, file_name text, media_type text, bytes bigint, "
            "files jsonb DEFAULT '[]') ON COMMIT DROP"
        )
        cursor.execute("INSERT INTO before VALUES ('ab', '甲.pdf', 'application/pdf', 3), ('', '', '', NULL)")
        cursor.execute(migration.TAKEN_OVER.replace("matters_matterpaper", "before"))
        cursor.execute("SELECT files FROM before ORDER BY file DESC")
        kept = {"sha256": "ab", "name": "甲.pdf", "media_type": "application/pdf", "bytes": 3}
        assert [json.loads(files) for (files,) in cursor.fetchall()] == [[kept], []]
        cursor.execute("UPDATE before SET file = '', file_name = '', media_type = '', bytes = NULL")
        cursor.execute(migration.GIVEN_BACK.replace("matters_matterpaper", "before"))
        cursor.execute("SELECT file, file_name, media_type, bytes FROM before ORDER BY file DESC")
        assert cursor.fetchall() == [("ab", "甲.pdf", "application/pdf", 3), ("", "", "", None)]
