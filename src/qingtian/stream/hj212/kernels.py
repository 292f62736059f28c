"""The fast face of the codec: three calls that take buffers and give columns, each one compiled pass.

The compiled code is kept beside the sources (see `qingtian.stream.warm`); `warm` compiles what is not kept yet.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.hj212 import kernel_checksum, kernel_columns, kernel_frames, kernel_header, kernel_replies
from qingtian.stream.hj212.columns import FrameColumns, PacketColumns, ReadingColumns, Replies
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.kernel_arrays import PacketArrays, ReadingArrays
from qingtian.stream.hj212.kernel_keys import empty_keys
from qingtian.stream.hj212.kernel_runs import Runs
from qingtian.stream.hj212.numbers import number

Buffer = bytes | bytearray | memoryview | NDArray[np.uint8]

USUAL_FRAME = 80
USUAL_READING = 16
"""Bytes; most are longer. Room is made for so many first: touching memory costs more than parsing."""

FRAME_NAMES = (
    "start",
    "end",
    "chunk",
    "status",
    "device",
    "qn",
    "qn_length",
    "mn",
    "mn_length",
    "pw",
    "pw_length",
    "cn",
    "st",
    "flag",
)


def _read_only(values: Any, kind: type[np.generic]) -> NDArray[Any]:
    """Return a read-only contiguous view (or copy), so that one compiled form serves every caller."""
    array = np.ascontiguousarray(values, kind).view()
    array.flags.writeable = False
    return array


def _bytes(buffer: Buffer) -> NDArray[np.uint8]:
    return _read_only(buffer if isinstance(buffer, np.ndarray) else np.frombuffer(buffer, np.uint8), np.uint8)


def checksum(buffer: Buffer) -> int:
    """Return the HJ 212 checksum of a data segment."""
    raw = _bytes(buffer)
    return int(kernel_checksum.checksum(raw, 0, len(raw)))


def checksums(buffer: Buffer, offsets: NDArray[np.integer[Any]]) -> NDArray[np.uint16]:
    """Return the checksum of each ``buffer[offsets[i]:offsets[i + 1]]``."""
    found = np.empty(len(offsets) - 1, np.uint16)
    kernel_checksum.checksums(_bytes(buffer), _read_only(offsets, np.int64), found)
    return found


def frame_chunks(
    buffer: Buffer,
    starts: NDArray[np.integer[Any]],
    devices: DeviceTable,
    *,
    ended: NDArray[np.bool_] | NDArray[np.uint8] | None = None,
) -> FrameColumns:
    """Find the frames in the chunks ``buffer[starts[i]:starts[i + 1]]``, one per connection.

    A chunk is what a connection left over the last time and what it sent since. ``ended[i]`` is true if nothing more is
    to come (closed, or waited for too long): then nothing of the chunk is left over. See `frames` for the rules.
    """
    raw, places = _bytes(buffer), _read_only(starts, np.int64)
    chunks = len(places) - 1
    over = _read_only(np.zeros(chunks, np.uint8) if ended is None else ended, np.uint8)
    consumed = np.empty(chunks, np.int64)
    row = np.empty(kernel_header.HEADER_FIELDS, np.int64)
    count, room = -1, len(raw) // USUAL_FRAME + chunks + 16
    while count < 0:
        out = np.empty((kernel_frames.FRAME_FIELDS, room), np.int32)
        count = kernel_frames.frame_chunks(
            raw, places, over, devices.slots, devices.offsets, devices.names, row, out, consumed
        )
        room *= 8
    columns = dict(zip(FRAME_NAMES, out[:, :count], strict=True))
    return FrameColumns(table=out, consumed=consumed, **columns)


def write_replies(buffer: Buffer, frames: FrameColumns) -> Replies:
    """Write the answers (9014, to notices 9013) to the accepted frames that ask for one.

    ``buffer`` is the one the frames were found in. Upload answers are permission to delete: send them when durable.
    """
    count = len(frames)
    out = np.empty(kernel_replies.reply_room(frames.table, count), np.uint8)
    offsets = np.empty(count + 1, np.int64)
    length = kernel_replies.write_replies(_bytes(buffer), frames.table, count, out, offsets)
    return Replies(raw=out[:length], offsets=offsets)


def parse_columns(
    buffer: Buffer, offsets: NDArray[np.integer[Any]], devices: DeviceTable
) -> tuple[PacketColumns, ReadingColumns]:
    """Read the frames ``buffer[offsets[i]:offsets[i + 1]]`` into columns. What is no whole frame has no readings."""
    raw, places = _bytes(buffer), _read_only(offsets, np.int64)
    packets = _packet_arrays(len(places) - 1)
    row = np.empty(kernel_header.HEADER_FIELDS, np.int64)
    runs, keys = _runs(places), empty_keys()
    count, room = -1, len(raw) // USUAL_READING + 16
    while count < 0:
        readings = _reading_arrays(room)
        count = kernel_columns.parse_columns(
            raw, places, devices.slots, devices.offsets, devices.names, row, runs, keys, packets, readings
        )
        room *= 4
    kept = ReadingArrays._make(column[:count] for column in readings)
    left = np.flatnonzero(np.isnan(kept.value))
    if len(left):
        kept = _read_long_numbers(raw, packets, kept, left)
    return (
        PacketColumns(**packets._asdict()),
        ReadingColumns(packet=kept.packet, code=kept.code, measure=kept.measure, value=kept.value, flag=kept.flag),
    )


def _packet_arrays(count: int) -> PacketArrays:
    return PacketArrays(
        whole=np.empty(count, np.bool_),
        device=np.empty(count, np.int32),
        qn=np.empty(count, np.int64),
        st=np.empty(count, np.int16),
        cn=np.empty(count, np.int16),
        flag=np.empty(count, np.int16),
        data_time=np.empty(count, np.int64),
        content=np.empty(count, np.uint64),
        unreadable=np.empty(count, np.int32),
    )


def _runs(places: NDArray[np.int64]) -> Runs:
    """Return room for the runs of the longest packet: ``a-Rtd=;`` is the shortest item that begins one."""
    room = int(np.diff(places).max(initial=0)) // 7 + 1
    return Runs(code=np.empty(room, np.uint64), start=np.empty(room, np.int64), flag=np.empty(room, np.int16))


def _reading_arrays(room: int) -> ReadingArrays:
    return ReadingArrays(
        packet=np.empty(room, np.int32),
        code=np.empty(room, np.uint64),
        measure=np.empty(room, np.uint8),
        value=np.empty(room, np.float64),
        flag=np.empty(room, np.uint8),
        start=np.empty(room, np.int32),
        end=np.empty(room, np.int32),
    )


def _read_long_numbers(
    raw: NDArray[np.uint8], packets: PacketArrays, readings: ReadingArrays, left: NDArray[np.intp]
) -> ReadingArrays:
    """Fill in the numbers that the kernel left (17 digits and more, exponents); drop those beyond any float."""
    keep = np.ones(len(readings.value), np.bool_)
    for index in left:
        value = number(raw[readings.start[index] : readings.end[index]].tobytes().decode("ascii"))
        if value is None:
            keep[index] = False
            packets.unreadable[readings.packet[index]] += 1
        else:
            readings.value[index] = value
    return readings if keep.all() else ReadingArrays._make(column[keep] for column in readings)


SAMPLE = (
    b"##0126QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
    b"CP=&&DataTime=20160801085857;w01018-Rtd=23.1&&"
)


def warm() -> None:
    """Compile every kernel that is not kept on disk yet, by using each once."""
    devices = DeviceTable.build(["010000A8900016F000169DC0"])
    frame = SAMPLE + b"%04X\r\n" % checksum(SAMPLE[6:])
    offsets = np.array([0, len(frame)])
    frames = frame_chunks(frame, offsets, devices)
    write_replies(frame, frames)
    parse_columns(frame, offsets, devices)
