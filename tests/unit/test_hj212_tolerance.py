"""Deviations: real packets are read as their notes say, profiles decide, damage is repaired or refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hj212_shared import expected_error, packets
from tests.property.hj212_strategies import cuts, pieces

from qingtian.stream.hj212.checksum import checksum
from qingtian.stream.hj212.deviations import DEVIATIONS, Verdict
from qingtian.stream.hj212.encryption import opened, sealed_frame
from qingtian.stream.hj212.frames import Frame, read_frames
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.observed import deviations_of
from qingtian.stream.hj212.profile import STRICT, USUAL, Profile, UnknownDeviation, verdicts_from
from qingtian.stream.hj212.repair import modbus
from qingtian.stream.hj212.segment import decode_segment, read_header
from qingtian.stream.hj212.tolerant import Reading, TolerantReader, read

GOOD = (
    "QN=20260101084000001;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
    "CP=&&DataTime=20260101084000;w01018-Rtd=40.1,w01018-Flag=N&&"
)

# what a note of the shared packets says → the code it must be given
NOTES = {
    r"ordinary Modbus CRC-16, high byte first": "checksum_modbus",
    r"ordinary Modbus CRC-16, byte-swapped": "checksum_modbus_swapped",
    r"^CRC is byte-swapped": "checksum_swapped",
    r"CRC matches no known variant": "checksum_unknown",
    r"lower-case CRC": "checksum_lower_case",
    r"no CRLF in the source text": "missing_crlf",
    r"length field has \d digits": "short_length",
    r"declared length \d+, segment up to": "wrong_length",
    r"relay dropped the closing &&": "closing_dropped",
    r"^MN is not 14 or 24": "mn_nonstandard",
    r"segment longer than 1024": "oversize_segment",
    r"^trailing ; before": "trailing_separator",
    r"ST=101 not in": "unknown_system",
    r"^empty PW": "pw_empty",
    r"^empty QN": "qn_missing",
    r"Flag without factor prefix": "flag_without_factor",
    r"NOIS=N": "tag_missing",
    r"typo -td|non-standard suffix": "unknown_tag",
    r"non-zero seconds": "data_time_seconds",
}


def codes_of_note(packet: dict[str, Any]) -> Iterator[str]:
    note = packet["note"]
    for clause in re.split(r"; (?!before)", note):
        yield from (code for pattern, code in NOTES.items() if re.search(pattern, clause))


def only(raw: bytes, profile: Profile = USUAL) -> Reading:
    (frame,) = read_frames(raw)
    return read(frame, profile)


def framed(segment: str | bytes, *, crc: str | None = None, length: str | None = None, end: bytes = b"\r\n") -> bytes:
    raw = segment if isinstance(segment, bytes) else segment.encode()
    digits = f"{checksum(raw):04X}" if crc is None else crc
    return b"##" + (f"{len(raw):04d}" if length is None else length).encode() + raw + digits.encode() + end


# refused, because nothing tells whether they are whole: a checksum nobody can explain, or none
LOST = {"checksum_unknown", "checksum_missing"}


def test_every_real_packet_is_read_as_its_note_says_or_refused_with_its_code() -> None:
    accepted = refused = 0
    for packet in packets():
        reading = only(packet["packet"].encode())
        expected = set(codes_of_note(packet))
        if "closing_dropped" in expected:
            # its length counted the && that is gone, so it is not wrong
            expected -= {"wrong_length"}
        if "no CRC in the source text" in packet["note"] and "closing_dropped" not in expected:
            expected.add("checksum_missing")
        assert expected <= set(reading.deviations), packet
        head = read_header(reading.frame.segment)
        if re.search(r"no QN", packet["note"]):
            assert "QN" not in head
        if re.search(r"no Flag", packet["note"]):
            assert {"flag_missing", "flag_name_case"} & set(reading.deviations) or "QN" not in head
        if expected & LOST:
            refused += 1
            assert reading.frame.error == expected_error(packet), packet
            assert USUAL.refused(reading.deviations) in LOST
        else:
            accepted += 1
            assert reading.ok, packet
            assert decode_segment(reading.frame.segment).cn == head["CN"]
    assert (accepted, refused) == (122, 5)


def test_a_sound_packet_has_no_deviation() -> None:
    reading = only(framed(GOOD))
    assert (reading.ok, reading.deviations) == (True, ())


def short_checksum() -> bytes:
    """Return a frame whose checksum begins with a zero that its sender left out."""
    for number in range(1000):
        segment = GOOD.replace("40.1", f"{number}.5").encode()
        if checksum(segment) < 0x1000:
            return framed(segment, crc=f"{checksum(segment):X}")
    raise AssertionError("no such checksum among a thousand")


SPOILED: list[tuple[str, bytes]] = [
    ("checksum_modbus", framed(GOOD, crc=f"{modbus(GOOD.encode()):04X}")),
    ("checksum_lower_case", framed(GOOD, crc=f"{checksum(GOOD.encode()):04x}")),
    ("checksum_unknown", framed(GOOD, crc="1234")),
    ("checksum_missing", framed(GOOD, crc="")),
    ("checksum_short", short_checksum()),
    ("short_length", framed("ST=32;CN=2011;MN=88888880000001;CP=&&&&", length="39")),
    ("wrong_length", framed(GOOD, length=f"{len(GOOD) + 6:04d}")),
    ("missing_crlf", framed(GOOD, end=b"")),
    ("stars", framed(GOOD, end=b"**\r\n")),
    ("lf_only", framed(GOOD, end=b"\n")),
    ("stray_bytes", b"GET / HTTP/1.1"),
    ("other_protocol", b"STAR0123END"),
    ("closing_dropped", framed(GOOD).replace(b"N&&", b"N")),
    ("oversize_segment", framed(GOOD.replace("N&&", "N;" + "y=1;" * 300 + "&&"))),
    ("oversize", b"##9999" + b"x" * 100),
    ("broken_segment", framed("QN=1;CN=2011")),
    ("qn_missing", framed(GOOD.replace("20260101084000001", ""))),
    ("qn_epoch", framed(GOOD.replace("20260101084000001", "1617936069734"))),
    ("qn_nonstandard", framed(GOOD.replace("20260101084000001", "abc"))),
    ("mn_missing", framed(GOOD.replace("MN=010000A8900016F000169DC0", "MN="))),
    ("mn_nonstandard", framed(GOOD.replace("010000A8900016F000169DC0", "Abc"))),
    ("pw_empty", framed(GOOD.replace("PW=123456", "PW="))),
    ("flag_missing", framed(GOOD.replace("Flag=5;", ""))),
    ("flag_name_case", framed(GOOD.replace(";Flag=5", ";FLAG=5"))),
    ("flag_nonstandard", framed(GOOD.replace(";Flag=5", ";Flag=x"))),
    ("stray_comma", framed(GOOD.replace(";MN", ";,MN"))),
    ("header_comma", framed(GOOD.replace(";ST", ",ST"))),
    ("header_run_together", framed(GOOD.replace("Flag=5;", "Flag=5"))),
    ("field_order", framed(GOOD.replace("ST=32;CN=2011", "CN=2011;ST=32"))),
    ("parts_without_bit", framed(GOOD.replace("Flag=5;", "Flag=5;PNUM=2;PNO=1;"))),
    ("bit_without_parts", framed(GOOD.replace("Flag=5;", "Flag=7;"))),
    ("parts_nonstandard", framed(GOOD.replace("Flag=5;", "Flag=7;PNUM=2;PNO=3;"))),
    ("unknown_system", framed(GOOD.replace("ST=32", "ST=80"))),
    ("unknown_command", framed(GOOD.replace("CN=2011", "CN=9021"))),
    ("answer_asks", framed(GOOD.replace("CN=2011", "CN=9014"))),
    ("spaces", framed(GOOD.replace("CP=&&", "CP=&& "))),
    ("gbk_text", framed(GOOD.replace("N&&", "N;x=清洗管路&&").encode("gbk"))),
    ("text_unreadable", framed(GOOD.encode().replace(b"N&&", b"N;x=\xff\xff\xff&&"))),
    ("trailing_separator", framed(GOOD.replace("N&&", "N;&&"))),
    ("untyped_body", framed(GOOD.replace("CN=2011", "CN=1000"))),
    ("data_time_missing", framed(GOOD.replace("DataTime=20260101084000;", ""))),
    ("data_time_unreadable", framed(GOOD.replace("DataTime=20260101084000", "DataTime=20261301084000"))),
    ("data_time_long", framed(GOOD.replace("DataTime=20260101084000", "DataTime=20260101084000123"))),
    ("data_time_seconds", framed(GOOD.replace("2011", "2051").replace("084000;w", "084005;w"))),
    ("unknown_factor", framed(GOOD.replace("w01018", "PM25"))),
    ("unknown_tag", framed(GOOD.replace("-Rtd", "-td"))),
    ("unknown_item", framed(GOOD.replace("N&&", "N;s10001=0&&"))),
    ("tag_missing", framed(GOOD.replace("w01018-Flag", "w01018"))),
    ("flag_without_factor", framed(GOOD.replace("w01018-Flag", "Flag"))),
    ("repeated_tag", framed(GOOD.replace("N&&", "N;w01018-Rtd=2&&"))),
    ("junk_value", framed(GOOD.replace("40.1", "4o.1"))),
    ("empty_value", framed(GOOD.replace("40.1", ""))),
    ("unknown_mark", framed(GOOD.replace("=N", "=Z"))),
]  # fmt: skip
NAMED_ELSEWHERE = {
    *("checksum_swapped", "checksum_modbus_swapped", "cipher_as_text", "no_key", "glued", "several_mns", "pw_wrong"),
}


@pytest.mark.parametrize(("code", "raw"), SPOILED, ids=[code for code, _ in SPOILED])
def test_each_deviation_has_its_code_and_its_usual_verdict(code: str, raw: bytes) -> None:
    reading = readings(raw)[0]
    assert code in reading.deviations
    assert (USUAL.verdict(code) is Verdict.REFUSE) <= (not reading.ok)
    assert (code in reading.recorded) == (USUAL.verdict(code) is not Verdict.ACCEPT)


def readings(raw: bytes) -> list[Reading]:
    reader = TolerantReader()
    return [*reader.feed(raw), *reader.finish()]


def test_every_deviation_is_tested() -> None:
    assert {code for code, _ in SPOILED} | NAMED_ELSEWHERE == set(DEVIATIONS)


def test_swapped_checksums_are_told_apart() -> None:
    segment = GOOD.encode()
    for name, crc in (("checksum_swapped", checksum(segment)), ("checksum_modbus_swapped", modbus(segment))):
        swapped = (crc & 0xFF) << 8 | crc >> 8
        assert only(framed(segment, crc=f"{swapped:04X}")).deviations == (name,)
    # the check value of the Modbus CRC
    assert modbus(b"123456789") == 0x4B37


def test_a_profile_refuses_what_is_usually_accepted_and_the_other_way_round() -> None:
    raw = framed(GOOD, crc=f"{modbus(GOOD.encode()):04X}")
    assert only(raw, STRICT).frame.error == "bad_checksum"
    assert only(raw, Profile(verdicts={"checksum_modbus": Verdict.ACCEPT})).recorded == ()
    unchecked = Profile(verdicts={"checksum_unknown": Verdict.RECORD})
    assert only(framed(GOOD, crc="1234"), unchecked).ok
    dust = framed(GOOD.replace("w01018", "PM25"))
    assert only(dust, Profile(verdicts={"unknown_factor": Verdict.REFUSE})).frame.error == "unknown_factor"


def test_a_profile_with_a_word_that_is_none_is_refused() -> None:
    assert verdicts_from({"glued": "refuse"}) == {"glued": Verdict.REFUSE}
    for words in ({"glue": "refuse"}, {"glued": "perhaps"}):
        with pytest.raises(UnknownDeviation):
            verdicts_from(words)


def test_a_key_does_not_show_in_a_profile_that_is_printed() -> None:
    assert "0000" not in repr(Profile(key=b"0" * 16))


KEY = b"0" * 16
SECRET = GOOD.replace("Flag=5", "Flag=9").encode()


def test_an_encrypted_packet_is_read_with_the_key_of_its_device() -> None:
    reading = only(sealed_frame(SECRET, key=KEY), Profile(key=KEY))
    assert reading.ok
    assert (reading.frame.segment, reading.deviations) == (SECRET, ())


@pytest.mark.parametrize("profile", [USUAL, Profile(key=b"1" * 16)])
def test_an_encrypted_packet_without_its_key_is_refused_as_such(profile: Profile) -> None:
    reading = only(sealed_frame(SECRET, key=KEY), profile)
    assert not reading.ok
    assert "no_key" in reading.deviations


def test_a_cipher_sent_as_text_is_read_and_named() -> None:
    frame = sealed_frame(SECRET, key=KEY)
    head, _, rest = frame.partition(b"CP=&&")
    whole = (len(SECRET) - len(head[6:]) - 7) // 16 * 16
    text = ",".join(f"0x{byte:02X}" for byte in rest[:whole]).encode()
    printed = head + b"CP=&&{" + text + b"}" + rest[whole:]
    reading = only(printed, Profile(key=KEY))
    assert reading.ok
    assert reading.frame.segment == SECRET
    assert reading.deviations == ("cipher_as_text",)
    assert opened(printed[6:-6], key=KEY) == SECRET
    assert not only(printed).ok


def test_glued_packets_and_several_devices_are_told_by_the_stream() -> None:
    other = GOOD.replace("010000A8900016F000169DC0", "88888880000001")
    glued, alone, strange = readings(framed(GOOD, end=b"") + framed(GOOD) + framed(other))
    assert glued.deviations == ("missing_crlf", "glued")
    assert alone.deviations == ()
    assert strange.deviations == ("several_mns",)


def test_stars_belong_to_their_packet_and_leave_no_garbage() -> None:
    first, second = readings(framed(GOOD, end=b"**\r\n") + framed(GOOD))
    assert (first.deviations, second.deviations) == (("stars",), ())
    modbus_too = framed(GOOD, crc=f"{modbus(GOOD.encode()):04X}", end=b"**\r\n")
    assert [reading.deviations for reading in readings(modbus_too)] == [("stars", "checksum_modbus")]
    assert readings(framed(GOOD, end=b"**junk"))[1].deviations == ("stray_bytes",)


def test_the_direction_may_be_known() -> None:
    minutes = GOOD.replace("CN=2011", "CN=2051").encode()
    assert "untyped_body" not in deviations_of(minutes, way=Way.UP)
    assert "untyped_body" in deviations_of(minutes, way=Way.DOWN)


def test_a_logger_of_2025_has_no_mn_before_it_gets_one() -> None:
    ask = b"QN=20260101084000001;ST=22;CN=1001;PW=1;MN=;Flag=9;CP=&&i23005-Info=A&&"
    assert deviations_of(ask) == []
    assert deviations_of(ask.replace(b"Flag=9", b"Flag=5")) == ["mn_missing"]


def test_conditions_of_a_process_are_a_known_series() -> None:
    assert deviations_of(GOOD.replace("w01018", "e10103").encode()) == []


HOSTILE = [
    b"##4000CN=2011;CP=&&" + b"a-" * 1990 + b"&&0000",
    b"##0100CN=2011;CP=&&{0x1" + b" " * 15000 + b"&&1234",
    b"##0100CN=2011;CP=&&" + b"k=//x," * 2600,
    b"##0100" + b"&&1*" * 4000,
    b"##0100" + b"//" * 8000,
    b"##0100" + b"1" * 16000,
    b"##4000CN=2011;CP=&&" + b"a-b=1;" * 663 + b"&&0000",
]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_piece_costs_no_more_than_its_length(raw: bytes) -> None:
    reader = TolerantReader(lambda mn: Profile(key=KEY))
    start = process_time()
    assert not any(reading.ok for reading in reader.feed(raw) + reader.finish())
    # some ten milliseconds; what grows with the square of the length takes seconds
    assert process_time() - start < 8.0


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(len(SPOILED))).map(lambda order: order[:5]), cuts)
def test_readings_do_not_depend_on_how_the_bytes_are_cut(order: list[int], places: list[int]) -> None:
    data = b"".join(SPOILED[number][1] for number in order)
    whole = readings(data)
    reader = TolerantReader()
    cut = [reading for piece in pieces(data, places) for reading in reader.feed(piece)] + reader.finish()
    assert [(r.frame, r.deviations) for r in cut] == [(r.frame, r.deviations) for r in whole]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([None, "garbage", "bad_checksum", "bad_length", "oversize"]))
def test_no_bytes_at_all_break_the_reader(body: bytes, error: str | None) -> None:
    raw = b"##" + body
    for frame in read_frames(raw):
        read(frame)
    if error not in (None, "garbage"):
        read(Frame(offset=0, raw=raw, segment=body[4:-4], error=error))
