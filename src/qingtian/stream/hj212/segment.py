"""Data segment 数据段 ↔ `Segment`: header fields, the data area CP, factors with their tags (HJ 212-2017 §6.2, §6.3).

The standards' own examples break the separators (``,`` joins values of one item, ``;`` separates items), and senders go
further; so both separate everywhere, empty items pass, blanks around names and values do not count, and a pair belongs
to the factor before its first dash. Nothing is dropped: an item without ``=`` behind a comma continues the text
before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from qingtian.base.errors import QingtianError
from qingtian.stream.hj212.checksum import checksum, printed
from qingtian.stream.hj212.measures import MEASURES
from qingtian.stream.hj212.numbers import number, written

Value = float | str
V = TypeVar("V")

HEADER = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO")
"""In the order of HJ 212-2017 table 2."""

TEXT_TAGS = frozenset({"Flag", "EFlag", "SN", "SampleTime", "CompleteTime", "SampleType"})
"""Tags whose value is a mark, a code or a stamp, though it may look like a number."""

BODY = b"CP=&&"
CLOSE = b"&&"
BLANKS = " \t\r\n"
SEPARATORS = ";,"
# a log text stands between // and //, and may hold anything (HJ 212-2017 table B.10)
ITEM = re.compile(
    r"(?P<key>[^=;,]*)"
    r"(?:=[ \t\r\n]*(?P<value>//.*?//(?=[ \t\r\n]*(?:[;,]|\Z))|[^;,]*))?"
    r"[ \t\r\n]*(?P<separator>[;,]|\Z)",
    re.DOTALL,
)


class BrokenSegment(QingtianError):
    code = "hj212.broken_segment"
    zh = "数据段不完整：{why}。数据包已原样保留，请核对数采仪的报文格式。"
    en = "The data segment is not complete: {why}. The packet is kept as it came; check the format the logger sends."


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One data segment. A field that is absent is None; an empty one is empty.

    ``cp``: pairs of the data area that belong to no factor, as text. ``factors``: code → tag → number, or text where it
    is none. ``other``: header fields beyond table 2, such as ``RF`` of 2025.
    """

    qn: str | None = None
    st: str | None = None
    cn: str | None = None
    pw: str | None = None
    mn: str | None = None
    flag: str | None = None
    pnum: int | None = None
    pno: int | None = None
    cp: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    other: Mapping[str, str] = field(default_factory=dict)


def text_of(raw: bytes) -> str:
    """Return text of UTF-8 (HJ 212-2017 §6.1), of GBK as old loggers send it, or with marks for what is neither."""
    for encoding in ("utf-8", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "backslashreplace")


def read_header(raw: bytes) -> dict[str, str]:
    """Return the header fields of a segment, or of what is left of one; of equal names the first."""
    head, _, _ = raw.partition(BODY)
    fields: dict[str, str] = {}
    for item in re.split("[;,]", text_of(head)):
        name, equals, value = item.lstrip(BLANKS).partition("=")
        if equals:
            fields.setdefault("Flag" if name == "FLAG" else name, value)
    return fields


def decode_segment(raw: bytes) -> Segment:
    """Return what a data segment says.

    :raises BrokenSegment: if it has no data area ``CP=&&…&&`` or no command CN.
    """
    _, body, rest = raw.partition(BODY)
    if not body:
        raise BrokenSegment(why="no CP=&&")
    area, close, _ = rest.rpartition(CLOSE)
    if not close:
        raise BrokenSegment(why="no && at the end of CP")
    header = read_header(raw)
    if not _is_command(header.get("CN", "")):
        raise BrokenSegment(why="no command CN")
    cp, factors = read_area(text_of(area))
    return segment_of(header, cp=cp, factors=factors)


def segment_of(
    header: Mapping[str, str],
    *,
    cp: Mapping[str, str] | None = None,
    factors: Mapping[str, Mapping[str, Value]] | None = None,
) -> Segment:
    """Return the segment of these header fields and this data area."""
    return Segment(
        qn=header.get("QN"),
        st=header.get("ST"),
        cn=header.get("CN"),
        pw=header.get("PW"),
        mn=header.get("MN"),
        flag=header.get("Flag"),
        pnum=_whole(header.get("PNUM")),
        pno=_whole(header.get("PNO")),
        cp=cp or {},
        factors=factors or {},
        other={name: value for name, value in header.items() if name not in HEADER},
    )


def _is_command(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else None


def read_area(area: str) -> tuple[dict[str, str], dict[str, dict[str, Value]]]:
    """Return the pairs of a data area: those of no factor, and those of factors by code and tag."""
    return _read_area(area, _value)


def read_texts(area: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return the same pairs with every value as it was written, every zero kept."""
    return _read_area(area, lambda tag, text: text)


def _read_area(area: str, read: Callable[[str, str], V]) -> tuple[dict[str, str], dict[str, dict[str, V | str]]]:
    cp: dict[str, str] = {}
    factors: dict[str, dict[str, V | str]] = {}
    last: tuple[dict[str, str] | dict[str, V | str], str] | None = None
    for key, value, continues in _items(area):
        if value is None:
            if continues and last is not None:
                home, name = last
                home[name] = f"{home[name]},{key}"
            else:
                cp.setdefault(key, "")
                last = None
            continue
        code, dash, tag = key.partition("-")
        tag = tag.lstrip("-")
        if dash and code and tag:
            tags = factors.setdefault(code, {})
            tags[tag] = read(tag, value)
            last = None if tag == "Flag" or tag in MEASURES or not isinstance(tags[tag], str) else (tags, tag)
        else:
            cp[key] = f"{cp[key]},{value}" if cp.get(key) else value
            last = (cp, key)
    return cp, factors


def _items(area: str) -> Iterator[tuple[str, str | None, bool]]:
    """Yield key, value (None without ``=``), and whether a comma joins the item to the one before."""
    place, separator = 0, ";"
    while place < len(area):
        if area[place] in BLANKS or area[place] in SEPARATORS:
            place += 1
            continue
        match = ITEM.match(area, place)
        assert match is not None
        key, value = match["key"].strip(BLANKS), match["value"]
        yield key, None if value is None else value.strip(BLANKS), separator == ","
        separator = match["separator"]
        place = match.end()


def _value(tag: str, text: str) -> Value:
    found = None if tag in TEXT_TAGS else number(text)
    return text if found is None else found


def encode_segment(segment: Segment) -> bytes:
    """Return the bytes of a data segment, in UTF-8, fields in the order of the standard."""
    head = [f"{name}={value}" for name, value in _header_pairs(segment)]
    items = [f"{key}={value}" for key, value in segment.cp.items()]
    items += [",".join(_tag_text(code, tag, tags[tag]) for tag in tags) for code, tags in segment.factors.items()]
    return ";".join([*head, f"CP=&&{';'.join(items)}&&"]).encode()


def _header_pairs(segment: Segment) -> Iterator[tuple[str, str]]:
    for name in HEADER:
        value = getattr(segment, name.lower())
        if value is not None:
            yield name, str(value)
    yield from segment.other.items()


def _tag_text(code: str, tag: str, value: Value) -> str:
    return f"{code}-{tag}={written(value) if isinstance(value, (int, float)) else value}"


def encode_frame(segment: Segment | bytes) -> bytes:
    """Return the frame of a segment: ``##``, its length in bytes, itself, its checksum, line end.

    :raises ValueError: if the segment is longer than four digits can say; split it (PNUM, PNO) before.
    """
    raw = segment if isinstance(segment, bytes) else encode_segment(segment)
    if len(raw) > 9999:
        raise ValueError(f"a data segment of {len(raw)} bytes does not fit a length of four digits")
    return b"##%04d%s%s\r\n" % (len(raw), raw, printed(checksum(raw)))
