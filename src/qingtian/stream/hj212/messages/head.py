"""The header of a message 数据段结构: QN to RF, typed (HJ 212-2017 table 2, table 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from qingtian.stream.hj212.editions import ASKS, Edition, edition_of
from qingtian.stream.hj212.segment import HEADER, BrokenSegment, read_header

MAX_NUMBER = 9
"""Digits of a number in the header that is read as one."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """Who speaks of what. A field that is absent is None, an empty one is empty.

    ``qn``: the exchange, ``YYYYMMDDhhmmsszzz``. ``st``: system 系统编码. ``pw`` is never logged. ``flag``: see
    `editions`. ``pnum``, ``pno``: how many parts, and which one. ``resent``: ``RF=1`` of 2025, a back-filled packet
    补传. ``other``: fields the tables do not know, and numbers that are none, as they came.
    """

    qn: str | None = None
    st: str | None = None
    cn: int
    pw: str | None = None
    mn: str | None = None
    flag: int | None = None
    pnum: int | None = None
    pno: int | None = None
    resent: bool = False
    other: Mapping[str, str] = field(default_factory=dict)

    @property
    def edition(self) -> Edition:
        """The edition that the Flag names; a device may be known better."""
        return edition_of(self.flag)

    @property
    def asks(self) -> bool:
        """Whether the receiver must answer."""
        return bool(self.flag is not None and self.flag & ASKS)


def read_head(raw: bytes) -> Head:
    """Return the header of a data segment.

    :raises BrokenSegment: if it names no command CN.
    """
    fields = read_header(raw)
    cn = _number(fields.pop("CN", None))
    if cn is None:
        raise BrokenSegment(why="no command CN")
    numbers = {name: _number(fields.get(name)) for name in ("Flag", "PNUM", "PNO")}
    resent = fields.get("RF") == "1"
    known = {name for name in HEADER if name not in numbers or numbers[name] is not None}
    return Head(
        qn=fields.get("QN"),
        st=fields.get("ST"),
        cn=cn,
        pw=fields.get("PW"),
        mn=fields.get("MN"),
        flag=numbers["Flag"],
        pnum=numbers["PNUM"],
        pno=numbers["PNO"],
        resent=resent,
        other={name: value for name, value in fields.items() if name not in known and not (resent and name == "RF")},
    )


def head_items(head: Head) -> Iterator[str]:
    """Yield the header fields as they are written, in the order of the standard."""
    cn = f"{head.cn:04d}"
    values = (head.qn, head.st, cn, head.pw, head.mn, head.flag, head.pnum, head.pno)
    for name, value in zip(HEADER, values, strict=True):
        if value is not None:
            yield f"{name}={value}"
        elif name in head.other:
            yield f"{name}={head.other[name]}"
    yield from (f"{name}={value}" for name, value in head.other.items() if name not in HEADER)
    if head.resent:
        yield "RF=1"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= MAX_NUMBER else None
