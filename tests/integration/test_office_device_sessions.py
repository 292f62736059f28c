"""What the gateway says of devices, as the office keeps and shows it; device profiles as acts."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

AT = datetime(2026, 11, 22, 10, 0, tzinfo=BEIJING)


@pytest.fixture
def mn(office: Any) -> str:
    from qingtian.office.sites.models import Device

    found: str = Device.objects.order_by("mn").values_list("mn", flat=True)[0]
    return found


def device(mn: str, **more: Any) -> dict[str, Any]:
    usual = {"mn": mn, "connected": True, "address": "192.0.2.7", "since": AT.isoformat(), "edition": "2017"}
    counts = {"clock_offset_s": 2.5, "deviations": {}, "refused": {}, "lockouts": 0}
    return usual | counts | more


def message(*devices: dict[str, Any], run: str = "one", at: datetime = AT, **more: Any) -> dict[str, Any]:
    return {"at": at.isoformat(), "run": run, "devices": list(devices), **more}


def seen(count: int, at: datetime = AT) -> dict[str, Any]:
    return {"count": count, "last": at.isoformat()}


def standing(people: dict[str, Any], mn: str) -> Any:
    from qingtian.office.sites import api as sites

    return sites.device_standing(people["admin"], mn)


def test_it_keeps_absolute_counts_however_often_they_are_told(people: dict[str, Any], mn: str) -> None:
    from qingtian.office.sites import api as sites

    told = device(mn, deviations={"checksum_modbus": seen(3)}, refused={"wrong_password": 2}, lockouts=1)
    for _ in range(2):
        assert sites.take_sessions(message=message(told, device("NOT-REGISTERED"))) == 1
    found = standing(people, mn)
    assert [(one.code, one.count) for one in found.deviations] == [("checksum_modbus", 3)]
    assert [(one.code, one.count) for one in found.refused] == [("wrong_password", 2)]
    assert (found.lockouts, found.state, found.session.edition, found.clock_offset_s) == (1, "connected", "2017", 2.5)


def test_counts_of_an_earlier_life_of_the_gateway_are_added(people: dict[str, Any], mn: str) -> None:
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import DeviceCount

    later = AT + timedelta(days=2)
    sites.take_sessions(message=message(device(mn, deviations={"spaces": seen(3)})))
    sites.take_sessions(message=message(device(mn, deviations={"spaces": seen(4)}), run="two"))
    assert standing(people, mn).deviations[0].count == 7
    sites.take_sessions(message=message(run="three", at=later, began=True))
    assert list(DeviceCount.objects.filter(device=mn).values_list("run", "count")) == [("", 7)]
    sites.take_sessions(message=message(device(mn, deviations={"spaces": seen(1, later)}), run="three", at=later))
    assert standing(people, mn).deviations[0].count == 8
    assert standing(people, mn).deviations[0].last == later


def test_a_gateway_that_begins_has_nobody_connected(people: dict[str, Any], mn: str) -> None:
    from qingtian.office.sites import api as sites

    sites.take_sessions(message=message(device(mn)))
    sites.take_sessions(message=message(run="two", began=True))
    assert standing(people, mn).state == "gone"


def test_nobody_sees_a_device_outside_the_scope(people: dict[str, Any], mn: str) -> None:
    from qingtian.office.people.models import Role, User
    from qingtian.office.sites import api as sites

    outside = User(username="x", name="x", role=Role.ENTERPRISE, enterprise="E-OTHER", is_active=True)
    assert sites.device_standings(outside) == []
    with pytest.raises(QingtianError) as refusal:
        sites.device_standing(outside, mn)
    assert refusal.value.code == "sites.not_found_here"


def act(people: dict[str, Any], mn: str, who: str = "admin", **more: Any) -> Any:
    from qingtian.office.sites import api as sites

    usual = {"profile": {}, "edition": "", "login": "strict", "key": "", "reason": "厂家说明"}
    return sites.set_device_profile(acting_user=people[who], mn=mn, at=AT, **(usual | more))


def test_a_profile_is_an_act_with_a_reason_an_entry_and_a_new_plan(people: dict[str, Any], mn: str) -> None:
    from qingtian.bus import plans
    from qingtian.office.ledger.models import Entry
    from qingtian.office.sites.models import PlanSnapshot

    wish = {"checksum_modbus": "refuse", "spaces": "accept", "gbk_text": "accept"}
    act(people, mn, profile=wish, edition="2005", login="lenient", key="AB" * 16)
    entry = Entry.objects.filter(chain=f"device:{mn}").latest("sequence")
    content = json.loads(entry.content)
    assert content["profile"] == {"checksum_modbus": "refuse", "gbk_text": "accept"}
    assert content["reason"] == "厂家说明"
    assert "AB" * 16 not in entry.content
    snapshot = PlanSnapshot.objects.latest("number")
    known = [
        one
        for outlet in plans.decode(bytes(snapshot.document))["outlets"]
        for one in outlet["devices"]
        if one["mn"] == mn
    ]
    assert known[0]["profile"] == {"checksum_modbus": "refuse", "gbk_text": "accept"}
    assert (known[0]["edition"], known[0]["login"], known[0]["key"]) == ("2005", "lenient", "AB" * 16)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"reason": " "}, "sites.profile_incomplete"),
        ({"edition": "1999"}, "sites.profile_incomplete"),
        ({"login": "open"}, "sites.profile_incomplete"),
        ({"key": "zz"}, "sites.profile_incomplete"),
        ({"profile": {"nonsense": "accept"}}, "hj212.unknown_deviation"),
        ({"profile": {"spaces": "perhaps"}}, "hj212.unknown_deviation"),
        ({"who": "desk"}, "people.not_yours"),
    ],
)
def test_it_refuses_a_profile_that_is_none(people: dict[str, Any], mn: str, more: dict[str, Any], code: str) -> None:
    from qingtian.office.sites.models import Device

    with pytest.raises(QingtianError) as refusal:
        act(people, mn, **more)
    assert refusal.value.code == code
    assert Device.objects.get(pk=mn).profile == {}
