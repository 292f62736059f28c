"""Targets of the relay in the office: who may, what is checked, what goes into plan and ledger, what the relay says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from tests.office_world import MONDAY

from qingtian.bus import plans, relays
from qingtian.bus.relays import Place, Position, Standing
from qingtian.bus.relays import Record as Word

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


@pytest.fixture
def form(office: Any) -> dict[str, str]:
    """A form that is right, with two devices."""
    from qingtian.office.sites.models import Device

    one, two = Device.objects.order_by("mn").values_list("mn", flat=True)[:2]
    return {
        "name": "省监控平台",
        "host": "10.1.2.3",
        "port": "9212",
        "edition": "2005",
        "factors": "w01018, w21003",
        "answer_s": "",
        "retries": "2",
        "devices": f"{one} 88888880000001 123456\n\n{two} 88888880000002 654321\n",
    }


def made(people: Any, form: dict[str, str], code: str = "province") -> Any:
    from qingtian.office.relays import api

    return api.add_target(acting_user=people["admin"], code=code, form=form, at=MONDAY)


def last_plan() -> plans.PlanSnapshot:
    from qingtian.office.sites.models import PlanSnapshot

    newest = PlanSnapshot.objects.order_by("-number").first()
    assert newest is not None
    return plans.decode(bytes(newest.document))


def test_a_target_goes_into_the_ledger_without_passwords_and_into_the_plan_with_them(people: Any, form: Any) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.relays import api

    made(people, form)
    (target,) = last_plan()["relays"]
    assert (target["host"], target["port"], target["edition"], target["enabled"]) == ("10.1.2.3", 9212, "2005", True)
    assert (target["factors"], target["retries"], target["answer_s"]) == (["w01018", "w21003"], 2, None)
    assert [(one["as_mn"], one["pw"]) for one in target["devices"]] == [
        ("88888880000001", "123456"),
        ("88888880000002", "654321"),
    ]
    (line,) = ledger.history(api.chain("province"))
    assert (line.act, line.actor) == ("add_relay_target", people["admin"].username)
    assert "654321" not in orjson.dumps(line.content).decode()


def test_pausing_and_resuming_are_acts_and_plans(people: Any, form: Any) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.relays import api

    made(people, form)
    api.pause_target(acting_user=people["desk"], code="province", at=MONDAY)
    assert last_plan()["relays"][0]["enabled"] is False
    api.pause_target(acting_user=people["desk"], code="province", at=MONDAY)
    api.resume_target(acting_user=people["desk"], code="province", at=MONDAY)
    assert last_plan()["relays"][0]["enabled"] is True
    acts = [line.act for line in ledger.history(api.chain("province"))]
    assert acts == ["add_relay_target", "pause_relay_target", "resume_relay_target"], "to pause twice is to pause once"


def test_a_plan_of_the_sites_keeps_the_targets(people: Any, form: Any) -> None:
    from qingtian.office.sites import api as sites
    from qingtian.office.sites.models import Outlet

    made(people, form)
    Outlet.objects.filter(pk=Outlet.objects.order_by("pk").first().pk).update(name="改了名的排口")
    assert sites.publish_plan(acting_user=people["admin"], at=MONDAY) is not None
    assert [one["code"] for one in last_plan()["relays"]] == ["province"]
    assert sites.publish_plan(acting_user=people["admin"], at=MONDAY) is None


def test_a_change_keeps_the_passwords_that_were_not_written_anew(people: Any, form: Any) -> None:
    from qingtian.office.relays import api

    made(people, form)
    lines = form["devices"].replace("123456", api.KEPT).replace("654321", "777777")
    api.change_target(
        acting_user=people["desk"], code="province", form=form | {"devices": lines, "allow_commands": "1"}, at=MONDAY
    )
    (target,) = last_plan()["relays"]
    assert [one["pw"] for one in target["devices"]] == ["123456", "777777"]
    assert target["allow_commands"] is True


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": " "}, "name", "relays.name_missing"),
        ({"host": "10.1.2.3:9212/x"}, "host", "relays.host_wrong"),
        ({"port": "0"}, "port", "relays.port_wrong"),
        ({"port": "七"}, "port", "relays.port_wrong"),
        ({"edition": "2010"}, "edition", "relays.edition_wrong"),
        ({"factors": "w01018 011x"}, "factors", "relays.factors_unknown"),
        ({"answer_s": "0"}, "answer_s", "relays.patience_wrong"),
        ({"retries": "100"}, "retries", "relays.patience_wrong"),
        ({"devices": " \n"}, "devices", "relays.devices_missing"),
        ({"devices": "only two"}, "devices", "relays.device_line_wrong"),
        ({"devices": "A B 1234567"}, "devices", "relays.device_line_wrong"),
        ({"devices": "NOSUCH B 123456"}, "devices", "relays.device_unknown"),
        ({"devices": "NOSUCH B ******"}, "devices", "relays.device_line_wrong"),
    ],
)
def test_it_says_what_is_wrong_beside_its_field(
    people: Any, form: dict[str, str], change: dict[str, str], field: str, code: str
) -> None:
    from qingtian.office.relays import api

    with pytest.raises(api.WishRefused) as refused:
        made(people, form | change)
    assert {name: problem.code for name, problem in refused.value.problems.items()} == {field: code}
    assert not api.targets(people["admin"])


def test_it_says_all_that_is_wrong_at_once(people: Any, form: Any) -> None:
    from qingtian.office.relays import api

    made(people, form)
    twice = form["devices"].split("\n")[0]
    with pytest.raises(api.WishRefused) as refused:
        made(people, form | {"name": "", "devices": f"{twice}\n{twice}"})
    assert [problem.code for problem in refused.value.problems.values()] == [
        "relays.code_taken",
        "relays.name_missing",
        "relays.device_twice",
    ]
    with pytest.raises(api.WishRefused):
        made(people, form, code="../x")


@pytest.mark.parametrize("username", ["leader", "officer", "grid", "reviewer", "firm"])
def test_nobody_else_may_change_a_target(people: Any, form: Any, username: str) -> None:
    from qingtian.office.people.api import NotYours
    from qingtian.office.relays import api

    who = people[username]
    made(people, form)
    for act in (
        lambda: api.add_target(acting_user=who, code="x", form=form, at=MONDAY),
        lambda: api.change_target(acting_user=who, code="province", form=form, at=MONDAY),
        lambda: api.pause_target(acting_user=who, code="province", at=MONDAY),
    ):
        with pytest.raises(NotYours):
            act()
    assert last_plan()["relays"][0]["enabled"] is True


def standing(**of: Any) -> dict[str, Any]:
    known = {
        "code": "province",
        "at": MONDAY,
        "state": "up",
        "since": MONDAY,
        "position": Position(place=Place(7, 2), acknowledged=90, refused=1),
        "in_flight": 1,
        "lag_packets": 12,
        "lag_messages": 3,
        "lag_s": 4.5,
        "rate": 2.0,
        "why": "",
    }
    found: dict[str, Any] = orjson.loads(Standing(**known | of).message())
    return found


def test_it_keeps_the_last_standing_and_one_sample_a_minute(people: Any, form: Any) -> None:
    from qingtian.office.relays import api

    target = made(people, form)
    assert api.take_standing(message=standing())
    assert not api.take_standing(message=standing(lag_packets=99)), "an older word does not count"
    for second in range(2, 130, 2):
        assert api.take_standing(message=standing(at=MONDAY + timedelta(seconds=second), lag_packets=second))
    kept = api.target(people["leader"], "province").standing
    assert (kept.lag_packets, kept.acknowledged, kept.sequence) == (128, 90, 7)
    assert [one.lag_packets for one in api.samples(target, since=MONDAY - timedelta(hours=1))] == [58, 118, 128]
    assert api.take_standing(message=standing(at=MONDAY + timedelta(days=3)))
    assert len(api.samples(target, since=MONDAY - timedelta(hours=1))) == 1
    assert not api.take_standing(message=standing(code="nosuch"))


def test_it_says_paused_and_unheard_for_what_they_are(people: Any, form: Any) -> None:
    from qingtian.office.relays import api

    made(people, form)
    api.take_standing(message=standing())

    def state(seconds: float) -> str:
        return api.state_of(api.target(people["desk"], "province"), at=MONDAY + timedelta(seconds=seconds))

    assert [state(1), state(60)] == ["up", "unheard"]
    api.pause_target(acting_user=people["desk"], code="province", at=MONDAY)
    assert state(60) == "paused"


def word(number: int, **of: Any) -> dict[str, Any]:
    known = {
        "id": f"{number:032x}",
        "code": "province",
        "kind": "refusal",
        "reason": "unanswered",
        "at": MONDAY + timedelta(seconds=number),
        "mn": "HERE",
        "as_mn": "THERE",
        "qn": "20261122100000000",
        "cn": 2011,
    }
    found: dict[str, Any] = orjson.loads(Word(**known | of).message())
    return found


def test_it_keeps_each_record_once_and_finds_it_again(people: Any, form: Any) -> None:
    from qingtian.office.relays import api

    made(people, form)
    assert api.take_record(message=word(1))
    assert not api.take_record(message=word(1))
    assert api.take_record(message=word(2, kind="command", reason="command_done", mn="OTHER"))
    assert not api.take_record(message=word(3, code="nosuch"))
    leader = people["leader"]
    assert [row.reason for row in api.records(leader, "province")] == ["command_done", "unanswered"]
    assert [row.reason for row in api.records(leader, "province", kind="refusal")] == ["unanswered"]
    assert [row.reason for row in api.records(leader, "province", search="other")] == ["command_done"]


def test_every_reason_of_the_relay_has_its_words() -> None:
    from qingtian.office.relays import api
    from qingtian.stream.relay import answering, returning

    said = {"unanswered", "too_long", "unreadable", "edition", "unit_unknown"}
    said |= set(returning.REASONS.values())
    said |= {"command_unknown", "command_password", "command_not_allowed", "command_never", "command_passed"}
    assert said == set(api.reasons())
    for reason in said:
        assert api.reason_sentence(reason, "zh") != api.reason_sentence(reason, "en") != reason
    assert answering.hidden(b"##0010PW=123456;CP=&&NewPW=1&&") == "##0010PW=******;CP=&&NewPW=******&&"
    assert relays.WHOLE > 10**9
