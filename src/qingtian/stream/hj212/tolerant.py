"""The tolerant reader: what the strict one refused, read as far as a device's profile allows, each deviation named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from qingtian.stream.hj212.frames import LENGTH, Frame, FrameReader
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.observed import deviations_of
from qingtian.stream.hj212.profile import USUAL, Profile
from qingtian.stream.hj212.repair import dialect, enciphered, repaired
from qingtian.stream.hj212.segment import BrokenSegment, read_header

BROKEN = "broken_segment"
GARBAGE = "garbage"
OTHER_PROTOCOL = b"STAR"
TRAILER_BYTES = 256
"""The most that may stand around a segment and still be its frame: stars without end are garbage, not a trailer."""
TRAILER = re.compile(rb"[ \t]*\**[ \t]*[\r\n]*")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One frame, read with a profile.

    ``frame``: as it came; of an accepted one, ``segment`` is the plain data segment and ``error`` None. A refused one
    has the error of the strict reader, or the code of the deviation that the profile refuses. ``deviations``: all that
    were seen. ``recorded``: those that count.
    """

    frame: Frame
    deviations: tuple[str, ...]
    recorded: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.frame.error is None


def read(frame: Frame, profile: Profile = USUAL, *, way: Way | None = None) -> Reading:
    """Return what a frame of the strict reader says to a receiver with this profile. ``way``: as in `read_message`."""
    codes, segment = _framed(frame, profile)
    if segment is None:
        return _reading(frame, codes, profile, error=frame.error or profile.refused(codes))
    refusal = profile.refused(codes)
    try:
        found = deviations_of(segment, edition=profile.edition, way=way)
    except BrokenSegment:
        return _reading(frame, (*codes, BROKEN), profile, error=frame.error or BROKEN)
    codes = tuple(dict.fromkeys((*codes, *found)))
    if refusal is not None:
        return _reading(frame, codes, profile, error=frame.error or refusal)
    sound = replace(frame, segment=segment)
    return _reading(sound, codes, profile, error=profile.refused(found))


def _reading(frame: Frame, codes: tuple[str, ...], profile: Profile, *, error: str | None) -> Reading:
    return Reading(frame=replace(frame, error=error), deviations=codes, recorded=profile.recorded(codes))


def _framed(frame: Frame, profile: Profile) -> tuple[tuple[str, ...], bytes | None]:
    """Return the deviations of the frame itself, and its segment if it has one that can be believed."""
    if frame.error == GARBAGE:
        return ("other_protocol" if frame.raw.startswith(OTHER_PROTOCOL) else "stray_bytes",), None
    if frame.error == "oversize":
        return ("oversize",), None
    outer = (*_of_length_digits(frame.raw), *_of_line_end(frame.raw))
    if frame.error is None:
        plain = enciphered(frame, key=profile.key)
        return (*outer, *_of_checksum(frame)), frame.segment if plain is None else plain
    fixed = repaired(frame, key=profile.key)
    return (*outer, *fixed.codes), fixed.segment


def _of_length_digits(raw: bytes) -> Iterator[str]:
    length = LENGTH.match(raw)
    if length is not None and len(length[1]) < 4:
        yield "short_length"


def _of_line_end(raw: bytes) -> Iterator[str]:
    if raw.rstrip(b" \t\r\n").endswith(b"*"):
        yield "stars"
    if not raw.endswith(b"\n"):
        yield "missing_crlf"
    elif not raw.endswith(b"\r\n"):
        yield "lf_only"


def _of_checksum(frame: Frame) -> tuple[str, ...]:
    length = LENGTH.match(frame.raw)
    assert length is not None
    place = length.end() + len(frame.segment)
    return dialect(frame.segment, frame.raw[place : place + 4]) or ()


class TolerantReader:
    """Readings from bytes that arrive in any pieces, of one connection or file.

    A frame whose line end may still be on its way waits for the next bytes; a live session, which must answer at once,
    asks `read` frame by frame instead.
    """

    def __init__(self, profile_of: Callable[[str], Profile] | None = None, *, way: Way | None = None) -> None:
        """``profile_of``: MN → its profile; without, every device has the usual one."""
        self._reader = FrameReader()
        self._profile_of = profile_of or (lambda mn: USUAL)
        self._way = way
        self._held: Frame | None = None
        self._first_mn: str | None = None

    def feed(self, data: bytes) -> list[Reading]:
        """Return the readings that these bytes complete."""
        return self._read(self._reader.feed(data), data)

    def finish(self) -> list[Reading]:
        """Return what is left, now that no more bytes come."""
        found = self._read(self._reader.finish(), b"")
        held, self._held = self._held, None
        return found if held is None else [*found, self._one(held, glued=False)]

    def _read(self, frames: list[Frame], data: bytes) -> list[Reading]:
        out = []
        if self._held is not None and data:
            self._held = _with_late_line_end(self._held, data)
        for frame in frames:
            if self._held is not None and _is_trailer(self._held, frame):
                self._held = replace(self._held, raw=self._held.raw + frame.raw)
                continue
            if self._held is not None:
                out.append(self._one(self._held, glued=_glued(self._held, frame)))
            self._held = frame
        if self._held is not None and self._held.raw.endswith(b"\n"):
            out.append(self._one(self._held, glued=False))
            self._held = None
        return out

    def _one(self, frame: Frame, *, glued: bool) -> Reading:
        mn = read_header(frame.segment).get("MN", "")
        reading = read(frame, self._profile_of(mn), way=self._way)
        more = ["glued"] if glued else []
        if reading.ok and mn:
            self._first_mn = self._first_mn or mn
            if mn != self._first_mn:
                more.append("several_mns")
        return self._also(reading, tuple(more), mn)

    def _also(self, reading: Reading, more: tuple[str, ...], mn: str) -> Reading:
        if not more:
            return reading
        profile = self._profile_of(mn)
        codes = (*reading.deviations, *more)
        error = reading.frame.error or profile.refused(more)
        return _reading(reading.frame, codes, profile, error=error)


def _with_late_line_end(frame: Frame, data: bytes) -> Frame:
    """Return the frame with the line end that the next bytes begin with."""
    for end in (b"\r\n", b"\n"):
        if data.startswith(end):
            return replace(frame, raw=frame.raw + end)
    return replace(frame, raw=frame.raw + b"\r") if data == b"\r" else frame


def _is_trailer(frame: Frame, piece: Frame) -> bool:
    """Whether a piece of garbage is but stars or blanks between a frame and its line end."""
    follows = frame.error != GARBAGE and frame.offset + len(frame.raw) == piece.offset
    if len(frame.raw) - len(frame.segment) + len(piece.raw) > TRAILER_BYTES:
        return False
    return follows and piece.error == GARBAGE and TRAILER.fullmatch(piece.raw) is not None


def _glued(first: Frame, second: Frame) -> bool:
    packets = first.error != GARBAGE and second.error != GARBAGE
    return packets and first.offset + len(first.raw) == second.offset and not first.raw.endswith((b"\r", b"\n"))
