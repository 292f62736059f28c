"""A packet of the log on its way to a target, and how its device is told from the bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qingtian.bus.relays import Place
from qingtian.stream.hj212.frames import read_frames
from qingtian.stream.hj212.segment import read_header

HEAD = b"CP=&&"
MN = re.compile(rb"(?:\A##[0-9]{0,4}|[;,])[ \t\r\n]*MN=([^;,]*)")


@dataclass(frozen=True, kw_only=True)
class Packet:
    """``frame``: as it is to be read (`bus.batches.PacketBatch.plain`). ``received_us``: µs since 1970 UTC."""

    place: Place
    mn: str
    received_us: int
    frame: bytes


def mn_of(frame: bytes) -> str | None:
    """Return the MN of a frame, None if its header has none."""
    end = frame.find(HEAD)
    found = MN.search(frame, 0, end if end >= 0 else len(frame))
    return found.group(1).decode("utf-8", "replace") if found else read_header(frame[6:]).get("MN")


def segment_of(frame: bytes) -> bytes | None:
    """Return the data segment of a plain frame, None if it is none."""
    return next((found.segment for found in read_frames(frame) if found.ok), None)
