"""The other outlets of a firm 同企业的其他排放口, whose values stand beside those of an outlet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.confirming.means import NOT_EXCUSED, Means
from qingtian.stream.periods.plan import PeriodPlan

Floats = NDArray[np.float64]
Stretch = tuple[int, int]


def names_of(plan: PeriodPlan, outlets: Iterable[str]) -> set[str]:
    """Return these outlets and the others of their firms that measure the same medium."""
    wanted = set(outlets)
    return wanted | {other for code in wanted for other, _ in plan.siblings.get(code, ())}


def mns_of(plan: PeriodPlan, outlets: Iterable[str]) -> list[str]:
    """Return the devices of `names_of`, in the order of the plan."""
    wanted = names_of(plan, outlets)
    return [mn for outlet in plan.outlets if outlet.code in wanted for mn in outlet.mns]


def spread(stretches: Mapping[str, Stretch], plans: Sequence[PeriodPlan]) -> dict[str, Stretch]:
    """Return the stretches, those of an outlet also for the others of its firm: what it sent bears on them too.

    ``plans``: the one before and the one now, so that an outlet that left the firm is forgotten there.
    """
    found = dict(stretches)
    for code, (first, last) in stretches.items():
        for other in set().union(*(names_of(plan, [code]) for plan in plans)) - {code}:
            known = found.get(other, (first, last))
            found[other] = min(first, known[0]), max(last, known[1])
    return found


def chosen(means: Means, part: slice, *, least_minutes: int) -> Floats:
    """Return the value of each window: ours where finer data of enough of it came, else the device's; NaN: none."""
    own, reported = means.own[part], means.reported[part]
    ours = ~np.isnan(own) & ((means.covered[part] >= least_minutes) | np.isnan(reported))
    return np.where(means.excused[part] == NOT_EXCUSED, np.where(ours, own, reported), np.nan)


def beside(
    means: Means,
    others: Sequence[tuple[str, str]],
    factor: str,
    *,
    start: int,
    period: int,
    rows: int,
    least_minutes: int,
) -> dict[str, Floats]:
    """Return by outlet its values [rows] of the factor, where it has any, of the first of its devices that does."""
    found: dict[str, Floats] = {}
    for outlet, mn in others:
        part = means.between(mn, start, start + rows * period).get(factor)
        if part is not None and outlet not in found:
            column = np.full(rows, np.nan)
            column[(means.at[part] - start) // period] = chosen(means, part, least_minutes=least_minutes)
            found[outlet] = column
    return found
