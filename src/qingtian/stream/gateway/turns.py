"""A turn: what many connections sent, framed; and its deviating packets made readable, as their profiles allow."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.gateway.answers import Heard
from qingtian.stream.gateway.registry import Registry
from qingtian.stream.gateway.session import Session
from qingtian.stream.hj212.columns import FrameColumns
from qingtian.stream.hj212.frames import LENGTH, Frame
from qingtian.stream.hj212.kernels import frame_chunks
from qingtian.stream.hj212.limits import MAX_SEGMENT
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.repair import TAIL, dialect
from qingtian.stream.hj212.replies import ANSWERS, VERSION_2025, reply
from qingtian.stream.hj212.segment import BODY, encode_frame, read_area, read_header, text_of
from qingtian.stream.hj212.segment import segment_of as segment_of_header
from qingtian.stream.hj212.status import BAD_CHECKSUM, BAD_LENGTH, GARBAGE, NAMES, OK, UNKNOWN_MN
from qingtian.stream.hj212.tolerant import TRAILER, Reading, read

log = logging.getLogger(__name__)

STRAY_BYTES = "stray_bytes"
NAMED_BY_DEVIATION = ("no_key", "other_protocol")
"""Deviations that say more than the error of the strict reader: they are the reason of the dead letter."""

REFUSED_BY_PROFILE = "deviation"
NOT_ACTIVATED = "not_activated"
ACTIVATION = 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A packet that is not taken: who sent it, why, as it came, and the deviations that were seen."""

    session: Session
    reason: str
    mn: str | None
    raw: bytes
    deviations: tuple[str, ...] = ()
    then: Callable[[], object] | None = None
    """To be called when the dead letter is stored."""


@dataclass(kw_only=True)
class Turn:
    """``buffer`` and ``frames``: as they are to be read. ``came``, ``came_start``, ``came_end``: as they came.

    ``repaired``: frame → its deviations; these frames stand in ``buffer`` as the standard writes them. ``stray``:
    sessions whose stray bytes are accepted. ``nameless``: answers 9011 to 9014 without an MN, as HJ/T 212-2005 has
    them, of the only device of their line: for whoever commands it; there is no device to store them under.
    """

    sessions: Sequence[Session]
    buffer: bytes
    frames: FrameColumns
    came: bytes
    came_start: NDArray[np.int32]
    came_end: NDArray[np.int32]
    repaired: dict[int, tuple[str, ...]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    stray: list[Session] = field(default_factory=list)
    nameless: list[tuple[Heard, Session]] = field(default_factory=list)

    def session(self, index: int) -> Session:
        return self.sessions[int(self.frames.chunk[index])]

    def mn(self, index: int) -> str | None:
        return _mn(self.buffer, self.frames, index)

    def segment(self, index: int) -> bytes:
        """Return the data segment of a sound frame."""
        return segment_of(self.buffer[self.frames.start[index] : self.frames.end[index]])

    def as_came(self, index: int) -> bytes:
        return self.came[self.came_start[index] : self.came_end[index]]

    def refuse(self, index: int, reason: str, status: int, *, deviations: tuple[str, ...] = ()) -> None:
        """Take a frame back that was sound: it gets this status, and is neither stored nor answered."""
        self.frames.status[index] = status
        self.refusals.append(
            Refusal(
                session=self.session(index),
                reason=reason,
                mn=self.mn(index),
                raw=self.as_came(index),
                deviations=deviations,
            )
        )


def segment_of(frame: bytes) -> bytes:
    """Return the data segment of a frame whose length is right."""
    digits = 2
    while digits < 6 and frame[digits : digits + 1].isdigit():
        digits += 1
    return frame[digits : digits + int(frame[2:digits])]


def framed(sessions: Sequence[Session], chunks: Sequence[bytes], *, ended: NDArray[np.uint8], known: Registry) -> Turn:
    """Find the frames in what the sessions sent. Nothing is mended yet."""
    starts = np.zeros(len(chunks) + 1, np.int64)
    np.cumsum([len(chunk) for chunk in chunks], out=starts[1:])
    buffer = b"".join(chunks)
    frames = frame_chunks(buffer, starts, known.devices, ended=ended)
    return Turn(
        sessions=sessions, buffer=buffer, frames=frames, came=buffer, came_start=frames.start, came_end=frames.end
    )


def mended(turn: Turn, *, known: Registry) -> Turn:
    """Return the turn with what its devices' profiles accept made sound, and the rest refused."""
    plain: dict[int, bytes] = {}
    codes: dict[int, tuple[str, ...]] = {}
    for index in np.flatnonzero(turn.frames.status != OK).tolist():
        reading = _read(turn, index, known)
        if reading is not None and reading.ok and len(reading.frame.segment) <= MAX_SEGMENT:
            plain[index] = encode_frame(reading.frame.segment)
            codes[index] = reading.deviations
        else:
            _put_aside(turn, index, reading, known)
    return _rebuilt(turn, plain, codes, known) if plain else turn


def _read(turn: Turn, index: int, known: Registry) -> Reading | None:
    """Read a refused frame of a registered device, or bytes of none; a stranger's is not worth the time."""
    frames = turn.frames
    status, device = int(frames.status[index]), int(frames.device[index])
    if status == UNKNOWN_MN or (device < 0 and status in (BAD_CHECKSUM, BAD_LENGTH)):
        return None
    mn = known.devices.mns[device] if device >= 0 else turn.session(index).mn
    frame = Frame(offset=0, raw=turn.as_came(index), segment=b"", error=NAMES[status])
    return read(frame, known.profile(mn), way=Way.UP)


def _put_aside(turn: Turn, index: int, reading: Reading | None, known: Registry) -> None:
    status = int(turn.frames.status[index])
    raw, session = turn.as_came(index), turn.session(index)
    deviations = reading.deviations if reading else ()
    if status == GARBAGE:
        if TRAILER.fullmatch(raw):
            # stars and blanks behind a packet: nothing is lost with them
            return
        if session.mn and known.profile(session.mn).refused((STRAY_BYTES,)) is None and deviations == (STRAY_BYTES,):
            turn.stray.append(session)
            return
    if status == UNKNOWN_MN and not turn.frames.mn_length[index] and _nameless(turn, index):
        return
    reason = next((code for code in NAMED_BY_DEVIATION if code in deviations), NAMES[status])
    mn = _mn(turn.buffer, turn.frames, index)
    turn.refusals.append(Refusal(session=session, reason=reason, mn=mn, raw=raw, deviations=deviations))


def _rebuilt(turn: Turn, plain: Mapping[int, bytes], codes: Mapping[int, tuple[str, ...]], known: Registry) -> Turn:
    """Frame once more what is accepted, each as the standard writes it, so that all that follows is one way."""
    frames = turn.frames
    kept = np.array(sorted({*np.flatnonzero(frames.status == OK).tolist(), *plain}))
    pieces = [plain.get(index) or turn.as_came(index) for index in kept.tolist()]
    sizes = np.bincount(frames.chunk[kept], [len(piece) for piece in pieces], minlength=len(frames.consumed))
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    buffer = b"".join(pieces)
    again = frame_chunks(buffer, starts, known.devices, ended=np.ones(len(sizes), np.uint8))
    if len(again) != len(kept) or (again.status != OK).any():
        return _given_up(turn, plain, codes)
    return Turn(
        sessions=turn.sessions,
        buffer=buffer,
        frames=again,
        came=turn.came,
        came_start=turn.came_start[kept],
        came_end=turn.came_end[kept],
        repaired={place: codes[index] for place, index in enumerate(kept.tolist()) if index in codes},
        refusals=turn.refusals,
        stray=turn.stray,
    )


def _given_up(turn: Turn, plain: Mapping[int, bytes], codes: Mapping[int, tuple[str, ...]]) -> Turn:
    """Both readers should agree on what a sound frame is. Where they do not, nothing is mended, and nothing lost."""
    log.error("%d mended packets cannot be framed; they go to the dead letters", len(plain))
    for index in plain:
        turn.refuse(index, NAMES[turn.frames.status[index]], int(turn.frames.status[index]), deviations=codes[index])
    return turn


def _mn(buffer: bytes, frames: FrameColumns, index: int) -> str | None:
    start, length = int(frames.mn[index]), int(frames.mn_length[index])
    return buffer[start : start + length].decode("utf-8", "replace") if length else None


def _nameless(turn: Turn, index: int) -> bool:
    """Take what comes without an MN and is no upload: an answer, or a logger of 2025 that asks to be registered."""
    frames, session, segment = turn.frames, turn.session(index), turn.segment(index)
    cn, flag = int(frames.cn[index]), int(frames.flag[index])
    if cn in ANSWERS and len(session.mns) == 1:
        packet = Heard(
            mn=session.mn, cn=cn, qn=exchange_of(segment), flag=flag, segment=segment, arrived_us=session.arrived_us
        )
        turn.nameless.append((packet, session))
        return True
    if cn == ACTIVATION and flag >= VERSION_2025:
        answer = reply(segment_of_header(read_header(segment)))
        then = None if answer is None else lambda: session.send(answer)
        turn.refusals.append(
            Refusal(session=session, reason=NOT_ACTIVATED, mn=None, raw=turn.as_came(index), then=then)
        )
        return True
    return False


def exchange_of(segment: bytes) -> str:
    """Return the QN of the exchange: of the header, or of CP as answers of HJ/T 212-2005 have it; empty without one."""
    found = read_header(segment).get("QN") or read_area(text_of(segment.partition(BODY)[2]))[0].get("QN", "")
    return found.rstrip("&")


def seems_whole(rest: bytes) -> bool:
    """Whether bytes that wait for more, as their length says, are a whole packet whose length is wrong.

    A logger that counts checksum and line end into the length would otherwise be answered too late.
    """
    if not rest.endswith(b"\n"):
        return False
    tail, length = TAIL.search(rest), LENGTH.match(rest)
    return (
        tail is not None and length is not None and dialect(rest[length.end() : tail.start() + 2], tail[1]) is not None
    )
