"""TCP byte streams from segments as they were captured: out of order, sent again, some missing (RFC 9293 §3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from qingtian.stream.capture.packets import FIN, RST, SYN, Address, TcpSegment

MAX_AHEAD = 1 << 18
"""Bytes of a stream that wait for a missing one; beyond, the missing bytes are given up."""
CIRCLE = 1 << 32

Direction = tuple[Address, Address]


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """The next bytes of one direction of a connection. ``lost``: bytes missing before them. ``ended``: no more come."""

    direction: Direction
    data: bytes
    lost: int = 0
    ended: bool = False


@dataclass
class _Stream:
    expected: int | None = None
    ahead: dict[int, bytes] = field(default_factory=dict)
    waiting: int = 0
    ends: int | None = None
    # bytes sent again after the end belong to no other connection
    over: bool = False


class TcpStreams:
    """All connections of a capture."""

    def __init__(self) -> None:
        self._streams: dict[Direction, _Stream] = {}

    def take(self, segment: TcpSegment) -> Iterator[Chunk]:
        """Yield the bytes that a segment brings in order."""
        direction = (segment.source, segment.target)
        if segment.flags & SYN:
            yield from self._end(direction)
            self._streams[direction] = _Stream(expected=(segment.sequence + 1) % CIRCLE)
            return
        if not segment.payload and direction not in self._streams:
            return
        stream = self._streams.setdefault(direction, _Stream())
        if segment.flags & FIN:
            stream.ends = (segment.sequence + len(segment.payload)) % CIRCLE
        if stream.over:
            return
        if segment.payload:
            yield from _insert(stream, direction, segment)
        if segment.flags & RST or (stream.ends is not None and stream.ends == stream.expected):
            yield from self._end(direction)

    def finish(self) -> Iterator[Chunk]:
        """Yield what still waits for missing bytes, and the ends of all streams."""
        for direction in list(self._streams):
            yield from self._end(direction)

    def _end(self, direction: Direction) -> Iterator[Chunk]:
        stream = self._streams.get(direction)
        if stream is None or stream.over:
            return
        while stream.ahead:
            yield from _skip(stream, direction)
        stream.over = True
        yield Chunk(direction=direction, data=b"", ended=True)


def _insert(stream: _Stream, direction: Direction, segment: TcpSegment) -> Iterator[Chunk]:
    if stream.expected is None:
        # the capture began in the middle
        stream.expected = segment.sequence
    held = stream.ahead.get(segment.sequence, b"")
    if _distance(stream.expected, segment.sequence) + len(segment.payload) <= 0:
        return
    if len(segment.payload) > len(held):
        stream.ahead[segment.sequence] = segment.payload
        stream.waiting += len(segment.payload) - len(held)
    yield from _in_order(stream, direction)
    while stream.waiting > MAX_AHEAD:
        yield from _skip(stream, direction)


def _distance(expected: int, sequence: int) -> int:
    """Return how far a sequence number is ahead (behind: negative), on the circle of 32 bits."""
    ahead = (sequence - expected) % CIRCLE
    return ahead - CIRCLE if ahead >= CIRCLE // 2 else ahead


def _in_order(stream: _Stream, direction: Direction, *, lost: int = 0) -> Iterator[Chunk]:
    """Yield what follows on without a gap."""
    assert stream.expected is not None
    out = bytearray()
    while stream.ahead:
        first = min(stream.ahead, key=lambda sequence: _distance(stream.expected or 0, sequence))
        distance = _distance(stream.expected, first)
        if distance > 0:
            break
        data = stream.ahead.pop(first)
        stream.waiting -= len(data)
        fresh = data[-distance:]
        out += fresh
        stream.expected = (stream.expected + len(fresh)) % CIRCLE
    if out:
        yield Chunk(direction=direction, data=bytes(out), lost=lost)


def _skip(stream: _Stream, direction: Direction) -> Iterator[Chunk]:
    """Give up the missing bytes before the nearest that are there."""
    assert stream.expected is not None
    expected = stream.expected
    first = min(stream.ahead, key=lambda sequence: _distance(expected, sequence))
    lost = max(0, _distance(expected, first))
    stream.expected = first if lost else expected
    yield from _in_order(stream, direction, lost=lost)
