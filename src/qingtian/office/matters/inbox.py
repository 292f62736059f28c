"""The inbox (待办): what waits for a person, by name and by post, the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from qingtian.base.times import BEIJING
from qingtian.office import statements
from qingtian.office.matters import dues, lists, seeing
from qingtian.office.matters.counting import PLACES
from qingtian.office.matters.lists import FAR, PAGE
from qingtian.office.matters.models import Matter
from qingtian.office.matters.seeing import Viewer
from qingtian.office.people.api import Scope, User

Turn = tuple[int, str, datetime | None]
"""A matter's key, as whom somebody can go on with it, and until when."""
WALK = """
SELECT t.matter_id, h.holder, t.due
FROM unnest(%({holders})s::text[]) AS h(holder),
    LATERAL (SELECT t.matter_id, t.due FROM matters_matterturn t
        WHERE t.holder = h.holder {place} {fits} ORDER BY t.due, t.matter_id LIMIT {ends}) AS t
"""
OF_KIND = "AND EXISTS (SELECT 1 FROM matters_matter k WHERE k.id = t.matter_id AND k.code = %(code)s)"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A line of an inbox: a matter, since when its clock is over or until when it runs, and why it is here."""

    matter: Matter
    due: datetime | None
    holders: tuple[str, ...]
    """``post:clerk`` or ``user:17``: as whom the person can go on with it."""

    def days_left(self, at: datetime) -> int | None:
        """Return whole days until the last one, in Beijing; negative: overdue; None: nothing runs."""
        if self.due is None:
            return None
        return (self.due.astimezone(BEIJING).date() - at.astimezone(BEIJING).date()).days


def inbox(
    who: User | Viewer,
    *,
    at: datetime,
    code: str = "",
    due: str = "",
    holder: str = "",
    start: int = 0,
    limit: int = PAGE,
) -> list[Waiting]:
    """Return what waits for this person, the most urgent first: by name and by post. Three queries.

    ``due``: of `dues.NAMES`; ``holder`` narrows to one post (``clerk``) or to what the person is named for (``me``).
    """
    viewer = seeing.viewer(who, at=at)
    wanted = [each for each in viewer.holders if not holder or each in (f"post:{holder}", _me(viewer, holder))]
    ends = min(start, FAR) + limit
    merged: dict[int, list[Turn]] = {}
    for turn in sorted(_turns(viewer, wanted, at=at, code=code, due=due, ends=ends), key=_urgency):
        merged.setdefault(turn[0], []).append(turn)
    page = list(islice(merged.items(), min(start, FAR), ends))
    rows = lists.shown(viewer, [key for key, _ in page])
    return [
        Waiting(matter=rows[key], due=turns[0][2], holders=tuple(holder for _, holder, _ in turns))
        for key, turns in page
        if key in rows
    ]


def _me(viewer: Viewer, holder: str) -> str:
    return f"user:{viewer.user.pk}" if holder == "me" else ""


def _urgency(turn: Turn) -> tuple[bool, Any, int]:
    key, _, due = turn
    return due is None, due, key


def _turns(viewer: Viewer, holders: Sequence[str], *, at: datetime, code: str, due: str, ends: int) -> list[Turn]:
    """Return the first turns of each holder: each is one walk along an index, all are one query.

    A post is held for one's place; what one is named for lies anywhere.
    """
    posts = [each for each in holders if each.startswith("post:")]
    named = [each for each in holders if each not in posts]
    kind, place = Scope.of(viewer.user).place
    narrowed, values = _narrowed(code, due, at)
    walks = (
        WALK.format(holders=whose, place=where, fits=narrowed, ends=int(ends))
        for whose, where in (("named", ""), ("posts", PLACES[kind]))
    )
    found: list[Any] = statements.run(" UNION ALL ".join(walks), named=named, posts=posts, place=place, **values)
    return found


def _narrowed(code: str, due: str, at: datetime) -> tuple[str, dict[str, Any]]:
    """Return the conditions on a turn, and their values."""
    words, values = ["AND t.due IS NULL"] if due == "none" else [], {"code": code}
    first, last = dues.bounds(due, at=at) if due in dues.NAMES - {"none"} else (None, None)
    for sign, bound, name in ((">=", first, "first"), ("<", last, "last")):
        if bound:
            words.append(f"AND t.due {sign} %({name})s::timestamptz")
            values[name] = bound.isoformat()
    if code:
        words.append(OF_KIND)
    return " ".join(words), values
