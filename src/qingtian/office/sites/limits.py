"""The limit rows of an outlet (限值): by its standard and source type; permit limits are added beside them by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from qingtian.law import limits as law
from qingtian.office.sites.models import Basis, Limit, Outlet


def limits_of(outlet: Outlet, *, factors: Collection[str]) -> Iterator[Limit]:
    """Yield the (unsaved) limits of an outlet for the factors its devices measure."""
    for bound in law.bounds(standard=outlet.standard, source_type=outlet.source_type):
        if bound.factor in factors:
            yield _limit(outlet, bound)


def _limit(outlet: Outlet, bound: law.Bound) -> Limit:
    return Limit(
        outlet=outlet,
        factor=bound.factor,
        period=bound.period,
        lower=bound.lower,
        upper=bound.upper,
        unit=bound.unit,
        measure=bound.measure,
        basis=Basis.STANDARD,
        standard=bound.standard,
        source=bound.source,
        certainty=bound.certainty,
        start=bound.start,
        end=bound.end,
        printed=bound.printed,
    )
