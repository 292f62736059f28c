"""The column kernel and plain Python read the same packets alike; what is written is read back."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.property.hj212_strategies import (
    MNS,
    layouts,
    modest,
    packet_of,
    plain_values,
    raw_segments,
    segments,
    streams,
)

from qingtian.base import times
from qingtian.stream.hj212 import kernels
from qingtian.stream.hj212.columns import MISSING_TIME
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.factor_codes import pack_code, unpack_code
from qingtian.stream.hj212.frames import read_frames
from qingtian.stream.hj212.measures import MEASURES
from qingtian.stream.hj212.replies import reply
from qingtian.stream.hj212.segment import (
    BrokenSegment,
    Segment,
    decode_segment,
    encode_frame,
    encode_segment,
)

DEVICES = DeviceTable.build(MNS)
# before the clock of the first example runs
kernels.warm()


def offsets_of(frames: list[bytes]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.cumsum([0, *map(len, frames)])


def is_code(code: str) -> bool:
    return len(code.encode()) <= 8 and all(32 < byte < 127 for byte in code.encode())


def mark(flag: object) -> int:
    text = str(flag or "")
    return (ord(text) if len(text) == 1 and text.isascii() else ord("?")) if text else 0


def expected_readings(segment: Segment) -> dict[tuple[str, str], tuple[float, int]]:
    """Code and tag → value and data flag, of the factors that the kernel knows as such."""
    return {
        (code, tag): (value, mark(tags.get("Flag")))
        for code, tags in segment.factors.items()
        if is_code(code)
        for tag, value in tags.items()
        if tag in MEASURES and isinstance(value, float)
    }


def expected_time(segment: Segment) -> int:
    try:
        return times.to_microseconds(times.parse_stamp(segment.cp.get("DataTime", "")))
    except (ValueError, OverflowError):
        return MISSING_TIME


def kernel_readings(frames: list[bytes]) -> list[dict[tuple[str, str], tuple[float, int]]]:
    packets, readings = kernels.parse_columns(b"".join(frames), offsets_of(frames), DEVICES)
    found: list[dict[tuple[str, str], tuple[float, int]]] = [{} for _ in range(len(packets))]
    for packet, code, measure, value, flag in zip(
        readings.packet, readings.code, readings.measure, readings.value, readings.flag, strict=True
    ):
        found[packet][unpack_code(code), MEASURES[measure]] = float(value), int(flag)
    return found


@modest
@given(segment=segments)
def test_what_is_written_is_read_back(segment: Segment) -> None:
    assert decode_segment(encode_segment(segment)) == segment
    (frame,) = read_frames(encode_frame(segment))
    assert frame.ok
    assert decode_segment(frame.segment) == segment


@modest
@given(batch=st.lists(segments, max_size=5))
def test_the_columns_hold_what_well_formed_packets_say(batch: list[Segment]) -> None:
    frames = [encode_frame(segment) for segment in batch]
    packets, _ = kernels.parse_columns(b"".join(frames), offsets_of(frames), DEVICES)
    assert packets.whole.all()
    assert kernel_readings(frames) == [expected_readings(segment) for segment in batch]
    for index, segment in enumerate(batch):
        assert packets.qn[index] == (int(segment.qn) if segment.qn else 0)
        assert packets.st[index] == (int(segment.st) if segment.st and segment.st.isdigit() else -1)
        assert packets.cn[index] == int(segment.cn or 0)
        assert packets.flag[index] == (-1 if segment.flag is None else int(segment.flag))
        assert packets.device[index] == (MNS.index(segment.mn) if segment.mn in MNS else -1)
        assert packets.data_time[index] == expected_time(segment)


@modest
@given(batch=st.lists(raw_segments.filter(bytes.isascii), max_size=4))
def test_the_columns_hold_what_careless_packets_say(batch: list[bytes]) -> None:
    frames = [encode_frame(raw) for raw in batch]
    packets, _ = kernels.parse_columns(b"".join(frames), offsets_of(frames), DEVICES)
    for raw, whole, found in zip(batch, packets.whole, kernel_readings(frames), strict=True):
        try:
            segment = decode_segment(raw)
        except BrokenSegment:
            assert not whole
            assert found == {}
        else:
            assert whole
            expected = expected_readings(segment)
            # a value that is none hides an earlier one in Python's dictionary, not in the columns
            assert expected.items() <= found.items()
            assert all(tag in segment.factors[code] for code, tag in found)


@modest
@given(layout=layouts, values=st.lists(st.lists(plain_values, min_size=24, max_size=24), min_size=2, max_size=6))
def test_packets_of_one_layout_are_read_by_memory_as_they_are_by_reading(
    layout: list[tuple[str, str, str]], values: list[list[str]]
) -> None:
    """Keys are guessed from the packet before: what is guessed has to be what stands there, value by value."""
    frames = [encode_frame(packet_of(layout, row)) for row in values]
    # packets of another layout between them teach the memory other ways
    other = encode_frame(packet_of(layout[::-1], values[0]))
    mixed = [frames[0], frames[1], other, *frames[1:], other, frames[0]]
    expected = [expected_readings(decode_segment(next(iter(read_frames(frame))).segment)) for frame in mixed]
    assert kernel_readings(mixed) == expected


@modest
@given(text=st.one_of(plain_values, st.text("0123456789.-", max_size=12)))
def test_a_number_is_the_same_to_the_bit(text: str) -> None:
    frame = encode_frame(f"ST=32;CN=2011;CP=&&w01018-Rtd=1;w01018-Rtd={text};w01018-Avg={text}&&".encode())
    found = kernel_readings([frame] * 3)
    expected = expected_readings(decode_segment(next(iter(read_frames(frame))).segment))
    for readings in found:
        assert {key: struct.pack("d", value) for key, (value, _) in expected.items()} == {
            key: struct.pack("d", readings[key][0]) for key in expected
        }


@modest
@given(segment=segments, byte=st.integers(0, 255), place=st.integers(6, 5000))
def test_a_changed_byte_leaves_no_readings(segment: Segment, byte: int, place: int) -> None:
    frame = bytearray(encode_frame(segment))
    place = min(place, len(frame) - 7)
    changed = frame[place] != byte
    frame[place] = byte
    packets, readings = kernels.parse_columns(bytes(frame), np.array([0, len(frame)]), DEVICES)
    assert packets.whole[0] != changed
    assert not (changed and len(readings))


@modest
@given(data=st.binary(max_size=300), places=st.lists(st.integers(0, 300), max_size=5))
def test_no_bytes_upset_the_columns(data: bytes, places: list[int]) -> None:
    offsets = np.array([0, *sorted(min(place, len(data)) for place in places), len(data)])
    packets, _ = kernels.parse_columns(data, offsets, DEVICES)
    assert len(packets) == len(offsets) - 1


@modest
@given(data=streams)
def test_the_kernel_writes_the_answers_that_python_writes(data: bytes) -> None:
    frames = kernels.frame_chunks(data, np.array([0, len(data)]), DEVICES, ended=np.ones(1, np.uint8))
    replies = kernels.write_replies(data, frames)
    for index, frame in enumerate(read_frames(data)):
        written = replies.raw[replies.offsets[index] : replies.offsets[index + 1]].tobytes()
        expected = reply(decode_segment(frame.segment)) if frames.status[index] == 0 else None
        assert written == (expected or b"")
        if written:
            (answer,) = read_frames(written)
            assert answer.ok


@modest
@given(segment=segments)
def test_equal_segments_have_equal_content_hashes(segment: Segment) -> None:
    once, again = encode_frame(segment), encode_frame(segment)[:-2]
    other = encode_frame(encode_segment(segment).replace(b"CP=&&", b"CP=&&X=1;"))
    packets, _ = kernels.parse_columns(once + again + other, offsets_of([once, again, other]), DEVICES)
    assert packets.content[0] == packets.content[1] != packets.content[2]


@modest
@given(code=st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8))
def test_a_packed_code_unpacks(code: str) -> None:
    assert unpack_code(pack_code(code)) == code
