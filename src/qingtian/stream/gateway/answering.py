"""What the platform answers 应答 to the packets of a turn, once the log has them (HJ 212-2017 §6.5).

The kernel writes nearly all of it. Here stand the exceptions: a device whose edition the plan knows better than its
Flag, an upload of 2005 that asks and has no QN, and 9021, by which several makers log in or say that they are alive.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qingtian.stream.gateway.registry import Registry
from qingtian.stream.gateway.session import Session
from qingtian.stream.gateway.turns import Turn
from qingtian.stream.hj212.editions import ASKS, VERSION_SHIFT, Edition, edition_of, flag_of
from qingtian.stream.hj212.kernels import write_replies
from qingtian.stream.hj212.replies import INTERACTION, answer_command
from qingtian.stream.hj212.segment import Segment, encode_frame, read_header, segment_of
from qingtian.stream.hj212.status import OK

VENDOR_LOGIN = 9021
SILENCE = "silence"
VENDOR_ANSWERS = ("9014", "9022", SILENCE)
"""What 9021, which no edition knows, may be answered with."""


def replies(turn: Turn, *, known: Registry, vendor_login: str) -> list[tuple[Session, bytes]]:
    """Return the answers that are due, by session, in the order of its packets."""
    written = write_replies(turn.buffer, turn.frames)
    raw = written.raw.tobytes()
    odd = _odd(turn, known, vendor_login)
    if len(odd):
        special = {index: _special(turn, index, known, vendor_login) for index in odd.tolist()}
        return list(_mixed(turn, raw, written.offsets.tolist(), special))
    # frames stand chunk by chunk, so the replies of a session are one slice
    bounds = np.searchsorted(turn.frames.chunk, np.arange(len(turn.sessions) + 1))
    places = written.offsets[bounds].tolist()
    return [
        (session, raw[start:end])
        for session, start, end in zip(turn.sessions, places[:-1], places[1:], strict=True)
        if end > start
    ]


def _odd(turn: Turn, known: Registry, vendor_login: str) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the frames that the kernel does not answer as they should be."""
    frames = turn.frames
    asks = (frames.status == OK) & (frames.flag > 0) & (frames.flag & ASKS > 0)
    versions = known.versions[frames.device]
    odd = (versions >= 0) & (versions != frames.flag >> VERSION_SHIFT)
    odd |= (frames.qn_length == 0) & (frames.flag >> VERSION_SHIFT == 0)
    if vendor_login != "9014":
        odd |= frames.cn == VENDOR_LOGIN
    return np.flatnonzero(asks & odd)


def _mixed(turn: Turn, raw: bytes, offsets: list[int], special: dict[int, bytes]) -> Iterator[tuple[Session, bytes]]:
    for index in range(len(turn.frames)):
        answer = special[index] if index in special else raw[offsets[index] : offsets[index + 1]]
        if answer:
            yield turn.session(index), answer


def _special(turn: Turn, index: int, known: Registry, vendor_login: str) -> bytes:
    segment = segment_of(read_header(turn.segment(index)))
    profile = known.profile(segment.mn or "")
    flag = int(segment.flag or 0)
    command = answer_command(int(segment.cn or 0), flag)
    if int(segment.cn or 0) == VENDOR_LOGIN:
        command = None if vendor_login == SILENCE else vendor_login
    return b"" if command is None else reply_as(profile.edition or edition_of(flag), segment, command=command)


def reply_as(edition: Edition, segment: Segment, *, command: str) -> bytes:
    """Return the frame that answers ``segment`` in the form of an edition, ``command`` 9013, 9014 or a maker's own.

    HJ/T 212-2005 has the QN inside CP, and with 9014 the command answered to; without a QN only that.
    """
    old = edition is Edition.HJ2005
    cp = {"QN": segment.qn} if old and segment.qn else {}
    if old and command == "9014":
        cp["CN"] = segment.cn or ""
    return encode_frame(
        Segment(
            qn=None if old else segment.qn,
            st=INTERACTION,
            cn=command,
            pw=segment.pw,
            mn=segment.mn or "",
            flag=str(flag_of(edition)),
            cp=cp,
        )
    )
