"""What is due of all instruments 质控日历, page by page: the database reckons as `law.quality.calendar` does.

The checks of a year are millions of rows: of each instrument only the last ones are looked at, by one index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson

from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.law.quality import kinds
from qingtian.law.quality.kinds import due as due_under
from qingtian.office import statements
from qingtian.office.people.api import Scope, User
from qingtian.office.sites.api import Medium, Outlet

ORDERS = {
    "next": "next, outlet_id, mn, factor, kind",
    "-next": "next DESC, outlet_id, mn, factor, kind",
    "outlet_name": "outlet_id, mn, factor, kind",
    "-outlet_name": "outlet_id DESC, mn, factor, kind",
}


@dataclass(frozen=True, kw_only=True)
class Due:
    """One kind of check of an instrument that is due: when one was made last, when the next is due, how it stands."""

    outlet: Outlet
    mn: str
    factor: str
    regime: str
    kind: str
    last: datetime | None
    next: datetime
    state: str


# of one instrument and kind, what stands and was made by now
MINE = """
    FROM quality_check c WHERE c.outlet_id = {of}.outlet_id AND c.mn = {of}.mn AND c.factor = {of}.factor
        AND c.kind = {kind} AND c.state = 'standing' AND c.at <= %(at)s"""
DUE = f"""
WITH kept AS (
    SELECT DISTINCT ON (i.outlet_id, i.mn, i.factor) i.outlet_id, i.mn, i.factor, i.regime,
        i.since::timestamp AT TIME ZONE 'Asia/Shanghai' AS since
    FROM quality_instrument i WHERE i.since <= %(day)s
    ORDER BY i.outlet_id, i.mn, i.factor, i.since DESC, i.id DESC),
due AS (
    SELECT k.*, r.kind, r.ends, r.soon * interval '24 hours' AS soon,
        CASE WHEN p.at >= k.since THEN p.at ELSE k.since END + r.days * interval '24 hours' AS next
    FROM kept k
    JOIN sites_outlet o ON o.code = k.outlet_id AND o.ended IS NULL
    JOIN sites_device v ON v.mn = k.mn AND v.active
    JOIN sites_enterprise e ON e.code = o.enterprise_id
    JOIN jsonb_to_recordset(%(rules)s::jsonb) AS r(
        regime text, medium text, kind text, ends text[], days float8, soon float8)
        ON r.regime = k.regime AND r.medium = o.medium
    LEFT JOIN LATERAL (
        SELECT c.at {MINE.format(of="k", kind="r.kind")} AND c.verdict = 'passed' ORDER BY c.at DESC LIMIT 1) p ON true
    WHERE <<where>>)
"""  # noqa: S608 - words of this module
STANDING = f"""
SELECT d.outlet_id, d.mn, d.factor, d.regime, d.kind, d.next,
    (SELECT max(c.at) {MINE.format(of="d", kind="d.kind")}) AS last,
    CASE WHEN EXISTS (SELECT {MINE.format(of="d", kind="d.kind")} AND c.verdict = 'out_of_control'
            AND (c.at, c.id) > (ended.at, ended.id)) THEN 'failed'
        WHEN d.next <= %(at)s THEN 'overdue'
        WHEN EXISTS (SELECT {MINE.format(of="d", kind="d.kind")} AND c.verdict = 'adjust'
            AND (c.at, c.id) > (ended.at, ended.id)) THEN 'adjust'
        WHEN d.next - d.soon <= %(at)s THEN 'soon' ELSE 'kept' END AS state
FROM <<due>> d CROSS JOIN LATERAL (
    SELECT coalesce(max(y.at), '-infinity') AS at, coalesce((array_agg(y.id ORDER BY y.at DESC, y.id DESC))[1], 0) AS id
    FROM unnest(d.ends) AS f(kind) CROSS JOIN LATERAL (
        SELECT c.at, c.id {MINE.format(of="d", kind="f.kind")} AND c.verdict = 'passed'
        ORDER BY c.at DESC, c.id DESC LIMIT 1) y) ended
"""  # noqa: S608 - words of this module


def due(
    user: User, *, at: datetime, state: str = "", search: str = "", order: str = "next", start: int = 0, limit: int = 50
) -> list[Due]:
    """Return how checks of the scope stand, from a place of the ``order`` (one of `ORDERS`) on. Two queries.

    Instruments of devices and outlets that are in use no more are not among them.
    """
    scope = Scope.of(user)
    column = _column(scope)
    if not column:
        return []
    statement = _statement(column, bool(search), bool(state), order)
    day = at.astimezone(BEIJING).date()
    named = {"place": getattr(scope, column), "search": _like(search), "state": state}
    rows = statements.run(statement, at=at, day=day, rules=_rules(day), start=start, limit=limit, **named)
    outlets = Outlet.objects.select_related("enterprise").in_bulk({row[0] for row in rows})
    return [_due(outlets[row[0]], row) for row in rows]


def _due(outlet: Outlet, row: tuple[Any, ...]) -> Due:
    _outlet, mn, factor, regime, kind, following, last, state = row
    return Due(outlet=outlet, mn=mn, factor=factor, regime=regime, kind=kind, next=following, last=last, state=state)


def _column(scope: Scope) -> str:
    """Return what narrows a scope: the field of it that is set; empty where it holds nothing."""
    fields = ("everything", "district", "grid", "enterprise")
    return next((name for name in fields if getattr(scope, name)), "")


WHERE = {
    "everything": "%(place)s::bool",
    "district": "o.district_id = %(place)s",
    "grid": "o.grid_id = %(place)s",
    "enterprise": "o.enterprise_id = %(place)s",
}
SEARCHED = "(o.code ILIKE %(search)s OR o.name ILIKE %(search)s OR e.name ILIKE %(search)s)"
PAGE = "LIMIT %(limit)s OFFSET %(start)s"


@lru_cache(64)
def _statement(column: str, searched: bool, by_state: bool, order: str) -> str:
    """Return the statement. Without a state only the rows of the page are looked at closely."""
    found = DUE.replace("<<where>>", WHERE[column] + (f" AND {SEARCHED}" if searched else ""))
    if by_state:
        every = STANDING.replace("<<due>>", "due")
        wanted = f"SELECT * FROM ({every}) s WHERE s.state = %(state)s ORDER BY {ORDERS[order]} {PAGE}"  # noqa: S608
        return found + wanted
    page = f"(SELECT * FROM due ORDER BY {ORDERS[order]} {PAGE})"  # noqa: S608
    paged = STANDING.replace("<<due>>", page)
    return f"{found}{paged} ORDER BY {ORDERS[order]}"


def _like(search: str) -> str:
    letters = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{letters}%"


@lru_cache(8)
def _rules(day: date) -> str:
    """Return what is due under each regime of a day, with the kinds whose passing ends what failed, by medium."""
    regimes = {rule["regime"] for rule in rules.table("quality/regimes").at(day)}
    rows = [
        {
            "regime": regime,
            "medium": medium,
            "kind": one.kind,
            "ends": _ends(one.kind, medium, day),
            "days": one.every.total_seconds() / 86400,
            "soon": one.soon.total_seconds() / 86400,
        }
        for regime in sorted(regimes)
        for one in due_under(regime, day=day)
        for medium in Medium.values
    ]
    return orjson.dumps(rows).decode()


def _ends(code: str, medium: str, day: date) -> list[str]:
    known = kinds.kind(code, medium=medium, day=day)
    return [code, *(known.also_ended_by if known else ())]
