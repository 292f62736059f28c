"""Packets as this side writes them: each field can be given otherwise, so that wrong ones can be written too."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qingtian.stream.hj212 import Edition, flag_of
from qingtian.stream.hj212.checksum import checksum, printed

PASSWORD = re.compile(r"((?:PW|NewPW|NewSK)=)[^;,&]*")
LONGEST_SHOWN = 160


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who the device is on the wire. ``pw`` and ``key`` (SM4 of 2025) are never shown."""

    mn: str
    pw: str = field(default="123456", repr=False)
    st: str = "32"
    edition: Edition = Edition.HJ2017
    key: bytes | None = field(default=None, repr=False)

    def flag(self, *, asks: bool = False, parted: bool = False) -> int:
        return flag_of(self.edition, asks=asks, parted=parted)


def segment(
    who: Identity,
    *,
    cn: int,
    area: str,
    qn: str | None,
    flag: int,
    st: str | None = None,
    pw: str | None = None,
    mn: str | None = None,
    more: str = "",
) -> bytes:
    """Return a data segment. ``more``: fields between Flag and CP, as ``PNUM=2;PNO=1;``."""
    head = "" if qn is None else f"QN={qn};"
    st, pw, mn = (
        who.st if st is None else st,
        who.pw if pw is None else pw,
        who.mn if mn is None else mn,
    )
    return f"{head}ST={st};CN={cn};PW={pw};MN={mn};Flag={flag};{more}CP=&&{area}&&".encode()


def framed(raw: bytes) -> bytes:
    """Return the frame of a segment."""
    return b"##%04d%s%s\r\n" % (len(raw), raw, printed(checksum(raw)))


def with_wrong_checksum(raw: bytes) -> bytes:
    """Return the frame of a segment with a checksum that no known way of counting gives."""
    # the low byte of a checksum of HJ 212 is never 02, and 02 in both bytes is no Modbus dialect of it but by chance
    return b"##%04d%s%02X02\r\n" % (len(raw), raw, (checksum(raw) >> 8) ^ 0x5A)


def shown(raw: bytes) -> str:
    """Return a frame as a report may show it: without passwords, not too long."""
    text = PASSWORD.sub(r"\1******", raw.decode("utf-8", "replace").strip())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
