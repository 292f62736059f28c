"""Packets as people read them: raw, as bytes, and decoded field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.office.reverse_control.api import command_name
from qingtian.office.sites.api import without_password
from qingtian.portals import words
from qingtian.portals.history import lake
from qingtian.portals.templatetags.parts import factor_name, language
from qingtian.portals.words import Word
from qingtian.stream.hj212.segment import BrokenSegment, Segment, decode_segment, text_of

SHOWN = 12
HEAD = re.compile(rb"##([0-9]{1,4})")
HEX_WIDTH = 16
MOST_BYTES = 4096
MAIN = ("Rtd", "Avg", "Data", "RS")
# what a page may print of foreign bytes; everything else becomes a dot
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, kw_only=True)
class FactorLine:
    """One factor of a packet with its tags as text."""

    code: str
    name: str
    tags: list[tuple[str, object]]
    flag: str
    flag_word: Word

    @property
    def main(self) -> object:
        """The value a line may stand for: what was measured now or on average, not the least of it nor the total."""
        found = dict(self.tags)
        return next((found[tag] for tag in MAIN if tag in found), next(iter(found.values()), ""))


@dataclass(frozen=True, kw_only=True)
class Packet:
    """One packet of the lake, ready to be shown."""

    sequence: int
    index: int
    received: datetime
    data_time: datetime | None
    mn: str
    qn: str
    cn: int
    cn_word: Word
    address: str
    raw: str
    bytes: int
    head: list[tuple[str, str]]
    factors: list[FactorLine]
    wrong: str

    @property
    def anchor(self) -> str:
        return f"packet-{self.sequence}-{self.index}"


def printable(raw: bytes) -> str:
    """Return the bytes as text that can do no harm: control marks are shown as dots."""
    return UNPRINTABLE.sub("·", text_of(raw[:MOST_BYTES]))


def hexadecimal(raw: bytes) -> str:
    """Return the bytes as a hex dump: offset, sixteen bytes, their ASCII."""
    lines = []
    for place in range(0, min(len(raw), MOST_BYTES), HEX_WIDTH):
        part = raw[place : place + HEX_WIDTH]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{place:04x}  {part.hex(' '):<47}  {text}")
    return "\n".join(lines)


def _bare(frame: bytes) -> bytes:
    """The data segment of a frame; what is none already stays as it is."""
    head = HEAD.match(frame)
    return frame[head.end() : head.end() + int(head[1])] if head else frame


def _factor(code: str, tags: Mapping[str, Any]) -> FactorLine:
    flag = str(tags.get("Flag", ""))
    return FactorLine(
        code=code,
        name=factor_name(code),
        tags=[(tag, value) for tag, value in tags.items() if tag != "Flag"],
        flag=flag,
        flag_word=words.FLAGS.get(flag, ""),
    )


def _decoded(frame: bytes) -> tuple[Segment, str]:
    try:
        return decode_segment(_bare(frame)), ""
    except BrokenSegment as broken:
        return Segment(), broken.sentence()


def shown(row: Mapping[str, Any]) -> Packet:
    """Return a row of the lake as it is shown."""
    frame = bytes(row["segment"])
    # what deviates is shown as it came, and decoded as it was read
    segment, wrong = _decoded(bytes(row.get("plain") or frame))
    names = ("qn", "st", "cn", "mn", "flag", "pnum", "pno")
    head = [(name.upper(), str(value)) for name in names if (value := getattr(segment, name)) is not None]
    return Packet(
        sequence=row["sequence"],
        index=row["index"],
        received=row["received"],
        data_time=row["data_time"],
        mn=row["mn"],
        qn=row["qn"] or "",
        cn=row["cn"],
        cn_word=words.COMMANDS.get(row["cn"]) or command_name(row["cn"], language()),
        address=row["address"] or "",
        raw=printable(without_password(frame)),
        bytes=len(frame),
        head=[*head, *segment.cp.items()],
        factors=[_factor(code, tags) for code, tags in segment.factors.items()],
        wrong=wrong,
    )


def latest(mns: Sequence[str]) -> list[Packet]:
    """Return the latest packets of these devices, newest first."""
    rows = [row for mn in mns for row in lake().latest_packets(mn, SHOWN).iter_rows(named=True)]
    rows.sort(key=lambda row: (row["sequence"], row["index"]), reverse=True)
    return [shown(row) for row in rows[:SHOWN]]


def of_evidence(places: Sequence[tuple[int, int]]) -> list[Packet]:
    """Return the packets at these places of the log, in this order; those the lake does not have yet are left out."""
    rows = [lake().packet(sequence, index) for sequence, index in places]
    return [shown(row) for row in rows if row is not None]
