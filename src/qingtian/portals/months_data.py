"""Months and quarters of an outlet's windows: means, validity, emission and what is permitted of it. From the lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from qingtian.base.times import BEIJING
from qingtian.lake import windows as lake_windows
from qingtian.office.marks import api as register
from qingtian.office.marks.api import Mark
from qingtian.office.sites.api import Outlet
from qingtian.portals.completeness_data import months_back
from qingtian.portals.history import windows
from qingtian.stream.periods import api as periods

MONTHS_BEFORE = 6
"""How far behind a year a replaced emission may look: 2160 valid hours are three months of a plant that runs on."""

COLUMNS = (
    *("medium", "value", "converted", "own", "low", "high", "reference_oxygen", "volume", "amount"),
    *("n", "due", "valid", "exempt", "reason", "corrected", "plan", "received"),
)


@dataclass(frozen=True, kw_only=True)
class Month:
    """A series' month. ``mean`` of the hours so far (it counts if ``valid``), in the factor's unit; ``hours`` valid of
    ``due``, of which ``needed`` make it valid; ``kg`` measured; ``running``: it is not over.
    """

    month: date
    mn: str
    factor: str
    mean: float | None
    converted: float | None
    low: float | None
    high: float | None
    hours: int
    due: int
    needed: int
    valid: bool
    running: bool
    volume: float | None
    kg: float | None

    @property
    def state(self) -> str:
        """``running``, ``valid`` or ``few``."""
        return "running" if self.running else "valid" if self.valid else "few"


@dataclass(frozen=True, kw_only=True)
class Quarter:
    """A quarter that is over, with what stands for its missing hours (HJ 75-2017 tables 5, 6; HJ 356-2019)."""

    first: date
    total: periods.QuarterTotal

    @property
    def percent(self) -> float:
        """The capture rate in per cent, so fine that 89.96 is not read as 90."""
        return round(self.total.capture * 100, 2)


@dataclass(frozen=True, kw_only=True)
class Permitted:
    """Tonnes a year of a factor that the permit allows, and where it stands."""

    tonnes: float
    document: str


@dataclass(frozen=True, kw_only=True)
class Year:
    """What is known of a year: its months by month and series, its finished quarters, what is permitted by factor."""

    months: Sequence[Month]
    quarters: Sequence[Quarter]
    permitted: Mapping[str, Permitted]


def of_year(outlet: Outlet, *, year: int, today: date, marks: Sequence[Mark]) -> Year:
    """Return an outlet's year. ``marks``: those of the outlet that stand; what is out of control is known beside them.

    :raises LakeUnreachable: if the lake does not answer.
    """
    first = date(year, 1, 1)
    found = lake_windows.windows(
        windows(),
        first=months_back(first, MONTHS_BEFORE),
        last=min(date(year, 12, 31), today),
        outlets=[outlet.pk],
        periods=["hour", "day"],
        columns=COLUMNS,
    )
    return Year(
        months=_months(found, year=year, today=today),
        quarters=_quarters(found, year=year, today=today, stated=[*map(_stated, marks), *_out_of_control(outlet)]),
        permitted=permitted(outlet),
    )


def permitted(outlet: Outlet) -> dict[str, Permitted]:
    """Return what the permit allows of each factor, as the register has it."""
    told = outlet.operating.get("permitted_tonnes") or {}
    return {code: Permitted(tonnes=float(one["tonnes"]), document=str(one["document"])) for code, one in told.items()}


def _months(found: pl.DataFrame, *, year: int, today: date) -> list[Month]:
    local = found.with_columns(on=pl.col("data_time").dt.convert_time_zone("Asia/Shanghai"))
    told: list[Month] = []
    for number in range(1, 13):
        first = date(year, number, 1)
        part = local.filter(pl.col("on").dt.year() == year, pl.col("on").dt.month() == number)
        if len(part):
            running = months_back(first, -1) > today
            told += [_month(row, first, running=running) for row in _of_month(part, first).iter_rows(named=True)]
    return told


def _of_month(part: pl.DataFrame, first: date) -> pl.DataFrame:
    made = periods.month_of(part.drop("on"), first=first)
    return made.filter(pl.col("own").is_not_null() | pl.col("amount").is_not_null())


def _month(row: Mapping[str, object], first: date, *, running: bool) -> Month:
    names = {"mean": "own", "hours": "n", "kg": "amount"}
    names |= {name: name for name in ("mn", "factor", "low", "high", "due", "needed", "valid", "volume")}
    figures = {name: row[column] for name, column in names.items()}
    return Month(month=first, running=running, converted=row["converted"], **figures)  # type: ignore[arg-type]


def _quarters(found: pl.DataFrame, *, year: int, today: date, stated: Sequence[periods.Mark]) -> list[Quarter]:
    told: list[Quarter] = []
    for number in range(1, 13, 3):
        first = date(year, number, 1)
        end = months_back(first, -3)
        before = found.filter(pl.col("data_time") < _midnight(end))
        if end <= today and len(before):
            totals = periods.quarter_totals(before, first=first, end=end, marks=stated)
            told += [Quarter(first=first, total=one) for one in totals if one.capture or one.filled]
    return told


def _midnight(day: date) -> pl.Expr:
    return pl.lit(day).cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Shanghai").dt.convert_time_zone("UTC")


def _out_of_control(outlet: Outlet) -> list[periods.Mark]:
    """Return which data are out of control 失控时段, with the last check passed before: totals look back from there."""
    return [periods.Mark.told(outlet.pk, one) for one in register.out_of_control(outlet.pk)]


def _stated(mark: Mark) -> periods.Mark:
    return periods.Mark(
        outlet=mark.outlet_id,
        kind=mark.kind,
        label=mark.label,
        start=mark.start.astimezone(BEIJING),
        end=mark.end.astimezone(BEIJING),
        factors=tuple(mark.factors) if mark.factors else None,
        mn=mark.mn or None,
    )
