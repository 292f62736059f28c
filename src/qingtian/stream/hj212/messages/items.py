"""How a field of the data area CP is declared: its name, its kind, its bounds (HJ 212-2017 table 5, annex B.9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime, time
from typing import Any

from qingtian.base.times import parse_stamp, stamp, stamp_milliseconds


@dataclass(frozen=True)
class Kind:
    """A way to write a value. ``read`` raises ValueError on what it cannot take; ``write`` is its inverse."""

    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(text)
    return int(text)


def _time_of(text: str, digits: int) -> time:
    if not (text.isascii() and text.isdigit() and len(text) == digits):
        raise ValueError(text)
    return time(int(text[:2]), int(text[2:4]), int(text[4:6] or 0))


def _write_moment(moment: datetime) -> str:
    return stamp_milliseconds(moment) if moment.microsecond else stamp(moment)


TEXT = Kind("text", str, str)
WHOLE = Kind("whole", _whole, str)
MOMENT = Kind("moment", parse_stamp, _write_moment)
"""N14, Beijing time; 17 digits (milliseconds) are met and kept."""
MILLISECONDS = Kind("milliseconds", parse_stamp, stamp_milliseconds)
"""17 digits, as SKCreateTime of 2025."""
CLOCK = Kind("clock", lambda text: _time_of(text, 6), lambda clock: clock.strftime("%H%M%S"))
HOUR_MINUTE = Kind("hour_minute", lambda text: _time_of(text, 4), lambda clock: clock.strftime("%H%M"))


@dataclass(frozen=True, kw_only=True)
class Item:
    """One ``name=value`` of CP.

    ``names``: the first is written, the others are read too. ``many``: may repeat, a tuple. ``joined``: stands behind a
    comma. ``low``, ``high``, ``among``: what the standard allows; a value beyond is read all the same (see `breaches`).
    """

    names: tuple[str, ...]
    kind: Kind
    many: bool
    optional: bool
    joined: bool
    low: int | None
    high: int | None
    among: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Tagged:
    """All ``code-tag=value`` of CP: of one tag (code → value), or of every tag (code → tag → text, ``tag`` None)."""

    tag: str | None
    kind: Kind = TEXT


def item(
    *names: str,
    kind: Kind = TEXT,
    many: bool = False,
    optional: bool = False,
    joined: bool = False,
    low: int | None = None,
    high: int | None = None,
    among: frozenset[int] = frozenset(),
) -> Any:
    """Declare a field of a body as an item of CP."""
    declared = Item(
        names=names, kind=kind, many=many, optional=optional, joined=joined, low=low, high=high, among=among
    )
    if optional:
        return field(default=() if many else None, metadata={"item": declared})
    return field(metadata={"item": declared})


def tagged(tag: str | None = None, *, kind: Kind = TEXT) -> Any:
    """Declare a field of a body as values with tags."""
    return field(metadata={"tagged": Tagged(tag=tag, kind=kind)})


_DECLARED: dict[type[Any], dict[str, Item | Tagged]] = {}


def declared_of(body: type[Any]) -> dict[str, Item | Tagged]:
    """Return what a body declares, by attribute, in the order it is written."""
    if body not in _DECLARED:
        _DECLARED[body] = {
            each.name: each.metadata["item" if "item" in each.metadata else "tagged"] for each in fields(body)
        }
    return _DECLARED[body]
