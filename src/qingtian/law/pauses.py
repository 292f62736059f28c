"""Days on which a clock stands still 期限中止、扣除: given as runs of days, read as a set of days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qingtian.base.errors import QingtianError
from qingtian.law.clocks import Words


class PauseReversed(QingtianError):
    code = "pauses.reversed"
    zh = "中止期间 {first} 至 {last} 的结束日早于开始日。请交换或改正两个日期。"
    en = "The pause from {first} to {last} ends before it begins. Swap or correct the two dates."


@dataclass(frozen=True, kw_only=True)
class Pause:
    """The clock stands still from ``first`` to ``last``, both included; why, and by which paper: as it is said.

    :raises PauseReversed: if it ends before it begins.
    """

    first: date
    last: date
    reason: str | Words = ""
    paper: str | Words = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise PauseReversed(first=self.first, last=self.last)

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def in_order(pauses: Sequence[Pause]) -> tuple[Pause, ...]:
    return tuple(sorted(pauses, key=lambda pause: (pause.first, pause.last)))


def holding(pauses: Sequence[Pause], day: date) -> Pause | None:
    """Return the first pause that holds ``day``."""
    return next((pause for pause in pauses if pause.holds(day)), None)


def runs(pauses: Sequence[Pause]) -> list[tuple[date, date]]:
    """Return the paused days as runs that neither touch nor overlap, first and last day of each, in order."""
    found: list[tuple[date, date]] = []
    for pause in in_order(pauses):
        if found and (pause.first - found[-1][1]).days <= 1:
            found[-1] = (found[-1][0], max(found[-1][1], pause.last))
        else:
            found.append((pause.first, pause.last))
    return found
