"""Measuring ranges: who enters and who confirms them, what the plan then says, the pages and the workbook."""

from __future__ import annotations

import zlib
from typing import Any

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests import workbooks
from tests.office_world import OUTLET

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

PAGE = f"/outlets/{OUTLET}/ranges/"
COD = {"factor": "w01018", "top": "200", "detection": "4", "document": "铭牌"}


def in_plan(outlet: str = OUTLET) -> list[dict[str, Any]]:
    from qingtian.office.sites.models import PlanSnapshot

    snapshot = PlanSnapshot.objects.order_by("-number").first()
    if snapshot is None:
        return []
    document = orjson.loads(zlib.decompress(bytes(snapshot.document)))
    (found,) = [one for one in document["outlets"] if one["code"] == outlet]
    return list(found.get("ranges", []))


def rows() -> list[Any]:
    from qingtian.office.sites.models import MeasuringRange

    return list(MeasuringRange.objects.filter(outlet_id=OUTLET).order_by("pk"))


def acts() -> list[str]:
    from qingtian.office.ledger.models import Entry

    return list(Entry.objects.filter(chain="ranges").order_by("sequence").values_list("act", flat=True))


def entered(client: Any, *forms: dict[str, str]) -> None:
    for form in forms:
        assert client.post(f"{PAGE}enter/", form).status_code == 302


def test_what_an_officer_enters_stands_and_goes_into_the_plan(as_person: Any) -> None:
    from qingtian.stream.periods.ranges import read

    entered(as_person("officer"), COD)
    assert in_plan() == [{"factor": "w01018", "top": 200.0, "detection": 4.0}]
    (one,) = read(in_plan())
    assert (one.top, one.detection, one.mn, one.start) == (200.0, 4.0, None, None)
    assert acts()[-1] == "enter_range"


def test_what_a_firm_enters_stands_only_when_an_officer_has_confirmed_it(as_person: Any) -> None:
    entered(as_person("firm"), COD)
    assert in_plan() == []
    assert "经执法人员确认后生效" in as_person("firm").get(PAGE).content.decode()
    officer = as_person("officer")
    assert "有 1 条企业登记的量程待确认" in officer.get("/ranges/").content.decode()
    (row,) = rows()
    answer = officer.post(f"{PAGE}confirm/", {"range": row.pk})
    assert answer.status_code == 302
    assert in_plan() == [{"factor": "w01018", "top": 200.0, "detection": 4.0}]
    assert acts()[-2:] == ["propose_range", "confirm_range"]
    again = officer.post(f"{PAGE}confirm/", {"range": row.pk})
    assert again.status_code == 422
    assert "不在待确认状态" in again.content.decode()


def test_sending_one_back_wants_a_reason_and_the_firm_reads_it(as_person: Any) -> None:
    entered(as_person("firm"), COD)
    (row,) = rows()
    officer = as_person("officer")
    assert "退回须说明理由" in officer.post(f"{PAGE}refuse/", {"range": row.pk}).content.decode()
    assert officer.post(f"{PAGE}refuse/", {"range": row.pk, "opinion": "与验收报告不符"}).status_code == 302
    assert in_plan() == []
    assert "与验收报告不符" in as_person("firm").get(PAGE).content.decode()


def test_a_new_range_ends_the_one_before_on_its_day(as_person: Any) -> None:
    entered(as_person("officer"), COD, COD | {"top": "500", "start": "2026-06-01"})
    assert [(one.get("top"), one.get("from"), one.get("to")) for one in in_plan()] == [
        (200.0, None, "2026-06-01"),
        (500.0, "2026-06-01", None),
    ]
    entered(as_person("officer"), COD | {"top": "300"})
    assert [one["top"] for one in in_plan()] == [300.0]
    assert [row.state for row in rows()] == ["replaced", "replaced", "standing"]


def test_a_range_ends_on_a_day(as_person: Any) -> None:
    client = as_person("officer")
    entered(client, COD | {"start": "2026-03-01"})
    (row,) = rows()
    early = client.post(f"{PAGE}end/", {"range": row.pk, "end": "2026-02-01"})
    assert (early.status_code, "停用日须晚于启用日" in early.content.decode()) == (422, True)
    assert client.post(f"{PAGE}end/", {"range": row.pk, "end": "2026-09-01"}).status_code == 302
    assert [one["to"] for one in in_plan()] == ["2026-09-01"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"factor": "p10101"}, "不是因子表中的水、气因子"),
        ({"top": "", "detection": ""}, "至少填一项"),
        ({"top": "-1"}, "量程上限须大于零"),
        ({"detection": "0"}, "检出限须大于零"),
        ({"detection": "300"}, "检出限须低于量程上限"),
        ({"mn": "F" * 24}, "该排放口没有此设备"),
        ({"document": "铭" * 129}, "依据最长 128 个字"),
    ],
)
def test_it_says_why_a_range_cannot_be_entered_and_keeps_what_was_typed(
    wrong: dict[str, str], why: str, as_person: Any
) -> None:
    answer = as_person("officer").post(f"{PAGE}enter/", COD | wrong)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert f'value="{wrong.get("document", "铭牌")}"' in answer.content.decode()
    assert rows() == []


def test_who_may_not_see_the_outlet_sees_none_of_it_and_a_firm_only_its_own(as_person: Any) -> None:
    entered(as_person("officer"), COD)
    for stranger in ("officer2", "firm2"):
        answer = as_person(stranger).get(PAGE)
        assert answer.status_code == 404
        assert "铭牌" not in answer.content.decode()
        assert as_person(stranger).post(f"{PAGE}enter/", COD).status_code == 404
    assert "铭牌" not in as_person("officer2").get("/ranges/?format=csv").content.decode()
    assert "铭牌" in as_person("firm").get(PAGE).content.decode()
    assert as_person("firm").get("/ranges/").status_code == 403


def test_nobody_else_enters_and_no_firm_confirms(as_person: Any) -> None:
    entered(as_person("firm"), COD)
    (row,) = rows()
    assert as_person("firm").post(f"{PAGE}confirm/", {"range": row.pk}).status_code == 403
    for username in ("desk", "reviewer"):
        assert as_person(username).post(f"{PAGE}enter/", COD).status_code == 403
        assert as_person(username).post(f"{PAGE}confirm/", {"range": row.pk}).status_code == 403
    assert [row.state for row in rows()] == ["proposed"]


def book(client: Any, *more: list[Any]) -> Any:
    content = workbooks.appended(client.get("/ranges/workbook/").content, more)
    return client.post("/ranges/import/", {"file": SimpleUploadedFile("量程.xlsx", content)})


def test_the_workbook_comes_filled_with_what_stands_and_takes_in_more(as_person: Any) -> None:
    client = as_person("officer")
    entered(client, COD)
    answer = book(client, [OUTLET, None, "w21003", 50, 0.1, "验收报告"])
    assert "已登记 2 条量程" in answer.content.decode()
    assert [(one["factor"], one["top"]) for one in in_plan()] == [("w01018", 200.0), ("w21003", 50.0)]
    listed = client.get("/ranges/?format=json&q=w21003").json()["rows"]
    assert [(row["factor"], row["top"], row["outlet"]) for row in listed] == [("w21003", 50.0, OUTLET)]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ([OUTLET, None, "w21003", "很大"], "第3行“量程上限”不是数字"),
        ([OUTLET, None, None, 50], "第3行没有填写“因子编码*”"),
        (["SZ-W-9999", None, "w21003", 50], "SZ-W-9999"),
        ([OUTLET, None, "w21003", 50, 0], "检出限须大于零"),
    ],
)
def test_a_workbook_with_a_wrong_row_is_refused_as_a_whole(row: list[Any], why: str, as_person: Any) -> None:
    answer = book(as_person("officer"), row, [OUTLET, None, "w01018", 200])
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert rows() == []
