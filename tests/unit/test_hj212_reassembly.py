"""Messages of several parts: given out whole, aged out, split again."""

from __future__ import annotations

import pytest
from tests.hj212_shared import lines

from qingtian.stream.hj212.messages.message import Message, read_message, write_message
from qingtian.stream.hj212.messages.values import Values
from qingtian.stream.hj212.reassembly import Reassembly, Window
from qingtian.stream.hj212.splitting import PartTooLong, split


def part(pno: int, *, pnum: int = 3, qn: str = "1", cp: str = "DataTime=20260101080000", mn: str = "A") -> Message:
    raw = f"QN={qn}{pno};ST=32;CN=2051;MN={mn};Flag=7;PNUM={pnum};PNO={pno};CP=&&{cp};w0100{pno}-Avg={pno}.0&&"
    return read_message(raw.encode())


def test_the_parts_of_the_standards_example_become_one_message() -> None:
    reassembly = Reassembly()
    parts = [
        read_message(example["segment"].encode())
        for example in lines("hj212_standard_segments.jsonl")
        if "Flag=7;PNUM=2" in example["segment"]
    ]
    found = [each for one in parts for each in reassembly.take(one, now=0.0)]
    (whole,) = found
    assert isinstance(whole.message.body, Values)
    assert set(whole.message.body.factors) == {"w00000", "w01001", "w01018"}
    assert whole.qns == ("20160801085857534", "20160801085857535")
    assert (whole.message.head.flag, whole.message.head.pnum) == (5, None)


def test_a_message_of_one_part_passes_at_once() -> None:
    alone = read_message(b"CN=2051;MN=A;Flag=4;CP=&&DataTime=20260101080000&&")
    (found,) = Reassembly().take(alone, now=0.0)
    assert found.message is alone
    # numbers that make no sense are no parts
    for numbers in ("PNUM=2;PNO=3", "PNUM=1;PNO=1", "PNUM=2"):
        odd = read_message(f"CN=2051;MN=A;Flag=6;{numbers};CP=&&DataTime=20260101080000&&".encode())
        assert Reassembly().take(odd, now=0.0)[0].message is odd


def test_what_does_not_become_whole_is_given_out_when_it_is_old() -> None:
    reassembly = Reassembly(Window(age=60.0))
    assert reassembly.take(part(1), now=0.0) == []
    assert reassembly.take(part(3), now=50.0) == []
    assert reassembly.expire(now=60.0) == []
    (found,) = reassembly.expire(now=61.0)
    assert found.missing == (2,)
    assert isinstance(found.message.body, Values)
    assert set(found.message.body.factors) == {"w01001", "w01003"}
    assert reassembly.finish() == []


def test_a_part_sent_again_after_the_end_opens_nothing() -> None:
    reassembly = Reassembly(Window(age=60.0))
    out = [each for pno in (1, 2, 3, 2) for each in reassembly.take(part(pno), now=0.0)]
    assert len(out) == 1
    assert reassembly.finish() == []


def test_two_devices_do_not_mix() -> None:
    reassembly = Reassembly()
    assert reassembly.take(part(1, pnum=2, mn="A"), now=0.0) == []
    assert reassembly.take(part(2, pnum=2, mn="B"), now=0.0) == []
    assert [each.missing for each in reassembly.finish()] == [(2,), (1,)]


def test_a_full_window_gives_out_the_oldest() -> None:
    reassembly = Reassembly(Window(messages=1))
    assert reassembly.take(part(1), now=0.0) == []
    (old,) = reassembly.take(part(1, cp="DataTime=20260101090000"), now=1.0)
    assert old.missing == (2, 3)


def test_more_parts_than_the_window_holds_pass_one_by_one() -> None:
    (found,) = Reassembly(Window(parts=10)).take(part(1, pnum=9999), now=0.0)
    assert found.message.head.pnum == 9999


def test_a_log_in_two_parts_goes_on() -> None:
    head = "ST=32;CN=3020;MN=A;Flag=6;PNUM=2"
    area = "DataTime=20260101080000;PolId=w01018;i11001-Info="
    first = read_message(f"QN=1;{head};PNO=1;CP=&&{area}//one//&&".encode())
    second = read_message(f"QN=2;{head};PNO=2;CP=&&{area}//two//&&".encode())
    reassembly = Reassembly()
    assert reassembly.take(second, now=0.0) == []
    (whole,) = reassembly.take(first, now=0.0)
    assert b"i11001-Info=//one//,//two//" in write_message(whole.message)


def test_each_part_may_have_an_exchange_of_its_own() -> None:
    area = ";".join(f"w{number:05d}-Avg=1.0" for number in range(100))
    long = read_message(f"QN=1;CN=2051;MN=A;Flag=5;CP=&&DataTime=20260101080000;{area}&&".encode())
    parts = split(long, qn_of=lambda number: f"2026010108000000{number}")
    assert [(one.head.qn, one.head.flag) for one in parts] == [("20260101080000001", 7), ("20260101080000002", 7)]
    assert {one.head.qn for one in split(long)} == {"1"}


def test_a_factor_that_fits_no_part_is_refused() -> None:
    long = read_message(b"CN=3020;MN=A;CP=&&DataTime=20260101080000;i11001-Info=//" + b"x" * 2000 + b"//&&")
    with pytest.raises(PartTooLong):
        split(long)
    with pytest.raises(PartTooLong):
        split(read_message(b"CN=2051;CP=&&Any=" + b"x" * 2000 + b"&&"))
