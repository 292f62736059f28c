"""A frame as a person or another program reads it: the line of ``qingtian decode``, the packet on an outlet's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from qingtian.stream.hj212.frames import Frame
from qingtian.stream.hj212.segment import BrokenSegment, Segment, Value, decode_segment, read_header, segment_of

BROKEN = "broken_segment"


class Decoded(TypedDict):
    """One packet. Header fields are None where absent; of a refused one only the header is told, as far as it reads."""

    offset: int
    ok: bool
    error: str | None
    qn: str | None
    st: str | None
    cn: str | None
    pw: str | None
    mn: str | None
    flag: str | None
    pnum: int | None
    pno: int | None
    cp: Mapping[str, str]
    factors: Mapping[str, Mapping[str, Value]]


def decoded(frame: Frame) -> Decoded:
    """Return what a frame says, or why it was refused."""
    error = frame.error
    if error is None:
        try:
            return _told(frame, decode_segment(frame.segment), None)
        except BrokenSegment:
            error = BROKEN
    return _told(frame, segment_of(read_header(frame.segment)), error)


def _told(frame: Frame, segment: Segment, error: str | None) -> Decoded:
    return Decoded(
        offset=frame.offset,
        ok=error is None,
        error=error,
        qn=segment.qn,
        st=segment.st,
        cn=segment.cn,
        pw=segment.pw,
        mn=segment.mn,
        flag=segment.flag,
        pnum=segment.pnum,
        pno=segment.pno,
        cp=segment.cp,
        factors=segment.factors,
    )
