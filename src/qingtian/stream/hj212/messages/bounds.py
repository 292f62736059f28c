"""What of a message is beyond the bounds of the standard: for forms before sending, and for the conformance check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qingtian.stream.hj212.messages.items import Item, declared_of
from qingtian.stream.hj212.messages.message import Message


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One value that the standard does not allow. ``allowed``: as ``1–99`` or ``1, 2, 3``."""

    name: str
    value: int
    allowed: str


def breaches(message: Message) -> list[Breach]:
    """Return the values of a message that are beyond their bounds (HJ 212-2017 table 5)."""
    found = []
    for attribute, declared in declared_of(type(message.body)).items():
        if not isinstance(declared, Item):
            continue
        value = getattr(message.body, attribute)
        for each in value if declared.many else (value,):
            if each is not None and not _allows(declared, each):
                found.append(Breach(name=declared.names[0], value=each, allowed=_bounds(declared)))
    return found


def _allows(declared: Item, value: Any) -> bool:
    if declared.among:
        return value in declared.among
    below = declared.low is not None and value < declared.low
    above = declared.high is not None and value > declared.high
    return not (below or above)


def _bounds(declared: Item) -> str:
    if declared.among:
        return ", ".join(map(str, sorted(declared.among)))
    return f"{declared.low}–{declared.high}"
