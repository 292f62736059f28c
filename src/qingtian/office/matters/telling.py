"""Who hears of a matter: those named in it, and the holders of posts whose scope contains its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from qingtian.base.times import BEIJING
from qingtian.law.machine.definition import Definition
from qingtian.office.alerts import api as alerts
from qingtian.office.matters.models import Matter, MatterTurn
from qingtian.office.people.api import Role, Scope, User, holders


def holding(posts: Iterable[str], matter: Matter, *, at: datetime) -> list[User]:
    """Return the people who hold one of these posts for the place of the matter; of a firm only its own. One query."""
    found = holders(posts, day=at.astimezone(BEIJING).date())
    return [user for user in found if _cares(user, matter)]


def _cares(user: User, matter: Matter) -> bool:
    if user.role == Role.ENTERPRISE:
        return bool(user.enterprise) and user.enterprise == matter.enterprise_id
    return Scope.of(user).contains(district=matter.district_id, grid=matter.grid_id, enterprise=matter.enterprise_id)


def of_role(definition: Definition, role: str, matter: Matter, *, at: datetime) -> list[User]:
    """Return who is in a role of the kind: those named for it, or the holders of its posts. A post may be meant too."""
    if role not in definition.roles:
        return holding([role], matter, at=at)
    if definition.roles[role].assigned:
        return named(matter, [role])
    return holding(definition.roles[role].office, matter, at=at)


def named(matter: Matter, roles: Sequence[str] = ()) -> list[User]:
    """Return the people the matter names now, for these roles or any. One query."""
    rows = User.objects.filter(matter_roles__matter=matter, matter_roles__assigned=True, is_active=True)
    if roles:
        rows = rows.filter(matter_roles__role__in=roles)
    return list(rows.distinct().order_by("pk"))


def in_turn(matter: Matter, *, at: datetime) -> list[User]:
    """Return whose turn it is: people named, else the holders of the posts. Two queries."""
    waiting = list(MatterTurn.objects.filter(matter=matter).values_list("holder", flat=True))
    keys = [int(each.removeprefix("user:")) for each in waiting if each.startswith("user:")]
    if keys:
        return list(User.objects.filter(pk__in=keys, is_active=True).order_by("pk"))
    return holding([each.removeprefix("post:") for each in waiting], matter, at=at)


def tell(people: Iterable[User], matter: Matter, *, kind: alerts.NoticeKind, subject: str, at: datetime) -> None:
    """Tell each of these people once. One statement."""
    everybody = {person.pk: person for person in people}
    alerts.notify(everybody.values(), kind=kind, subject=subject, at=at, matter=matter.pk)
