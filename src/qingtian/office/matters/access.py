"""What else stands beside lists of matters, as people may see it: offers, figures by kind and stage, saved views."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from qingtian.base.times import BEIJING
from qingtian.office import statements
from qingtian.office.matters import kinds, seeing
from qingtian.office.matters.models import Matter, MatterClock, MatterEffect, SavedView
from qingtian.office.matters.seeing import PLACES, Viewer
from qingtian.office.people.api import Role, Scope, User

MOST = 50
OFFER = ("id", "matter_id", "name", "at")
GAVE_RISE = ("id", "number", "title", "code", "version")
OFFERS = f"""
SELECT {", ".join(f"e.{name}" for name in OFFER)}, {", ".join(f"m.{name}" for name in GAVE_RISE)}
FROM matters_mattereffect e JOIN matters_matter m ON m.id = e.matter_id
WHERE e.kind = 'open' AND e.opened_id IS NULL AND e.dropped_at IS NULL AND e.done_at IS NOT NULL
    AND e.name = ANY(%(names)s::text[]) AND {{place}}
ORDER BY e.at DESC LIMIT {MOST}
"""  # noqa: S608 - words of this module
VIEW = ("id", "user_id", "page", "name", "query")
VIEWS = f"""
SELECT {", ".join(VIEW)} FROM matters_savedview WHERE user_id = %(user)s AND page = %(page)s ORDER BY name
"""  # noqa: S608 - words of this module


def offers(who: User | Viewer, *, at: datetime) -> list[MatterEffect]:
    """Return the matters that others gave rise to and this person may open (待开启), newest first. Two queries."""
    viewer = seeing.viewer(who, at=at)
    if viewer.user.role == Role.ENTERPRISE:
        return []
    day = at.astimezone(BEIJING).date()
    codes = [
        kind.manifest.code
        for kind in kinds.every()
        if kind.manifest.in_force(day) and kinds.opening_posts(kind) & viewer.standing.posts
    ]
    kind, place = Scope.of(viewer.user).place
    return [
        statements.read(
            MatterEffect, OFFER, row[: len(OFFER)], matter=statements.read(Matter, GAVE_RISE, row[len(OFFER) :])
        )
        for row in statements.run(OFFERS.format(place=PLACES[kind]), names=codes, place=place)
    ]


def figures(user: User, *, at: datetime) -> list[dict[str, Any]]:
    """Return how many live matters there are by kind and stage: ``code, stage, live, overdue``. Two queries."""
    late = MatterClock.objects.filter(matter=OuterRef("pk"), stopped=None, duty=True, due__lt=at)
    rows = seeing.seen(seeing.viewer(user, at=at)).filter(closed=False).annotate(late=Exists(late))
    counted = rows.values("code", "stage").annotate(live=Count("pk"), overdue=Count("pk", Q(late=True)))
    return [dict(row) for row in counted.order_by("code", "stage")]


def saved_views(user: User, *, page: str) -> list[SavedView]:
    """Return the person's saved views of a list (``matters``, ``inbox``), by name. One query."""
    return [statements.read(SavedView, VIEW, row) for row in statements.run(VIEWS, user=user.pk, page=page)]
