"""What of a sound segment is not as the standard wants: header and data area, by code (`deviations`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from qingtian.base.times import parse_stamp
from qingtian.stream.hj212.commands import COMMANDS
from qingtian.stream.hj212.editions import ASKS, PARTED, Edition
from qingtian.stream.hj212.factors import factor
from qingtian.stream.hj212.measures import MEASURES
from qingtian.stream.hj212.messages.bodies import Plain
from qingtian.stream.hj212.messages.catalogue import BODIES, Way, body_of
from qingtian.stream.hj212.messages.head import Head, read_head
from qingtian.stream.hj212.messages.items import Item, declared_of
from qingtian.stream.hj212.messages.message import Contents, contents_of, typed
from qingtian.stream.hj212.numbers import number
from qingtian.stream.hj212.replies import ANSWERS
from qingtian.stream.hj212.segment import BODY, CLOSE, HEADER, TEXT_TAGS

STANDARD_LENGTH = 1024
"""Bytes of a data segment (HJ 212-2017 §6.3.1)."""

SYSTEMS = frozenset(
    "21 22 23 24 25 26 27 31 32 33 34 35 36 37 38 39 41 44 45 51 52 91".split()  # noqa: SIM905 - a table
)
"""ST of the three editions (HJ 212-2017 table 5; 44 and 45 of 2025)."""

MARKS = frozenset("NFMSDCTBP0123")
"""Data marks of 2005 and 2017 (those of 2025 were not read)."""

PERIODS = frozenset({2031, 2041, 2051, 2061})
"""Uploads whose DataTime is the start of a period."""

NUMERIC_TAGS = frozenset({*MEASURES, "Data", "DayData", "NightData", "RS", "RT", "Ala", "UpValue", "LowValue"})
TAGS = NUMERIC_TAGS | TEXT_TAGS | {"Info", "DayStdValue", "NightStdValue"}
TAGS_2025 = frozenset({"SampleRd", "StandardValue", "ResultType"})

QN = re.compile(r"[0-9]{17}")
EPOCH_QN = re.compile(r"[0-9]{13}")
MN = re.compile(r"[0-9A-Za-z]{14}|[0-9A-F]{24}")
# open series: equipment, site information, process conditions (e101xx: device xx), of 2025 power and production
SERIES = re.compile(r"SB[0-9]+|[iI][0-9]{5}|[eg][0-9]{5}|[dp][0-9]{5}")

DOUBLED = re.compile(rb"[;,][ \t]*[;,]")
COMMA_FIELD = re.compile(rb",[ \t]*[A-Za-z]+=")
BLANKS = re.compile(rb"[ \t\r\n](?=[;,=&])|(?<=[;,=&])[ \t\r\n]")
NAME = re.compile(r"(?:^|[;,])[ \t]*([A-Za-z]+)=")
ENDS = (b";", b",")
PAIR = re.compile(r"(?:^|[;,])\s*([^=;,\s]+)=")
LOG = re.compile(r"//.*?//", re.DOTALL)


def deviations_of(segment: bytes, *, edition: Edition | None = None, way: Way | None = None) -> list[str]:
    """Return the codes of a data segment, each once, in the order of the table.

    ``edition``, ``way``: as in `read_message`.

    :raises BrokenSegment: if it is none.
    """
    head, area = read_head(segment), contents_of(segment)
    known = edition or head.edition
    codes = [*_of_length(segment), *_of_header_text(segment, known), *_of_head(head, known)]
    codes += [*_of_area_text(segment), *_of_time(head.cn, area, way)]
    codes += [*_of_items(area), *_of_factors(area.factors)]
    if _is_known(head.cn) and isinstance(typed(head, area, edition=edition, way=way).body, Plain):
        codes.append("untyped_body")
    return list(dict.fromkeys(codes))


def _of_length(segment: bytes) -> Iterator[str]:
    if len(segment) > STANDARD_LENGTH:
        yield "oversize_segment"


def _of_header_text(segment: bytes, edition: Edition) -> Iterator[str]:
    head = segment.partition(BODY)[0]
    if DOUBLED.search(head):
        yield "stray_comma"
    if COMMA_FIELD.search(DOUBLED.sub(b";", head)) or head.endswith(b","):
        yield "header_comma"
    if head and not head.endswith(ENDS):
        yield "header_run_together"
    names = NAME.findall(head.decode("ascii", "replace"))
    if "FLAG" in names:
        yield "flag_name_case"
    places = [HEADER.index(name) for name in names if name in HEADER]
    if edition is not Edition.HJ2005 and places != sorted(places):
        yield "field_order"


def _of_head(head: Head, edition: Edition) -> Iterator[str]:
    yield from _of_qn(head, edition)
    if not head.mn:
        # a logger that asks for its MN, and the answer to it
        if edition is not Edition.HJ2025 or head.cn not in (1001, 9013):
            yield "mn_missing"
    elif MN.fullmatch(head.mn) is None:
        yield "mn_nonstandard"
    if head.pw == "":
        yield "pw_empty"
    if head.st is not None and head.st not in SYSTEMS:
        yield "unknown_system"
    if not _is_known(head.cn):
        yield "unknown_command"
    yield from _of_flag(head)


def _of_qn(head: Head, edition: Edition) -> Iterator[str]:
    # uploads and answers of 2005 carry none
    if head.qn == "" or (head.qn is None and edition is not Edition.HJ2005):
        yield "qn_missing"
    elif head.qn and EPOCH_QN.fullmatch(head.qn):
        yield "qn_epoch"
    elif head.qn and QN.fullmatch(head.qn) is None:
        yield "qn_nonstandard"


def _of_flag(head: Head) -> Iterator[str]:
    flag = head.flag or 0
    if head.flag is None and "Flag" not in head.other and head.qn is not None:
        yield "flag_missing"
    if "Flag" in head.other or flag > 255:
        yield "flag_nonstandard"
    if head.cn in ANSWERS and flag & ASKS:
        yield "answer_asks"
    if head.pnum is None and head.pno is None:
        if flag & PARTED:
            yield "bit_without_parts"
    elif head.pnum is None or head.pno is None or not 1 <= head.pno <= head.pnum:
        yield "parts_nonstandard"
    elif not flag & PARTED:
        yield "parts_without_bit"


def _of_area_text(segment: bytes) -> Iterator[str]:
    area = segment.partition(BODY)[2].rpartition(CLOSE)[0]
    if BLANKS.search(segment):
        yield "spaces"
    if area.rstrip(b" \t\r\n").endswith(ENDS):
        yield "trailing_separator"
    text = _utf8(segment)
    if text is None:
        yield "gbk_text" if _is_gbk(segment) else "text_unreadable"
    tags = [name for name in PAIR.findall(LOG.sub("", area.decode("utf-8", "replace"))) if "-" in name]
    if len(tags) != len(set(tags)):
        yield "repeated_tag"


def _utf8(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _is_gbk(raw: bytes) -> bool:
    try:
        raw.decode("gbk")
    except UnicodeDecodeError:
        return False
    return True


def _of_time(cn: int, area: Contents, way: Way | None) -> Iterator[str]:
    stamp = area.cp.get("DataTime")
    if stamp is None:
        if area.factors and way is not Way.DOWN and _needs_time(cn):
            yield "data_time_missing"
        return
    try:
        moment = parse_stamp(stamp)
    except ValueError:
        yield "data_time_unreadable"
        return
    if len(stamp) > 14:
        yield "data_time_long"
    if cn in PERIODS and (moment.second or moment.microsecond):
        yield "data_time_seconds"


def _needs_time(cn: int) -> bool:
    body = body_of(cn, Way.UP, Edition.HJ2017)
    declared = declared_of(body).get("data_time") if body else None
    return isinstance(declared, Item) and not declared.optional


def _of_items(area: Contents) -> Iterator[str]:
    for name in area.cp:
        if name == "Flag":
            yield "flag_without_factor"
        elif name in area.factors:
            yield "tag_missing"
        elif name not in _item_names():
            yield "unknown_item"


def _of_factors(factors: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for code, tags in factors.items():
        if factor(code) is None and SERIES.fullmatch(code) is None:
            yield "unknown_factor"
        for tag, text in tags.items():
            yield from _of_tag(tag, text)


def _of_tag(tag: str, text: str) -> Iterator[str]:
    if tag not in TAGS and tag not in TAGS_2025:
        yield "unknown_tag"
    elif not text:
        yield "empty_value"
    elif tag in NUMERIC_TAGS and number(text) is None:
        yield "junk_value"
    elif tag == "Flag" and text not in MARKS:
        yield "unknown_mark"


def _is_known(cn: int) -> bool:
    return cn in COMMANDS


@cache
def _item_names() -> frozenset[str]:
    declared = [each for body in set(BODIES.values()) for each in declared_of(body).values()]
    return frozenset(name for each in declared if isinstance(each, Item) for name in each.names)
