"""The pages of the relay: what they show, what they ask, what they refuse, and to whom they are closed."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from tests.office_world import MONDAY

from qingtian.base import times
from qingtian.bus.relays import Place, Position, Record, Standing

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

WATCHERS = ("desk", "leader", "admin")
OTHERS = ("officer", "grid", "reviewer", "firm")


@pytest.fixture
def form(office: Any) -> dict[str, str]:
    from qingtian.office.sites.models import Device

    device = Device.objects.order_by("mn").first()
    assert device is not None
    return {
        "code": "province",
        "name": "省监控平台",
        "host": "10.1.2.3",
        "port": "9212",
        "edition": "",
        "devices": f"{device.mn} THERE1 135791",
    }


@pytest.fixture
def target(as_person: Any, form: dict[str, str]) -> str:
    """A target made through the form; it is up, and refused a packet."""
    from qingtian.office.relays import api

    assert as_person("admin").post("/relays/new/", form).headers["Location"] == "/relays/province/"
    now = times.now()
    standing = Standing(
        code="province",
        at=now,
        state="up",
        since=now,
        position=Position(place=Place(9), acknowledged=1234, refused=1),
        in_flight=2,
        lag_packets=57,
        lag_messages=5,
        lag_s=300.0,
        rate=1.5,
        why="",
    )
    api.take_standing(message=json.loads(standing.message()))
    refusal = Record(
        id="a" * 32,
        code="province",
        kind="refusal",
        reason="unanswered",
        at=MONDAY,
        mn="HERE1",
        as_mn="THERE1",
        qn="20261122100000000",
        cn=2011,
        frame="##0010PW=******",
    )
    api.take_record(message=json.loads(refusal.message()))
    return "/relays/province/"


@pytest.mark.parametrize("username", WATCHERS)
def test_it_shows_how_a_platform_stands(target: str, as_person: Any, username: str) -> None:
    client = as_person(username)
    page = client.get(target).content.decode()
    for said in ("省监控平台", "已连接", "1,234", "57", "5 分钟", "THERE1", "多次不应答", "<polyline"):
        assert said in page, said
    assert "135791" not in page, "a password is shown to nobody"
    assert ("修改…" in page) == (username != "leader")
    whole = json.loads(client.get(f"{target}?format=json").content)
    assert (whole["state"], whole["lag_packets"], whole["acknowledged"]) == ("up", 57, 1234)
    assert whole["records"][0]["reason"] == "unanswered"
    assert "135791" not in json.dumps(whole)


def test_it_shows_a_platform_of_which_nothing_was_heard_yet(as_person: Any, form: Any) -> None:
    client = as_person("admin")
    answer = client.get(client.post("/relays/new/", form).headers["Location"])
    assert answer.status_code == 200
    assert "—" in answer.content.decode()


@pytest.mark.parametrize("username", OTHERS)
def test_nobody_else_sees_a_platform_or_acts_on_one(target: str, as_person: Any, form: Any, username: str) -> None:
    client = as_person(username)
    for path in ("/relays/", target, f"{target}records/", f"{target}edit/", "/relays/new/"):
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert "省监控平台" not in answer.content.decode()
    for path in ("/relays/new/", f"{target}edit/", f"{target}turn/pause/"):
        assert client.post(path, form).status_code == 403, path
    assert "/relays/" not in client.get("/alerts/").content.decode()


def test_a_leader_looks_and_does_not_act(target: str, as_person: Any, form: dict[str, str]) -> None:
    client = as_person("leader")
    for path in ("/relays/new/", f"{target}edit/", f"{target}turn/pause/"):
        assert client.post(path, form).status_code == 403, path
    assert "/relays/new/" not in client.get("/relays/").content.decode()


def test_the_list_filters_and_comes_as_json_and_csv(target: str, as_person: Any) -> None:
    client = as_person("desk")
    assert [row["code"] for row in json.loads(client.get("/relays/?format=json").content)["rows"]] == ["province"]
    for query, found in (("state=up", 1), ("state=paused", 0), ("q=10.1.2", 1), ("q=nowhere", 0)):
        assert json.loads(client.get(f"/relays/?format=json&{query}").content)["count"] == found, query
    table = list(csv.DictReader(io.StringIO(client.get(f"{target}records/?format=csv").content.decode("utf-8-sig"))))
    assert [(row["kind"], row["reason"], row["mn"]) for row in table] == [("refusal", "unanswered", "HERE1")]
    assert json.loads(client.get(f"{target}records/?format=json&kind=command").content)["count"] == 0


def test_an_empty_list_says_what_to_do_next(as_person: Any) -> None:
    assert "/relays/new/" in as_person("desk").get("/relays/").content.decode()
    leader = as_person("leader").get("/relays/").content.decode()
    assert "还没有转发目标" in leader
    assert "/relays/new/" not in leader


def test_the_form_says_what_is_wrong_and_keeps_what_was_written(as_person: Any, form: dict[str, str]) -> None:
    client = as_person("admin")
    answer = client.post("/relays/new/", form | {"port": "99999", "host": "不是地址"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for said in (
        "转发目标没有保存：有2处",
        "端口“99999”不是",
        "既不是域名也不是 IP 地址",
        'value="省监控平台"',
        "THERE1",
    ):
        assert said in page, said
    assert json.loads(client.get("/relays/?format=json").content)["count"] == 0


def test_a_change_keeps_the_password_that_the_form_does_not_show(target: str, as_person: Any, form: Any) -> None:
    from qingtian.office.relays.models import RelayDevice

    client = as_person("desk")
    page = client.get(f"{target}edit/").content.decode()
    assert "THERE1 ******" in page
    assert "135791" not in page
    changed = form | {"name": "省平台二", "devices": form["devices"].replace("135791", "******")}
    assert client.post(f"{target}edit/", changed).status_code == 302
    assert RelayDevice.objects.get().pw == "135791"
    assert "省平台二" in client.get(target).content.decode()


def test_it_is_paused_and_resumed_by_a_button(target: str, as_person: Any) -> None:
    client = as_person("desk")
    assert client.post(f"{target}turn/pause/").status_code == 302
    page = client.get(target).content.decode()
    assert "已暂停，不发送数据" in page
    assert "暂停转发" in page, "the timeline tells of the act"
    assert client.post(f"{target}turn/resume/").status_code == 302
    assert "已暂停，不发送数据" not in client.get(target).content.decode()
    assert client.post(f"{target}turn/explode/").status_code == 404
    assert client.get(f"{target}turn/pause/").status_code == 405


def test_the_pages_keep_to_their_number_of_queries(target: str, as_person: Any, django_assert_queries: Any) -> None:
    client = as_person("desk")
    for path in ("/relays/", target, f"{target}records/"):
        client.get(path)
    with django_assert_queries(8):
        client.get("/relays/")
    with django_assert_queries(16):
        client.get(target)


def test_it_speaks_english_to_those_who_chose_it(target: str, as_person: Any) -> None:
    client = as_person("desk")
    client.post("/preferences/", {"language": "en", "theme": "light", "next": "/"})
    for path, said in ((target, "Waiting packets, 24 hours"), ("/relays/new/", "One a line: MN here")):
        page = client.get(path).content.decode()
        assert said in page
        main = page.partition("<main")[2].partition("</main>")[0].replace("省监控平台", "")
        assert path != "/relays/new/" or not [letter for letter in main if "\u4e00" <= letter <= "\u9fff"]
