"""The commander: a queue per device, lines that come and go, restarts, and what the gateway asks by itself."""

from __future__ import annotations

from typing import Any

import pytest
from tests.commanding_world import MN, PW, FakeLine, World

from qingtian.bus.answers import GATEWAY
from qingtian.bus.plans import PlanSetting
from qingtian.stream.gateway.commanding import commander
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages.message import Message, read_message


def test_a_command_waits_for_its_device() -> None:
    world = World()
    command = world.ask()
    assert world.states() == []
    line = world.connect()
    assert world.states(command) == ["sent"]
    assert [(each.head.qn, each.head.pw, each.head.st) for each in line.requests()] == [(command.qn, PW, "32")]
    assert world.commander.awaiting == {MN}


def test_one_request_is_open_at_a_time_and_they_keep_their_order() -> None:
    world = World()
    line = world.connect()
    first, second = world.ask(1061), world.ask(1063)
    assert [each.head.cn for each in line.requests()] == [1061]
    world.say(line, 9011, "QnRtn=1", qn=first.qn)
    world.say(line, 9012, "ExeRtn=1", qn=second.qn)
    assert world.states(second) == []
    world.say(line, 9012, "ExeRtn=1", qn=first.qn)
    assert [each.head.cn for each in line.requests()] == [1061, 1063]
    world.say(line, 9011, "QnRtn=2", qn=second.qn)
    assert world.states(second) == ["sent", "refused"]
    assert world.commander.awaiting == set()
    assert world.commander.waiting == 0


def test_devices_do_not_wait_for_each_other() -> None:
    world = World(devices=({"mn": "A", "pw": PW}, {"mn": "B", "pw": PW}))
    lines = [world.connect("A"), world.connect("B")]
    world.ask(mn="A")
    world.ask(mn="B")
    assert [len(line.written) for line in lines] == [1, 1]


def test_a_request_is_sent_again_on_the_next_line_if_it_was_not_accepted() -> None:
    world = World()
    line = world.connect()
    command = world.ask()
    world.leave(line)
    world.wait(60)
    assert world.states(command) == ["sent"]
    again = world.connect()
    assert again.written == line.written
    world.say(again, 9012, "ExeRtn=1", qn=command.qn)
    assert world.states(command) == ["sent", "sent", "done"]


def test_an_accepted_request_is_not_sent_again_but_may_end_on_the_next_line() -> None:
    world = World()
    line = world.connect()
    command, lost = world.ask(3011, PolId="w01018"), world.ask(3013, PolId="w01018")
    world.say(line, 9011, "QnRtn=1", qn=command.qn)
    world.leave(line)
    world.wait(30)
    again = world.connect()
    assert again.written == []
    world.say(again, 9012, "ExeRtn=1", qn=command.qn)
    assert world.states(command) == ["sent", "accepted", "done"]
    world.say(again, 9011, "QnRtn=1", qn=lost.qn)
    world.leave(again)
    world.wait(61)
    assert world.states(lost) == ["sent", "accepted", "timed_out"]


def test_a_device_on_two_lines_is_commanded_on_the_one_it_spoke_on_last() -> None:
    world = World()
    main, standby = world.connect(), world.connect()
    command = world.ask()
    assert (main.written, len(standby.written)) == ([], 1)
    world.leave(main)
    world.say(standby, 9011, "QnRtn=1", qn=command.qn)
    assert world.states(command) == ["sent", "accepted"]


def test_a_device_that_never_comes_lets_its_commands_expire() -> None:
    world = World()
    command = world.ask(expires=30)
    world.wait(31)
    assert world.states(command) == ["expired"]
    assert world.connect().written == []


def test_commands_behind_a_long_one_expire_in_their_time() -> None:
    world = World()
    line = world.connect()
    first, second = world.ask(3011, PolId="w01018"), world.ask(expires=30)
    world.say(line, 9011, "QnRtn=1", qn=first.qn)
    world.wait(40)
    assert world.states(second) == ["expired"]
    assert world.states(first) == ["sent", "accepted"]


def test_a_device_that_is_in_no_plan_is_not_written_to() -> None:
    world = World()
    line = world.connect("unknown")
    world.ask(mn="unknown")
    assert line.written == []
    assert world.told[0].error is not None
    assert world.told[0].error["code"] == "commanding.device_not_in_plan"


def test_the_system_of_a_request_is_the_one_the_device_speaks_of() -> None:
    world = World()
    waiting = world.ask()
    line = world.connect(st="51")
    assert [each.head.st for each in line.requests()] == ["51"]
    world.say(line, 9012, "ExeRtn=1", qn=waiting.qn)
    world.say(line, 9013, qn="20260101075900001")
    world.ask()
    assert line.requests()[-1].head.st == "51"


def test_a_device_that_says_no_system_is_asked_by_the_medium_of_its_outlet() -> None:
    world = World()
    world.ask()
    assert world.connect(st="91").requests()[0].head.st == "32"


def test_nothing_is_sent_before_the_first_packet_is_on_the_log() -> None:
    world = World()
    world.ask()
    line, gone = FakeLine(), FakeLine()
    world.commander.speaks(MN, gone, edition=Edition.HJ2017)
    world.leave(gone)
    assert world.commander.awaiting == set()
    world.commander.speaks(MN, line, edition=Edition.HJ2017)
    assert world.commander.awaiting == {MN}
    assert line.written == []
    world.say(line, 2011, "DataTime=20260101080000", qn="20260101080000001", st="32")
    assert len(line.written) == 1


def test_a_logger_of_2005_is_asked_in_its_form_and_its_result_is_acknowledged_each_time() -> None:
    world = World()
    line = world.connect(edition=Edition.HJ2005)
    command = world.ask()
    assert line.requests()[0].head.flag == 1
    world.say_2005(line, 9011, "QnRtn=1", qn=command.qn)
    world.say_2005(line, 1061, "RtdInterval=30", qn=command.qn)
    world.say_2005(line, 9012, "ExeRtn=1", qn=command.qn)
    world.say_2005(line, 9012, "ExeRtn=1", qn=command.qn)
    assert world.states(command) == ["sent", "accepted", "executing", "done"]
    acknowledged = f"ST=91;CN=9014;PW={PW};MN={MN};Flag=0;CP=&&QN={command.qn};CN=9012&&".encode()
    assert [acknowledged in raw for raw in line.written] == [False, True, True]


def test_a_request_that_the_edition_does_not_know_is_refused_and_the_next_goes_on() -> None:
    world = World()
    line = world.connect(edition=Edition.HJ2005)
    unknown, known = world.ask(1063), world.ask(1061)
    assert world.states(unknown) == ["refused"]
    assert world.states(known) == ["sent"]
    assert len(line.written) == 1


# -- restarts


def test_after_a_restart_the_same_request_goes_out_again() -> None:
    world = World()
    line = world.connect()
    command = world.ask(retries=2)
    world.restart()
    again = world.connect()
    assert again.written == line.written
    assert [answer.number for answer in world.told] == [1, 2]
    world.say(again, 9011, "QnRtn=1", qn=command.qn)
    world.restart()
    third = world.connect()
    assert third.written == []
    world.say(third, 9012, "ExeRtn=1", qn=command.qn)
    assert world.states(command) == ["sent", "sent", "accepted", "done"]
    world.restart()
    assert world.commander.waiting == 0


def test_an_accepted_request_times_out_although_the_gateway_was_restarted() -> None:
    world = World()
    command = world.ask()
    world.say(world.connect(), 9011, "QnRtn=1", qn=command.qn)
    world.restart()
    world.wait(61)
    assert world.states(command) == ["sent", "accepted", "timed_out"]


# -- by itself


def test_a_device_that_asks_for_the_time_gets_it() -> None:
    world = World()
    line = world.connect()
    world.commander.time_sync_wanted(MN, offset_s=None)
    world.commander.time_sync_wanted(MN, offset_s=None)
    (request,) = line.requests()
    assert request.head.cn == 1012
    assert b"SystemTime=20260101080000" in line.written[0]
    (told,) = world.told
    assert (told.actor, told.why, told.cn, told.state.value) == (GATEWAY, "clock_asked", 1012, "sent")
    world.say(line, 9011, "QnRtn=1", qn=told.qn)
    world.say(line, 9012, "ExeRtn=1", qn=told.qn)
    assert world.states() == ["sent", "accepted", "done"]
    world.wait(61)
    world.commander.time_sync_wanted(MN, offset_s=None)
    assert len(line.written) == 2


def test_a_clock_that_is_wrong_is_set() -> None:
    world = World()
    line = world.connect()
    for _ in range(3):
        world.commander.time_sync_wanted(MN, offset_s=-91.0)
        world.wait(1)
    assert len(line.written) == 1
    assert world.told[0].why == "clock_drift"


WANTED: list[PlanSetting] = [
    {"request": "set-time", "parameters": {}},
    {"request": "set-timeout", "parameters": {"OverTime": "10", "ReCount": "3"}},
    {"request": "standard-check", "parameters": {"PolId": "w01018"}},
    {"request": "realtime-on", "parameters": {}},
]


def settle(world: World) -> list[int]:
    """Let the device agree to everything; return what it was asked."""
    line = world.connect()
    for _ in range(10):
        for request in line.requests():
            assert request.head.qn is not None
            world.say(line, 9012, "ExeRtn=1", qn=request.head.qn)
    return [request.head.cn for request in line.requests()]


def test_a_device_that_connects_first_is_set_as_its_plan_wants_and_only_once() -> None:
    world = World(devices=({"mn": MN, "pw": PW, "on_connect": WANTED},))
    world.commander.settled(set())
    assert settle(world) == [1012, 1000, 2011]
    assert {answer.why for answer in world.told} == {"first_connect"}
    assert len(world.settled) == 1
    assert settle(world) == []
    world.restart()
    assert settle(world) == []


def test_settings_that_were_cut_short_are_given_again_by_the_next_gateway() -> None:
    world = World(devices=({"mn": MN, "pw": PW, "on_connect": WANTED},))
    line = world.connect()
    assert line.written == []
    world.commander.settled(set())
    assert [request.head.cn for request in line.requests()] == [1012]
    world.restart()
    assert settle(world) == [1012, 1000, 2011]


def test_a_device_whose_plan_asks_for_nothing_gets_nothing() -> None:
    world = World()
    world.commander.settled(set())
    assert settle(world) == []


def test_uploads_are_not_wanted_while_an_answer_of_another_kind_is_owed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    line = world.connect()
    command = world.ask(1061)
    read: list[int] = []

    def counted(segment: bytes, **given: Any) -> Message:
        message = read_message(segment, **given)
        read.append(message.head.cn)
        return message

    monkeypatch.setattr(commander, "read_message", counted)
    for cn in (2011, 2051, 1061):
        world.say(line, cn, "DataTime=20260101080000", qn="20260101080000123")
    world.say(line, 9012, "ExeRtn=1", qn=command.qn)
    assert read == [1061, 9012]
    assert world.states(command)[-1] == "done"
