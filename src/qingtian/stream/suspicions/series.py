"""What a series detector looks at: an outlet's values on a regular grid of time, with all that explains them.

Everything is a column of one length: row ``i`` is the period that begins at ``start + i * period`` (µs since 1970 UTC).
A value that is missing is NaN, and zero is not missing. A series knows nothing of where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qingtian.base.errors import QingtianError

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Role(StrEnum):
    """What a column tells. Only what is `POLLUTANT` or `OXYGEN` is suspected; the others explain."""

    POLLUTANT = "pollutant"
    OXYGEN = "oxygen"
    LOAD = "load"
    FLOW = "flow"
    POWER = "power"
    CONDITION = "condition"


class UnevenSeries(QingtianError):
    code = "suspicions.uneven_series"
    zh = "排放口 {outlet} 的序列不整齐：列 {column} 有 {found} 行，应为 {expected} 行。请检查取数。"
    en = (
        "The series of outlet {outlet} is uneven: column {column} has {found} rows and not {expected}. Check the query."
    )


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A limit of a factor: ``period`` is ``hour`` or ``day``; bounds inclusive; in force [start, end) µs, None open.

    ``converted``: it binds the value at reference oxygen 折算 and not the measured one.
    """

    period: str
    upper: float | None = None
    lower: float | None = None
    start: int | None = None
    end: int | None = None
    converted: bool = False

    def in_force(self, instants: NDArray[np.int64]) -> Mask:
        """Return at which of the instants, µs, it is in force."""
        begun = np.ones(len(instants), np.bool_) if self.start is None else instants >= self.start
        return np.asarray(begun if self.end is None else begun & (instants < self.end))


@dataclass(frozen=True, kw_only=True)
class Range:
    """What an analyser can measure 量程: from ``detection`` 检出限 to ``top``, None: not known; in force [start, end)
    µs."""

    top: float | None = None
    detection: float | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Peers:
    """The same factor at all outlets of one kind, float64[outlets, rows]: ``level`` as a part of each one's limit, and
    ``swing`` within a row as a part of its mean. ``own``: the row of the series' outlet, ``limit`` its limit by row."""

    level: NDArray[np.float64]
    swing: NDArray[np.float64]
    own: int
    limit: Floats


@dataclass(frozen=True, kw_only=True)
class Column:
    """One factor or quantity.

    ``flags`` one byte a row, 0 none (HJ 212-2017 table: N F M S D C T B). ``reported`` the device's own average where
    ``values`` are ours. ``converted`` values at reference oxygen 折算. ``received`` µs of arrival, 0 unknown.
    ``facility`` names the unit that a power column drives, ``drives`` what that is for (production, treatment, pump),
    ``rated`` what it draws when it runs as it should. ``finer``: rows made of finer data, ``highest`` their highest
    value. Of two ``ranges`` in force the later stands. ``beside`` the same factor at other outlets of the firm, by
    their code; ``peers`` at all outlets of its kind, given with the days that are compared and never cut.
    """

    code: str
    role: Role
    values: Floats
    zh: str = ""
    en: str = ""
    unit: str = ""
    flags: NDArray[np.uint8] | None = None
    reported: Floats | None = None
    converted: Floats | None = None
    received: NDArray[np.int64] | None = None
    limits: tuple[Limit, ...] = ()
    ranges: tuple[Range, ...] = ()
    facility: str | None = None
    rated: float | None = None
    finer: Mask | None = None
    highest: Floats | None = None
    beside: Mapping[str, Floats] = field(default_factory=dict)
    drives: str | None = None
    peers: Peers | None = None

    def bound_by(self, limit: Limit) -> Floats:
        """Return the values that a limit is of; NaN throughout where converted ones are bound and none are known."""
        if not limit.converted:
            return self.values
        return np.full(len(self.values), np.nan) if self.converted is None else self.converted


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What somebody stated about a time 标记: ``label`` such as maintenance, calibration, shutdown; [start, end) µs.

    ``registered``: a person filed it; else a flag of the data or a failed check says so.
    """

    label: str
    start: int
    end: int
    factors: tuple[str, ...] = ()
    registered: bool = False

    def about(self, factor: str) -> bool:
        return not self.factors or factor in self.factors


@dataclass(frozen=True, kw_only=True)
class Treats:
    """A registered relation: production unit 产污设施 → treatment unit 治污设施, named as `Column.facility`."""

    production: str
    treatment: str
    biological: bool = False


@dataclass(frozen=True, kw_only=True)
class Trace:
    """The packets behind the rows, in the order of the log: QN and DataTime and arrival, all µs; 0 where unreadable."""

    qn: NDArray[np.int64]
    data_time: NDArray[np.int64]
    received: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.received)


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """An outlet's columns on one grid; ``since`` µs: nothing is expected before the outlet was on line.

    :raises UnevenSeries: if a column has another length than the grid.
    """

    outlet: str
    start: int
    period: int
    rows: int
    columns: Mapping[str, Column]
    since: int | None = None
    marks: tuple[Mark, ...] = ()
    relations: tuple[Treats, ...] = ()
    trace: Trace | None = None
    shared: dict[object, object] = field(default_factory=dict, repr=False)
    """What detectors computed and others may need too: a function of the series, kept for its life."""
    cut_from: tuple[Series, int] | None = field(default=None, repr=False)
    """The longer series that this is the rows of, if both share what is computed, and the row from which on it was
    wanted: one before the first, if there was no more."""
    asked: tuple[int, int] | None = None
    """Only suspicions that begin in this range of µs are wanted, if it is given: others need not be looked for."""

    def __post_init__(self) -> None:
        for column in self.columns.values():
            if len(column.values) != self.rows:
                raise UnevenSeries(outlet=self.outlet, column=column.code, found=len(column.values), expected=self.rows)

    @property
    def end(self) -> int:
        return self.start + self.rows * self.period

    @property
    def step(self) -> str:
        """Return ``minute``, ``hour`` or ``day``: by which parameters the series is judged."""
        return "day" if self.period >= DAY else "hour" if self.period >= HOUR else "minute"

    @property
    def first(self) -> int:
        """Return the number of the first row on a grid that begins 1970: what is anchored to it survives a cut."""
        return self.start // self.period

    def of(self, *roles: Role) -> list[Column]:
        return [column for column in self.columns.values() if column.role in roles]

    def times(self) -> NDArray[np.int64]:
        return self.start + np.arange(self.rows, dtype=np.int64) * self.period

    def row(self, instant: int) -> int:
        """Return the row that an instant falls into; it may lie outside."""
        return (instant - self.start) // self.period

    def expected_rows(self) -> Mask:
        """Return where data are due: from ``since`` on."""
        if self.since is None:
            return np.ones(self.rows, np.bool_)
        return self.times() >= self.since

    def marked(self, *labels: str, factor: str) -> Mask:
        """Return the rows that a mark with one of the labels covers, even in part."""
        return self.marked_by(self.marks, *labels, factor=factor)

    def marked_by(self, marks: Iterable[Mark], *labels: str, factor: str) -> Mask:
        """Return `marked` by these marks alone."""
        mask = np.zeros(self.rows, np.bool_)
        for mark in marks:
            if mark.label in labels and mark.about(factor):
                first, last = self.row(mark.start), self.row(mark.end - 1)
                mask[max(first, 0) : max(last + 1, 0)] = True
        return mask

    def slice(self, start: int, end: int) -> Series:
        """Return the rows of [start, end) µs as a series of its own; what does not exist is left out."""
        first = min(max(self.row(start), 0), self.rows)
        last = min(max(self.row(end + self.period - 1), first), self.rows)
        return Series(
            outlet=self.outlet,
            start=self.start + first * self.period,
            period=self.period,
            rows=last - first,
            columns={code: _cut(column, first, last) for code, column in self.columns.items()},
            since=self.since,
            marks=tuple(mark for mark in self.marks if mark.start < end and mark.end > start),
            relations=self.relations,
            trace=None if self.trace is None else _between(self.trace, start, end),
        )

    def around(self, start: int, end: int, *, asked: tuple[int, int]) -> Series:
        """Return the `slice` of [start, end) µs for a detector that rests on nothing outside it, and what it is asked.

        What many detectors need is computed once, of the whole; rows near the edges may so be known better.
        """
        return replace(self.slice(start, end), cut_from=(self, self.row(start)), asked=asked)

    def is_asked(self, row: int) -> bool:
        """Tell whether a suspicion that begins in this row is wanted."""
        return self.asked is None or self.asked[0] <= self.start + row * self.period < self.asked[1]


def _cut(column: Column, first: int, last: int) -> Column:
    changed = {
        name: None if (found := getattr(column, name)) is None else found[first:last]
        for name in ("values", "flags", "reported", "converted", "received", "finer", "highest")
    }
    changed["beside"] = {code: values[first:last] for code, values in column.beside.items()}
    return Column(**{**vars(column), **changed})


def _between(trace: Trace, start: int, end: int) -> Trace:
    kept = (trace.received >= start) & (trace.received < end)
    return Trace(qn=trace.qn[kept], data_time=trace.data_time[kept], received=trace.received[kept])
