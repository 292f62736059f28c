"""The page of a paper: what stands on it, its files, what is frozen, who may read it; drafts and forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from tests.matters_world import PDF, penalty, petition, taken_back

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def the_paper(matter: Any, name: str, version: int = 1) -> Any:
    from qingtian.office.matters.models import MatterPaper

    return MatterPaper.objects.get(matter=matter, name=name, version=version)


def page(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    text: str = answer.content.decode()
    return text


def test_it_shows_what_stands_on_a_paper_and_what_is_frozen(people: dict[str, Any], as_person: Any) -> None:
    record = the_paper(penalty(people, upto="inspect"), "site_record")
    seen = page(as_person("officer"), f"/matters/papers/{record.pk}/")
    assert '<article class="sheet-paper"' in seen
    assert "现场检查（勘察）笔录" in seen
    assert "深圳某电镀有限公司" in seen
    assert "宝安执法员（演示）" in seen, "who inspected stands on the record"
    record.refresh_from_db()
    assert all(digest in seen for digest in (record.digest, record.pdf, record.docx, record.template))
    assert record.number in seen


def test_its_files_are_sent_as_they_were_frozen_and_run_nothing(people: dict[str, Any], as_person: Any) -> None:
    record = the_paper(penalty(people, upto="inspect"), "site_record")
    client = as_person("officer")
    for form, first in (("pdf", b"%PDF-"), ("docx", b"PK")):
        answer = client.get(f"/matters/papers/{record.pk}.{form}")
        assert answer.content.startswith(first)
        assert client.get(f"/matters/papers/{record.pk}.{form}").content == answer.content
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        named = unquote(answer.headers["Content-Disposition"])
        assert named.startswith("attachment")
        assert named.endswith(f"现场检查（勘察）笔录 {record.number}.{form}")
    missing = client.get(f"/matters/papers/{record.pk}/original/")
    assert missing.status_code == 404
    assert "本机关制作" in missing.content.decode()


def test_a_paper_that_was_brought_is_given_back_as_it_came(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.objects.api import Upload

    paper = the_paper(taken_back(people, Upload(name="撤回申请.pdf", content=PDF)), "withdrawal")
    client = as_person("desk")
    assert "撤回申请.pdf" in page(client, f"/matters/papers/{paper.pk}/")
    answer = client.get(f"/matters/papers/{paper.pk}/original/")
    assert (answer.content, answer.headers["Content-Type"]) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_files_of_a_paper_are_shown_one_by_one_and_saved_together(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.objects.api import Upload

    photo = b"\xff\xd8\xff photo"
    matter = taken_back(people, Upload(name="申请.pdf", content=PDF), Upload(name="<b>现场.jpg", content=photo))
    paper = the_paper(matter, "withdrawal")
    client, path = as_person("desk"), f"/matters/papers/{paper.pk}/"
    shown = client.get(path)
    seen = shown.content.decode()
    assert f'<iframe class="scan" src="{path}files/1/"' in seen
    assert f'<img class="scan" src="{path}files/2/"' in seen
    assert "<b>现场" not in seen
    assert all(file["sha256"] in seen for file in paper.files)
    assert "frame-src 'self'" in shown.headers["Content-Security-Policy"]
    first, second = client.get(f"{path}files/1/"), client.get(f"{path}files/2/")
    assert (first.content, second.content) == (PDF, photo)
    for answer in (first, second):
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in second.headers["Content-Security-Policy"]
    assert client.get(f"{path}files/1/?save=1").headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"{path}files/3/").status_code == client.get(f"{path}files/0/").status_code == 404
    archive = client.get(f"{path}original/")
    assert archive.headers["Content-Type"] == "application/zip"
    assert b"".join(archive.streaming_content).startswith(b"PK")
    assert "2 个文件" in page(client, f"/matters/{matter.pk}/")
    assert as_person("officer2").get(f"{path}files/1/").status_code == 404


def test_a_number_that_comes_by_itself_is_named_in_the_form_and_not_asked(
    people: dict[str, Any], as_person: Any
) -> None:
    matter = penalty(people)
    asked = page(as_person("leader"), f"/matters/{matter.pk}/act/file/")
    assert "立案号" in asked
    assert "办理时自动编号" in asked
    assert "fact.case_number" not in asked
    assert "自动编号（立案审批表的文号）" in page(as_person("leader"), "/kinds/penalty/")


def test_it_says_of_a_paper_without_a_scan_where_to_look(people: dict[str, Any], as_person: Any) -> None:
    receipt = the_paper(penalty(people, upto="notify", days_ago=6), "notice_receipt")
    seen = page(as_person("officer"), f"/matters/papers/{receipt.pk}/")
    assert "此文书只有纸质件" in seen
    assert "请查阅纸质案卷" in seen


def test_whoever_may_not_see_the_matter_sees_no_paper_of_it(people: dict[str, Any], as_person: Any) -> None:
    matter = penalty(people, upto="inspect")
    record = the_paper(matter, "site_record")
    paths = [f"/matters/papers/{record.pk}{end}" for end in ("/", ".pdf", ".docx", "/original/", "/files/1/")]
    paths += [f"/matters/{matter.pk}/drafts/", *(f"/matters/{matter.pk}/drafts/decision{end}" for end in ("/", ".pdf"))]
    for username in ("officer2", "firm", "firm2"):
        answers = [as_person(username).get(path).status_code for path in paths]
        assert set(answers) <= {403, 404}, (username, answers)
    confidential = the_paper(petition(people), "register_sheet")
    assert as_person("officer").get(f"/matters/papers/{confidential.pk}/").status_code in (200, 404)
    assert as_person("firm").get(f"/matters/papers/{confidential.pk}.pdf").status_code == 404


def test_the_side_volume_is_not_for_a_firm_that_has_a_part_in_the_matter(
    people: dict[str, Any], as_person: Any
) -> None:
    from qingtian.office.matters.models import MatterPerson

    matter = penalty(people, upto="inspect")
    firm = people["firm"]
    matter.enterprise_id = firm.enterprise
    matter.save()
    MatterPerson.objects.create(matter=matter, user=firm, role="officer")
    client = as_person("firm")
    assert client.get(f"/matters/papers/{the_paper(matter, 'site_record').pk}/").status_code == 200
    assert client.get(f"/matters/papers/{the_paper(matter, 'clue_form').pk}/").status_code == 404
    assert client.get(f"/matters/papers/{the_paper(matter, 'filing_approval').pk}.pdf").status_code == 404


def test_an_older_version_says_that_there_is_a_newer_one(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.base import times
    from qingtian.office.matters import api as matters

    matter = penalty(people, upto="inspect")
    again = {"facts": {"evidence": ["复查照片"]}, "present": ["officer3"]}
    matters.do_act(
        acting_user=people["officer"], matter_id=matter.pk, act="inspect", at=times.now(), revision=None, **again
    )
    client = as_person("officer")
    older, newer = the_paper(matter, "site_record"), the_paper(matter, "site_record", version=2)
    assert "已有新版本" in page(client, f"/matters/papers/{older.pk}/")
    assert "已有新版本" not in page(client, f"/matters/papers/{newer.pk}/")
    assert f"/matters/papers/{older.pk}/" in page(client, f"/matters/papers/{newer.pk}/")


def test_a_paper_that_cannot_be_typeset_says_why_on_its_page(
    people: dict[str, Any], as_person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingtian.law.machine.definition import Part
    from qingtian.office.papers import forms

    record = the_paper(penalty(people, upto="inspect"), "site_record")
    broken = (Part(kind="text", text="{{ nothing_of_the_sort }}", rows=(), when="", line=1),)
    with monkeypatch.context() as then:
        then.setattr(forms, "body", lambda paper: broken)
        seen = page(as_person("officer"), f"/matters/papers/{record.pk}/")
    assert "nothing_of_the_sort" in seen
    assert "qingtian check" in seen
    assert '<article class="sheet-paper"' not in seen
    assert '<article class="sheet-paper"' in page(as_person("officer"), f"/matters/papers/{record.pk}/")


def test_a_file_that_was_changed_behind_our_back_is_not_given_out(people: dict[str, Any], as_person: Any) -> None:
    from django.conf import settings

    record = the_paper(penalty(people, upto="inspect"), "site_record")
    client = as_person("officer")
    page(client, f"/matters/papers/{record.pk}/")
    record.refresh_from_db()
    for digest in (record.pdf, record.docx):
        file = Path(settings.OBJECTS_URL) / digest[:2] / digest
        file.write_bytes(file.read_bytes()[:-1] + b"!")
    assert "与其摘要不符" in page(client, f"/matters/papers/{record.pk}/")
    refused = client.get(f"/matters/papers/{record.pk}.pdf")
    assert refused.status_code >= 400
    assert b"%PDF" not in refused.content


def test_drafts_and_forms_of_the_stage_can_be_looked_at_and_printed(people: dict[str, Any], as_person: Any) -> None:
    matter = penalty(people, upto="review_pass")
    client = as_person("officer")
    listed = page(client, f"/matters/{matter.pk}/drafts/")
    assert "行政处罚事先（听证）告知书" in listed
    assert "待签空白文书" in listed
    drafted = page(client, f"/matters/{matter.pk}/drafts/prior_notice/")
    assert "深圳某电镀有限公司" in drafted
    assert client.get(f"/matters/{matter.pk}/drafts/prior_notice.pdf").content.startswith(b"%PDF-")
    assert client.get(f"/matters/{matter.pk}/drafts/notice_receipt.docx").content.startswith(b"PK")
    assert client.get(f"/matters/{matter.pk}/drafts/prior_notice.exe").status_code == 404
    assert client.get(f"/matters/{matter.pk}/drafts/no_such/").status_code == 404
    for path in (f"/matters/{matter.pk}/", f"/matters/{matter.pk}/act/notify/"):
        assert f'href="/matters/{matter.pk}/drafts/"' in page(client, path), path


def test_the_text_of_a_fact_is_only_text_on_the_page_and_in_the_files(people: dict[str, Any], as_person: Any) -> None:
    hostile = "<script>alert(1)</script>{{ authority }}</w:t>&\x0b"
    sheet = the_paper(petition(people, facts={"claim": hostile}), "register_sheet")
    client = as_person("desk")
    seen = page(client, f"/matters/papers/{sheet.pk}/")
    assert "<script>alert(1)" not in seen
    assert "{{ authority }}" in seen
    assert client.get(f"/matters/papers/{sheet.pk}.pdf").status_code == 200


def test_the_page_asks_no_more_however_long_the_file_is(
    people: dict[str, Any], as_person: Any, django_assert_queries: Any
) -> None:
    client = as_person("officer")
    for upto in ("inspect", "notify"):
        record = the_paper(penalty(people, upto=upto, days_ago=6), "site_record")
        page(client, f"/matters/papers/{record.pk}/")
        with django_assert_queries(16):
            page(client, f"/matters/papers/{record.pk}/")
