"""The pages of quality control: the calendar and register of an outlet, one check, the lists, the workbook."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook
from tests.office_world import MONDAY, OTHER_OUTLET, OUTLET, finding

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

PAGE = f"/outlets/{OUTLET}/quality/"
CHECK = {
    "factor": "w01018",
    "kind": "standard_check",
    "at": "2026-11-22T08:00",
    "reference": "50",
    "measured": "60",
    "technician": "陈工",
}
PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def newest() -> Any:
    from qingtian.office.quality.models import Check

    return Check.objects.order_by("-pk").first()


def entered(client: Any, **changed: Any) -> Any:
    answer = client.post(f"{PAGE}record/", {**CHECK, **changed})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return newest()


def test_the_firm_enters_a_check_and_sees_how_it_was_judged(as_person: Any) -> None:
    firm = as_person("firm")
    picture = SimpleUploadedFile("标液证书.png", PICTURE)
    row = entered(firm, files=[picture])
    shown = firm.get(f"/quality/{row.pk}/").content.decode()
    assert "（测得值 60 − 参考值 50）/ 参考值 50 × 100% = 20%，允许 ±10%：不合格，数据失控。" in shown
    assert "标液证书.png" in shown
    assert "凭记忆录入，待核对" in shown
    (file,) = row.files.all()
    got = firm.get(f"/quality/files/{file.sha256}/")
    assert (got.status_code, got.headers["Content-Type"]) == (200, "image/png")
    page = firm.get(PAGE).content.decode()
    assert "失控时段" in page
    assert f"/quality/{row.pk}/" in page
    history = firm.get(f"/outlets/{OUTLET}/history/?factor=w01018&format=json&from=2026-11-22&to=2026-11-23").json()
    assert any(one["link"] == f"/quality/{row.pk}/" for one in history["marks"])


def test_another_firm_and_another_district_see_nothing_of_it(as_person: Any) -> None:
    row = entered(as_person("firm"), files=[SimpleUploadedFile("a.png", PICTURE)])
    sha256 = row.files.get().sha256
    for username in ("firm2", "officer2"):
        client = as_person(username)
        for path in (PAGE, f"{PAGE}brief/", f"/quality/{row.pk}/", f"/quality/files/{sha256}/"):
            assert client.get(path).status_code == 404, path
        assert client.get("/quality/checks/?format=json").json()["rows"] == []
        assert client.post(f"{PAGE}record/", CHECK).status_code == 404


def test_those_who_enter_nothing_see_the_register_and_no_form(as_person: Any) -> None:
    entered(as_person("firm"))
    for username in ("grid", "reviewer", "leader", "admin"):
        page = as_person(username).get(PAGE).content.decode()
        assert 'action="/outlets/SZ-W-0001/quality/record/"' not in page
        assert as_person(username).post(f"{PAGE}record/", CHECK).status_code == 403


def test_what_was_typed_stays_when_it_is_refused(as_person: Any) -> None:
    answer = as_person("officer").post(f"{PAGE}record/", CHECK | {"measured": "60, 61"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "参考值 1 个，测得值 2 个" in page
    assert 'value="60, 61"' in page
    again = as_person("officer").post(f"{PAGE}record/", CHECK | {"reference": "", "measured": ""})
    assert again.status_code == 422
    assert newest() is None


def test_an_officer_says_how_an_instrument_is_kept_and_its_checks_become_due(as_person: Any) -> None:
    officer = as_person("officer")
    assert "尚无仪器纳入质控管理" in officer.get(PAGE).content.decode()
    regime = {"regime": "w01018:water_auto", "since": "2020-01-01"}
    assert officer.post(f"{PAGE}regime/", regime).status_code == 302
    page = officer.get(PAGE).content.decode()
    assert "自动标样核查与自动校准" in page
    assert "已逾期" in page
    rows = officer.get("/quality/?format=json&state=overdue").json()["rows"]
    assert {(row["outlet"], row["kind"]) for row in rows} == {
        (OUTLET, "standard_check"),
        (OUTLET, "calibration"),
        (OUTLET, "comparison"),
    }
    assert as_person("firm").post(f"{PAGE}regime/", regime).status_code == 403
    assert "已逾期" in as_person("firm").get(f"{PAGE}brief/").content.decode()
    assert as_person("firm2").get("/quality/?format=json").json()["rows"] == []


def test_a_record_is_corrected_withdrawn_and_reviewed_from_its_page(as_person: Any) -> None:
    from qingtian.office.tasks.api import take_finding

    firm, officer = as_person("firm"), as_person("officer")
    first = entered(firm, measured="50.5")
    assert 'value="50.5"' in firm.get(f"{PAGE}?corrects={first.pk}").content.decode()
    second = entered(firm, measured="51", corrects=str(first.pk))
    first.refresh_from_db()
    assert (first.state, second.state, second.supersedes_id) == ("superseded", "standing", first.pk)
    assert firm.post(f"/quality/{second.pk}/withdraw/", {"reason": "误填"}).status_code == 302
    take_finding(message=finding(at=MONDAY), at=MONDAY)
    waiting = entered(firm)
    assert "须经执法人员审核后生效" in firm.get(f"/quality/{waiting.pk}/").content.decode()
    assert f'action="/quality/{waiting.pk}/review/"' not in firm.get(f"/quality/{waiting.pk}/").content.decode()
    answer = officer.post(f"/quality/{waiting.pk}/review/", {"verdict": "reject", "opinion": "与原始记录不符"})
    assert answer.status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == "rejected"


def test_many_checks_are_entered_with_the_workbook_or_none(as_person: Any) -> None:
    firm = as_person("firm")
    book = load_workbook(io.BytesIO(firm.get("/quality/workbook/").content))
    sheet = book.worksheets[0]
    good = [OUTLET, None, "w01018", "自动标样核查", "2026-11-20 08:00", "50", "52", None, None, "陈工", None]
    pairs = [
        OUTLET,
        "",
        "w01001",
        "实际水样比对",
        "2026-11-20 09:00",
        "7.0, 7.1, 7.2",
        "7.1，7.2，7.9",
        None,
        None,
        "陈工",
        "",
    ]
    said = [OUTLET, "", "w00000", "实际水样比对", "2026-11-20 10:00", "", "", "", "合格", "第三方检测公司", "手工比对"]
    for row in (good, pairs, said):
        sheet.append(row)

    def sent() -> Any:
        kept = io.BytesIO()
        book.save(kept)
        file = SimpleUploadedFile("质控.xlsx", kept.getvalue())
        return firm.post("/quality/import/", {"file": file})

    assert "已登记 3 条质控记录" in sent().content.decode()
    rows = firm.get("/quality/checks/?format=json").json()["rows"]
    assert {(row["factor"], row["verdict"]) for row in rows} == {
        ("w01018", "passed"),
        ("w01001", "passed"),
        ("w00000", "passed"),
    }
    sheet.append([OTHER_OUTLET, *good[1:]])
    answer = sent()
    assert answer.status_code == 422
    assert len(firm.get("/quality/checks/?format=json").json()["rows"]) == 3
    assert firm.post("/quality/import/", {}).status_code == 422
    assert as_person("grid").post("/quality/import/", {}).status_code == 422


def test_an_alert_of_quality_control_leads_to_the_register(as_person: Any, people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import Episode

    entered(as_person("firm"))
    episode = Episode.objects.get(detector="quality_control")
    for username in ("firm", "officer"):
        page = as_person(username).get(f"/alerts/{episode.pk}/").content.decode()
        assert "质控逾期或失控" in page
        assert f'href="/outlets/{OUTLET}/quality/"' in page
        assert "不合格，数据失控" in page
        listed = as_person(username).get("/alerts/?format=json&level=quality").json()["rows"]
        assert [row["detector"] for row in listed] == ["quality_control"]
    assert "质控" in as_person("officer").get("/rules/detectors/quality_control/").content.decode()


def test_the_pages_take_few_queries(as_person: Any, django_assert_queries: Any) -> None:
    officer = as_person("officer")
    officer.post(f"{PAGE}regime/", {"regime": "w01018:water_auto", "since": "2026-11-01"})
    for hours in range(12):
        at = (MONDAY - timedelta(days=2, hours=hours)).strftime("%Y-%m-%dT%H:%M")
        entered(officer, at=at, measured="50.5")
    for path in (PAGE, "/quality/", "/quality/checks/"):
        officer.get(path)
        with django_assert_queries(26):
            assert officer.get(path).status_code == 200
