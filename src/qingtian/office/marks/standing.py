"""Which marks stand, and for how long: accepted or in time, cut at the hours an event and a year may take. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qingtian.base.times import BEIJING
from qingtian.office.marks.labels import Budget
from qingtian.office.marks.models import Mark, State

STANDS = (State.FILED, State.ACCEPTED)
NOTHING = timedelta()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A mark as far as it stands: ``end`` may be earlier than the mark's own."""

    mark: Mark
    start: datetime
    end: datetime


@dataclass(kw_only=True)
class Used:
    """The hours of a pool in a Beijing year."""

    budget: Budget
    year: int
    used: timedelta = NOTHING
    marks: list[Mark] = field(default_factory=list)

    @property
    def part(self) -> float | None:
        """How much of the year's hours is used, None without a bound."""
        return None if self.budget.per_year is None else self.used / self.budget.per_year

    @property
    def warns(self) -> bool:
        return self.part is not None and self.part >= self.budget.warn


def settle(marks: Iterable[Mark], budgets: Sequence[Budget]) -> tuple[list[Standing], list[Used]]:
    """Return what stands of an outlet's marks, and the hours used by pool and year.

    Marks take their hours in the order in which they begin. One that crosses the year's end is counted in each year
    for its part there.
    """
    used: dict[tuple[str, int], Used] = {}
    standing: list[Standing] = []
    for mark in sorted((one for one in marks if one.state in STANDS), key=lambda one: (one.start, one.pk or 0)):
        budget = budget_of(mark, budgets)
        end = mark.end if budget is None else _spend(mark, budget, used)
        if end > mark.start:
            standing.append(Standing(mark=mark, start=mark.start, end=end))
    return standing, list(used.values())


def budget_of(mark: Mark, budgets: Sequence[Budget]) -> Budget | None:
    """Return the pool that a mark takes its hours from, None if it has none."""
    return next((one for one in budgets if one.kind == mark.kind and mark.label in one.labels), None)


def _spend(mark: Mark, budget: Budget, used: dict[tuple[str, int], Used]) -> datetime:
    """Take the mark's hours from its pool; return when what the pool gives ends."""
    last = mark.end if budget.per_event is None else min(mark.end, mark.start + budget.per_event)
    at = mark.start
    while at < last:
        year = at.astimezone(BEIJING).year
        until = min(last, datetime(year + 1, 1, 1, tzinfo=BEIJING))
        pool = used.setdefault((budget.pool, year), Used(budget=budget, year=year))
        left = until - at if budget.per_year is None else max(budget.per_year - pool.used, NOTHING)
        given = min(until - at, left)
        pool.used += given
        if not pool.marks or pool.marks[-1] is not mark:
            pool.marks.append(mark)
        at += given
        if at < until:
            return at
    return at
