"""The limit rows of an outlet (限值): by its standard and source type, and its permit; and which of them bind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from qingtian.base.times import BEIJING
from qingtian.law import limits as law
from qingtian.law.binding import Binding, Candidate, Confirmation, resolve
from qingtian.office.people.api import Scope, User
from qingtian.office.sites.models import Basis, Limit, LimitConfirmation, Outlet

Confirmations = Mapping[tuple[str, str, str, str, str], Confirmation]
"""By standard, source type, factor, period and printed words."""


def limits_of(
    outlet: Outlet, *, factors: Collection[str], standard: str = "", source_type: str = ""
) -> Iterator[Limit]:
    """Yield the (unsaved) limits of an outlet for the factors its devices measure; of its own standard unless told."""
    standard, source_type = standard or outlet.standard, source_type or outlet.source_type
    for bound in law.bounds(standard=standard, source_type=source_type):
        if bound.factor in factors:
            yield _limit(outlet, bound, source_type)


def _limit(outlet: Outlet, bound: law.Bound, source_type: str) -> Limit:
    return Limit(
        outlet=outlet,
        factor=bound.factor,
        period=bound.period,
        lower=bound.lower,
        upper=bound.upper,
        unit=bound.unit,
        measure=bound.measure,
        reference_oxygen=bound.reference_oxygen,
        basis=Basis.STANDARD,
        standard=bound.standard,
        source_type=source_type,
        source=bound.source,
        certainty=bound.certainty,
        start=bound.start,
        end=bound.end,
        printed=bound.printed,
    )


def confirmations() -> Confirmations:
    """Return the last confirmation of each figure. One query."""
    return {
        (row.standard, row.source_type, row.factor, row.period, row.printed): Confirmation(
            by=row.by_name, at=row.at.astimezone(BEIJING).isoformat(), document=row.document
        )
        for row in LimitConfirmation.objects.order_by("at", "pk")
    }


def name_of(limit: Limit) -> tuple[str, str, str, str, str]:
    """Return what a confirmation of this limit's figure goes by."""
    return (limit.standard, limit.source_type, limit.factor, limit.period, limit.printed)


def binding(rows: Iterable[Limit], confirmed: Confirmations) -> tuple[Binding, ...]:
    """Return which of an outlet's limits bind it and when; the ``key`` of each candidate is its row."""
    return resolve(_candidate(row, confirmed.get(name_of(row))) for row in rows)


def bindings(outlet: Outlet) -> tuple[Binding, ...]:
    """Return what binds an outlet and why, of all dates. One query if its limits are prefetched."""
    return binding(outlet.limits.all(), confirmations())


def confirmations_of(standard: str, source_type: str, factor: str) -> list[LimitConfirmation]:
    """Return who confirmed figures of a row of a standard, the last first. One query."""
    rows = LimitConfirmation.objects.filter(standard=standard, source_type=source_type, factor=factor)
    return list(rows.order_by("-at", "-pk"))


def limits_from(user: User, *, standard: str, source_type: str, factor: str, period: str, printed: str) -> list[Limit]:
    """Return the limits of outlets in scope that come from one row of a standard. One query."""
    rows = Limit.objects.filter(Scope.of(user).q("outlet__"), standard=standard, source_type=source_type)
    rows = rows.filter(factor=factor, period=period, printed=printed).select_related("outlet__enterprise")
    return list(rows.order_by("outlet_id"))


def in_force(outlet: Outlet, day: date) -> list[Limit]:
    """Return the rows that bind an outlet on a day, by factor and period; no query if its limits are prefetched."""
    bindings = binding(outlet.limits.all(), {})
    rows = [
        one.candidate.key
        for one in bindings
        if (one.start is None or one.start <= day) and (one.end is None or day < one.end)
    ]
    return sorted((row for row in rows if isinstance(row, Limit)), key=lambda row: (row.factor, row.period))


def _candidate(row: Limit, confirmation: Confirmation | None) -> Candidate:
    bound = law.Bound(
        factor=row.factor,
        period=row.period,
        lower=row.lower,
        upper=row.upper,
        unit=row.unit,
        measure=row.measure,
        reference_oxygen=row.reference_oxygen,
        standard=row.standard,
        source=row.source,
        certainty=row.certainty,
        start=row.start,
        end=row.end,
        printed=row.printed,
    )
    return Candidate(bound=bound, basis=row.basis, key=row, confirmation=confirmation)
