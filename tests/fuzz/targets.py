"""What is fuzzed: each target takes any bytes, must not raise anything but refusals, and may do only so much with them.

Work is counted in lines of Python run, not in seconds; memory in bytes allocated at the peak.
"""

from __future__ import annotations

import io
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from qingtian.entry.convert.rows import line, rows
from qingtian.entry.convert.sources import packets
from qingtian.stream.capture.packets import tcp_segment
from qingtian.stream.capture.pcap import CaptureRefused, read_pcap
from qingtian.stream.capture.streams import TcpStreams
from qingtian.stream.hj212 import kernels
from qingtian.stream.hj212.devices import DeviceTable
from qingtian.stream.hj212.encryption import opened, sealed
from qingtian.stream.hj212.frames import FrameReader, read_frames
from qingtian.stream.hj212.limits import ANCHOR_LENGTH, SCAN_LIMIT
from qingtian.stream.hj212.messages.bounds import breaches
from qingtian.stream.hj212.messages.message import Message, contents, read_message, write_message
from qingtian.stream.hj212.profile import STRICT, USUAL, Profile
from qingtian.stream.hj212.quantities import measured
from qingtian.stream.hj212.reassembly import Reassembly, Window
from qingtian.stream.hj212.segment import BrokenSegment, decode_segment
from qingtian.stream.hj212.splitting import PartTooLong, split
from qingtian.stream.hj212.tolerant import TolerantReader

CORPUS = Path(__file__).parent / "corpus"
KEY = b"0" * 16
OPEN = Profile(key=KEY)
DEVICES = DeviceTable.build(["010000A8900016F000169DC0", "88888880000001"])
PIECE = 97
KNOWN = {"bad_checksum", "bad_length", "garbage", "oversize", None}

LINES, LINES_PER_BYTE = 20_000, 400
"""Lines of Python that a target may run: so many, and so many for each byte. SM4 in plain Python is the dearest."""

BYTES, BYTES_PER_BYTE = 4 << 20, 400
"""Bytes that a target may hold at once: so many, and so many for each byte it was given."""


class TooMuchWork(AssertionError):
    """More lines were run than the bytes are worth."""


@dataclass
class Effort:
    """What a target has cost: lines run, and bytes held at the peak."""

    lines: int = 0
    peak: int = 0


@contextmanager
def counted(size: int) -> Iterator[Effort]:
    """Count the effort of the block on ``size`` bytes.

    :raises TooMuchWork: as soon as it has run more lines than it may.
    """
    effort, most = Effort(), LINES + LINES_PER_BYTE * size

    def trace(frame: FrameType, event: str, arg: Any) -> Callable[..., Any]:
        if event == "line":
            effort.lines += 1
            if effort.lines > most:
                raise TooMuchWork(f"{effort.lines} lines for {size} bytes")
        return trace

    tracemalloc.start()
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield effort
    finally:
        sys.settrace(before)
        effort.peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert effort.peak <= BYTES + BYTES_PER_BYTE * size, f"{effort.peak} bytes held for {size}"


def frames(data: bytes) -> None:
    """Frames are the same however the bytes are cut, in order, and lose nothing but line ends."""
    whole = list(read_frames(data))
    reader, cut = FrameReader(), []
    for start in range(0, len(data), PIECE):
        cut += reader.feed(data[start : start + PIECE])
        assert len(reader._pending) <= SCAN_LIMIT + ANCHOR_LENGTH + PIECE
    cut += reader.finish()
    place = 0
    for frame in whole:
        assert frame.error in KNOWN
        assert data[frame.offset : frame.offset + len(frame.raw)] == frame.raw
        assert not data[place : frame.offset].strip(b"\r\n")
        place = frame.offset + len(frame.raw)
    assert not data[place:].strip(b"\r\n")
    assert b"".join(frame.raw.rstrip(b"\r\n") for frame in cut) == b"".join(
        frame.raw.rstrip(b"\r\n") for frame in whole
    )


def segment(data: bytes) -> None:
    """A segment is read, or refused as broken."""
    with suppress(BrokenSegment):
        decode_segment(data)


def tolerant(data: bytes) -> None:
    """The tolerant reader reads whatever comes, with a name for each deviation, and holds back no more than a frame."""
    for profile in (USUAL, STRICT, OPEN):
        reader = TolerantReader(lambda mn, profile=profile: profile)  # type: ignore[misc]
        for start in range(0, len(data), PIECE):
            reader.feed(data[start : start + PIECE])
            assert reader._held is None or len(reader._held.raw) <= 2 * SCAN_LIMIT
        reader.finish()


def message(data: bytes) -> None:
    """A message is read, bounded, written, split and put together again."""
    try:
        read = read_message(data)
    except BrokenSegment:
        return
    breaches(read)
    _quantities(read)
    try:
        again = read_message(write_message(read))
    except BrokenSegment:
        return
    try:
        parts = split(again, limit=256)
    except PartTooLong:
        return
    reassembly = Reassembly()
    for part in parts:
        reassembly.take(part, now=0.0)
    reassembly.finish()


def _quantities(read: Message) -> None:
    for found in measured(contents(read).factors):
        assert found.code


def reassembly(data: bytes) -> None:
    """However parts come, the window bounds what waits."""
    window = Window()
    waiting = Reassembly(window)
    for number, frame in enumerate(read_frames(data * 3)):
        try:
            waiting.take(read_message(frame.segment), now=float(number))
        except BrokenSegment:
            continue
    waiting.finish()


def cipher(data: bytes) -> None:
    """What was sealed opens again; what was not is opened to something or refused."""
    area = data[:512]
    plain = b"ST=32;CN=2011;CP=&&" + area + b"&&"
    if not area.startswith(b"{"):
        held = sealed(plain, key=KEY)
        assert len(held) == len(plain)
        assert held[held.index(b"CP=&&") + 5 :].startswith(b"{") or opened(held, key=KEY) == plain
    for text in (plain, data[:512]):
        try:
            opened(text, key=KEY)
        except ValueError:
            continue


def capture(data: bytes) -> None:
    """A capture is read or refused; a stream gives out no more bytes than went in."""
    streams, given, taken = TcpStreams(), 0, 0
    try:
        for packet in read_pcap(io.BytesIO(data)):
            found = tcp_segment(packet.link, packet.data)
            if found is not None:
                given += len(found.payload)
                taken += sum(len(chunk.data) for chunk in streams.take(found))
    except CaptureRefused:
        pass
    taken += sum(len(chunk.data) for chunk in streams.finish())
    assert taken <= given


def converted(data: bytes) -> None:
    """Any file becomes rows, or is refused as a capture."""
    try:
        for found in packets(io.BytesIO(data), OPEN, tell=lambda read: None):
            line(found)
            list(rows(found))
    except CaptureRefused:
        pass


def columns(data: bytes) -> None:
    """The kernels stand any bytes and see the frames that Python sees."""
    found = kernels.frame_chunks(data, np.array([0, len(data)]), DEVICES, ended=np.ones(1, np.uint8))
    assert len(found) == sum(1 for _ in read_frames(data))
    kernels.write_replies(data, found)
    offsets = np.array([0, *found.end.tolist()]) if len(found) else np.array([0, len(data)])
    kernels.parse_columns(data, np.maximum.accumulate(offsets), DEVICES)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (frames, segment, tolerant, message, reassembly, cipher, capture, converted, columns)
}


def seeds() -> list[bytes]:
    """Return the corpus: each file, and each data segment in it."""
    files = [file.read_bytes() for file in sorted(CORPUS.iterdir())]
    return files + [frame.segment for data in files for frame in read_frames(data) if frame.segment]
