"""A message longer than a segment may be, cut into parts 拆分包 at factors (HJ 212-2017 §6.6.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from qingtian.base.errors import QingtianError
from qingtian.stream.hj212.editions import PARTED
from qingtian.stream.hj212.messages.head import Head
from qingtian.stream.hj212.messages.message import Contents, Message, contents, typed, write_message

MAX_SEGMENT = 1024
"""HJ 212-2017 §6.3.1, bytes."""
WIDEST = 9999


class PartTooLong(QingtianError):
    code = "hj212.part_too_long"
    zh = "监测因子 {code} 单独成包仍超过 {limit} 字节，无法拆分。请减少该因子的字段，或缩短日志内容。"
    en = (
        "Factor {code} alone is longer than the {limit} bytes of a segment, and its tags may not be cut in two. "
        "Send fewer tags or a shorter log."
    )


def split(message: Message, *, limit: int = MAX_SEGMENT, qn_of: Callable[[int], str] | None = None) -> list[Message]:
    """Return the parts of a message, each no longer than ``limit`` bytes; itself alone if it fits.

    ``qn_of``: part number from 1 → its QN, as 2017 wants it; without, all carry the QN of the whole, as in 2005.

    :raises PartTooLong: if one factor does not fit a part.
    """
    if len(write_message(message)) <= limit:
        return [message]
    whole = contents(message)
    widest = _part(message.head, {}, whole.cp, pno=WIDEST, pnum=WIDEST)
    room = limit - len(write_message(widest))
    if not whole.factors:
        raise PartTooLong(code="CP", limit=limit)
    groups = list(_groups(whole.factors, room, limit))
    parts = []
    for number, group in enumerate(groups, 1):
        head = replace(message.head, qn=qn_of(number)) if qn_of else message.head
        parts.append(_part(head, group, whole.cp, pno=number, pnum=len(groups)))
    return parts


def _part(
    head: Head, factors: Mapping[str, Mapping[str, str]], cp: Mapping[str, str], *, pno: int, pnum: int
) -> Message:
    flag = None if head.flag is None else head.flag | PARTED
    return typed(replace(head, flag=flag, pnum=pnum, pno=pno), Contents(cp=cp, factors=factors))


def _groups(factors: Mapping[str, Mapping[str, str]], room: int, limit: int) -> Iterator[dict[str, Mapping[str, str]]]:
    group: dict[str, Mapping[str, str]] = {}
    used = 0
    for code, tags in factors.items():
        needed = sum(len(f",{code}-{tag}={text}".encode()) for tag, text in tags.items())
        if needed > room:
            raise PartTooLong(code=code, limit=limit)
        if used + needed > room:
            yield group
            group, used = {}, 0
        group[code] = tags
        used += needed
    if group:
        yield group
