"""Packets from a file: raw bytes as they went over the wire, or a capture of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from qingtian.base.times import from_microseconds
from qingtian.stream.capture.packets import Address, tcp_segment
from qingtian.stream.capture.pcap import is_pcap, read_pcap
from qingtian.stream.capture.streams import Chunk, Direction, TcpStreams
from qingtian.stream.hj212.profile import Profile
from qingtian.stream.hj212.tolerant import Reading, TolerantReader

PIECE = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Found:
    """One packet. ``at``: when it was captured; ``source``, ``target``: ``address:port``; None of raw files."""

    reading: Reading
    at: datetime | None = None
    source: str | None = None
    target: str | None = None


def packets(source: BinaryIO, profile: Profile, *, tell: Callable[[int], None]) -> Iterator[Found]:
    """Yield the packets of a file. ``tell`` is called with the bytes read so far.

    The file must be able to seek, or to peek at its first bytes.

    :raises CaptureRefused: if it is a capture that cannot be read.
    """
    counted = _Counted(source, tell)
    if is_pcap(_start(source)):
        return _captured(counted, profile)
    return _raw(counted, profile)


def _start(source: BinaryIO) -> bytes:
    peek = getattr(source, "peek", None)
    if peek is not None:
        return bytes(peek(4)[:4])
    start = source.read(4)
    source.seek(0)
    return start


class _Counted:
    """A file that tells how far it was read."""

    def __init__(self, source: BinaryIO, tell: Callable[[int], None]) -> None:
        self._source = source
        self._tell = tell
        self._read = 0

    def read(self, size: int) -> bytes:
        data = self._source.read(size)
        self._read += len(data)
        self._tell(self._read)
        return data


def _raw(source: _Counted, profile: Profile) -> Iterator[Found]:
    reader = TolerantReader(lambda mn: profile)
    while piece := source.read(PIECE):
        yield from (Found(reading=reading) for reading in reader.feed(piece))
    yield from (Found(reading=reading) for reading in reader.finish())


def _captured(source: _Counted, profile: Profile) -> Iterator[Found]:
    streams = TcpStreams()
    readers: dict[Direction, TolerantReader] = {}
    at: datetime | None = None
    for packet in read_pcap(source):
        segment = tcp_segment(packet.link, packet.data)
        if segment is None:
            continue
        at = from_microseconds(packet.at)
        for chunk in streams.take(segment):
            yield from _of_chunk(chunk, readers, profile, at)
    for chunk in streams.finish():
        yield from _of_chunk(chunk, readers, profile, at)


def _of_chunk(
    chunk: Chunk, readers: dict[Direction, TolerantReader], profile: Profile, at: datetime | None
) -> Iterator[Found]:
    reader = readers.setdefault(chunk.direction, TolerantReader(lambda mn: profile))
    readings = reader.feed(chunk.data)
    if chunk.ended:
        readings += readers.pop(chunk.direction).finish()
    source, target = map(_text, chunk.direction)
    yield from (Found(reading=reading, at=at, source=source, target=target) for reading in readings)


def _text(address: Address) -> str:
    host, port = address
    return f"{host}:{port}"
