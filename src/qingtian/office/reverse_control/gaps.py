"""Which records of a series never arrived. Pure; times are whole seconds since 1970 UTC, records start at their period.

A series is one kind of record (minute, hour, day) of one device. When it ran is not known, so every period since the
device is known counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

BEIJING_OFFSET = 8 * 3600
"""Days begin at Beijing midnight; minutes and hours do not care."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Records in a row, ``begin`` and ``end`` included, ``step`` seconds apart."""

    begin: int
    end: int
    step: int

    @property
    def records(self) -> int:
        return (self.end - self.begin) // self.step + 1

    def times(self) -> range:
        return range(self.begin, self.end + 1, self.step)


def floor(at: int, step: int) -> int:
    """Return the start of the period that ``at`` lies in."""
    return (at + BEIJING_OFFSET) // step * step - BEIJING_OFFSET


def expected(*, since: int, until: int, step: int) -> range:
    """Return the starts of the periods that lie wholly in ``[since, until]``."""
    return range(floor(since - 1, step) + step, until - step + 1, step)


def usual_step(times: Sequence[int], *, among: Collection[int], default: int) -> int:
    """Return the interval at which records mostly follow each other, if it is one the standard has; else ``default``.

    ``times`` ascend. Of intervals that are as frequent as each other the shorter counts.
    """
    seen = Counter(later - earlier for earlier, later in pairwise(times))
    usual = [(-count, step) for step, count in seen.items() if step in among]
    return min(usual)[1] if usual else default


def missing(
    arrived: Iterable[int], *, since: int, until: int, step: int, covered: Collection[int] = frozenset()
) -> list[int]:
    """Return the starts of periods in ``[since, until]`` without a record, ascending, less those ``covered`` already.

    A record stamped within a period is that period's.
    """
    there = {floor(at, step) for at in arrived}
    return [at for at in expected(since=since, until=until, step=step) if at not in there and at not in covered]


def stretches(times: Sequence[int], *, step: int, most: int) -> Iterator[Stretch]:
    """Yield ascending times as stretches of at most ``most`` records."""
    begin: int | None = None
    last = 0
    for at in times:
        if begin is not None and (at != last + step or (last - begin) // step + 1 >= most):
            yield Stretch(begin=begin, end=last, step=step)
            begin = None
        begin = at if begin is None else begin
        last = at
    if begin is not None:
        yield Stretch(begin=begin, end=last, step=step)
