"""Lists of matters (事项台账): which, by filter and order, and what stands in their rows; in statements of their own.

A register is put together by what is asked for, and planned for it; the matters of an inbox are read by their keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from qingtian.office import statements
from qingtian.office.matters import dues, searching, seeing
from qingtian.office.matters.models import Matter
from qingtian.office.matters.seeing import Viewer
from qingtian.office.people.api import District, User
from qingtian.office.sites.models import Enterprise

PAGE = 50
FAR = 10_000
"""How many rows into a list one may go; who has to go farther should filter."""
SORTS = {
    "newest": "m.id DESC",
    "oldest": "m.id",
    # what is under way first, what nothing runs for last: an order that an index has
    "due": "m.closed, m.next_due, m.id",
}
OWN = tuple(statements.columns(Matter, without=("state",)))
NAMES = ("code", "name", "name_en")
COLUMNS = ", ".join([*(f"m.{name}" for name in OWN), *(f"{beside}.{name}" for beside in "de" for name in NAMES)])
BESIDE = """
LEFT JOIN people_district d ON d.code = m.district_id LEFT JOIN sites_enterprise e ON e.code = m.enterprise_id
"""
BY_KEY = f"SELECT {COLUMNS} FROM matters_matter m {BESIDE} WHERE m.id = ANY(%(keys)s::bigint[]) AND ({{seen}})"  # noqa: S608
WALK = """(SELECT m.id, m.closed, m.next_due FROM matters_matter m WHERE ({way}){fits} ORDER BY {order} LIMIT {ends})"""
"""The first of the matters that are seen in one way: along an index of the order."""
PAGE_OF = f"""
SELECT {COLUMNS} FROM (SELECT m.id FROM ({{walks}}) m ORDER BY {{order}} OFFSET {{start}} LIMIT {{limit}}) k
JOIN matters_matter m ON m.id = k.id {BESIDE} ORDER BY {{order}}
"""  # noqa: S608 - words of this module
EQUAL = {
    "code": "m.code",
    "stage": "m.stage",
    "district": "m.district_id",
    "enterprise": "m.enterprise_id",
    "source": "m.source",
}
MINE = "EXISTS (SELECT 1 FROM matters_matterperson mine WHERE mine.matter_id = m.id AND mine.user_id = %(me)s)"
Condition = tuple[str, dict[str, Any]]
"""Words about a matter ``m``, and the values in them."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which matters: all that is given has to fit. ``state``: ``live``, ``closed``; ``due``: of `dues.NAMES`."""

    code: str = ""
    codes: Sequence[str] = ()
    stage: str = ""
    state: str = ""
    district: str = ""
    enterprise: str = ""
    source: str = ""
    due: str = ""
    mine: bool = False
    opened_from: date | None = None
    opened_to: date | None = None
    search: str = ""


def matters(
    who: User | Viewer, *, at: datetime, sort: str = "newest", start: int = 0, limit: int = PAGE, **wanted: Any
) -> list[Matter]:
    """Return matters that the person may see, with the names of district and enterprise at hand. Two queries, or three.

    ``wanted``: as in `Wanted`; ``mine``: named in it or acted in it; ``opened_from`` and ``opened_to``: days in
    Beijing, both inclusive; ``sort``: a key of `SORTS`. Their ``state`` column is not loaded.
    """
    viewer = seeing.viewer(who, at=at)
    sight, conditions = seeing.sight(viewer), list(_conditions(viewer, Wanted(**wanted), at))
    order, first = SORTS.get(sort, SORTS["newest"]), min(start, FAR)
    fits = "".join(f" AND ({words})" for words, _values in conditions)
    walks = (WALK.format(way=way, fits=fits, order=order, ends=first + limit) for way in sight.ways)
    page = PAGE_OF.format(walks=" UNION ".join(walks), order=order, start=first, limit=limit)
    values = {name: value for _words, some in conditions for name, value in some.items()}
    return [_row(row) for row in statements.look(page, **sight.values, **values)]


def shown(viewer: Viewer, keys: Sequence[int]) -> dict[int, Matter]:
    """Return what lists show of those of these matters that the person may see, by key. One query at most."""
    if not keys:
        return {}
    sight = seeing.sight(viewer)
    rows = statements.run(BY_KEY.format(seen=sight.condition), keys=list(keys), **sight.values)
    return {found.pk: found for found in map(_row, rows)}


def _row(row: tuple[Any, ...]) -> Matter:
    own, district, firm = row[: len(OWN)], row[len(OWN) : -len(NAMES)], row[-len(NAMES) :]
    beside: dict[str, District | Enterprise] = {}
    if district[0] is not None:
        beside["district"] = statements.read(District, NAMES, district)
    if firm[0] is not None:
        beside["enterprise"] = statements.read(Enterprise, NAMES, firm)
    return statements.read(Matter, OWN, own, **beside)


def _conditions(viewer: Viewer, wanted: Wanted, at: datetime) -> Iterator[Condition]:
    for name, column in EQUAL.items():
        if value := getattr(wanted, name):
            yield f"{column} = %({name})s", {name: value}
    if wanted.codes:
        yield "m.code = ANY(%(codes)s::text[])", {"codes": list(wanted.codes)}
    if wanted.state:
        yield "m.closed" if wanted.state == "closed" else "NOT m.closed", {}
    if wanted.due in dues.NAMES:
        yield _due(wanted.due, at)
    if wanted.mine:
        yield MINE, {}
    if wanted.opened_from:
        yield "m.opened_at >= %(opened_from)s", {"opened_from": dues.midnight(wanted.opened_from)}
    if wanted.opened_to:
        yield "m.opened_at < %(opened_to)s", {"opened_to": dues.midnight(wanted.opened_to + timedelta(days=1))}
    if wanted.search.strip():
        yield searching.condition(viewer, wanted.search)


def _due(name: str, at: datetime) -> Condition:
    if name == "none":
        return "NOT m.closed AND m.next_due IS NULL", {}
    first, last = dues.bounds(name, at=at)
    since = " AND m.next_due >= %(due_from)s" if first else ""
    until = " AND m.next_due < %(due_to)s" if last else ""
    return f"NOT m.closed{since}{until}", {"due_from": first, "due_to": last}
