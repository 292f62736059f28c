"""Commands to devices: who may send what, what is refused and why, what becomes of it, each told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.office_commands import answer, gateways_own, part
from tests.office_world import MONDAY, OUTLET

from qingtian.base.settings import Settings

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

LATER = MONDAY + timedelta(seconds=2)


@pytest.fixture
def device(office: Settings) -> Any:
    """The device of a water outlet in Bao'an."""
    from qingtian.office.sites.models import Device

    return Device.objects.select_related("outlet").filter(outlet_id=OUTLET).order_by("mn").first()


@pytest.fixture
def command(people: dict[str, Any], device: Any) -> Iterator[Any]:
    """A real-time interval of 60 s, asked for by the duty desk."""
    from qingtian.office.reverse_control import api

    return api.command_device(
        acting_user=people["desk"], mn=device.mn, cn=1062, given={"RtdInterval": "60"}, reason="核查", at=MONDAY
    )


def send(user: Any, mn: str, cn: int, reason: str = "核查", **given: str) -> Any:
    from qingtian.office.reverse_control import api

    return api.command_device(acting_user=user, mn=mn, cn=cn, given=given, reason=reason, at=MONDAY)


def test_it_queues_a_command_with_its_reason_and_an_entry(command: Any, people: dict[str, Any], device: Any) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.reverse_control import api

    assert (command.state, command.parameters, command.role) == ("queued", [{"RtdInterval": "60"}], "duty_desk")
    (line,) = ledger.history(api.chain(command.pk))
    assert (line.actor, line.act, line.content["reason"]) == ("desk", "command_device", "核查")
    (waiting,) = api.unpublished()
    assert (waiting.id, waiting.mn, waiting.cn, waiting.qn) == (command.pk, device.mn, 1062, command.qn)
    api.mark_published(ids=[command.pk], at=LATER)
    assert api.unpublished() == []


def test_it_gives_each_command_of_a_device_its_own_later_qn(people: dict[str, Any], device: Any) -> None:
    first, second, third = (send(people["desk"], device.mn, 1061) for _ in range(3))
    assert first.qn == "20261123100000000"
    assert (second.qn, third.qn) == ("20261123100000001", "20261123100000002")
    assert len({first.pk, second.pk, third.pk}) == 3


@pytest.mark.parametrize(
    ("cn", "given", "code"),
    [
        (1062, {"RtdInterval": "10"}, "reverse_control.parameter_wrong"),
        (1062, {"RtdInterval": "3601"}, "reverse_control.parameter_wrong"),
        (1062, {"RtdInterval": "6e1"}, "reverse_control.parameter_wrong"),
        (1062, {}, "reverse_control.parameter_missing"),
        (1062, {"RtdInterval": "60", "Extra": "1"}, "reverse_control.parameter_unknown"),
        (1064, {"MinInterval": "7"}, "reverse_control.parameter_wrong"),
        (2051, {"BeginTime": "2026-11-23T08:00", "EndTime": "2026-11-23T07:00"}, "reverse_control.span_turned"),
        (2051, {"BeginTime": "yesterday", "EndTime": "20261123080000"}, "reverse_control.parameter_wrong"),
        (3012, {"PolId": "nonsense"}, "reverse_control.parameter_wrong"),
        (3021, {"PolId": "w01018", "InfoId": "i13007", "Info": "1;CP=2"}, "reverse_control.parameter_wrong"),
        (9014, {}, "reverse_control.command_unsuited"),
        (1072, {"NewPW": "123456"}, "reverse_control.command_unsuited"),
    ],
)
def test_it_refuses_what_the_standard_does_not_allow(
    cn: int, given: dict[str, str], code: str, people: dict[str, Any], device: Any
) -> None:
    from qingtian.base.errors import QingtianError
    from qingtian.office.reverse_control.models import DeviceCommand

    with pytest.raises(QingtianError) as refused:
        send(people["desk"], device.mn, cn, **given)
    assert refused.value.code == code
    assert not DeviceCommand.objects.exists()


@pytest.mark.parametrize(
    ("cn", "given", "written"),
    [
        (1012, "", ""),
        (1012, "PolId=w01018 SystemTime=2026-11-23T10:00", "PolId=w01018;SystemTime=20261123100000"),
        (1022, "PolId=w01018 LowValue=0 UpValue=50.5", "w01018-LowValue=0,w01018-UpValue=50.5"),
        (2061, "EndTime=2026-11-23T08 BeginTime=20261123000000", "BeginTime=20261123000000;EndTime=20261123080000"),
        (3016, "PolId=w01018 CstartTime=08:30 CTime=02", "PolId=w01018;CstartTime=083000;CTime=2"),
        (3011, "PolId=w01018 CalibrationType=1", "PolId=w01018,CalibrationType=1"),
        (3021, "PolId=w01018 InfoId=i13007 Info=1.02", "PolId=w01018;InfoId=i13007;i13007-Info=1.02"),
    ],
)
def test_it_writes_items_as_the_standard_has_them(
    cn: int, given: str, written: str, people: dict[str, Any], device: Any
) -> None:
    items = send(people["desk"], device.mn, cn, **dict(pair.split("=") for pair in given.split())).parameters
    assert ";".join(",".join(f"{name}={text}" for name, text in item.items()) for item in items) == written


def test_it_asks_a_reason_for_what_changes_the_monitor(people: dict[str, Any], device: Any) -> None:
    from qingtian.office.reverse_control import api

    for cn, given in ((1062, {"RtdInterval": "60"}), (3012, {"PolId": "w01018"}), (3015, {})):
        with pytest.raises(api.ReasonMissing):
            send(people["desk"], device.mn, cn, reason="  ", **given)
    assert send(people["desk"], device.mn, 1061, reason="").state == "queued"


@pytest.mark.parametrize(
    ("username", "cn", "given", "error"),
    [
        ("officer", 1062, {"RtdInterval": "60"}, "NotYours"),
        ("officer", 1032, {"ReportTarget": "10.1.1.1"}, "NotYours"),
        ("desk", 1032, {"ReportTarget": "10.1.1.1"}, "NotYours"),
        ("officer2", 1061, {}, "NotFoundHere"),
        ("grid", 1061, {}, "NotFoundHere"),
        ("reviewer", 1061, {}, "NotFoundHere"),
        ("firm", 1061, {}, "NotFoundHere"),
        ("leader", 3012, {"PolId": "w01018"}, "NotYours"),
    ],
)
def test_it_lets_each_role_send_only_what_its_rule_says(
    username: str, cn: int, given: dict[str, str], error: str, people: dict[str, Any], device: Any
) -> None:
    from qingtian.base.errors import QingtianError

    with pytest.raises(QingtianError) as refused:
        send(people[username], device.mn, cn, **given)
    assert type(refused.value).__name__ == error


def test_an_officer_samples_in_the_own_district(people: dict[str, Any], device: Any) -> None:
    assert send(people["officer"], device.mn, 3012, PolId="w01018").role == "officer"


def test_it_offers_no_water_sampler_to_a_chimney(people: dict[str, Any], device: Any) -> None:
    from qingtian.office.reverse_control import api

    water = {one.cn for one in api.offered(people["desk"], device, at=MONDAY)}
    device.outlet.medium = "gas"
    device.outlet.save()
    gas = {one.cn for one in api.offered(people["desk"], device, at=MONDAY)}
    assert water - gas == {3012, 3015, 3016, 3017, 3018, 3022}
    assert gas < water
    with pytest.raises(api.CommandUnsuited):
        send(people["desk"], device.mn, 3015)


@pytest.mark.parametrize(
    ("registered", "heard", "has", "lacks"),
    [
        ("", "", {1022, 1062, 3014, 3022}, {9014}),
        ("", "2017", {1062, 3014, 3015}, {1022, 1031, 3022, 3024}),
        ("2005", "2017", {1022, 1031, 1062}, {1064, 3013, 3014, 3015, 3020}),
        ("2025", "", {1064, 3022, 3024}, {1022, 3014, 3015}),
    ],
)
def test_it_offers_what_stands_in_the_edition_of_the_device(
    registered: str, heard: str, has: set[int], lacks: set[int], people: dict[str, Any], device: Any
) -> None:
    from qingtian.office.reverse_control import api
    from qingtian.office.sites.models import DeviceSession

    device.edition = registered
    device.save()
    if heard:
        DeviceSession.objects.create(device=device, connected=True, edition=heard, told=MONDAY, run="1")
    (found,) = [one for one in api.devices_of(people["admin"], OUTLET) if one.mn == device.mn]
    offered = {one.cn for one in api.offered(people["admin"], found, at=MONDAY)}
    assert has <= offered
    assert not lacks & offered


def test_it_sends_nothing_to_a_device_that_is_switched_off(people: dict[str, Any], device: Any) -> None:
    from qingtian.office.reverse_control import api

    device.active = False
    device.save()
    assert api.offered(people["desk"], device, at=MONDAY) == []
    with pytest.raises(api.DeviceOff):
        send(people["desk"], device.mn, 1061)


def test_it_follows_a_command_to_its_end(command: Any) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.reverse_control import api

    frame = "##0100QN=20261123100000000;ST=21;CN=1062;PW=******;MN=0;Flag=5;CP=&&RtdInterval=60&&1234"
    told = [
        answer(command, "sent", at=MONDAY + timedelta(seconds=1), frame=frame),
        answer(command, "accepted", at=MONDAY + timedelta(seconds=2), qn_rtn=1),
        answer(command, "done", at=MONDAY + timedelta(seconds=3), qn_rtn=1, exe_rtn=1),
    ]
    for message in told:
        api.take_answer(message=message, at=LATER)
    command.refresh_from_db()
    assert (command.state, command.qn_rtn, command.exe_rtn, command.frame) == ("done", 1, 1, frame)
    assert command.accepted_at == MONDAY + timedelta(seconds=2)
    assert command.ended_at == MONDAY + timedelta(seconds=3)
    acts = [line.act for line in ledger.history(api.chain(command.pk))]
    assert acts == ["command_device", "command_sent", "command_accepted", "command_done"]
    # each fact is entered where it became known
    said = [{"qn_rtn", "exe_rtn", "frame"} & set(line.content) for line in ledger.history(api.chain(command.pk))]
    assert said == [set(), {"frame"}, {"qn_rtn"}, {"exe_rtn"}]
    assert ledger.verify(chain=api.chain(command.pk)).holds


def test_it_takes_an_answer_once_and_in_any_order(command: Any) -> None:
    from qingtian.office.reverse_control import api

    told = [
        answer(command, "sent", at=MONDAY, frame="##"),
        answer(command, "accepted", at=LATER, qn_rtn=1),
        answer(command, "executing", at=LATER, items=[part(3015, {"VaseNo": "3"})], parts=1),
        answer(command, "done", at=LATER, exe_rtn=1),
    ]
    for message in [*reversed(told), *told]:
        api.take_answer(message=message, at=LATER)
    assert api.take_answer(message=told[0], at=LATER) is None
    command.refresh_from_db()
    assert (command.state, command.qn_rtn, command.exe_rtn, command.parts) == ("done", 1, 1, 1)
    assert command.answers.count() == 4
    assert [item["cp"] for row in command.answers.all() for item in row.items] == [{"VaseNo": "3"}]


def test_an_answer_beats_silence_but_silence_no_answer(command: Any) -> None:
    from qingtian.office.reverse_control import api

    error = {"code": "gateway.silent", "zh": "设备没有应答", "en": "no answer"}
    api.take_answer(message=answer(command, "timed_out", at=MONDAY, error=error), at=LATER)
    command.refresh_from_db()
    assert (command.state, command.error) == ("timed_out", error)
    api.take_answer(message=answer(command, "done", at=LATER, exe_rtn=1), at=LATER)
    api.take_answer(message=answer(command, "expired", at=LATER), at=LATER)
    command.refresh_from_db()
    assert (command.state, command.error) == ("done", None)


def test_it_enters_what_the_gateway_asks_by_itself(device: Any) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.reverse_control import api

    for state in ("sent", "done"):
        told = gateways_own(device.mn, qn="20261123095959999", state=state, at=MONDAY)
        command = api.take_answer(message=told, at=LATER)
    assert command is not None
    assert (command.origin, command.actor, command.state, command.why) == (
        "gateway", "system:gateway", "done", "first_connect",
    )  # fmt: skip
    assert {line.actor for line in ledger.history(api.chain(command.pk))} == {"system:gateway"}
    assert api.unpublished() == []


def test_it_enters_what_another_platform_asks_through_the_relay(device: Any, people: dict[str, Any]) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.reverse_control import api

    told = gateways_own(device.mn, qn="20250101000000000", state="refused", at=MONDAY, cn=3012, actor="relay")
    command = api.take_answer(message=told, at=LATER)
    assert command is not None
    assert (command.origin, command.why, command.created, command.state) == ("relay", "province", MONDAY, "refused")
    lines = ledger.history(api.chain(command.pk))
    assert [line.actor for line in lines] == ["system:relay", "system:gateway"]
    # and its number is none of ours
    assert send(people["desk"], device.mn, 1061).qn == "20261123100000000"


def test_it_takes_nothing_about_what_nobody_sent(device: Any) -> None:
    from qingtian.office.reverse_control import api

    for told in (
        gateways_own(device.mn, qn="20261123095959999", state="done", at=MONDAY, actor="office"),
        gateways_own("F" * 24, qn="20261123095959999", state="done", at=MONDAY),
    ):
        with pytest.raises(api.CommandUnknown):
            api.take_answer(message=told, at=LATER)
    assert not api.DeviceCommand.objects.exists()


def test_it_ends_a_command_of_which_no_word_comes(command: Any) -> None:
    from qingtian.office.reverse_control import api

    assert api.close_forgotten(at=MONDAY + timedelta(minutes=15)) == 0
    assert api.close_forgotten(at=MONDAY + timedelta(minutes=30)) == 1
    command.refresh_from_db()
    assert command.state == "expired"
    assert api.close_forgotten(at=MONDAY + timedelta(minutes=31)) == 0


def test_it_shows_commands_within_the_scope_only(command: Any, people: dict[str, Any]) -> None:
    from qingtian.office.reverse_control import api
    from qingtian.office.sites.api import NotFoundHere

    for username, number in {"desk": 1, "officer": 1, "leader": 1, "officer2": 0, "firm": 0, "grid": 0}.items():
        assert len(api.commands(people[username])) == number, username
        assert api.open_count(people[username]) == number, username
    for username in ("officer2", "firm", "reviewer"):
        with pytest.raises(NotFoundHere):
            api.command(people[username], command.pk)
        with pytest.raises(NotFoundHere):
            api.timeline(people[username], command.pk)
