"""Pages of commands to devices, asked as each person: the panel, the form, the question, the page of one, the list."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from tests.office_commands import answer, part
from tests.office_world import MONDAY, OTHER_OUTLET, OUTLET

from qingtian.base.settings import Settings

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

SEE = ("desk", "leader", "officer", "admin")
SAME_SEAT = ("cashier", "disclosure", "officer3")
"""People of the demo with the role and the place of one of these."""
SEE_NOT = ("officer2", "grid", "reviewer", "firm", "firm2")
LATER = MONDAY + timedelta(seconds=5)


@pytest.fixture
def device(office: Settings) -> Any:
    from qingtian.office.sites.models import Device

    return Device.objects.filter(outlet_id=OUTLET).order_by("mn").first()


@pytest.fixture
def command(people: dict[str, Any], device: Any) -> Any:
    """A sample asked for by the officer of the district, not yet answered."""
    from qingtian.office.reverse_control import api

    return api.command_device(
        acting_user=people["officer"], mn=device.mn, cn=3015, given={}, reason="现场核查留样", at=MONDAY
    )


def rows_of(client: Any, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(client.get(f"/commands/?format=json{query}").content)["rows"]
    return rows


def test_the_panel_offers_each_role_what_its_rule_allows(as_person: Any, device: Any) -> None:
    pages = {
        name: as_person(name).get(f"/outlets/{OUTLET}/").content.decode() for name in ("desk", "officer", "leader")
    }
    assert all('id="reverse-control"' in page for page in pages.values())
    offered = {
        name: {cn for cn in ("1061", "1062", "3012") if f'<option value="{cn}">' in page}
        for name, page in pages.items()
    }
    assert offered == {"desk": {"1061", "1062", "3012"}, "officer": {"1061", "3012"}, "leader": {"1061"}}


@pytest.mark.parametrize("username", ["grid", "reviewer", "firm"])
def test_who_may_not_see_commands_sees_no_panel(username: str, as_person: Any, command: Any) -> None:
    page = as_person(username).get(f"/outlets/{OUTLET}/").content.decode()
    assert "reverse-control" not in page
    assert command.pk not in page
    assert "现场核查留样" not in page


def test_it_shows_a_command_to_those_in_scope_and_to_nobody_else(as_person: Any, command: Any) -> None:
    for username in SEE:
        answered = as_person(username).get(f"/commands/{command.pk}/")
        assert answered.status_code == 200, username
        assert "现场核查留样" in answered.content.decode()
        assert [row["id"] for row in rows_of(as_person(username))] == [command.pk]
    for username in SEE_NOT:
        answered = as_person(username).get(f"/commands/{command.pk}/")
        assert answered.status_code in (403, 404), username
        assert "现场核查留样" not in answered.content.decode()
        assert as_person(username).get(f"/commands/of/{OUTLET}/").content.decode().count(command.pk) == 0
    assert rows_of(as_person("officer2")) == []


def test_it_shows_the_fields_of_a_command_with_their_bounds(as_person: Any, device: Any) -> None:
    page = as_person("desk").get(f"/commands/new/?mn={device.mn}&cn=1062").content.decode()
    assert 'min="30"' in page
    assert 'max="3600"' in page
    assert "30–3600 秒" in page
    choice = as_person("desk").get(f"/commands/new/?mn={device.mn}&cn=1064").content.decode()
    assert '<option value="20">20 min</option>' in choice
    assert '<option value="7">' not in choice
    assert as_person("officer2").get(f"/commands/new/?mn={device.mn}").status_code == 404


def test_it_asks_before_it_sends_what_changes_the_monitor(as_person: Any, device: Any) -> None:
    from qingtian.office.reverse_control.models import DeviceCommand

    desk = as_person("desk")
    form = {"mn": device.mn, "cn": "1062", "p-RtdInterval": "60", "reason": "核查间隔"}
    asked = desk.post("/commands/send/", form)
    assert asked.status_code == 200
    assert "RtdInterval=60" in asked.content.decode()
    assert not DeviceCommand.objects.exists()
    sent = desk.post("/commands/send/", {**form, "confirmed": "1"})
    row = DeviceCommand.objects.get()
    assert sent.headers["Location"] == f"/commands/{row.pk}/"
    assert (row.parameters, row.reason, row.actor) == ([{"RtdInterval": "60"}], "核查间隔", "desk")


def test_it_sends_a_question_at_once(as_person: Any, device: Any) -> None:
    from qingtian.office.reverse_control.models import DeviceCommand

    assert as_person("leader").post("/commands/send/", {"mn": device.mn, "cn": "1011"}).status_code == 302
    assert DeviceCommand.objects.get().reason == ""


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"p-RtdInterval": "10", "reason": "x"}, "范围为 30–3600 s"),
        ({"p-RtdInterval": "", "reason": "x"}, "请填写“实时数据间隔”"),
        ({"p-RtdInterval": "60", "reason": ""}, "请填写理由"),
    ],
)
def test_it_says_what_is_wrong_with_a_form_and_keeps_what_was_filled_in(
    form: dict[str, str], said: str, as_person: Any, device: Any
) -> None:
    from qingtian.office.reverse_control.models import DeviceCommand

    refused = as_person("desk").post("/commands/send/", {"mn": device.mn, "cn": "1062", **form, "confirmed": "1"})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert said in page
    assert f'value="{form["p-RtdInterval"]}"' in page
    assert not DeviceCommand.objects.exists()


@pytest.mark.parametrize(
    ("username", "cn", "status"),
    [
        ("officer", "1062", 403),
        ("leader", "3015", 403),
        ("officer2", "1011", 404),
        ("firm", "1011", 403),
        ("desk", "x", 400),
    ],
)
def test_it_refuses_whoever_may_not_send(username: str, cn: str, status: int, as_person: Any, device: Any) -> None:
    from qingtian.office.reverse_control.models import DeviceCommand

    form = {"mn": device.mn, "cn": cn, "p-RtdInterval": "60", "reason": "x", "confirmed": "1"}
    assert as_person(username).post("/commands/send/", form).status_code == status
    assert not DeviceCommand.objects.exists()


def test_it_shows_the_bottle_that_was_filled_and_who_did_what(as_person: Any, command: Any) -> None:
    from qingtian.office.reverse_control import api

    bottle = part(3015, {"DataTime": "20261123100100", "VaseNo": "7"})
    frame = "##0090QN=20261123100000000;ST=21;CN=3015;PW=******;MN=0;Flag=5;CP=&&&&ABCD"
    for message in (
        answer(command, "sent", at=LATER, frame=frame),
        answer(command, "accepted", at=LATER, qn_rtn=1),
        answer(command, "executing", at=LATER, items=[bottle], parts=1),
        answer(command, "done", at=LATER, exe_rtn=1),
    ):
        api.take_answer(message=message, at=LATER)
    page = as_person("officer").get(f"/commands/{command.pk}/").content.decode()
    for said in ("留样瓶号", ">7</td>", "2026-11-23 10:01:00", "PW=******", "准备执行请求", "执行成功"):
        assert said in page, said
    acts = [act for act in ("下发命令", "已发往设备", "设备已接受", "设备正在执行") if act in page]
    assert len(acts) == 4
    told = json.loads(as_person("officer").get(f"/commands/{command.pk}/?format=json").content)
    assert (told["state"], told["items"][0]["cp"]["VaseNo"]) == ("done", "7")


def test_it_reads_serial_numbers_parameters_and_times(people: dict[str, Any], device: Any) -> None:
    from django.utils import translation

    from qingtian.office.reverse_control import api
    from qingtian.portals.commands_answers import answered

    row = api.command_device(
        acting_user=people["desk"], mn=device.mn, cn=3019, given={"PolId": "w01018"}, reason="", at=MONDAY
    )
    items = [
        part(3019, {"PolId": "w01018"}, {"w01018": {"SN": "A1B2"}}),
        part(3020, {"DataTime": "20261123100000"}, {"i13008": {"Info": "1.02"}, "i12001": {"Info": "3"}}),
        part(3017, {"CstartTime": "083000", "CTime": "2"}),
        part(2051, {"DataTime": "20261123094000"}, {"w01018": {}, "w21003": {}}),
    ]
    api.take_answer(message=answer(row, "executing", at=LATER, items=items, parts=4), at=LATER)
    with translation.override("zh-hans"):
        said = [[(line.of, str(line.what), str(line.said)) for line in one.lines] for one in answered(row)]
    assert said[0] == [("", "因子", "化学需氧量"), ("化学需氧量", "设备唯一标识", "A1B2")]
    assert said[1][1:] == [("斜率", "现场机信息", "1.02"), ("分析仪状态", "现场机信息", "校准")]
    assert said[2] == [("", "首次采样时间", "08:30:00"), ("", "采样周期", "2 h")]
    assert said[3][1] == ("", "监测因子", "化学需氧量、氨氮")


def test_it_says_why_a_command_failed(people: dict[str, Any], device: Any, as_person: Any) -> None:
    from qingtian.office.reverse_control import api

    told = (
        ("refused", {"qn_rtn": 8}, "CN 错误"),
        ("refused", {"qn_rtn": 1, "exe_rtn": 5}, "系统繁忙不能执行"),
        ("done", {"qn_rtn": 1, "exe_rtn": 100}, "没有数据"),
        ("expired", {"error": {"code": "x", "zh": "设备一直没有连接", "en": "never connected"}}, "设备一直没有连接"),
    )
    for state, more, said in told:
        row = api.command_device(acting_user=people["desk"], mn=device.mn, cn=1061, given={}, reason="", at=MONDAY)
        api.take_answer(message=answer(row, state, at=LATER, **more), at=LATER)
        assert said in as_person("desk").get(f"/commands/{row.pk}/").content.decode()
        (listed,) = [one for one in rows_of(as_person("desk")) if one["id"] == row.pk]
        assert listed["outcome"] == said


def test_it_filters_commands_by_the_url_and_gives_them_as_csv(as_person: Any, command: Any) -> None:
    desk = as_person("desk")
    assert len(rows_of(desk, "&state=open")) == 1
    assert len(rows_of(desk, f"&outlet={OUTLET}&cn=3015&origin=person")) == 1
    for none in ("&state=done", f"&outlet={OTHER_OUTLET}", "&cn=1011", "&origin=gateway", "&q=nobody"):
        assert rows_of(desk, none) == [], none
    for nonsense in ("cn=x", "state=nothing", "page=zwei", "cn=99999"):
        assert desk.get(f"/commands/?{nonsense}").status_code == 400
    # a list may have become shorter since
    assert desk.get("/commands/?page=99").status_code == 200
    table = list(csv.DictReader(io.StringIO(desk.get("/commands/?format=csv").content.decode("utf-8-sig"))))
    assert (table[0]["cn"], table[0]["reason"]) == ("3015", "现场核查留样")


def test_an_event_about_a_command_is_heard_by_those_alone_who_may_see_it(people: dict[str, Any], command: Any) -> None:
    from qingtian.office.people.api import Scope
    from qingtian.office.reverse_control import api
    from qingtian.portals.events import Seat

    outlet = command.outlet
    event = {
        "kind": api.CHANGED, "command": command.pk, "outlet": outlet.pk, "district": outlet.district_id,
        "grid": outlet.grid_id, "enterprise": outlet.enterprise_id,
    }  # fmt: skip
    for username, user in people.items():
        seat = Seat(scope=Scope.of(user), city=False, commands=api.may_watch(user))
        assert seat.may_hear(event) == (username in (*SEE, *SAME_SEAT)), username


@pytest.mark.parametrize(
    ("path", "queries"), [("/commands/", 5), ("/commands/{id}/", 9), ("/commands/new/?mn={mn}", 6)]
)
def test_it_keeps_to_its_budget_of_queries(
    path: str, queries: int, as_person: Any, command: Any, django_assert_queries: Any
) -> None:
    client = as_person("admin")
    place = path.format(id=command.pk, mn=command.device_id)
    client.get(place)
    with django_assert_queries(queries):
        shown = client.get(place)
    assert shown.status_code == 200
