"""Facilities and their channels: the register's acts, what the plan then says, the pages and the workbook."""

from __future__ import annotations

import io
import zlib
from datetime import date
from typing import Any

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook
from tests import workbooks
from tests.office_world import MONDAY, OUTLET

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

PAGE = f"/outlets/{OUTLET}/facilities/"
LINE = {"name": "电镀线", "role": "production", "factor": "p10101", "unit": "kW", "rated": "90"}
PUMP = {"name": "中和池搅拌", "role": "treatment", "factor": "e40201", "unit": "kW", "treats": "电镀线"}


def in_plan(outlet: str = OUTLET) -> list[dict[str, Any]]:
    from qingtian.office.sites.models import PlanSnapshot

    snapshot = PlanSnapshot.objects.order_by("-number").first()
    assert snapshot is not None
    document = orjson.loads(zlib.decompress(bytes(snapshot.document)))
    (found,) = [one for one in document["outlets"] if one["code"] == outlet]
    return list(found.get("facilities", []))


def entered(client: Any, *forms: dict[str, Any]) -> None:
    for form in forms:
        assert client.post(f"{PAGE}set/", form).status_code == 302


def test_what_is_entered_goes_into_the_plan_in_the_unit_of_its_code(as_person: Any) -> None:
    entered(as_person("officer"), LINE, PUMP | {"biological": "on", "start": "2026-03-01"})
    line, pump = in_plan()
    assert line == {"name": "电镀线", "role": "production", "factor": "p10101", "unit": "kW", "rated": 90.0}
    # e402xx is a current (HJ 212-2017 table B.5), whatever the form said
    assert (pump["unit"], pump["treats"], pump["biological"], pump["from"]) == ("A", ["电镀线"], True, "2026-03-01")
    assert "rated" not in pump


def test_each_act_leaves_an_entry_and_the_stream_half_reads_the_plan(people: dict[str, Any]) -> None:
    from qingtian.office.ledger.models import Entry
    from qingtian.office.sites import api as sites
    from qingtian.stream.periods.facilities import read

    who = {"acting_user": people["officer"], "outlet_code": OUTLET, "at": MONDAY}
    sites.set_facility(wanted=sites.Wanted(name="电镀线", role="production", factor="p10101"), **who)
    sites.end_facility(name="电镀线", end=date(2026, 12, 1), **who)
    acts = Entry.objects.filter(chain="facilities").order_by("sequence").values_list("act", flat=True)
    assert list(acts)[-2:] == ["set_facility", "end_facility"]
    (unit,) = read(in_plan())
    assert (unit.name, unit.factor, unit.unit, unit.start) == ("电镀线", "p10101", "kW", None)
    assert unit.end is not None


def test_a_name_that_is_there_already_is_said_anew(as_person: Any) -> None:
    entered(as_person("officer"), LINE, LINE | {"rated": "120"})
    (line,) = in_plan()
    assert line["rated"] == 120.0


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": " "}, "没有填写设施名称"),
        ({"factor": "w01018"}, "水、气因子"),
        ({"factor": "p-1"}, "3 至 8 位"),
        ({"factor": "e10101"}, "不是功率、电流或运行状态"),
        ({"rated": "-3"}, "额定值须大于零"),
        ({"start": "2026-05-01", "end": "2026-04-01"}, "停用日须晚于启用日"),
        ({"treats": "电镀线"}, "只有治污设施"),
        ({"role": "treatment", "treats": "没有的设施"}, "没有产污设施"),
        ({"role": "other"}, "设施类型"),
        ({"name": "另一条线"}, "同期已登记给"),
    ],
)
def test_it_says_why_a_facility_cannot_be_entered_and_keeps_what_was_typed(
    wrong: dict[str, str], why: str, as_person: Any
) -> None:
    client = as_person("officer")
    entered(client, LINE)
    answer = client.post(f"{PAGE}set/", LINE | wrong)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert [one["name"] for one in in_plan()] == ["电镀线"]


def test_a_channel_may_be_that_of_another_unit_once_the_first_has_ended(as_person: Any) -> None:
    client = as_person("officer")
    entered(client, LINE)
    assert client.post(f"{PAGE}end/", {"name": "电镀线", "end": "2026-06-01"}).status_code == 302
    entered(client, LINE | {"name": "新线", "start": "2026-06-01"})
    assert [one["name"] for one in in_plan()] == ["电镀线", "新线"]


def test_the_pages_show_what_treats_what_and_that_nobody_sends_the_channel(as_person: Any) -> None:
    client = as_person("officer")
    assert "尚未登记设施" in client.get(PAGE).content.decode()
    entered(client, LINE, PUMP)
    page = client.get(PAGE).content.decode()
    assert "治理 电镀线" in page
    assert "曝气设备" in page
    assert "尚无设备上传该通道" in page
    rows = client.get("/facilities/?format=json&q=电镀线").json()["rows"]
    assert [(row["name"], row["outlet"], row["factor"]) for row in rows] == [("电镀线", OUTLET, "p10101")]
    assert "电镀线" in client.get(f"/outlets/{OUTLET}/").content.decode()


def test_who_may_not_see_the_outlet_sees_none_of_it_and_a_firm_only_its_own(as_person: Any) -> None:
    entered(as_person("officer"), LINE)
    # officer2 is of another district, firm2 another firm
    for stranger in ("officer2", "firm2"):
        answer = as_person(stranger).get(PAGE)
        assert answer.status_code == 404
        assert "电镀线" not in answer.content.decode()
    assert "电镀线" not in as_person("officer2").get("/facilities/?format=csv").content.decode()
    own = as_person("firm").get(PAGE)
    assert "电镀线" in own.content.decode()
    assert "登记设施</h2>" not in own.content.decode()
    assert as_person("firm").get("/facilities/").status_code == 403


def test_only_officers_and_administrators_enter_them_and_only_in_their_scope(as_person: Any) -> None:
    for username, status in (("desk", 403), ("reviewer", 403), ("officer2", 404), ("firm", 403)):
        assert as_person(username).post(f"{PAGE}set/", LINE).status_code == status
    assert in_plan_or_none() == []


def in_plan_or_none() -> list[Any]:
    from qingtian.office.sites.models import Facility

    return list(Facility.objects.filter(outlet_id=OUTLET))


def book(client: Any, *rows: list[Any]) -> Any:
    """Return the answer to the workbook that was downloaded and filled with these rows."""
    content = workbooks.appended(client.get("/facilities/workbook/").content, rows)
    return client.post("/facilities/import/", {"file": SimpleUploadedFile("设施.xlsx", content)})


def test_the_workbook_comes_filled_with_what_there_is_and_takes_in_more(as_person: Any) -> None:
    client = as_person("officer")
    entered(client, LINE)
    treated = [OUTLET, "喷淋塔", "治污设施", "g10401", "电流", 30, "否", "电镀线、烘干线", date(2026, 3, 1)]
    dried = [OUTLET, "烘干线", "产污设施", "p10102", "功率", 45.5]
    answer = book(client, treated, dried)
    assert answer.status_code == 200
    assert "已登记 3 个设施" in answer.content.decode()
    assert {one["name"]: one.get("treats") for one in in_plan()} == {
        "电镀线": None,
        "喷淋塔": ["烘干线", "电镀线"],
        "烘干线": None,
    }
    again = load_workbook(io.BytesIO(client.get("/facilities/workbook/").content)).active
    assert again is not None
    names = [row[1] for row in again.iter_rows(min_row=3, values_only=True)]
    assert names == ["电镀线", "喷淋塔", "烘干线"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ([OUTLET, "烘干线", "锅炉", "p10102"], "第3行“设施类型*”应为产污设施、治污设施、排水泵之一"),
        ([OUTLET, "烘干线", "产污设施"], "第3行没有填写“通道编码*”"),
        ([OUTLET, "烘干线", "产污设施", "p10102", "功率", "很多"], "不是数字"),
        (["SZ-W-9999", "烘干线", "产污设施", "p10102"], "SZ-W-9999"),
    ],
)
def test_a_workbook_with_a_wrong_row_is_refused_as_a_whole(row: list[Any], why: str, as_person: Any) -> None:
    right = [OUTLET, "另一线", "产污设施", "p10109"]
    answer = book(as_person("officer"), row, right)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert in_plan_or_none() == []


def test_what_is_no_workbook_is_refused(as_person: Any) -> None:
    file = SimpleUploadedFile("设施.xlsx", b"no workbook")
    answer = as_person("officer").post("/facilities/import/", {"file": file})
    assert answer.status_code == 422
    assert "不是 Excel 工作簿" in answer.content.decode()
