"""Emission totals of a quarter (季度排放量), with what stands for missing hours (HJ 75-2017 tables 5, 6; HJ 356-2019).

The emission *rate* of a missing hour is replaced, never a concentration: no exceedance rests on a replaced value.
"""

# Numba's types are opaque to the type checker
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingtian.base import times
from qingtian.law import rules
from qingtian.stream.hj212.words import kernel
from qingtian.stream.periods import parameters
from qingtian.stream.periods.cells import HOUR_US
from qingtian.stream.periods.marks import Mark

VALID, STANDING, MISSING = 0, 1, 2
MAXIMUM, MEAN_BEFORE, MANUAL = 0, 1, 2
METHODS = {"maximum": MAXIMUM, "mean_before": MEAN_BEFORE, "manual": MANUAL}
SERIES = ["outlet", "mn", "factor", "medium"]
NOT_DUE = ("stopped", "zero_flow")
LONGEST_GAP = 1 << 30
FROM_GAP = -1
"""An hour that is looked back for from where its gap begins."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """Missing hours that one row of the rule stands for. ``method``: a key of `METHODS`; ``hours_back``: valid hours
    that a maximum looks back to; ``kg``: None where a person must account for them.
    """

    method: str
    hours_back: int
    hours: int
    kg: float | None


@dataclass(frozen=True, kw_only=True)
class QuarterTotal:
    """A series' quarter. Hours: ``standing`` not running, ``missing`` of those due, ``filled`` of these; ``capture``:
    share of due hours that are valid; ``measured_kg``, ``filled_kg``; ``open_hours``: a person must account for them;
    ``replaced``: by which rows of the rule.
    """

    outlet: str
    mn: str
    factor: str
    hours: int
    standing: int
    missing: int
    filled: int
    open_hours: int
    capture: float
    measured_kg: float
    filled_kg: float
    replaced: tuple[Replaced, ...]

    @property
    def tonnes(self) -> float:
        return (self.measured_kg + self.filled_kg) * 1e-3


def quarter_totals(windows: pl.DataFrame, *, first: date, end: date, marks: Sequence[Mark] = ()) -> list[QuarterTotal]:
    """Return the totals of the quarter from ``first`` to ``end`` (exclusive) for each series with an emission.

    ``windows`` holds the hours of the quarter and of the time before that a maximum may look back to (2160 valid
    hours); an hour that is not there is missing, unless a mark of standing still covers it.

    :raises qingtian.law.rules.RuleRefused: if the table of substitutions cannot be used.
    """
    hours = windows.filter(pl.col("period") == "hour").sort(*SERIES, "data_time")
    emitting = hours.filter(pl.col("amount").is_not_null().any().over(SERIES))
    if emitting.is_empty():
        return []
    start, stop = (_microseconds(day) for day in (first, end))
    origin = min(start, times.to_microseconds(emitting["data_time"].min()))  # type: ignore[arg-type]
    shape = (stop - origin) // HOUR_US
    return [
        _total(name, part, first, origin, shape, (start - origin) // HOUR_US, marks)
        for name, part in emitting.group_by(SERIES, maintain_order=True)
    ]


def _microseconds(day: date) -> int:
    return times.to_microseconds(datetime.combine(day, time(), times.BEIJING))


def _total(
    name: tuple[Any, ...], part: pl.DataFrame, day: date, origin: int, length: int, first: int, marks: Sequence[Mark]
) -> QuarterTotal:
    outlet, mn, factor, medium = name
    rate, state = _laid_out(part, origin, length)
    mine = [mark for mark in marks if mark.outlet == outlet and mark.concerns(mn, factor)]
    for mark in mine:
        if _effect(mark, day) == "stopped":
            _stand(state, mark, origin)
    since = _since(state, [mark for mark in mine if _effect(mark, day) == "out_of_control"], origin)
    quarter = state[first:]
    due = int((quarter != STANDING).sum())
    missing = int((quarter == MISSING).sum())
    capture = (due - missing) / due if due else 1.0
    table = _table(str(medium), capture, day)
    filled, row = substituted(rate, state, first=first, table=table, since=since)
    measured = np.where(quarter == VALID, rate[first:], 0.0).sum()
    there = ~np.isnan(filled[first:]) & (quarter == MISSING)
    return QuarterTotal(
        outlet=outlet,
        mn=mn,
        factor=factor,
        hours=len(quarter),
        standing=len(quarter) - due,
        missing=missing,
        filled=int(there.sum()),
        open_hours=missing - int(there.sum()),
        capture=capture,
        measured_kg=round(float(measured), 9),
        filled_kg=round(float(filled[first:][there].sum()), 9),
        replaced=_replaced(filled[first:], row[first:], table),
    )


def _replaced(filled: Floats, row: NDArray[np.int8], table: Floats) -> tuple[Replaced, ...]:
    """Return what each row of the rule stands for; of a gap before which nothing is valid nothing comes."""
    names = {number: name for name, number in METHODS.items()}
    found = []
    for place, (_, method, hours_back) in enumerate(table.tolist()):
        stood = filled[row == place]
        if len(stood):
            kg = None if np.isnan(stood).all() else round(float(np.nansum(stood)), 9)
            found.append(Replaced(method=names[int(method)], hours_back=int(hours_back), hours=len(stood), kg=kg))
    return tuple(found)


def _laid_out(part: pl.DataFrame, origin: int, length: int) -> tuple[Floats, NDArray[np.int8]]:
    """Return kg/h and state of every hour from ``origin`` on."""
    place = (part["data_time"].dt.epoch("us").to_numpy() - origin) // HOUR_US
    inside = (place >= 0) & (place < length)
    rate, state = np.full(length, np.nan), np.full(length, MISSING, np.int8)
    amount = part["amount"].fill_null(np.nan).to_numpy()
    standing = part["reason"].is_in(NOT_DUE).to_numpy()
    rate[place[inside]] = amount[inside]
    found = np.where(standing, STANDING, np.where(np.isnan(amount), MISSING, VALID))
    state[place[inside]] = found[inside]
    return rate, state


def _effect(mark: Mark, day: date) -> str:
    rule = parameters.at(day).marks.get((mark.kind, mark.label))
    return str(rule["effect"]) if rule else ""


def _stand(state: NDArray[np.int8], mark: Mark, origin: int) -> None:
    """Take the hours that the mark covers whole, and that have no value, for standing."""
    first = -(-(times.to_microseconds(mark.start) - origin) // HOUR_US)
    last = (times.to_microseconds(mark.end) - origin) // HOUR_US
    part = state[max(first, 0) : max(last, 0)]
    part[part == MISSING] = STANDING


def _since(state: NDArray[np.int8], stretches: Sequence[Mark], origin: int) -> NDArray[np.int64]:
    """Return for each missing hour that is out of control the hour of the last check passed before it.

    HJ 75-2017 table 5 looks back from there; where no passed check is known, from the gap as for all others.
    """
    since: NDArray[np.int64] = np.full(len(state), FROM_GAP, np.int64)
    for mark in stretches:
        if mark.passed is None:
            continue
        first = max((times.to_microseconds(mark.start) - origin) // HOUR_US, 0)
        last = max(-(-(times.to_microseconds(mark.end) - origin) // HOUR_US), 0)
        passed = max((times.to_microseconds(mark.passed) - origin) // HOUR_US, 0)
        part, missing = since[first:last], state[first:last] == MISSING
        part[missing & ((part == FROM_GAP) | (part > passed))] = passed
    return since


def _table(medium: str, capture: float, day: date) -> Floats:
    """Return the rows that a capture rate chooses: longest gap (h), method, hours looked back."""
    rows = [rule for rule in rules.table("periods/substitution").at(day) if rule["medium"] == medium]
    fitting = [rule for rule in rows if capture >= rule["from_capture"]]
    best = max((rule["from_capture"] for rule in fitting), default=0.0)
    return np.array(
        [
            [rule["longest_gap_h"] or LONGEST_GAP, METHODS[rule["method"]], rule["hours"]]
            for rule in fitting
            if rule["from_capture"] == best
        ],
        np.float64,
    )


def substituted(
    rate: Floats, state: NDArray[np.int8], *, first: int, table: Floats, since: NDArray[np.int64] | None = None
) -> tuple[Floats, NDArray[np.int8]]:
    """Return ``rate`` with the missing hours from ``first`` on replaced, NaN where no automatic rule holds; and for
    each of these hours the row of ``table`` that was used, -1 for all others.

    ``table``: rows of longest gap (h), method and hours; the first whose gap is long enough counts. ``since``: the hour
    before which is looked back for an hour, `FROM_GAP` where its gap begins; None: of all.
    """
    filled = rate.copy()
    row = np.full(len(rate), -1, np.int8)
    _fill(rate, state, first, table, np.full(len(rate), FROM_GAP, np.int64) if since is None else since, filled, row)
    return filled, row


@kernel
def _fill(rate: Any, state: Any, first: int, table: Any, since: Any, filled: Any, used: Any) -> None:
    hour = first
    while hour < len(state):
        if state[hour] != MISSING:
            hour += 1
            continue
        # hours in which the source stood do not end a gap, and are not of it
        end, missing = hour, 0
        while end < len(state) and state[end] != VALID:
            missing += state[end] == MISSING
            end += 1
        chosen = 0
        while chosen < len(table) and missing > table[chosen, 0]:
            chosen += 1
        value, before = np.nan, FROM_GAP - 1
        for gap in range(hour, end):
            if state[gap] != MISSING or chosen == len(table):
                continue
            if since[gap] != before:
                before = since[gap]
                method = int(table[chosen, 1])
                start = min(before, hour) if before != FROM_GAP and method == MAXIMUM else hour
                value = _stand_in(rate, state, start, method, int(table[chosen, 2]), missing)
            filled[gap], used[gap] = value, chosen
        hour = end


@kernel
def _stand_in(rate: Any, state: Any, gap: int, method: int, hours: int, missing: int) -> float:
    """Return the maximum of the last ``hours`` valid hours before ``gap``, or the mean of as many as are missing."""
    if method == MANUAL:
        return np.nan
    wanted = hours if method == MAXIMUM else missing
    highest, total, count, place = -np.inf, 0.0, 0, gap - 1
    while place >= 0 and count < wanted:
        if state[place] == VALID:
            highest = max(highest, rate[place])
            total += rate[place]
            count += 1
        place -= 1
    if count == 0:
        return np.nan
    return highest if method == MAXIMUM else total / count
