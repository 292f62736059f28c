"""Discharge limits (排放限值) that an automatic monitor can be held against, in the unit its device reports.

Picked by standard and source type from ``rules/limits``. Left out here, and still readable in the rule file: rows
without a factor code or figure, of periods that the wire does not carry, in a unit that measures something else, and
rows under a ``condition`` that no monitor can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from qingtian.base import units
from qingtian.law import rules
from qingtian.law.rules import Rule

PERIODS = frozenset({"instant", "5min", "hour", "day"})
BARE = "1"
"""The unit of what has none."""

CONVERTED = "ZsAvg"
MEASURED = "Avg"


@dataclass(frozen=True, kw_only=True)
class Bound:
    """One bound, inclusive: ``lower`` or ``upper`` in ``unit``; ``printed`` as the standard has it.

    ``measure`` is ZsAvg where the limit is meant at ``reference_oxygen`` (%), else Avg.
    """

    factor: str
    period: str
    lower: Decimal | None
    upper: Decimal | None
    unit: str
    measure: str
    reference_oxygen: float | None
    standard: str
    source: str
    certainty: str
    start: date | None
    end: date | None
    printed: str

    def in_force(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@cache
def factor_units() -> dict[str, str]:
    """Return the concentration unit of each factor code (HJ 212-2017 annex B)."""
    return {rule["code"]: rule["unit"] for rule in rules.table("factors") if rule["code"] and rule["unit"]}


@cache
def bounds(*, standard: str, source_type: str) -> tuple[Bound, ...]:
    """Return the bounds of a standard for a source type, of all dates, in the order of the standard."""
    rows = _by_source_type().get((standard, source_type), ())
    return tuple(_bound(row) for row in rows if _measurable(row))


@cache
def _by_source_type() -> dict[tuple[str, str], tuple[Rule, ...]]:
    found: dict[tuple[str, str], list[Rule]] = {}
    for name in rules.names("limits"):
        for rule in rules.table(name):
            found.setdefault((rule["standard"], rule["source_type"]), []).append(rule)
    return {key: tuple(rows) for key, rows in found.items()}


def _measurable(row: Rule) -> bool:
    unit = factor_units().get(row["factor"] or "")
    known = row["limit"] is not None and row["period"] in PERIODS and not row.get("condition")
    return bool(known and unit and units.comparable(row["unit"], unit))


def _bound(row: Rule) -> Bound:
    unit = factor_units()[row["factor"]]
    figure = units.convert(Decimal(row["limit"]), source=row["unit"], target=unit)
    is_lower = row["comparator"] == ">="
    oxygen = row.get("reference_oxygen")
    return Bound(
        factor=row["factor"],
        period=row["period"],
        lower=figure if is_lower else None,
        upper=None if is_lower else figure,
        unit=unit,
        measure=CONVERTED if oxygen else MEASURED,
        # "9 or 3.5": the standard has one value for coal and one for gas; the stricter reading of the two
        reference_oxygen=float(oxygen.split(" ")[-1]) if oxygen else None,
        standard=row["standard"],
        source=row.source,
        certainty=row.certainty,
        start=row.start,
        end=row.end,
        printed=_printed(row["comparator"], row["limit"], row["unit"]),
    )


def _printed(comparator: str, limit: str, unit: str) -> str:
    """Return the bound as a person reads it; a number without a unit (pH) stands alone."""
    return f"{comparator} {limit}" if unit == BARE else f"{comparator} {limit} {unit}"
