"""However a connection cuts the bytes, the frames are the same; and the kernel finds those that plain Python finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.property.hj212_strategies import MNS, cuts, modest, pieces, streams

from qingtian.stream.hj212 import kernels, status
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.frames import Frame, FrameReader, read_frames
from qingtian.stream.hj212.segment import BrokenSegment, decode_segment, read_header

DEVICES = DeviceTable.build(MNS)
# before the clock of the first example runs
kernels.warm()

Found = tuple[int, bytes, str | None]


def seen(frame: Frame) -> Found:
    """Place, bytes without the line end that may arrive later, error."""
    return frame.offset, frame.raw.rstrip(b"\r\n"), frame.error


def kernel_error(code: int) -> str | None:
    """What framing alone says; that a segment is broken or its MN unknown comes after."""
    return None if code in (status.OK, status.BROKEN_SEGMENT, status.UNKNOWN_MN) else status.NAMES[code]


def kernel_frames(data: list[bytes]) -> list[Found]:
    """Frame the pieces one call after the other, as the gateway does, and finish."""
    found: list[Found] = []
    pending, offset = b"", 0
    for number, piece in enumerate([*data, b""]):
        chunk = pending + piece
        ended = np.array([number == len(data)])
        frames = kernels.frame_chunks(chunk, np.array([0, len(chunk)]), DEVICES, ended=ended)
        for start, end, code in zip(frames.start, frames.end, frames.status, strict=True):
            found.append((offset + int(start), chunk[start:end].rstrip(b"\r\n"), kernel_error(int(code))))
        used = int(frames.consumed[0])
        pending, offset = chunk[used:], offset + used
    assert pending == b""
    return found


@modest
@given(data=streams, places=cuts)
def test_it_reads_the_same_frames_however_the_bytes_are_cut(data: bytes, places: list[int]) -> None:
    reader = FrameReader()
    found = [frame for piece in pieces(data, places) for frame in reader.feed(piece)] + reader.finish()
    assert [seen(frame) for frame in found] == [seen(frame) for frame in read_frames(data)]


@modest
@given(data=streams, places=cuts)
def test_the_kernel_reads_the_same_frames_however_the_bytes_are_cut(data: bytes, places: list[int]) -> None:
    assert kernel_frames(pieces(data, places)) == [seen(frame) for frame in read_frames(data)]


@modest
@given(data=st.binary(max_size=400), places=cuts)
def test_no_bytes_at_all_upset_either(data: bytes, places: list[int]) -> None:
    assert kernel_frames(pieces(data, places)) == [seen(frame) for frame in read_frames(data)]


@modest
@given(data=streams)
def test_every_byte_is_in_one_frame_or_a_line_end(data: bytes) -> None:
    place = 0
    for frame in read_frames(data):
        assert data[place : frame.offset].strip(b"\r\n") == b""
        assert data[frame.offset : frame.offset + len(frame.raw)] == frame.raw
        place = frame.offset + len(frame.raw)
    assert data[place:].strip(b"\r\n") == b""


@modest
@given(chunks=st.lists(streams, min_size=1, max_size=4))
def test_connections_do_not_mix(chunks: list[bytes]) -> None:
    starts = np.cumsum([0, *map(len, chunks)])
    frames = kernels.frame_chunks(b"".join(chunks), starts, DEVICES, ended=np.ones(len(chunks), np.uint8))
    for number, chunk in enumerate(chunks):
        mine = frames.chunk == number
        places = [int(place) - int(starts[number]) for place in frames.start[mine]]
        assert places == [frame.offset for frame in read_frames(chunk)]
        assert int(frames.consumed[number]) == len(chunk)


def text(data: bytes, start: int, length: int) -> bytes | None:
    return None if start < 0 else data[start : start + length]


def encoded(value: str | None) -> bytes | None:
    return None if value is None else value.encode()


def whole(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) <= 9 else -1


@modest
@given(data=streams.map(lambda data: bytes(byte & 0x7F for byte in data)))
def test_the_kernel_reads_the_same_header(data: bytes) -> None:
    frames = kernels.frame_chunks(data, np.array([0, len(data)]), DEVICES, ended=np.ones(1, np.uint8))
    for index, frame in enumerate(read_frames(data)):
        header = read_header(frame.segment)
        assert text(data, frames.qn[index], frames.qn_length[index]) == encoded(header.get("QN"))
        assert text(data, frames.mn[index], frames.mn_length[index]) == encoded(header.get("MN"))
        assert text(data, frames.pw[index], frames.pw_length[index]) == encoded(header.get("PW"))
        for name, column in (("CN", frames.cn), ("ST", frames.st), ("Flag", frames.flag)):
            assert column[index] == whole(header.get(name))
        mn = header.get("MN")
        assert frames.device[index] == (MNS.index(mn) if mn in MNS else -1)


@modest
@given(data=streams)
def test_the_kernel_calls_the_same_segments_broken(data: bytes) -> None:
    frames = kernels.frame_chunks(data, np.array([0, len(data)]), DEVICES, ended=np.ones(1, np.uint8))
    for code, frame in zip(frames.status, read_frames(data), strict=True):
        if frame.ok:
            try:
                decode_segment(frame.segment)
                broken = False
            except BrokenSegment:
                broken = True
            assert (code == status.BROKEN_SEGMENT) == broken
