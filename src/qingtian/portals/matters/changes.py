"""What can be done to a matter besides its kind's acts: link, merge, take to another version, drop what was offered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_POST

from qingtian.base import times
from qingtian.law.machine import shelf
from qingtian.office.matters import api
from qingtian.office.matters.api import LinkKind, OneMatter
from qingtian.office.people.api import User
from qingtian.portals import typed
from qingtian.portals.matters import naming
from qingtian.portals.page import OFFICE, me, page
from qingtian.portals.words import Word

LINK_KINDS: list[tuple[str, Word]] = [
    (kind, naming.LINKS[kind][0]) for kind in LinkKind.values if kind != LinkKind.MERGED_INTO
]
MERGERS, MIGRATORS = frozenset({"head", "clerk"}), frozenset({"head"})
"""Posts that may; the office itself asks again."""


def may(one: OneMatter, targets: list[int]) -> Mapping[str, bool]:
    """Return which of these this person is offered. ``targets``: as `versions` has them."""
    posts, live = one.viewer.standing.posts, not one.state.closed and not one.matter.merged_into_id
    return {
        "link": one.viewer.user.role in OFFICE,
        "merge": live and bool(posts & MERGERS),
        "migrate": live and bool(posts & MIGRATORS) and bool(targets),
    }


def versions(one: OneMatter) -> list[int]:
    """Return the versions of the matter's kind that it can be taken to, newest first.

    Its own is among them if other figures count at its authority today. At most one query, for who may.
    """
    known = {number for code, number in shelf.discover().kinds if code == one.matter.code}
    others = known - {one.matter.version}
    return sorted(others | ({one.matter.version} if _other_figures(one) else set()), reverse=True)


def _other_figures(one: OneMatter) -> bool:
    may_have = one.definition.manifest.settings and not one.state.closed and not one.matter.merged_into_id
    if not may_have or not one.viewer.standing.posts & MIGRATORS:
        return False
    now = api.figures_now(one.matter, one.matter.version, at=one.at)
    return now.figures != {**one.definition.figures, **one.state.settings}


def _link(user: User, matter_id: int, form: QueryDict) -> None:
    at = times.now()
    other = api.numbered(user, form.get("other", ""), at=at)
    reason, kind = form.get("reason", ""), form.get("kind", "")
    api.link(acting_user=user, matter_id=matter_id, other_id=other.pk, kind=kind, at=at, reason=reason)


def _merge(user: User, matter_id: int, form: QueryDict) -> None:
    at = times.now()
    into = api.numbered(user, form.get("other", ""), at=at)
    api.merge(acting_user=user, matter_id=matter_id, into_id=into.pk, reason=form.get("reason", ""), at=at)


def _migrate(user: User, matter_id: int, form: QueryDict) -> None:
    api.migrate_version(
        acting_user=user,
        matter_id=matter_id,
        version=typed.whole(form, "version"),
        reason=form.get("reason", ""),
        at=times.now(),
        revision=typed.whole(form, "revision"),
    )


def _drop(user: User, matter_id: int, form: QueryDict) -> None:
    api.drop_offer(acting_user=user, offer=form.get("offer", ""), reason=form.get("reason", ""), at=times.now())


CHANGES: Mapping[str, Callable[[User, int, QueryDict], None]] = {
    "link": _link,
    "merge": _merge,
    "migrate": _migrate,
    "drop": _drop,
}


@page(roles=OFFICE)
@require_POST
def change(request: HttpRequest, matter_id: int, name: str) -> HttpResponse:
    """Link, merge or migrate a matter, or drop an offer of it; then show it."""
    typed.one_of(CHANGES, name)(me(request), matter_id, request.POST)
    return HttpResponseRedirect(f"/matters/{matter_id}/")
