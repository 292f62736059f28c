"""Which limits bind an outlet: the rows of its standard, in the unit its device reports (限值选取).

Picked by standard and source type from ``rules/limits``; permit limits (排污许可) are added by hand and stand beside
them. A row that an automatic monitor cannot be held against (no factor code, another unit of measure, a period that
the wire does not carry) is left out here and stays readable in the rule file.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from qingtian.base import units
from qingtian.law import rules
from qingtian.law.rules import Rule
from qingtian.office.sites.models import Basis, Limit, Outlet, Period

CONVERTED = "ZsAvg"
MEASURED = "Avg"


@cache
def factor_units() -> dict[str, str]:
    """Return the concentration unit of each factor code (HJ 212-2017 annex B)."""
    return {rule["code"]: rule["unit"] for rule in rules.table("factors") if rule["code"] and rule["unit"]}


@cache
def _by_source_type() -> dict[tuple[str, str], tuple[Rule, ...]]:
    found: dict[tuple[str, str], list[Rule]] = {}
    for name in rules.names("limits"):
        for rule in rules.table(name):
            found.setdefault((rule["standard"], rule["source_type"]), []).append(rule)
    return {key: tuple(rows) for key, rows in found.items()}


def rows_for(*, standard: str, source_type: str) -> tuple[Rule, ...]:
    """Return the rows of a standard for a source type that a monitor can be held against, of all dates."""
    rows = _by_source_type().get((standard, source_type), ())
    return tuple(row for row in rows if _measurable(row))


def _measurable(row: Rule) -> bool:
    unit = factor_units().get(row["factor"] or "")
    return bool(
        row["limit"] is not None and row["period"] in Period.values and unit and units.comparable(row["unit"], unit)
    )


def limits_of(outlet: Outlet) -> Iterator[Limit]:
    """Yield the (unsaved) limits of an outlet by its standard and source type."""
    for row in rows_for(standard=outlet.standard, source_type=outlet.source_type):
        yield _limit(outlet, row)


def _limit(outlet: Outlet, row: Rule) -> Limit:
    unit = factor_units()[row["factor"]]
    bound = units.convert(Decimal(row["limit"]), source=row["unit"], target=unit)
    lower = row["comparator"] == ">="
    return Limit(
        outlet=outlet,
        factor=row["factor"],
        period=row["period"],
        lower=bound if lower else None,
        upper=None if lower else bound,
        unit=unit,
        measure=CONVERTED if row.get("reference_oxygen") else MEASURED,
        basis=Basis.STANDARD,
        standard=row["standard"],
        source=row.source,
        certainty=row.certainty,
        start=row.start,
        end=row.end,
        printed=f"{row['comparator']} {row['limit']} {row['unit']}",
    )
