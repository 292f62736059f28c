"""Bytes ↔ `Message`: a data segment read into a typed body, and written again without loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from qingtian.stream.hj212.checksum import checksum, printed
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages.bodies import Body, Plain
from qingtian.stream.hj212.messages.catalogue import Way, body_of
from qingtian.stream.hj212.messages.head import Head, head_items, read_head
from qingtian.stream.hj212.messages.items import Item, Tagged, declared_of
from qingtian.stream.hj212.segment import BODY, CLOSE, BrokenSegment, read_texts, text_of

MAX_LENGTH = 9999
"""What four digits of length can say."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a data area holds, as text: pairs of no factor, and code → tag → value."""

    cp: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.cp or self.factors)


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message. ``rest``: what the body has no name for, or could not be read as its kind, as it came."""

    head: Head
    body: Body
    rest: Contents = field(default_factory=Contents)

    @property
    def exchange(self) -> str | None:
        """The QN of the exchange: of the header, or of the answer as 2005 writes it."""
        return self.head.qn or getattr(self.body, "qn", None)


def read_message(raw: bytes, *, way: Way | None = None, edition: Edition | None = None) -> Message:
    """Return what a data segment says.

    ``way``: its direction; if it is not known, the direction in which everything finds its place. ``edition``: that of
    the device, if it is known better than its Flag tells.

    :raises BrokenSegment: if there is no data area ``CP=&&…&&`` or no command CN.
    """
    head = read_head(raw)
    return typed(head, contents_of(raw), way=way, edition=edition)


def contents_of(raw: bytes) -> Contents:
    """Return the data area of a segment as text.

    :raises BrokenSegment: if there is none.
    """
    _, body, rest = raw.partition(BODY)
    area, close, _ = rest.rpartition(CLOSE)
    if not body or not close:
        raise BrokenSegment(why="no CP=&&…&&")
    cp, factors = read_texts(text_of(area))
    return Contents(cp=cp, factors=factors)


def typed(head: Head, contents: Contents, *, way: Way | None = None, edition: Edition | None = None) -> Message:
    """Return the message of a header and a data area; arguments as in `read_message`."""
    ways = (Way.UP, Way.DOWN) if way is None else (way,)
    bodies = [body_of(head.cn, each, edition or head.edition) for each in ways]
    readings = [(body, rest) for each in bodies if each is not None for body, rest in _fill(each, contents)]
    # the first that leaves nothing over; else the first at all
    body, rest = min(readings, key=lambda reading: bool(reading[1]), default=(Plain(), contents))
    return Message(head=head, body=body, rest=rest)


def _fill(body: type[Body], contents: Contents) -> Iterator[tuple[Body, Contents]]:
    """Yield the body and what is left over; nothing if a required item is missing or unreadable."""
    cp = dict(contents.cp)
    factors = {code: dict(tags) for code, tags in contents.factors.items()}
    values: dict[str, Any] = {}
    for attribute, declared in declared_of(body).items():
        if isinstance(declared, Tagged):
            values[attribute] = _take_tagged(factors, declared)
        elif (found := _take_item(cp, declared)) is not None:
            values[attribute] = found
        elif not declared.optional:
            return
    left = {code: tags for code, tags in factors.items() if tags}
    yield body(**values), Contents(cp=cp, factors=left)


def _take_item(cp: dict[str, str], declared: Item) -> Any:
    for name in declared.names:
        if name not in cp:
            continue
        try:
            value = _read_item(cp[name], declared)
        except ValueError:
            return None
        del cp[name]
        return value
    return None


def _read_item(text: str, declared: Item) -> Any:
    return tuple(map(declared.kind.read, text.split(","))) if declared.many else declared.kind.read(text)


def _take_tagged(factors: dict[str, dict[str, str]], declared: Tagged) -> dict[str, Any]:
    if declared.tag is None:
        taken = dict(factors)
        factors.clear()
        return taken
    values: dict[str, Any] = {}
    for code, tags in factors.items():
        if declared.tag not in tags:
            continue
        try:
            values[code] = declared.kind.read(tags[declared.tag])
        except ValueError:
            continue
        del tags[declared.tag]
    return values


def write_message(message: Message) -> bytes:
    """Return the data segment of a message, in UTF-8, in the order of the standard."""
    area = "".join(_separated(_area_items(message)))
    return ";".join([*head_items(message.head), f"CP=&&{area}&&"]).encode()


def write_frame(message: Message) -> bytes:
    """Return the frame of a message.

    :raises ValueError: if the segment is longer than four digits can say; split it before (`reassembly.split`).
    """
    raw = write_message(message)
    if len(raw) > MAX_LENGTH:
        raise ValueError(f"a data segment of {len(raw)} bytes does not fit a length of four digits")
    return b"##%04d%s%s\r\n" % (len(raw), raw, printed(checksum(raw)))


def _separated(items: Iterator[tuple[str, bool]]) -> Iterator[str]:
    for number, (text, joined) in enumerate(items):
        yield text if number == 0 else f",{text}" if joined else f";{text}"


def contents(message: Message) -> Contents:
    """Return all that a message says as a data area; the inverse of `typed`."""
    cp: dict[str, str] = {}
    factors: dict[str, dict[str, str]] = {}
    for attribute, declared in declared_of(type(message.body)).items():
        value = getattr(message.body, attribute)
        if isinstance(declared, Tagged):
            _pour_tagged(factors, value, declared)
        elif value is not None and value != ():
            cp[declared.names[0]] = ",".join(_texts(value, declared))
    for code, tags in message.rest.factors.items():
        factors.setdefault(code, {}).update(tags)
    return Contents(cp={**cp, **message.rest.cp}, factors=factors)


def _texts(value: Any, declared: Item) -> list[str]:
    return [declared.kind.write(each) for each in (value if declared.many else (value,))]


def _pour_tagged(factors: dict[str, dict[str, str]], value: Mapping[str, Any], declared: Tagged) -> None:
    for code, each in value.items():
        tags = factors.setdefault(code, {})
        if declared.tag is None:
            tags.update(each)
        else:
            tags[declared.tag] = declared.kind.write(each)


def _area_items(message: Message) -> Iterator[tuple[str, bool]]:
    """Yield the items of the data area, and whether a comma joins each to the one before."""
    left = {code: dict(tags) for code, tags in contents(message).factors.items()}
    for attribute, declared in declared_of(type(message.body)).items():
        value = getattr(message.body, attribute)
        if isinstance(declared, Tagged):
            yield from _factor_items(left)
            left = {}
        elif value is not None:
            for text in _texts(value, declared):
                yield f"{declared.names[0]}={text}", declared.joined
    yield from ((f"{key}={value}" if value or not key else key, False) for key, value in message.rest.cp.items())
    yield from _factor_items(left)


def _factor_items(factors: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, bool]]:
    for code, tags in factors.items():
        if tags:
            yield ",".join(f"{code}-{tag}={text}" for tag, text in tags.items()), False
