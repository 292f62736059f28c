"""How an office begins: its registers from workbooks, all rows or none, and the plan that lets its devices in."""

from __future__ import annotations

import io
import zlib
from typing import Any

import orjson
import pytest
from openpyxl import load_workbook
from tests.office_world import MONDAY

from qingtian.base.settings import Settings

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

MN = "0A0B0C0D0E0F010203040506"
ROWS: dict[str, list[list[Any]]] = {
    "grids": [
        ["999901-01", "甲网格", "999901", "新区", "New District", 113.83, 22.6],
        ["999901-02", "乙网格", "999901", "新区", "New District", 113.83, 22.6],
    ],
    "enterprises": [["N1", "某水质净化厂", "", "", "", "999901-01", 113.8, 22.7]],
    "outlets": [
        ["N-W-1", "废水总排口", "", "N1", "废水", "GB 18918-2002", "城镇污水处理厂/一级A", "w01018 w21003", None, None]
    ],
    "devices": [[MN, "012345", "N-W-1"]],
    "people": [["lisi", "李四", "执法人员", "999901", "", "", "long enough 1"]],
}


def books(**changed: list[list[Any]]) -> dict[str, bytes]:
    """The blank workbooks, filled in."""
    from qingtian.office.sites import api as sites

    found = {}
    for name, blank in sites.blank_registers().items():
        book = load_workbook(io.BytesIO(blank))
        for row in changed.get(name, ROWS[name]):
            book.active.append(row)
        kept = io.BytesIO()
        book.save(kept)
        found[name] = kept.getvalue()
    return found


def refused(**changed: list[list[Any]]) -> str:
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import Enterprise

    with pytest.raises(sites.BookRefused) as found:
        sites.enter_registers(books(**changed), at=MONDAY)
    assert not Enterprise.objects.filter(pk="N1").exists(), "nothing may be entered"
    return found.value.sentence("zh")


def test_an_office_begins_with_its_registers_and_a_plan(as_person: Any) -> None:
    from qingtian.office.ledger.api import history
    from qingtian.office.people.api import log_in
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import Limit

    new = {name: outcome.new for name, outcome in sites.enter_registers(books(), at=MONDAY).items()}
    assert new == {"grids": 2, "enterprises": 1, "outlets": 1, "devices": 1, "people": 1}
    limits = Limit.objects.filter(outlet="N-W-1")
    assert {limit.factor for limit in limits} == {"w01018", "w21003"}
    assert history("outlet:N-W-1")[-1].content["limits"] == len(limits)
    plan = sites.PlanSnapshot.objects.order_by("-number").first()
    (outlet,) = (one for one in orjson.loads(zlib.decompress(plan.document))["outlets"] if one["code"] == "N-W-1")
    assert [device["mn"] for device in outlet["devices"]] == [MN]
    assert outlet["devices"][0]["pw"] == "012345"
    assert log_in(username="lisi", password="long enough 1", address="10.0.0.1", at=MONDAY).name == "李四"
    page = as_person("admin")
    assert "废水总排口" in page.get("/outlets/?q=N-W-1").content.decode()
    assert page.get("/desk/map/").status_code == 200


def entered(**changed: list[list[Any]]) -> dict[str, dict[str, Any]]:
    """What became of the rows, without what did not happen."""
    from qingtian.office.sites import api as sites

    outcomes = sites.enter_registers(books(**changed), at=MONDAY)
    return {name: {what: many for what, many in vars(one).items() if many} for name, one in outcomes.items()}


def acted(book: str, act: str, /, **cells: Any) -> list[list[Any]]:
    """The first row of a workbook with the word in its last column, and other cells."""
    from qingtian.office.sites import api as sites

    columns = list(sites.REGISTERS[book].columns)
    row = [*ROWS[book][0], act]
    for key, cell in cells.items():
        row[columns.index(key)] = cell
    return [row]


def plan_of(code: str) -> dict[str, Any] | None:
    from qingtian.office.sites import api as sites

    plan = sites.PlanSnapshot.objects.order_by("-number").first()
    assert plan is not None
    outlets = orjson.loads(zlib.decompress(plan.document))["outlets"]
    return next((one for one in outlets if one["code"] == code), None)


def test_the_same_workbooks_again_change_nothing_and_a_row_that_differs_is_left_and_named() -> None:
    from qingtian.office.ledger.models import Entry
    from qingtian.office.sites.models import Enterprise

    entered()
    entries = Entry.objects.count()
    same = {"grids": {"same": 2}, **{name: {"same": 1} for name in list(ROWS)[1:]}}
    assert entered() == same
    renamed = acted("enterprises", "", name="另一名称")
    assert entered(enterprises=renamed) == same | {"enterprises": {"left": (3,)}}
    assert Enterprise.objects.get(pk="N1").name == "某水质净化厂"
    assert Entry.objects.count() == entries


def test_a_firm_that_moved_takes_its_outlets_along_and_the_ledger_says_from_where_to_where() -> None:
    from qingtian.office.ledger.api import history
    from qingtian.office.sites.models import Enterprise, Outlet

    entered()
    moved = acted("enterprises", "变更", grid="999901-02", name=None, lon=113.9)
    assert entered(enterprises=moved)["enterprises"] == {"changed": 1}
    firm, outlet = Enterprise.objects.get(pk="N1"), Outlet.objects.get(pk="N-W-1")
    assert (firm.grid_id, firm.name, firm.lon) == ("999901-02", "某水质净化厂", 113.9), "an empty cell changes nothing"
    assert (outlet.grid_id, outlet.lon, outlet.lat) == ("999901-02", 113.9, 22.7)
    line = history("enterprise:N1")[-1]
    assert (line.act, line.content["changed"]["grid_id"]) == ("change_register", ["999901-01", "999901-02"])
    assert history("outlet:N-W-1")[-1].content["with"] == "enterprise:N1"
    plan = plan_of("N-W-1")
    assert plan is not None
    assert plan["grid"] == "999901-02"
    # once more it is so already
    assert entered(enterprises=moved)["enterprises"] == {"same": 1}


def test_a_device_that_was_replaced_is_let_in_no_more_and_says_nothing_of_its_outlet(people: dict[str, Any]) -> None:
    from qingtian.office.ledger.api import history
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import DeviceStatus

    entered()
    DeviceStatus.objects.create(
        device_id=MN, received=MONDAY, data_time=MONDAY, packets=1, duplicates=0, cn=2011, state="breach", values={}
    )
    other = "F" * 24
    assert entered(devices=[[MN, None, None, "停用"], [other, "654321", "N-W-1", None]])["devices"] == {
        "ended": 1, "new": 1
    }  # fmt: skip
    plan = plan_of("N-W-1")
    assert plan is not None
    assert [device["mn"] for device in plan["devices"]] == [other]
    assert history(f"device:{MN}")[-1].act == "end_register"
    (state,) = (one for one in sites.live_states(people["admin"], at=MONDAY) if one.code == "N-W-1")
    assert state.state == "normal", "what the old device said last does not stay for ever"
    assert entered(devices=acted("devices", "停用"))["devices"] == {"same": 1}
    again = acted("devices", "恢复")
    assert entered(devices=again)["devices"] == {"resumed": 1}
    assert entered(devices=acted("devices", "变更", pw="777777"))["devices"] == {"changed": 1}
    assert "777777" not in str([line.content for line in history(f"device:{MN}")]), "a password is in no ledger"


def test_an_outlet_that_ended_leaves_plan_and_map_with_its_devices_and_can_come_back(people: dict[str, Any]) -> None:
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import Device

    entered()
    assert entered(outlets=acted("outlets", "停用"))["outlets"] == {"ended": 1}
    assert plan_of("N-W-1") is None
    assert not Device.objects.get(pk=MN).active
    assert "N-W-1" not in {one.code for one in sites.live_states(people["admin"], at=MONDAY)}
    assert "N-W-1 已停用，请先恢复该排放口" in refused_later(devices=acted("devices", "恢复"))
    assert entered(outlets=acted("outlets", "恢复"), devices=acted("devices", "恢复")) == {
        "grids": {"same": 2}, "enterprises": {"same": 1}, "outlets": {"resumed": 1}, "devices": {"resumed": 1},
        "people": {"same": 1},
    }  # fmt: skip
    assert plan_of("N-W-1") is not None


def test_another_standard_counts_from_today_and_the_one_before_stays_for_its_time() -> None:
    from qingtian.office.sites.models import Limit

    entered()
    changed = acted("outlets", "变更", source_type="城镇污水处理厂/一级B", factors="w01018")
    assert entered(outlets=changed)["outlets"] == {"changed": 1}
    before, since = (Limit.objects.filter(outlet="N-W-1", source_type=f"城镇污水处理厂/一级{one}") for one in "AB")
    assert {limit.end for limit in before} == {MONDAY.date()}
    assert {limit.factor for limit in since} == {"w01018"}
    assert all(limit.start is not None and limit.start >= MONDAY.date() for limit in since)
    count = Limit.objects.filter(outlet="N-W-1").count()
    assert entered(outlets=changed)["outlets"] == {"same": 1}
    assert Limit.objects.filter(outlet="N-W-1").count() == count


def test_who_left_can_log_in_no_more_and_one_administrator_is_always_left(office: Settings) -> None:
    from django.test import Client

    from qingtian.office.people.api import LoginRefused, log_in
    from qingtian.office.people.models import User

    entered()
    browser = Client()
    browser.force_login(User.objects.get(username="lisi"))
    assert browser.get("/desk/").status_code == 200
    assert entered(people=acted("people", "停用"))["people"] == {"ended": 1}
    assert browser.get("/desk/").status_code == 302, "who is logged in is out at once"
    with pytest.raises(LoginRefused):
        log_in(username="lisi", password="long enough 1", address="10.0.0.1", at=MONDAY)
    another = acted("people", "变更", password="another word 2", role="值班", district="-")
    assert entered(people=another)["people"] == {"changed": 1}
    assert entered(people=another)["people"] == {"same": 1}, "the password is that already"
    assert User.objects.get(username="lisi").district_id is None
    everybody = User.objects.filter(role="administrator", is_active=True).values_list("username", flat=True)
    rows = [[name, *[None] * 6, "停用"] for name in everybody]
    assert "不能没有在用的管理员" in refused_later(people=rows)
    assert User.objects.filter(role="administrator", is_active=True).count() == len(rows)


def test_a_district_is_renamed_in_the_row_of_one_of_its_grids_and_no_grid_changes_its_district() -> None:
    from qingtian.office.people.models import District

    entered()
    renamed = acted("grids", "变更", district_name="光明区", lon=113.9)
    assert entered(grids=renamed)["grids"] == {"changed": 1}
    district = District.objects.get(pk="999901")
    assert (district.name, district.lon, district.lat) == ("光明区", 113.9, 22.6)
    third = ["999901-03", "丙网格", "999901", "新区", "New District", 113.9, 22.6]
    assert "“行政区名称”与该区已有的（光明区）不一致" in refused_later(grids=[third])
    assert "已登记的网格不能换区" in refused_later(grids=acted("grids", "变更", district="999902"))


def outlined(code: object = "999901", *, east: float = 113.8, **changed: Any) -> bytes:
    """A file with a square of a tenth of a degree, one of whose sides has a point too many."""
    corners = [[east, 22.5], [east + 0.05, 22.5], [east + 0.1, 22.5], [east + 0.1, 22.6], [east, 22.6], [east, 22.5]]
    geometry = {"type": "Polygon", "coordinates": [corners]}
    feature = {"type": "Feature", "properties": {"adcode": code, "name": "新区"}, "geometry": geometry} | changed
    return orjson.dumps({"type": "FeatureCollection", "features": [feature]})


def test_the_outline_of_a_district_is_on_the_map_and_the_same_again_changes_nothing(as_person: Any) -> None:
    from qingtian.office.ledger.api import history
    from qingtian.office.sites import api as sites

    first = sites.enter_registers(books(), outlines=outlined(), at=MONDAY)
    assert first["districts.geojson"].new == 1
    assert history("district:999901")[-1].content["changed"] == {"outline": [0, 5]}
    shown = as_person("admin").get("/desk/map/").content.decode()
    # the point on a straight line is left out
    square = "[[[113.8,22.5],[113.9,22.5],[113.9,22.6],[113.8,22.6],[113.8,22.5]]]"
    assert square in shown.replace(" ", "")
    again = sites.enter_registers({}, outlines=outlined(), at=MONDAY)
    assert vars(again["districts.geojson"]) == vars(sites.Outcome(same=1))
    moved = sites.enter_registers({}, outlines=outlined(999901), gcj02=True, at=MONDAY)
    assert moved["districts.geojson"].changed == 1, "coordinates of web maps are brought back to the Earth's"


@pytest.mark.parametrize(
    ("outlines", "why"),
    [
        (b"no json", "不是 JSON 文件"),
        (b"[]", "FeatureCollection"),
        (outlined("999909"), "没有登记行政区 999909"),
        (outlined("44"), "第 1 个区界没有六位行政区划代码"),
        (outlined(geometry=None), "第 1 个区界不是 Polygon"),
        (outlined(geometry={"type": "Point", "coordinates": [113.8, 22.5]}), "不是 Polygon"),
        (outlined(geometry={"type": "Polygon", "coordinates": [[[1138, 22.5]] * 5]}), "坐标不是经纬度"),
        (outlined(geometry={"type": "Polygon", "coordinates": [[[113.8, 22.5]] * 5]}), "没有面积"),
    ],
)
def test_outlines_that_cannot_be_are_refused_and_no_workbook_is_entered(
    outlines: bytes, why: str, office: Settings
) -> None:
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import Enterprise

    with pytest.raises(sites.OutlinesRefused) as refused:
        sites.enter_registers(books(), outlines=outlines, at=MONDAY)
    assert why in refused.value.sentence("zh")
    assert not Enterprise.objects.filter(pk="N1").exists()


def refused_later(**changed: list[list[Any]]) -> str:
    """Why workbooks are refused after others were entered; nothing of them is entered."""
    from qingtian.office.ledger.models import Entry
    from qingtian.office.sites import api as sites

    entries = Entry.objects.count()
    with pytest.raises(sites.BookRefused) as found:
        sites.enter_registers(books(**changed), at=MONDAY)
    assert Entry.objects.count() == entries
    return found.value.sentence("zh")


def test_a_row_that_cannot_be_entered_is_named_and_nothing_is_entered(office: Settings) -> None:
    firm, outlet, device, person = (ROWS[name][0] for name in ("enterprises", "outlets", "devices", "people"))
    assert "“企业”第3行“网格编号”没有登记 999901-09，请先登记" in refused(
        enterprises=[[*firm[:5], "999901-09", *firm[6:]]]
    )
    assert "因子表中没有 w99999" in refused(outlets=[[*outlet[:7], "w99999", None, None]])
    assert "没有限值" in refused(outlets=[[*outlet[:6], "没有这一类", *outlet[7:]]])
    assert "“设备”第3行“MN”应为" in refused(devices=[["12", *device[1:]]])
    assert "“初始密码”不足" in refused(people=[[*person[:6], "short"]])
    assert "“网格编号”：该角色须填" in refused(people=[[*person[:2], "网格员", *person[3:]]])
    assert "“行政区划代码”：该角色须填" in refused(people=[[*person[:3], None, *person[4:]]])
    assert "出现多次" in refused(enterprises=[firm, firm])
    assert "应为" in refused(outlets=[[*outlet[:4], "污泥", *outlet[5:]]])
    assert "“企业”第3行“企业名称”最长 96 个字" in refused(enterprises=[[firm[0], "厂" * 97, *firm[2:]]])
    assert "“经度”应在 −180 与 180 度之间" in refused(enterprises=[[*firm[:6], 1138, firm[7]]])
    assert "“统一社会信用代码”应为 18 位" in refused(enterprises=[[*firm[:3], "12345", *firm[4:]]])
    assert "“办理”应为变更之一" in refused(enterprises=[[*firm, "停用"]]), "what a firm ends are its outlets"
    assert "N1 没有登记，不能变更；登记新行请不填此栏" in refused(enterprises=[[*firm, "变更"]])


def test_what_is_wrong_in_several_workbooks_is_named_together(office: Settings) -> None:
    why = refused(devices=[[None, "1", "N-W-1"]], people=[["lisi", "李四", "闲人", None, None, None, "long enough 1"]])
    assert "“设备”第3行没有填写“MN*”" in why
    assert "“人员”第3行“角色*”应为" in why


def test_workbooks_from_before_there_was_the_column_of_acts_are_read() -> None:
    from qingtian.office.sites import api as sites

    old = books()
    for name, content in old.items():
        book = load_workbook(io.BytesIO(content))
        book.active.delete_cols(len(sites.REGISTERS[name].columns))
        kept = io.BytesIO()
        book.save(kept)
        old[name] = kept.getvalue()
    assert {one.new for one in sites.enter_registers(old, at=MONDAY).values()} == {1, 2}


def test_who_sees_no_outlet_yet_is_told_how_an_office_begins(office: Settings) -> None:
    from django.test import Client

    from qingtian.office.people.models import User
    from qingtian.office.sites import api as sites

    only = {name: book for name, book in books().items() if name in ("grids", "people")}
    sites.enter_registers(only, at=MONDAY)
    browser = Client()
    browser.force_login(User.objects.get(username="lisi"))
    for path in ("/desk/", "/outlets/", "/enterprises/", "/devices/"):
        assert "qingtian registers --blank" in browser.get(path).content.decode(), path
    sites.enter_registers(books(), at=MONDAY)
    assert "qingtian registers --blank" not in browser.get("/desk/").content.decode()
