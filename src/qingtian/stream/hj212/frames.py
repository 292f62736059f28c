"""Bytes to frames: the framing rules in plain Python. `kernel_frames` does the same for machines.

A frame is ``##``, up to four digits of length, that many bytes of data segment, four hexadecimal digits of checksum,
and a line end (HJ 212-2017 §6.1). A length of fewer digits, a checksum in lower case and a missing line end are met in
the field and accepted; what is wrong is told apart without losing the next frame:

* Stray bytes up to the next ``##`` and digit are *garbage*.
* A length over `MAX_SEGMENT` is *oversize*.
* If the segment of the declared length closes with ``&&``, but the checksum behind it is not its own: *bad_checksum*.
* Otherwise the length is wrong: *bad_length*, up to the next line feed or ``##``, digits and ``QN=`` or ``ST=``.
  ``##`` alone is not enough: logs of a serial line (command 3020) carry whole frames as text.

Nothing is decided before the bytes that decide it have arrived; so the frames do not depend on how the bytes were cut.
(Only a line end that arrives later than its frame is not counted to it.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qingtian.stream.hj212 import status
from qingtian.stream.hj212.checksum import checksum
from qingtian.stream.hj212.limits import ANCHOR_LENGTH, MAX_SEGMENT, SCAN_LIMIT

START = re.compile(rb"##[0-9]")
LENGTH = re.compile(rb"##([0-9]{1,4})")
BOUNDARY = re.compile(rb"\n|(?=##[0-9]{1,4}(?:QN=|ST=))")
LINE_END = re.compile(rb"\r?\n?")
HEX = re.compile(rb"[0-9A-Fa-f]{0,4}")
CHECKSUM = re.compile(rb"[0-9A-Fa-f]{4}")


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One frame as it came, or a piece of garbage.

    ``offset``: place of its first byte in all that was fed. ``error``: None, ``bad_checksum``, ``bad_length``,
    ``garbage`` or ``oversize``. ``segment``: the data segment; what stands for it in a bad frame; empty for garbage.
    """

    offset: int
    raw: bytes
    segment: bytes
    error: str | None

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass(frozen=True)
class _Piece:
    """What stands at a place: its status, where it ends, and where its segment stands."""

    status: int
    end: int
    segment_start: int = 0
    segment_end: int = 0


class FrameReader:
    """Frames from bytes that arrive in any pieces. Keeps at most `SCAN_LIMIT` and a few bytes."""

    def __init__(self) -> None:
        self._pending = b""
        self._offset = 0

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that these bytes complete."""
        return self._read(data, ended=False)

    def finish(self) -> list[Frame]:
        """Return what the bytes left over amount to, now that no more come."""
        return self._read(b"", ended=True)

    def _read(self, data: bytes, *, ended: bool) -> list[Frame]:
        buffer = self._pending + data
        place = 0
        found: list[Frame] = []
        while (place := _skip_line_ends(buffer, place)) < len(buffer):
            piece = _next_piece(buffer, place, ended=ended)
            if piece is None:
                break
            found.append(_frame(buffer, place, piece, offset=self._offset + place))
            place = piece.end
        self._pending = buffer[place:]
        self._offset += place
        return found


def read_frames(data: bytes) -> Iterator[Frame]:
    """Return the frames of bytes that are complete."""
    reader = FrameReader()
    yield from reader.feed(data)
    yield from reader.finish()


def _frame(buffer: bytes, place: int, piece: _Piece, *, offset: int) -> Frame:
    return Frame(
        offset=offset,
        raw=buffer[place : piece.end],
        segment=buffer[piece.segment_start : piece.segment_end],
        error=None if piece.status == status.OK else status.NAMES[piece.status],
    )


def _skip_line_ends(buffer: bytes, place: int) -> int:
    while place < len(buffer) and buffer[place] in b"\r\n":
        place += 1
    return place


def _next_piece(buffer: bytes, place: int, *, ended: bool) -> _Piece | None:
    """Return what stands at ``place``, or None if the bytes so far do not decide."""
    # no further than a piece can reach, or a long file of garbage would be searched over and over
    start = START.search(buffer, place, place + SCAN_LIMIT + 3)
    if start is None or start.start() != place:
        return _garbage(buffer, place, start.start() if start else None, ended=ended)
    length = LENGTH.match(buffer, place)
    assert length is not None
    segment = length.end()
    if segment == len(buffer) and segment < place + 6 and not ended:
        return None
    if int(length[1]) > MAX_SEGMENT:
        return _of_unknown_length(buffer, place, segment, status.OVERSIZE, ended=ended)
    declared = segment + int(length[1])
    if declared + 4 > len(buffer) and not ended:
        return None
    if _checksum_holds(buffer, segment, declared):
        return _Piece(status.OK, _line_end(buffer, declared + 4), segment, declared)
    if (end := _damaged_end(buffer, segment, declared)) is not None:
        return _Piece(status.BAD_CHECKSUM, _line_end(buffer, end), segment, declared)
    return _of_unknown_length(buffer, place, segment, status.BAD_LENGTH, ended=ended)


def _garbage(buffer: bytes, place: int, found: int | None, *, ended: bool) -> _Piece | None:
    if found is not None:
        return _Piece(status.GARBAGE, min(found, place + SCAN_LIMIT))
    if ended or len(buffer) - place >= SCAN_LIMIT + 2:
        return _Piece(status.GARBAGE, min(len(buffer), place + SCAN_LIMIT))
    return None


def _of_unknown_length(buffer: bytes, place: int, segment: int, code: int, *, ended: bool) -> _Piece | None:
    """Return the piece that ends at the next boundary."""
    last = min(len(buffer), place + SCAN_LIMIT)
    boundary = BOUNDARY.search(buffer, segment, last + ANCHOR_LENGTH)
    if boundary is not None and boundary.start() < last:
        return _Piece(code, boundary.end(), segment, boundary.end())
    if ended or len(buffer) - place >= SCAN_LIMIT + ANCHOR_LENGTH:
        return _Piece(code, last, segment, last)
    return None


def _checksum_holds(buffer: bytes, segment: int, declared: int) -> bool:
    carried = CHECKSUM.match(buffer, declared)
    return carried is not None and int(carried[0], 16) == checksum(buffer[segment:declared])


def _damaged_end(buffer: bytes, segment: int, declared: int) -> int | None:
    """Return the end of a frame that its ``&&`` closes where the length says, but without its checksum."""
    if declared > len(buffer) or declared - segment < 2 or buffer[declared - 2 : declared] != b"&&":
        return None
    digits = HEX.match(buffer, declared)
    assert digits is not None
    end = digits.end()
    whole = end == declared + 4 or end == len(buffer) or buffer[end] in b" \t\r\n#"
    return end if whole else None


def _line_end(buffer: bytes, place: int) -> int:
    match = LINE_END.match(buffer, place)
    return match.end() if match else place
