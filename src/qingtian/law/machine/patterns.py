"""How a paper is numbered where its rule has a form of its own (备案编号): ``{district}-{year}-{sequence:3}``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qingtian.law.machine.state import FactValue

PLACE = re.compile(r"\{(\w+)(?::(\d))?\}")
"""A placeholder, and to how many digits it is filled with zeros."""
HOUSE = ("district", "year", "sequence")
"""What is known of every number: the administrative division 行政区划代码, the year, the running number in it."""
UNKNOWN = "＿"


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """``text`` with placeholders of the house, or of facts; ``letters``: what stands for each option of such a fact."""

    text: str
    letters: Mapping[str, Mapping[str, str]]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in PLACE.findall(self.text))

    def number(self, *, district: str, year: int, sequence: int, facts: Mapping[str, FactValue]) -> str:
        """Return the number. A fact that is not known is a line to write on."""
        known = {"district": district, "year": str(year), "sequence": str(sequence)}
        known |= {fact: words.get(str(facts.get(fact)), UNKNOWN) for fact, words in self.letters.items()}
        return PLACE.sub(lambda found: known[found[1]].zfill(int(found[2] or 0)), self.text)

    def strangers(self) -> Iterator[str]:
        """Yield placeholders that nothing stands for."""
        yield from (name for name in self.names if name not in HOUSE and name not in self.letters)
