"""Who may see which matter: by place, by secrecy 密级, by the part one has in it. What no line allows is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Exists, OuterRef, Q, QuerySet

from qingtian.base.times import BEIJING
from qingtian.law.machine.state import Person
from qingtian.office.matters import kinds
from qingtian.office.matters.models import Matter, MatterPerson, MatterTurn, Secrecy
from qingtian.office.people.api import Role, Scope, Standing, User, standing


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """A person with what they are in the office today; made once for a page."""

    user: User
    standing: Standing

    @property
    def holders(self) -> list[str]:
        """As whom turns can be waiting for this person."""
        return [f"user:{self.user.pk}", *(f"post:{post}" for post in sorted(self.standing.posts))]


def viewer(who: User | Viewer, *, at: datetime) -> Viewer:
    """Return the person as a viewer. One query, or none for who is one already."""
    if isinstance(who, Viewer):
        return who
    return Viewer(user=who, standing=standing(who, day=at.astimezone(BEIJING).date()))


def person(viewer: Viewer) -> Person:
    """Return the viewer as the machine knows people."""
    return Person(name=viewer.user.username, roles=viewer.standing.posts, qualifications=viewer.standing.certificates)


def codes(viewer: Viewer) -> frozenset[str]:
    """Return the kinds in which one of the person's posts has a part."""
    return _codes(viewer.standing.posts)


@lru_cache(256)
def _codes(posts: frozenset[str]) -> frozenset[str]:
    known = (kind.manifest for kind in kinds.every())
    return frozenset(one.code for one in known if posts & kinds.posts_in(one.code, one.version))


def full_codes(viewer: Viewer) -> list[str]:
    """Return the kinds of which the person's posts see every fact, so that searching gives nothing away."""
    found: dict[str, bool] = {}
    for kind in kinds.every():
        code = kind.manifest.code
        sees = all(viewer.standing.posts & posts for posts in kinds.guarded_from(code, kind.manifest.version))
        found[code] = found.get(code, True) and sees
    return sorted(code for code, sees in found.items() if sees)


def seen(viewer: Viewer) -> QuerySet[Matter]:
    """Return the matters this person may see.

    The authority's people: those in their place, confidential ones if a post of theirs has a part in the kind; and
    wherever they are named or have acted. A firm: its own, once it is its turn or it has acted; never one it is only
    the subject of.
    """
    user = viewer.user
    if not user.is_active:
        return Matter.objects.none()
    has_part = Exists(MatterPerson.objects.filter(matter=OuterRef("pk"), user=user))
    place = Scope.of(user).q()
    if user.role == Role.ENTERPRISE:
        its_turn = Exists(MatterTurn.objects.filter(matter=OuterRef("pk"), holder="post:party"))
        return Matter.objects.filter(place & (has_part | its_turn))
    trusted = ~Q(secrecy=Secrecy.CONFIDENTIAL) | Q(code__in=sorted(codes(viewer)))
    return Matter.objects.filter((place & trusted) | has_part)


PLACES = {
    "everything": "true",
    "district": "m.district_id = %(place)s",
    "grid": "m.grid_id = %(place)s",
    "enterprise": "m.enterprise_id = %(place)s",
    "nothing": "false",
}
"""Where a matter ``m`` of a statement lies, by the kind of `Scope.place`."""
TRUSTED = "(m.secrecy <> 'confidential' OR m.code = ANY(%(trusted)s::text[]))"
HAS_PART = "EXISTS (SELECT 1 FROM matters_matterperson p WHERE p.matter_id = m.id AND p.user_id = %(me)s{at_hand})"
ITS_TURN = "EXISTS (SELECT 1 FROM matters_matterturn t WHERE t.matter_id = m.id AND t.holder = 'post:party'{at_hand})"
AT_HAND = " OFFSET 0"
"""Asks of each matter that is at hand. Without it the planner gathers all that somebody ever had a part in, first."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What `seen` says, for statements: a matter ``m`` is seen if one of ``ways`` holds, with these ``values``.

    Each way alone is a walk along an index in the order of a list; both in one condition are none.
    """

    ways: tuple[str, ...]
    values: dict[str, object]

    @property
    def condition(self) -> str:
        """All ways in one, for few matters that are at hand."""
        return " OR ".join(f"({way})" for way in self.ways)


def sight(viewer: Viewer) -> Sight:
    """Return what this person may see as conditions of a statement; the same as `seen`."""
    kind, code = Scope.of(viewer.user).place
    values = {"place": code, "me": viewer.user.pk, "trusted": sorted(codes(viewer))}
    return Sight(ways=_ways(viewer.user, kind), values=values)


def _ways(user: User, kind: str) -> tuple[str, ...]:
    if not user.is_active:
        return ("false",)
    place, part, turn = PLACES[kind], HAS_PART.format(at_hand=AT_HAND), ITS_TURN.format(at_hand=AT_HAND)
    if user.role == Role.ENTERPRISE:
        return (f"{place} AND ({part} OR {turn})",)
    if kind == "everything":
        # hardly a matter is not seen: the walk is short, and asks of the few
        return (f"{TRUSTED} OR {part}",)
    return f"{place} AND {TRUSTED}", HAS_PART.format(at_hand="")


def sees(viewer: Viewer, matter: Matter, *, has_part: bool, its_turn: bool) -> bool:
    """Say of one matter at hand what `seen` says of rows.

    ``has_part``: the person is named in it or has acted; ``its_turn``: it waits for the firm.
    """
    user = viewer.user
    if not user.is_active:
        return False
    there = Scope.of(user).contains(district=matter.district_id, grid=matter.grid_id, enterprise=matter.enterprise_id)
    if user.role == Role.ENTERPRISE:
        return there and (has_part or its_turn)
    trusted = matter.secrecy != Secrecy.CONFIDENTIAL or matter.code in codes(viewer)
    return has_part or (there and trusted)
