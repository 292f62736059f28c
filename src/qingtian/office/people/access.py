"""Who may see what. Every list and every object passes through a `Scope`; what no line allows is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from qingtian.office import statements
from qingtian.office.people.models import Role, User

NOTHING = Q(pk__in=())
CITY_ROLES = (Role.DUTY_DESK, Role.REVIEWER, Role.LEADER, Role.ADMINISTRATOR)
"""These see the whole city unless a district is given to them."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The part of the city a person may see: everything, or one district, grid or enterprise, or nothing.

    Exactly one of the fields is set; ``nothing`` is the state of a user whose role lacks its place.
    """

    everything: bool = False
    district: str | None = None
    grid: str | None = None
    enterprise: str | None = None

    @classmethod
    def of(cls, user: User) -> Scope:
        """Return the scope of a user. An inactive user sees nothing."""
        if not user.is_active:
            return cls()
        match user.role:
            case Role.ENTERPRISE:
                return cls(enterprise=user.enterprise or None)
            case Role.GRID_MEMBER:
                return cls(grid=user.grid_id)
            case Role.OFFICER:
                return cls(district=user.district_id)
            case Role.DUTY_DESK | Role.REVIEWER | Role.LEADER | Role.ADMINISTRATOR:
                return cls(district=user.district_id) if user.district_id else cls(everything=True)
        return cls()

    @property
    def place(self) -> tuple[str, str]:
        """Return the kind of place (``everything``, the name of a field, ``nothing``) and its code; for statements."""
        if self.everything:
            return "everything", ""
        places = {"district": self.district, "grid": self.grid, "enterprise": self.enterprise}
        return next(((name, code) for name, code in places.items() if code), ("nothing", ""))

    def q(self, prefix: str = "", *, enterprise: str = "enterprise_id") -> Q:
        """Return the filter for rows that carry ``district_id``, ``grid_id`` and ``enterprise`` (under ``prefix``)."""
        if self.everything:
            return Q()
        for field, code in (("district_id", self.district), ("grid_id", self.grid), (enterprise, self.enterprise)):
            if code:
                return Q(**{prefix + field: code})
        return NOTHING

    def contains(self, *, district: str | None, grid: str | None, enterprise: str | None) -> bool:
        """Say whether a thing at this place is in scope (for events; rows use `q`)."""
        if self.everything:
            return True
        places = ((self.district, district), (self.grid, grid), (self.enterprise, enterprise))
        return any(mine is not None and mine == its for mine, its in places)


# the places are those of `Scope.of`; findings ask this with every alert, so it is a statement that is planned once
CARING = f"""
SELECT u.id, u.role FROM people_user u
WHERE u.is_active AND u.role = ANY(%(roles)s::text[]) AND (
    u.role = '{Role.ENTERPRISE.value}' AND u.enterprise = %(enterprise)s
    OR u.role = '{Role.GRID_MEMBER.value}' AND u.grid_id = %(grid)s
    OR u.role = '{Role.OFFICER.value}' AND u.district_id = %(district)s
    OR u.role IN ({", ".join(f"'{role.value}'" for role in CITY_ROLES)})
    AND coalesce(u.district_id, %(district)s) = %(district)s)
"""  # noqa: S608 - words of this module


def caring(*, roles: Sequence[str], district: str, grid: str, enterprise: str) -> list[int]:
    """Return the keys of the active people of these roles whose scope contains the place. One query."""
    rows = statements.run(CARING, **_care(roles, district, grid, enterprise))
    return sorted(key for key, _ in rows)


def caring_for(*, roles: Sequence[str], district: str, grid: str, enterprise: str) -> list[User]:
    """Return these people themselves, see `caring`. One query."""
    text = f"SELECT p.* FROM people_user p JOIN ({CARING}) AS caring ON caring.id = p.id ORDER BY p.id"  # noqa: S608
    return list(User.objects.raw(text, _care(roles, district, grid, enterprise)))


def _care(roles: Sequence[str], district: str, grid: str, enterprise: str) -> dict[str, Any]:
    return {"roles": [str(role) for role in roles], "district": district, "grid": grid, "enterprise": enterprise}


def users(user: User) -> list[User]:
    """Return all users for the administrator's list, and nobody for anyone else."""
    if user.role != Role.ADMINISTRATOR or not user.is_active:
        return []
    return list(User.objects.select_related("district", "grid").order_by("role", "username"))


def demonstrators() -> list[User]:
    """Return the active invented people of a demo, in the order they were put in; a real office has none."""
    people = User.objects.filter(synthetic=True, is_active=True)
    return list(people.select_related("district", "grid").order_by("pk"))
