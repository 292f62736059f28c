"""A packet of the log as a target is sent it: names, units, marks, header, parts, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from qingtian.bus.relays import Place
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages.message import Message, contents, read_message
from qingtian.stream.hj212.segment import encode_frame
from qingtian.stream.relay.packets import Packet, mn_of, segment_of
from qingtian.stream.relay.shipping import NotSent, Shipment, prepare
from qingtian.stream.relay.targets import Leg, Target, targets

MN = "010000A8900016F000169DC0"
THERE = Leg(mn=MN, as_mn="88888880000001", pw="654321")
TARGET = Target(code="city", name="市平台", host="h", port=1, enabled=True, legs={MN: THERE})
QN = "20260101084000001"


def packet(area: str, *, cn: int = 2011, flag: str = "5", qn: str = QN, more: str = "") -> Packet:
    named = f"QN={qn};" if qn else ""
    segment = f"{named}ST=32;CN={cn};PW=123456;MN={MN};Flag={flag};{more}CP=&&{area}&&"
    # 2026-01-01 08:40:07.250 in Beijing
    return Packet(place=Place(1, 0), mn=MN, received_us=1767228007250000, frame=encode_frame(segment.encode()))


def shipped(made: Shipment | NotSent) -> list[Message]:
    assert isinstance(made, Shipment), made
    return [read_message(segment_of(piece.frame) or b"") for piece in made.pieces]


def sent(area: str, *, late: bool = False, target: Target = TARGET, **words: Any) -> Message:
    (message,) = shipped(prepare(packet(area, **words), target, THERE, late=late))
    return message


def to(edition: Edition) -> Target:
    return replace(TARGET, edition=edition)


def test_it_sends_as_received_under_the_name_of_there_and_asks_for_an_answer() -> None:
    message = sent("DataTime=20260101084000;w01018-Rtd=40.10,w01018-Flag=N;strange=7", flag="4")
    head = message.head
    assert (head.mn, head.pw, head.flag, head.qn, head.st) == ("88888880000001", "654321", 5, QN, "32")
    said = contents(message)
    assert said.factors == {"w01018": {"Rtd": "40.10", "Flag": "N"}}
    assert said.cp == {"DataTime": "20260101084000", "strange": "7"}


def test_it_gives_an_upload_without_qn_the_moment_of_its_arrival() -> None:
    assert sent("DataTime=20260101084000;011-Rtd=40.1", flag="0", qn="").head.qn == "20260101084007250"


def test_it_says_2005_in_2017_with_the_units_of_2017() -> None:
    message = sent(
        "DataTime=20260101084000;027-Avg=0.050,027-Flag=P;011-Avg=40.10", flag="0", target=to(Edition.HJ2017)
    )
    assert message.head.flag == 5
    assert contents(message).factors == {"w20120": {"Avg": "50", "Flag": "D"}, "w01018": {"Avg": "40.10"}}


def test_it_says_2017_in_2005_with_the_units_of_2005() -> None:
    message = sent("DataTime=20260101084000;w20120-Avg=50,w20120-Flag=B;w01019-Avg=3.0", target=to(Edition.HJ2005))
    assert message.head.flag == 1
    assert contents(message).factors == {"027": {"Avg": "0.05", "Flag": "D"}, "w01019": {"Avg": "3.0"}}


def test_it_leaves_a_value_out_rather_than_telling_it_in_a_wrong_unit() -> None:
    made = prepare(
        packet("DataTime=20260101084000;027-Cou=1.5,027-Avg=0.05;S02-Avg=12.0,S02-Flag=N", flag="0"),
        to(Edition.HJ2017),
        THERE,
    )
    assert isinstance(made, Shipment)
    assert made.left_out == ("027-Cou", "S02-Avg")
    assert contents(shipped(made)[0]).factors == {"w20120": {"Avg": "50"}, "a01011": {"Flag": "N"}}


def test_it_marks_as_back_filled_what_comes_late_to_a_target_of_2025() -> None:
    area = "DataTime=20260101084000;w01018-Rtd=40.1"
    assert sent(area, target=to(Edition.HJ2025), late=True).head.resent
    assert sent(area, target=to(Edition.HJ2025), late=True).head.flag == 9
    assert not sent(area, target=to(Edition.HJ2025)).head.resent
    assert not sent(area, target=to(Edition.HJ2017), late=True, flag="9", more="RF=1;").head.resent


def test_it_sends_only_the_factors_that_the_target_wants_under_any_name() -> None:
    wanted = replace(TARGET, factors=frozenset({"w01018"}))
    assert list(contents(sent("DataTime=20260101084000;011-Rtd=1;w21003-Rtd=2", target=wanted)).factors) == ["011"]
    nothing = prepare(packet("DataTime=20260101084000;w21003-Rtd=2"), wanted, THERE)
    assert isinstance(nothing, NotSent)
    assert nothing.reason == "not_meant"
    state = sent("DataTime=20260101084000;SB1-RS=1", cn=2021, target=wanted)
    assert "SB1" in contents(state).factors, "a filter of values says nothing of equipment"


@pytest.mark.parametrize("cn", [9011, 9012, 9013, 9014, 9015, 1013, 1014, 1061])
def test_it_keeps_to_itself_what_concerns_our_own_line(cn: int) -> None:
    made = prepare(packet("QnRtn=1", cn=cn), TARGET, THERE)
    assert isinstance(made, NotSent)
    assert made.reason == "not_meant"


def test_it_does_not_send_a_command_that_the_edition_of_the_target_lacks() -> None:
    made = prepare(packet("DataTime=20260101084000;RestartTime=20260101080000", cn=2081), to(Edition.HJ2005), THERE)
    assert isinstance(made, NotSent)
    assert (made.reason, made.cn) == ("edition", 2081)
    vendor = prepare(packet("DataTime=20260101084000;x=1", cn=8013), to(Edition.HJ2005), THERE)
    assert isinstance(vendor, Shipment)


def long_area(factors: int) -> str:
    return "DataTime=20260101084000;" + ";".join(
        f"w{1000 + n:05d}-Rtd=1234.5678,w{1000 + n:05d}-Flag=N" for n in range(factors)
    )


def test_it_splits_what_is_longer_than_a_segment_may_be() -> None:
    area = long_area(60)
    messages = shipped(prepare(packet(area), TARGET, THERE))
    assert len(messages) > 1
    assert [(one.head.pno, one.head.pnum) for one in messages] == [
        (n, len(messages)) for n in range(1, len(messages) + 1)
    ]
    assert len({one.head.qn for one in messages}) == len(messages), "each part of 2017 has its own QN"
    assert {one.head.flag for one in messages} == {7}
    made = prepare(packet(area), TARGET, THERE)
    assert isinstance(made, Shipment)
    assert all(len(segment_of(piece.frame) or b"") <= 1024 for piece in made.pieces)
    together: dict[str, Any] = {}
    for one in messages:
        together |= contents(one).factors
    assert len(together) == 60


def test_it_keeps_the_numbers_of_parts_and_sends_one_that_grew_too_long_by_itself() -> None:
    short = sent(long_area(3), flag="7", more="PNUM=2;PNO=1;")
    assert (short.head.pnum, short.head.pno, short.head.flag) == (2, 1, 7)
    grown = shipped(prepare(packet(long_area(60), flag="7", more="PNUM=2;PNO=1;"), TARGET, THERE))
    assert len(grown) > 1
    assert {(one.head.pnum, one.head.flag) for one in grown} == {(None, 5)}


def test_it_says_so_when_one_factor_alone_is_too_long() -> None:
    area = f"DataTime=20260101084000;i11001-Info=//{'x' * 1100}//"
    made = prepare(packet(area, cn=3020), TARGET, THERE)
    assert isinstance(made, NotSent)
    assert made.reason == "too_long"


def test_it_makes_the_same_frames_of_the_same_packet() -> None:
    one, other = (prepare(packet(long_area(60), qn=""), to(Edition.HJ2017), THERE) for _ in range(2))
    assert one == other


def test_it_finds_the_mn_wherever_it_stands_in_the_header() -> None:
    for raw, mn in (
        (b"##0030MN=A1;ST=32;CN=2011;CP=&&x-Info=//;MN=B2;//&&0000", "A1"),
        (b"##0030ST=32;CN=2011;PW=1, MN=A1;CP=&&&&0000", "A1"),
        (b"##0030ST=32;CN=2011;CP=&&MN=A1&&0000", None),
    ):
        assert mn_of(raw) == mn


def test_it_reads_the_targets_of_a_plan() -> None:
    relay: Any = {
        "code": "city",
        "name": "市平台",
        "host": "10.0.0.1",
        "port": 9212,
        "enabled": True,
        "edition": "2005",
        "allow_commands": False,
        "factors": ["w01018"],
        "devices": [{"mn": MN, "as_mn": "A1", "pw": "1"}],
    }
    (made,) = targets({"number": 1, "made_at": "", "outlets": [], "relays": [relay]}).values()
    assert made.edition is Edition.HJ2005
    assert made.back["A1"].mn == MN
    assert "'1'" not in repr(made.legs[MN]), "a password is not for logs"
    assert targets({"number": 1, "made_at": "", "outlets": []}) == {}
