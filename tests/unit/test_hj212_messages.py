"""Typed messages: the standards' own examples, the catalogue, answers of 2005, what cannot be read."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal

import pytest
from tests.hj212_shared import lines

from qingtian.base.times import BEIJING
from qingtian.stream.hj212.commands import COMMANDS
from qingtian.stream.hj212.editions import Edition, edition_of, flag_of
from qingtian.stream.hj212.messages.bodies import (
    AskClock,
    Clock,
    DataAnswer,
    Empty,
    LoggerIdentity,
    OnAnalyser,
    Plain,
    RealTimeInterval,
    SamplingCycle,
    SamplingTimes,
    Span,
    WarnTime,
)
from qingtian.stream.hj212.messages.bounds import breaches
from qingtian.stream.hj212.messages.catalogue import BODIES, Way, body_of
from qingtian.stream.hj212.messages.head import Head
from qingtian.stream.hj212.messages.message import Message, contents_of, read_message, write_frame, write_message
from qingtian.stream.hj212.messages.returns import EXE_RETURNS, QN_RETURNS, known
from qingtian.stream.hj212.messages.values import EquipmentHours, EquipmentStates, Values, exact
from qingtian.stream.hj212.segment import BrokenSegment, decode_segment

HEAD = "QN=20160801085857223;ST=32;CN={cn};PW=123456;MN=010000A8900016F000169DC0;Flag={flag};"


def read(cn: int, area: str, *, flag: int = 5, way: Way | None = None) -> Message:
    return read_message(f"{HEAD.format(cn=cn, flag=flag)}CP=&&{area}&&".encode(), way=way)


def test_the_examples_of_the_standards_go_through_the_typed_layer_and_back() -> None:
    examples = lines("hj212_standard_segments.jsonl")
    assert len(examples) == 112
    for example in examples:
        raw = example["segment"].encode()
        message = read_message(raw)
        assert not isinstance(message.body, Plain), raw
        assert not message.rest, raw
        again = write_message(message)
        assert read_message(again) == message
        assert contents_of(again) == contents_of(raw)
        assert decode_segment(again) == decode_segment(raw)


# the examples that do not keep to their own grammar: separators, a tag said twice, tags of a factor apart
IRREGULAR = {
    "a separator before &&": ";&&",
    "a comma between the ends of a span": "CN=2041;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&BeginTime",
    "no ; before CP": "Flag=5CP",
    "one tag twice": "e01001-Rtd=1.1;e01001-Rtd=2.2",
    "tags of one factor apart": "L5-Data=53.0;L10-Data=53.0;L50-Data=49.0;L90-Data=45.0;L95-Data=43.0;Ldn-Data",
}


def test_a_regular_example_comes_back_byte_for_byte() -> None:
    irregular = 0
    for example in lines("hj212_standard_segments.jsonl"):
        if any(mark in example["segment"] for mark in IRREGULAR.values()):
            irregular += 1
            continue
        assert write_message(read_message(example["segment"].encode())).decode() == example["segment"]
    assert irregular == 16


def test_every_command_has_a_body_in_every_edition_and_direction() -> None:
    for cn, command in COMMANDS.items():
        for version in command.versions:
            for way, goes in ((Way.UP, command.up), (Way.DOWN, command.down)):
                if cn == 1001 or not goes:
                    continue
                assert (cn, way, Edition(version)) in BODIES, (cn, way, version)
    assert {cn for cn, _, _ in BODIES} == set(COMMANDS)
    assert body_of(1001, Way.DOWN, Edition.HJ2005) is WarnTime
    assert body_of(1001, Way.UP, Edition.HJ2025) is LoggerIdentity


def test_a_command_that_changed_its_meaning_is_read_by_its_edition() -> None:
    assert read(3014, "PolId=101,CTime=04,CTime=10,CTime=14", flag=3).body == SamplingTimes(
        pol_id="101", hours=(4, 10, 14)
    )
    assert read(3014, "PolId=w01018").body == OnAnalyser(pol_id="w01018")


def test_the_direction_is_told_by_what_finds_its_place() -> None:
    assert read(2061, "BeginTime=20160801080000;EndTime=20160801090000").body == Span(
        begin=datetime(2016, 8, 1, 8, tzinfo=BEIJING), end=datetime(2016, 8, 1, 9, tzinfo=BEIJING)
    )
    assert read(2011, "").body == Empty()
    assert read(1011, "PolId=w01018").body == AskClock(pol_id="w01018")
    assert isinstance(read(1011, "PolId=w01018;SystemTime=20160801085857").body, Clock)


def test_values_keep_every_zero_and_give_exact_numbers() -> None:
    body = read(2051, "DataTime=20160801084000;w20120-Avg=0.0500,w20120-Flag=N").body
    assert isinstance(body, Values)
    assert body.data_time == datetime(2016, 8, 1, 8, 40, tzinfo=BEIJING)
    assert body.factors == {"w20120": {"Avg": "0.0500", "Flag": "N"}}
    assert exact(body.factors["w20120"]["Avg"]) == Decimal("0.05")
    assert exact("N") is None
    assert exact("1e-999999999") is None


def test_equipment_is_typed_and_what_is_no_number_stays_as_it_came() -> None:
    states = read(2021, "DataTime=20160801085857;SB1-RS=1;SB2-RS=off")
    assert isinstance(states.body, EquipmentStates)
    assert states.body.states == {"SB1": 1}
    assert states.rest.factors == {"SB2": {"RS": "off"}}
    hours = read(2041, "DataTime=20160801000000;SB1-RT=1.10").body
    assert isinstance(hours, EquipmentHours)
    assert str(hours.hours["SB1"]) == "1.10"


def test_both_spellings_of_the_cycle_are_read() -> None:
    expected = SamplingCycle(pol_id="w01018", start=time(6, 30), hours=2)
    for spelling in ("CTime", "Ctime"):
        assert read(3016, f"PolId=w01018;CstartTime=063000;{spelling}=2").body == expected


def test_an_answer_of_2005_carries_its_exchange_in_the_data_area() -> None:
    raw = b"ST=91;CN=9014;Flag=0;CP=&&QN=20040516010101001;CN=2051;PNO=1;PNUM=2&&"
    message = read_message(raw)
    assert message.body == DataAnswer(qn="20040516010101001", cn=2051, pno=1, pnum=2)
    assert message.exchange == "20040516010101001"
    assert write_message(message) == raw


def test_a_back_filled_packet_of_2025_says_so() -> None:
    raw = b"QN=20260101085857223;ST=32;CN=2051;PW=1;MN=A;Flag=11;PNUM=2;PNO=1;RF=1;CP=&&DataTime=20260101084000&&"
    message = read_message(raw)
    assert (message.head.resent, message.head.asks, message.head.edition) == (True, True, Edition.HJ2025)
    assert write_message(message) == raw


@pytest.mark.parametrize(("cn", "area"), [(2011, "DataTime=20241301000000;w01018-Rtd=1"), (8013, "Any=1"), (1000, "")])
def test_what_cannot_be_typed_stays_plain_and_whole(cn: int, area: str) -> None:
    message = read(cn, area, way=Way.UP)
    assert message.body == Plain()
    assert write_message(message).decode().endswith(f"CP=&&{area}&&")


def test_no_command_or_no_data_area_is_a_broken_segment() -> None:
    for raw in (b"ST=32;CP=&&&&", b"CN=2011;ST=32", b"CN=2011;CP=&&DataTime=1"):
        with pytest.raises(BrokenSegment):
            read_message(raw)


def test_a_value_beyond_the_bounds_of_the_standard_is_told() -> None:
    assert not breaches(read(1062, "RtdInterval=30"))
    (breach,) = breaches(read(1062, "RtdInterval=5"))
    assert (breach.name, breach.value, breach.allowed) == ("RtdInterval", 5, "30–3600")
    assert breaches(read(1064, "MinInterval=7"))


def test_a_message_is_written_as_a_frame_with_its_checksum() -> None:
    head = Head(qn="20160801085857223", st="32", cn=1062, pw="100000", mn="010000A8900016F000169DC0", flag=5)
    # the example of annex A
    assert write_frame(Message(head=head, body=RealTimeInterval(seconds=30))).endswith(b"CP=&&RtdInterval=30&&1C80\r\n")


def test_the_flag_names_the_edition() -> None:
    assert [edition_of(flag) for flag in (None, 0, 3, 4, 7, 8, 11)] == [2005, 2005, 2005, 2017, 2017, 2025, 2025]
    assert flag_of(Edition.HJ2017, asks=True) == 5
    assert flag_of(Edition.HJ2025, parted=True) == 10


def test_the_returns_of_2005_are_fewer() -> None:
    assert known(QN_RETURNS, 3, Edition.HJ2005)
    assert not known(QN_RETURNS, 4, Edition.HJ2005)
    assert known(EXE_RETURNS, 100, Edition.HJ2005)
    assert EXE_RETURNS[5].name("zh") == "系统繁忙不能执行"
