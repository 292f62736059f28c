"""In which order papers lie in a volume 案卷材料排列顺序: pure, by dated rules (rules/case_files)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from qingtian.law import rules
from qingtian.law.clocks import Words

BY_TIME = "time"
VOLUMES = ("main", "side")
"""正卷 and 副卷, in the order in which they are bound."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A group of papers in a volume: its number, what it is called, and where that was read."""

    number: int
    words: Words
    source: str


def order_of(code: str, *, day: date) -> str:
    """Return by which order the file of a kind is laid."""
    rows = rules.table("case_files/kinds").at(day)
    return next((str(row["order"]) for row in rows if code in row["kinds"]), BY_TIME)


def place_of(title: str, *, order: str, volume: str, day: date) -> Place:
    """Return where a paper of this Chinese title lies. Of the words of the rule that it contains the longest decides;
    what contains none comes last."""
    rows = [row for row in rules.table("case_files/order").at(day) if (row["order"], row["volume"]) == (order, volume)]
    found = max(rows, key=lambda row: (_fits(row["titles"], title), row["place"]))
    return Place(number=found["place"], words=Words(zh=found["zh"], en=found["en"]), source=found.source)


def _fits(words: Iterable[str], title: str) -> int:
    """Return how long the longest of the words is that the title contains."""
    return max((len(word) for word in words if word in title), default=0)
