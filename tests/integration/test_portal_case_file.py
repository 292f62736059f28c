"""The case file 案卷: its contents, the bound PDF, who sees what of it, how it is filed away, and proved afterwards."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from tests.integration.test_portal_matters_papers import page, the_paper
from tests.matters_world import penalty, petition, taken_back
from tests.papers_world import of_word
from tests.unit.test_volumes import listed, png

from qingtian.base import times
from qingtian.base.errors import QingtianError

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]
PDF = "application/pdf"


@pytest.fixture
def store(tmp_path: Path, settings_override: Any) -> Path:
    """An object store of the test's own."""
    settings_override(OBJECTS_URL=str(tmp_path / "store"), EVIDENCE_FOLDER=tmp_path)
    return tmp_path / "store"


def ended(people: dict[str, Any]) -> Any:
    """A penalty whose investigation came to nothing: inspected, then terminated."""
    from qingtian.office.matters import api as matters

    matter = penalty(people, upto="inspect", days_ago=10)
    return matters.do_act(
        acting_user=people["leader"],
        matter_id=matter.pk,
        act="terminate",
        at=times.now(),
        revision=None,
        facts={"end_reason": "企业已注销，无权利义务承受人"},
    )


def with_files(people: dict[str, Any], *files: tuple[str, bytes]) -> Any:
    """A petition that was taken back with these files."""
    from qingtian.office.objects.api import Upload

    return taken_back(people, *(Upload(name=name, content=content) for name, content in files))


def contents(client: Any, matter: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page(client, f"/matters/{matter.pk}/file/?format=json"))
    return found


def firm_with_a_part(people: dict[str, Any], matter: Any) -> Any:
    from qingtian.office.matters.models import MatterPerson

    firm = people["firm"]
    matter.enterprise_id = firm.enterprise
    matter.save()
    MatterPerson.objects.create(matter=matter, user=firm, role="officer")
    return firm


def pages_of(content: bytes) -> int | None:
    from qingtian.office.papers import api as papers

    return papers.pages_in(content, media_type=PDF)


def verified(what: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """Run the command on a chain, or on a file."""
    from qingtian.entry.commands import verify

    parser = argparse.ArgumentParser()
    verify.add_arguments(parser)
    code = verify.run(parser.parse_args([what if what.endswith(".pdf") else f"--chain={what}", "--json"]))
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, told


def test_papers_lie_in_the_order_of_the_rule_with_pages_that_run_on(people: dict[str, Any], as_person: Any) -> None:
    matter = ended(people)
    main, side = contents(as_person("officer"), matter)["volumes"]
    assert [paper["title"] for paper in side["papers"]] == ["案件线索登记表", "立案审批表", "终止调查审批表"]
    assert [paper["position"] for paper in side["papers"]] == [1, 2, 3]
    assert "现场检查（勘察）笔录" in [paper["title"] for paper in main["papers"]]
    for volume in (main, side):
        expected = 1
        for paper in volume["papers"]:
            assert paper["first"] == expected
            expected += paper["pages"]
        assert volume["pages"] == expected - 1
    seen = page(as_person("officer"), f"/matters/{matter.pk}/file/")
    assert "立案审批材料" in seen
    assert "责任者" in seen
    assert 'href="bound.pdf"' in seen


def test_scans_photos_and_what_is_on_paper_only_are_bound_with_the_rest(
    people: dict[str, Any], as_person: Any, store: Path
) -> None:
    files = (("申请.pdf", listed(60)), ("现场.png", png(60, 40)), ("坏的.pdf", b"%PDF-1.7 junk"))
    matter = with_files(people, *files)
    client = as_person("desk")
    (volume,) = (each for each in contents(client, matter)["volumes"] if each["volume"] == "main")
    paper = next(each for each in volume["papers"] if each["paper"] == "withdrawal")
    assert [(file["name"], file["pages"]) for file in paper["files"]] == [
        ("申请.pdf", 3),
        ("现场.png", 1),
        ("坏的.pdf", 1),
    ]
    assert paper["remarks"] == ["文件无法装入，另存原件"]
    answer = client.get(f"/matters/{matter.pk}/file/main.pdf")
    assert answer.headers["Content-Type"] == PDF
    assert "正卷" in unquote(answer.headers["Content-Disposition"])
    # cover, contents, closing sheet and digests besides
    assert pages_of(answer.content) == volume["pages"] + 4


def test_the_contents_come_as_a_word_file_that_says_what_the_page_says(people: dict[str, Any], as_person: Any) -> None:
    matter = ended(people)
    client = as_person("officer")
    said = of_word(client.get(f"/matters/{matter.pk}/file/contents.docx").content)
    for words in ("卷内文件目录", "卷内备考表", "电子文件摘要", "保管期限30年", matter.number, "阅览本，未归档"):
        assert words in said
    record = the_paper(matter, "site_record")
    assert record.number in said
    assert record.pdf[:16] in said
    assert pages_of(client.get(f"/matters/{matter.pk}/file/contents.pdf").content)


def test_the_firm_sees_and_takes_the_main_volume_and_nothing_of_the_side_volume(
    people: dict[str, Any], as_person: Any
) -> None:
    matter = ended(people)
    firm_with_a_part(people, matter)
    client = as_person("firm")
    found = contents(client, matter)
    assert [volume["volume"] for volume in found["volumes"]] == ["main"]
    assert found["withheld"] == 0, "not even how many there are"
    seen = page(client, f"/matters/{matter.pk}/file/")
    assert "立案审批表" not in seen
    assert "副卷" not in seen
    assert client.get(f"/matters/{matter.pk}/file/side.pdf").status_code == 404
    assert "终止调查审批表" not in of_word(client.get(f"/matters/{matter.pk}/file/contents.docx").content)
    whole = client.get(f"/matters/{matter.pk}/file/bound.pdf").content
    assert pages_of(whole) == pages_of(client.get(f"/matters/{matter.pk}/file/main.pdf").content)
    assert "副卷" not in page(client, f"/matters/{matter.pk}/")


def test_who_may_not_see_the_matter_sees_nothing_of_its_file(people: dict[str, Any], as_person: Any) -> None:
    matter = ended(people)
    for username in ("officer2", "firm", "firm2"):
        client = as_person(username)
        for path in ("", "bound.pdf", "main.pdf", "side.pdf", "contents.docx"):
            assert client.get(f"/matters/{matter.pk}/file/{path}").status_code == 404, (username, path)
        assert client.post(f"/matters/{matter.pk}/file/away/").status_code in (403, 404)


def test_a_file_is_filed_away_once_and_then_is_what_it_was(people: dict[str, Any], as_person: Any, store: Path) -> None:
    from qingtian.office.casefiles import api

    matter = ended(people)
    client = as_person("officer")
    assert "归档…" in page(client, f"/matters/{matter.pk}/file/")
    assert client.post(f"/matters/{matter.pk}/file/away/").status_code == 302
    seen = page(client, f"/matters/{matter.pk}/file/")
    assert "此后不再增加、抽取" in seen
    assert "归档…" not in seen
    found = contents(client, matter)
    for volume in found["volumes"]:
        content = client.get(f"/matters/{matter.pk}/file/{volume['volume']}.pdf").content
        assert hashlib.sha256(content).hexdigest() == volume["pdf"]
        assert volume["pdf"] in seen
    said = of_word(client.get(f"/matters/{matter.pk}/file/contents.docx").content)
    assert f"立卷人{people['officer'].name}" in said
    with pytest.raises(QingtianError) as again:
        api.file_away(acting_user=people["officer"], matter_id=matter.pk, at=times.now())
    assert again.value.code == "casefiles.not_to_be_filed"
    assert "归档" in page(client, f"/matters/{matter.pk}/")


def test_what_came_into_a_file_after_it_was_filed_is_not_shown_as_filed(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.casefiles import access, downloads
    from qingtian.office.matters.models import MatterPaper

    matter, officer, at = ended(people), people["officer"], times.now()
    assert as_person("officer").post(f"/matters/{matter.pk}/file/away/").status_code == 302
    filed = access.case_file(officer, matter.pk, at=at)
    assert downloads._binding(filed, filed.volumes) is not None
    copy = MatterPaper.objects.filter(matter=matter).order_by("pk").last()
    assert copy is not None
    copy.pk, copy.version = None, copy.version + 1
    copy.save()
    later = access.case_file(officer, matter.pk, at=at)
    assert downloads._binding(later, later.volumes) is None


def test_the_firm_gets_the_volume_that_was_filed_and_the_timeline_tells_it_of_no_other(
    people: dict[str, Any], as_person: Any, store: Path
) -> None:
    from qingtian.office.casefiles import api

    matter = ended(people)
    filed = api.file_away(acting_user=people["officer"], matter_id=matter.pk, at=times.now())
    firm_with_a_part(people, matter)
    client = as_person("firm")
    content = client.get(f"/matters/{matter.pk}/file/main.pdf").content
    assert hashlib.sha256(content).hexdigest() == filed.volumes["main"]["pdf"]
    assert client.get(f"/matters/{matter.pk}/file/side.pdf").status_code == 404
    assert filed.volumes["side"]["pdf"] not in page(client, f"/matters/{matter.pk}/file/")
    assert filed.volumes["side"]["pdf"][:12] not in page(client, f"/matters/{matter.pk}/")
    assert filed.volumes["side"]["pdf"][:12] in page(as_person("officer"), f"/matters/{matter.pk}/")


def test_an_open_matter_is_not_filed_and_only_posts_of_the_rule_may(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.casefiles import api

    matter = penalty(people, upto="inspect")
    answer = as_person("officer").post(f"/matters/{matter.pk}/file/away/")
    assert answer.status_code in (400, 409)
    assert "请办结后再归档" in answer.content.decode()
    done = ended(people)
    with pytest.raises(QingtianError) as refused:
        api.file_away(acting_user=people["grid"], matter_id=done.pk, at=times.now())
    assert refused.value.code in ("people.not_yours", "sites.not_found")
    assert api.case_file(people["officer"], done.pk, at=times.now()).filed is None


def test_verify_finds_a_volume_that_was_changed_or_is_gone_and_a_paper_taken_out(
    people: dict[str, Any], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from qingtian.office.casefiles import api
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterPaper

    matter = ended(people)
    filed = api.file_away(acting_user=people["officer"], matter_id=matter.pk, at=times.now())
    chain = matters.chain(matter.pk)
    assert verified(chain, capsys)[0] == 0
    pdf, docx = filed.volumes["main"]["pdf"], filed.volumes["side"]["docx"]
    place = store / pdf[:2] / pdf
    place.write_bytes(place.read_bytes()[:-1] + b"!")
    (store / docx[:2] / docx).unlink()
    code, told = verified(chain, capsys)
    assert code == 1
    assert {(link["what"], link["about"], link["sequence"]) for link in told["broken"]} == {
        ("object_changed", pdf, filed.sequence),
        ("object_gone", docx, filed.sequence),
    }
    MatterPaper.objects.filter(matter=matter, name="termination").delete()
    found = {link["what"] for link in verified(chain, capsys)[1]["broken"]}
    assert {"volume", "paper_gone"} <= found


def test_a_bound_file_that_somebody_holds_is_known_by_its_digest(
    people: dict[str, Any], store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from qingtian.office.casefiles import api
    from qingtian.office.matters import api as matters
    from qingtian.office.objects import api as objects

    matter = ended(people)
    filed = api.file_away(acting_user=people["officer"], matter_id=matter.pk, at=times.now())
    content = objects.get(filed.volumes["main"]["pdf"])
    known = api.known(hashlib.sha256(content).hexdigest())
    assert known is not None
    assert (known.chain, known.volume, known.number) == (matters.chain(matter.pk), "main", matter.number)
    held, changed = tmp_path / "held.pdf", tmp_path / "changed.pdf"
    held.write_bytes(content)
    changed.write_bytes(content + b" ")
    assert verified(str(held), capsys) == (0, {"holds": True, "sha256": filed.volumes["main"]["pdf"], **vars(known)})
    assert verified(str(changed), capsys)[0] == 1
    with pytest.raises(QingtianError) as missing:
        verified(str(tmp_path / "none.pdf"), capsys)
    assert missing.value.code == "verify.file_unreadable"


def test_a_matter_without_papers_says_what_to_do_next(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters.models import MatterPaper

    matter = petition(people)
    MatterPaper.objects.filter(matter=matter).delete()
    client = as_person("desk")
    assert "看现在可以办什么" in page(client, f"/matters/{matter.pk}/file/")
    assert client.get(f"/matters/{matter.pk}/file/bound.pdf").status_code >= 400
