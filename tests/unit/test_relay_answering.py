"""What a target is answered when it commands a device: who may, in which words, in which edition."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qingtian.base import times
from qingtian.bus.answers import Answer, Item, State
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.messages.message import Message, read_message
from qingtian.stream.relay import answering
from qingtian.stream.relay.targets import Leg, Target

QN = "20260101084000001"
LEG = Leg(mn="HERE", as_mn="THERE", pw="654321")
TARGET = Target(code="c", name="c", host="h", port=1, enabled=True, allow_commands=True, legs={"HERE": LEG})


def request(area: str = "", *, cn: int = 1061, flag: int = 5, mn: str = "THERE", pw: str = "654321") -> Message:
    words = f"QN={QN};ST=32;CN={cn};PW={pw};MN={mn};Flag={flag};CP=&&{area}&&"
    return read_message(words.encode(), way=Way.DOWN)


def answer(state: State, **of: Any) -> Answer:
    return Answer(command="x", mn="HERE", qn=QN, cn=1061, parameters=(), state=state, at=times.now(), attempt=1, **of)


def said(frames: list[bytes]) -> list[str]:
    return [frame[6:-6].decode() for frame in frames]


@pytest.mark.parametrize(
    ("message", "target", "reason", "qn_rtn"),
    [
        (request(), TARGET, "command_passed", 1),
        (request(mn="NOBODY"), TARGET, "command_unknown", 4),
        (request(pw="111111"), TARGET, "command_password", 3),
        (request(), replace(TARGET, allow_commands=False), "command_not_allowed", 2),
        (request("NewPW=1", cn=1072), TARGET, "command_never", 2),
        (request(cn=2012), TARGET, "command_never", 2),
        (request("PolId=w01018", cn=3011), TARGET, "command_passed", 1),
    ],
)
def test_it_decides_who_may_ask_for_what(message: Message, target: Target, reason: str, qn_rtn: int) -> None:
    verdict = answering.judge(message, target)
    assert (verdict.reason, verdict.qn_rtn) == (reason, qn_rtn)
    assert (verdict.leg is LEG) == (reason == "command_passed")


def test_it_answers_in_the_words_of_the_edition_that_asked() -> None:
    head = f"QN={QN};ST=91;CN=9011;PW=654321;MN=THERE;"
    assert said([answering.request_answer(request(), 1)]) == [f"{head}Flag=4;CP=&&QnRtn=1&&"]
    assert said([answering.request_answer(request(flag=9), 1)]) == [f"{head}Flag=8;CP=&&QnRtn=1&&"]
    assert said([answering.execution_result(request(flag=1), 2)]) == [
        f"ST=91;CN=9012;PW=654321;MN=THERE;Flag=0;CP=&&QN={QN};ExeRtn=2&&"
    ]


def test_it_tells_the_life_of_a_command_once() -> None:
    item = Item(cn=1061, qn=QN, cp={"RtdInterval": "30"}, factors={})
    values = Item(cn=2011, qn=QN, cp={}, factors={"w01018": {}})
    head = "PW=654321;MN=THERE;Flag=4;CP=&&"
    accepted = said(answering.frames(request(), answer(State.ACCEPTED, qn_rtn=1), accepted=False))
    assert accepted == [f"QN={QN};ST=91;CN=9011;{head}QnRtn=1&&"]
    done = answer(State.DONE, exe_rtn=1, items=(values, item))
    assert said(answering.frames(request(), done, accepted=True)) == [
        f"QN={QN};ST=32;CN=1061;{head}RtdInterval=30&&",
        f"QN={QN};ST=91;CN=9012;{head}ExeRtn=1&&",
    ], "measured values come as packets of their own"
    assert len(answering.frames(request(), done, accepted=False)) == 3
    assert answering.frames(request(), answer(State.SENT), accepted=False) == []


@pytest.mark.parametrize(
    ("state", "of", "accepted", "words"),
    [
        (State.REFUSED, {"qn_rtn": 5}, False, "CN=9011;PW=654321;MN=THERE;Flag=4;CP=&&QnRtn=5&&"),
        (State.REFUSED, {"exe_rtn": 3}, True, "CN=9012;PW=654321;MN=THERE;Flag=4;CP=&&ExeRtn=3&&"),
        (State.EXPIRED, {}, False, "CN=9011;PW=654321;MN=THERE;Flag=4;CP=&&QnRtn=100&&"),
        (State.TIMED_OUT, {}, True, "CN=9012;PW=654321;MN=THERE;Flag=4;CP=&&ExeRtn=4&&"),
    ],
)
def test_it_tells_an_end_that_is_no_success(state: State, of: dict[str, int], accepted: bool, words: str) -> None:
    (frame,) = said(answering.frames(request(), answer(state, **of), accepted=accepted))
    assert frame.endswith(words)


def test_it_hands_on_the_items_of_a_request_under_the_names_of_2017() -> None:
    asked = request("PolId=011,PolId=060,BeginTime=20260101080000,EndTime=20260101090000", cn=2051, flag=1)
    assert answering.parameters(asked) == [
        {"BeginTime": "20260101080000"},
        {"EndTime": "20260101090000"},
        {"PolId": "w01018"},
        {"PolId": "w21003"},
    ]
    limits = request("w01018-LowValue=0,w01018-UpValue=50", cn=1022, flag=1)
    assert answering.parameters(limits) == [{"w01018-LowValue": "0", "w01018-UpValue": "50"}]


def test_it_keeps_no_password_in_a_record() -> None:
    shown = answering.hidden(b"##0010PW=654321;MN=A;CP=&&NewPW=777777;PW=888888&&0000\r\n")
    assert shown == "##0010PW=******;MN=A;CP=&&NewPW=******;PW=******&&0000"
