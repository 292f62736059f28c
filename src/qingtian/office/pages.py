"""The rows of a long list, read as far as somebody looks: a page of it is a page of rows from the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TypeVar, overload

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
FIRST = 51
"""So many rows are read first, a page and one more: most lists are not longer, and need not be counted then."""


class Pages(Sequence[Row]):
    """At most ``most`` rows of a query that has an order. Whoever goes through all of them reads them all, at once."""

    def __init__(self, query: QuerySet[Row], *, most: int) -> None:
        self._query, self._most = query, most

    @cached_property
    def _first(self) -> list[Row]:
        return list(self._query[: min(FIRST, self._most)])

    @cached_property
    def _length(self) -> int:
        known = len(self._first)
        return known if known < min(FIRST, self._most) else self._query.order_by().values("pk")[: self._most].count()

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, where: int) -> Row: ...

    @overload
    def __getitem__(self, where: slice) -> list[Row]: ...

    def __getitem__(self, where: int | slice) -> Row | list[Row]:
        if isinstance(where, int):
            place = range(len(self))[where]
            return self._between(place, place + 1)[0]
        start, stop, step = where.indices(len(self))
        return self._between(start, stop)[::step] if step > 0 else list(self)[where]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._between(0, len(self)))

    def _between(self, start: int, stop: int) -> list[Row]:
        return self._first[start:stop] if stop <= len(self._first) else list(self._query[start:stop])
