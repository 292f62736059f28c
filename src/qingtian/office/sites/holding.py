"""Outlets held for a transaction: whoever takes what the log says of one waits for who does so already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from qingtian.office import statements


@dataclass(frozen=True, kw_only=True)
class Place:
    """An outlet by its code, with what an alert says of it: its name, its medium, whose it is and where."""

    code: str
    name: str
    medium: str
    enterprise: str
    district: str
    grid: str

    @classmethod
    def of(cls, row: Sequence[str]) -> Place:
        """Return the place of the columns `PLACE_COLUMNS`."""
        code, name, medium, enterprise, district, grid = row
        return cls(code=code, name=name, medium=medium, enterprise=enterprise, district=district, grid=grid)


PLACE_COLUMNS = "o.code, o.name, o.medium, o.enterprise_id, o.district_id, o.grid_id"
"""The columns of a `Place`, of the table of outlets as ``o``."""

# in the order of their codes, so that two who hold several never wait for each other; rows that refer to an outlet may
# be written meanwhile
HOLD = f"""
SELECT {PLACE_COLUMNS} FROM sites_outlet o WHERE o.code = ANY(%(codes)s::text[]) ORDER BY o.code FOR NO KEY UPDATE
"""  # noqa: S608 - words of this module


def hold_outlets(codes: Collection[str]) -> dict[str, Place]:
    """Lock the rows of these outlets until the caller's transaction ends; return those there are. One query."""
    return {row[0]: Place.of(row) for row in statements.run(HOLD, codes=sorted(set(codes)))}
