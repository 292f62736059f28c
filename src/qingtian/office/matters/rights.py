"""Who may do acts of the authority that belong to no kind of matter (机关事务权限): a rule says so, by post."""

from __future__ import annotations

from datetime import datetime

from qingtian.base.errors import Term
from qingtian.law import rules
from qingtian.law.machine.state import day_of
from qingtian.office.people.api import NotYours, User, standing

TABLE = "office_rights"


def posts_for(act: str, *, at: datetime) -> frozenset[str]:
    """Return the posts that may do it (rules/office_rights.yaml); none where no row says so."""
    rows = rules.table(TABLE).at(day_of(at))
    return frozenset(post for row in rows if row["act"] == act for post in row["posts"])


def may(user: User, act: str, *, at: datetime) -> bool:
    """Say whether one of the person's posts may do it. One query."""
    return bool(standing(user, day=day_of(at)).posts & posts_for(act, at=at))


def require(user: User, act: str, said: Term, *, at: datetime) -> None:
    """:raises NotYours: if none of the person's posts may do it."""
    if not user.is_active or not may(user, act, at=at):
        raise NotYours(role=user.role_term, act=said)
