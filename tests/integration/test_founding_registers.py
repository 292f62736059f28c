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

    assert sites.enter_registers(books(), at=MONDAY) == {
        "grids": 2, "enterprises": 1, "outlets": 1, "devices": 1, "people": 1
    }  # fmt: skip
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


def test_what_is_there_already_stays_as_it_is() -> None:
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import Enterprise

    sites.enter_registers(books(), at=MONDAY)
    renamed = [["N1", "另一名称", "", "", "", "999901-01", 113.8, 22.7]]
    assert set(sites.enter_registers(books(enterprises=renamed), at=MONDAY).values()) == {0}
    assert Enterprise.objects.get(pk="N1").name == "某水质净化厂"


def test_a_row_that_cannot_be_entered_is_named_and_nothing_is_entered(office: Settings) -> None:
    firm, outlet, device, person = (ROWS[name][0] for name in ("enterprises", "outlets", "devices", "people"))
    assert "没有登记网格 999901-09" in refused(enterprises=[[*firm[:5], "999901-09", *firm[6:]]])
    assert "因子表中没有 w99999" in refused(outlets=[[*outlet[:7], "w99999", None, None]])
    assert "没有限值" in refused(outlets=[[*outlet[:6], "没有这一类", *outlet[7:]]])
    assert "MN 应为" in refused(devices=[["12", *device[1:]]])
    assert "初始密码不足" in refused(people=[[*person[:6], "short"]])
    assert "该角色须填网格编号" in refused(people=[[*person[:2], "网格员", *person[3:]]])
    assert "出现多次" in refused(enterprises=[firm, firm])
    assert "应为" in refused(outlets=[[*outlet[:4], "污泥", *outlet[5:]]])


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
