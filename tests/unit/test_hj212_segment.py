"""Data segments: the standards' examples, and the forms senders give them."""

from __future__ import annotations

import pytest
from tests.hj212_shared import lines, packets

from qingtian.stream.hj212.segment import BrokenSegment, Segment, decode_segment, encode_segment

PLAIN = b"QN=20160801085857223;ST=32;CN=2051;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&%s&&"


def area(body: bytes) -> Segment:
    return decode_segment(PLAIN % body)


def test_it_reads_header_time_and_factors() -> None:
    segment = area(b"DataTime=20160801085857;w01018-Avg=1.25,w01018-Flag=N;SB1-RS=1")
    assert (segment.qn, segment.st, segment.cn, segment.pw) == ("20160801085857223", "32", "2051", "123456")
    assert (segment.mn, segment.flag, segment.pnum, segment.pno) == ("010000A8900016F000169DC0", "5", None, None)
    assert segment.cp == {"DataTime": "20160801085857"}
    assert segment.factors == {"w01018": {"Avg": 1.25, "Flag": "N"}, "SB1": {"RS": 1.0}}


@pytest.mark.parametrize(
    ("header", "field", "expected"),
    [
        (b"ST=32;CN=2011;PW=123456;,MN=88;FLAG=0;CP=&&&&", "mn", "88"),
        (b"ST=32;CN=2011;PW=123456;,MN=88;FLAG=0;CP=&&&&", "flag", "0"),
        (b"QN=1,ST=32;CN=2011;MN=88;Flag=5CP=&&&&", "flag", "5"),
        (b"QN=1,ST=32;CN=2011;MN=88;Flag=5CP=&&&&", "st", "32"),
        (b"ST=32;CN=2011;MN=88;CP=&&&&", "qn", None),
        (b"QN=;ST=32;CN=2011;MN=88;CP=&&&&", "qn", ""),
        (b"CN=2011;PNO=2;PNUM=3;Flag=6;MN=;CP=&& &&", "pno", 2),
        (b"CN=2011;PNO=2;PNUM=3;Flag=6;MN=;CP=&& &&", "mn", ""),
    ],
)
def test_it_reads_headers_as_senders_write_them(header: bytes, field: str, expected: object) -> None:
    assert getattr(decode_segment(header), field) == expected


@pytest.mark.parametrize(
    ("body", "factors"),
    [
        (b"w01018-Flag=N,w01018-Rtd=4;", {"w01018": {"Flag": "N", "Rtd": 4.0}}),
        (b"a-Rtd=-0.5;,;b-Rtd=+1.;c-Rtd=.5", {"a": {"Rtd": -0.5}, "b": {"Rtd": 1.0}, "c": {"Rtd": 0.5}}),
        (b"xxxxxx--Avg=1", {"xxxxxx": {"Avg": 1.0}}),
        (b"a-Rtd=,b-Rtd=--,c-Rtd=1.2.3", {"a": {"Rtd": ""}, "b": {"Rtd": "--"}, "c": {"Rtd": "1.2.3"}}),
        (b"a-Rtd=nan,b-Rtd=1e999,c-Rtd=0x10", {"a": {"Rtd": "nan"}, "b": {"Rtd": "1e999"}, "c": {"Rtd": "0x10"}}),
        (b"a-SampleTime=20240101000000,a-SN=0012", {"a": {"SampleTime": "20240101000000", "SN": "0012"}}),
    ],
)
def test_it_reads_values_as_senders_write_them(body: bytes, factors: dict[str, object]) -> None:
    assert area(body).factors == factors


def test_it_loses_nothing_that_belongs_to_no_factor() -> None:
    segment = area(b"PolId=w01018,w01019;CTime=04,CTime=10;Flag=N;note")
    assert segment.cp == {"PolId": "w01018,w01019", "CTime": "04,10", "Flag": "N", "note": ""}


def test_a_log_text_may_hold_separators_and_readings() -> None:
    segment = area("i11001-Info=//清洗;w01018-Rtd=5,完毕//;PolId=w01018".encode())
    assert segment.factors == {"i11001": {"Info": "//清洗;w01018-Rtd=5,完毕//"}}
    assert segment.cp == {"PolId": "w01018"}


def test_it_reads_chinese_of_old_loggers() -> None:
    assert area("i11001-Info=//清洗管路//".encode("gbk")).factors["i11001"]["Info"] == "//清洗管路//"


@pytest.mark.parametrize(
    "raw", [b"", b"ST=32;CN=2011", b"ST=32;MN=1;CP=&&&&", b"CN=2011;CP=&&a-Rtd=1&", b"CN=x;CP=&&&&"]
)
def test_it_refuses_what_is_no_segment(raw: bytes) -> None:
    with pytest.raises(BrokenSegment):
        decode_segment(raw)


def test_it_reads_the_examples_of_the_standards() -> None:
    for example in lines("hj212_standard_segments.jsonl"):
        segment = decode_segment(example["segment"].encode())
        assert (segment.st, segment.cn) == (example["st"], example["cn"])
        assert decode_segment(encode_segment(segment)) == segment


def test_it_reads_real_packets_into_segments_that_write_themselves() -> None:
    for packet in packets():
        raw = packet["packet"].encode()
        if packet["length_ok"] and packet["crc_ok"]:
            segment = decode_segment(raw[raw.index(b"=") - 2 : raw.rindex(b"&&") + 2])
            assert decode_segment(encode_segment(segment)) == segment
