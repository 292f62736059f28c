"""Framing: what senders really do, and how the next frame is found again."""

from __future__ import annotations

import pytest
from tests.hj212_shared import expected_error, packets

from qingtian.stream.hj212.checksum import checksum
from qingtian.stream.hj212.frames import FrameReader, read_frames
from qingtian.stream.hj212.limits import MAX_SEGMENT, SCAN_LIMIT
from qingtian.stream.hj212.segment import encode_frame

SEGMENT = b"QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&w01018-Rtd=23.1&&"
FRAME = encode_frame(SEGMENT)


def errors(data: bytes) -> list[str | None]:
    return [frame.error for frame in read_frames(data)]


def test_it_splits_glued_frames() -> None:
    frames = list(read_frames(FRAME + FRAME[:-2] + FRAME))
    assert [frame.segment for frame in frames] == [SEGMENT] * 3
    assert [frame.offset for frame in frames] == [0, len(FRAME), 2 * len(FRAME) - 2]


def test_it_waits_for_the_other_half() -> None:
    reader = FrameReader()
    assert reader.feed(FRAME[:50]) == []
    assert [frame.segment for frame in reader.feed(FRAME[50:])] == [SEGMENT]


def test_it_takes_a_frame_before_its_line_end_has_come() -> None:
    reader = FrameReader()
    assert [frame.ok for frame in reader.feed(FRAME[:-2])] == [True]
    assert reader.feed(b"\r\n") == []
    assert reader.finish() == []


@pytest.mark.parametrize("form", [FRAME[:-6] + FRAME[-6:].lower(), FRAME[:-2], FRAME[:-2] + b"\n", b"\r\n" + FRAME])
def test_it_accepts_what_senders_do_to_the_ends(form: bytes) -> None:
    assert errors(form) == [None]


def test_it_accepts_a_length_of_fewer_digits() -> None:
    short = b"ST=32;CN=2011;MN=A;CP=&&&&"
    assert errors(b"##26%s%04X" % (short, checksum(short))) == [None]


def test_it_names_a_bad_checksum_and_goes_on() -> None:
    assert errors(FRAME.replace(b"23.1", b"23.2") + FRAME) == ["bad_checksum", None]


@pytest.mark.parametrize("tail", [b"1234", b"41", b""])
def test_a_right_length_with_another_or_a_short_checksum_is_a_bad_checksum(tail: bytes) -> None:
    assert errors(FRAME[:-6] + tail + b"\r\n" + FRAME) == ["bad_checksum", None]


def test_text_where_the_checksum_should_be_means_the_length_is_wrong() -> None:
    assert errors(FRAME[:-6] + b"XYZW\r\n" + FRAME) == ["bad_length", None]


@pytest.mark.parametrize("length", [b"0020", b"0099", b"0103", b"0111", b"0350", b"4000"])
def test_it_finds_the_next_frame_behind_a_bad_length(length: bytes) -> None:
    assert errors(b"##" + length + FRAME[6:] + FRAME + FRAME) == ["bad_length", None, None]


def test_it_finds_the_next_frame_even_without_a_line_end() -> None:
    assert errors(b"##0099" + FRAME[6:-2] + FRAME) == ["bad_length", None]


def test_it_leaves_frame_text_inside_a_value_alone() -> None:
    log = b"QN=20160801085857223;ST=32;CN=3020;MN=A;Flag=5;CP=&&i11001-Info=//" + FRAME + b"//&&"
    assert [frame.segment for frame in read_frames(encode_frame(log))] == [log]


def test_it_reports_garbage_with_its_place() -> None:
    frames = list(read_frames(b"GET / HTTP/1.1\r\n\r\n" + FRAME + b"##x"))
    assert [(frame.error, frame.offset) for frame in frames] == [
        ("garbage", 0),
        (None, 18),
        ("garbage", 18 + len(FRAME)),
    ]


def test_an_oversize_frame_does_not_stall_the_connection() -> None:
    reader = FrameReader()
    assert [frame.error for frame in reader.feed(b"##%04d" % (MAX_SEGMENT + 1) + b"x" * 100 + b"\r\n" + FRAME)] == [
        "oversize",
        None,
    ]


def test_endless_bytes_without_a_frame_are_handed_on_in_pieces() -> None:
    reader = FrameReader()
    found = [frame for _ in range(5) for frame in reader.feed(b"z" * SCAN_LIMIT)]
    assert [len(frame.raw) for frame in found] == [SCAN_LIMIT] * 4
    assert [frame.offset for frame in found] == [number * SCAN_LIMIT for number in range(4)]


def test_a_long_file_of_garbage_takes_time_in_proportion() -> None:
    pieces = list(read_frames(b"z" * (600 * SCAN_LIMIT) + FRAME))
    assert [frame.error for frame in pieces] == ["garbage"] * 600 + [None]


def test_it_judges_every_real_packet_as_its_notes_say() -> None:
    for packet in packets():
        found = set(errors(packet["packet"].encode()))
        assert found == {expected_error(packet)}, packet["note"]
