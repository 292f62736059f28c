"""How much waits for a person (待办数量), by urgency; up to a bound, so that no page waits for a large figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qingtian.base.times import BEIJING
from qingtian.office import statements
from qingtian.office.matters import dues, seeing
from qingtian.office.matters.seeing import Viewer
from qingtian.office.people.api import Scope, User, role_posts

MOST = 500
MOST_OVERDUE = 100

PLACES = {
    "everything": "",
    "district": "AND t.district_id = %(place)s",
    "enterprise": "AND t.enterprise_id = %(place)s",
    "grid": "AND EXISTS (SELECT 1 FROM matters_matter m WHERE m.id = t.matter_id AND m.grid_id = %(place)s)",
    "nothing": "AND false",
}
"""A post is held for one's place; what one is named for lies anywhere. The grid alone stands only at the matter."""

WALKS = """
SELECT b.name, h.holder, t.matter_id
FROM unnest(%(names)s::text[], %(first)s::timestamptz[], %(last)s::timestamptz[]) AS b(name, first, last),
    {holders} AS h(holder),
    LATERAL (SELECT t.matter_id FROM matters_matterturn t
        WHERE t.holder = h.holder AND t.due >= b.first AND t.due < b.last {place} LIMIT %(most)s) AS t
"""
WITHOUT_DUE = """
SELECT 'none', h.holder, t.matter_id
FROM {holders} AS h(holder),
    LATERAL (SELECT t.matter_id FROM matters_matterturn t
        WHERE t.holder = h.holder AND t.due IS NULL {place} LIMIT %(most)s) AS t
"""
NAMED_HOLDER = "unnest(ARRAY[%(named)s]::text[])"
POSTS = "unnest(%(posts)s::text[])"
POSTS_GIVEN_TOO = """(SELECT unnest(%(posts)s::text[]) UNION
    SELECT 'post:' || p.post FROM people_post p
    WHERE p.user_id = %(key)s AND p.since <= %(day)s AND (p.until IS NULL OR p.until > %(day)s))"""


def _inbox(place: str) -> str:
    return " UNION ALL ".join(
        walk.format(holders=holders, place=where)
        for holders, where in ((NAMED_HOLDER, ""), (POSTS, PLACES[place]))
        for walk in (WALKS, WITHOUT_DUE)
    )


def _overdue(place: str) -> str:
    named, posts = (
        WALKS.format(holders=holders, place=where)
        for holders, where in ((NAMED_HOLDER, ""), (POSTS_GIVEN_TOO, PLACES[place]))
    )
    return f"SELECT count(DISTINCT w.matter_id) FROM ({named} UNION ALL {posts}) AS w"  # noqa: S608


INBOX = {place: _inbox(place) for place in PLACES}
OVERDUE = {place: _overdue(place) for place in PLACES}


@dataclass(frozen=True, kw_only=True)
class InboxCounts:
    """The figures of the strip above an inbox; `MOST` of them means that or more."""

    overdue: int
    today: int
    week: int
    later: int
    none: int
    named: int


def inbox_counts(who: User | Viewer, *, at: datetime) -> InboxCounts:
    """Return how many matters wait, by bucket of `dues`, and for how many the person is named.

    One query, each of its parts a walk along an index; and one for who the person is, if that is not known.
    """
    viewer = seeing.viewer(who, at=at)
    named, *posts = viewer.holders
    place, code = Scope.of(viewer.user).place
    names = [name for name in dues.BUCKETS if name != "none"]
    walked = statements.run(INBOX[place], named=named, posts=posts, place=code, most=MOST, **_spans(names, at=at))
    found: dict[str, set[int]] = {name: set() for name in (*dues.BUCKETS, "named")}
    for bucket, holder, matter in walked:
        found[bucket].add(matter)
        if holder == named:
            found["named"].add(matter)
    return InboxCounts(**{name: min(len(keys), MOST) for name, keys in found.items()})


def overdue_count(user: User, *, at: datetime) -> int:
    """Return how many matters that wait for somebody are overdue, at most `MOST_OVERDUE`. One query: for every page."""
    if not user.is_active:
        return 0
    day = at.astimezone(BEIJING).date()
    place, code = Scope.of(user).place
    posts = [f"post:{post}" for post in sorted(role_posts(user.role, day=day))]
    known = {"named": f"user:{user.pk}", "posts": posts, "key": user.pk, "day": day, "place": code}
    count: int
    ((count,),) = statements.run(OVERDUE[place], most=MOST_OVERDUE, **known, **_spans(["overdue"], at=at))
    return min(count, MOST_OVERDUE)


def _spans(names: list[str], *, at: datetime) -> dict[str, list[str]]:
    """Return buckets as arrays of PostgreSQL."""
    spans = [dues.bounds(name, at=at) for name in names]
    return {
        "names": names,
        "first": [first.isoformat() if first else "-infinity" for first, _ in spans],
        "last": [last.isoformat() if last else "infinity" for _, last in spans],
    }
