"""The page of a matter 事项: what it is, where it stands, what can be done now, and all that lies in its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as say
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.law.machine import way
from qingtian.law.machine.definition import SAME
from qingtian.office.matters import api
from qingtian.office.matters.api import Matter, OneMatter
from qingtian.portals.matters import around, cells, changes, history, looks, naming, possible, records
from qingtian.portals.page import ADMINISTRATORS, EVERYONE, OFFICE, me, page, wants

RECENT = 6
"""Entries of the timeline that are open at once; the rest is one click away."""


def names_of(one: OneMatter) -> dict[str, str]:
    """Return the names of everybody in the matter, by username."""
    return {row.user.username: row.user.name for row in one.people}


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Show one matter."""
    one = api.matter(me(request), matter_id, at=times.now())
    names = names_of(one)
    if wants(request) == "json":
        return JsonResponse(records.record(one, names))
    return render(request, "matters/show.html", context(one, names))


def context(one: OneMatter, names: dict[str, str]) -> dict[str, Any]:
    """Return what the page of a matter shows."""
    moments = history.moments(one, names)
    versions = changes.versions(one)
    return {
        **head(one),
        "acts": possible.acts(one, names),
        "line": looks.stage_line(one),
        "also": naming.joined(looks.also_possible(one)),
        "facts": looks.facts(one, names),
        "hidden": naming.joined(naming.fact(one.definition, fact.name) for fact in one.hidden),
        "clocks": looks.shown_clocks(one),
        "papers": [around.paper(one, row) for row in reversed(one.papers)],
        "people": around.people(one),
        "links": around.links(one),
        "offers": around.offers(one),
        "effects": around.effects(one),
        "recent": moments[:RECENT],
        "earlier": moments[RECENT:],
        "may": changes.may(one, versions),
        "versions": versions,
        "may_erase": one.viewer.user.role in ADMINISTRATORS,
        "link_kinds": changes.LINK_KINDS,
        "drafts": drafts(one),
    }


def drafts(one: OneMatter) -> list[str]:
    """Return the drafts on this device that have been sent: that of the last act, and of the opening if that was it."""
    matter = one.matter
    if matter.revision > 1:
        return [f"matter-{matter.pk}-{one.state.history[-1].act}"]
    came = ("by-hand", f"alert-{matter.episode_id}", f"task-{matter.task_id}")
    return [f"matter-new-{matter.code}-{each}" for each in came]


def head(one: OneMatter) -> dict[str, Any]:
    """Return what stands on top of every page about one matter."""
    matter = one.matter
    return {
        "one": one,
        "matter": matter,
        "heading": cells.heading(matter),
        "kind": naming.said(one.definition.manifest.words),
        "state": naming.stage_state(matter),
        "source": naming.source(one.definition, matter.source),
        "crumbs": crumbs(one),
        "next": looks.next_clock(one),
        "turn": turn(one),
        "secrecy": naming.SECRECIES[matter.secrecy] if matter.secrecy != "public" else "",
        "party": party(one),
    }


def crumbs(one: OneMatter) -> list[tuple[str, str]]:
    """Return the data's way back: packets, finding, alert, task, the matter that gave rise to this one."""
    found: list[tuple[str, str]] = []
    matter, office = one.matter, one.viewer.user.role in OFFICE
    if matter.episode and one.may_see_around(matter.episode):
        alert = f"/alerts/{matter.episode.pk}/"
        found += [(f"{alert}#packets", say("Packets")), (f"{alert}#findings", say("Finding"))]
        found.append((alert, matter.episode.number))
    if matter.task and office and one.may_see_around(matter.task):
        found.append((f"/tasks/{matter.task.pk}/", matter.task.number))
    before = (link.other for link in one.links if link.kind == "opened_from" and link.matter_id == matter.pk)
    found += [(f"/matters/{other.pk}/", other.number) for other in before]
    return found or [("/matters/" if office else "/inbox/", say("Matters"))]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Whose turn it is: in which role, by name if the matter names somebody, and for which act."""

    role: str
    names: str
    act: str


def turn(one: OneMatter) -> Turn | None:
    """Return whose turn it is: the roles of the act that usually leads on, with who is named for them."""
    if one.state.closed or one.matter.merged_into_id:
        return None
    usual = [one.definition.acts[name] for name in way.next_acts(one.definition, one.state)]
    here = [each.act for each in one.acts if not each.act.opens]
    leading = [act for act in usual or here if act.target not in (SAME, one.state.stage)]
    act = next(iter(leading or here), None)
    if act is None:
        return None
    return Turn(
        role=naming.joined(naming.role(one.definition, role) for role in act.by),
        names=naming.joined(row.user.name for row in one.people if row.role in act.by and row.assigned),
        act=naming.act(one.definition, act.name),
    )


def party(one: OneMatter) -> str:
    """Return who or what the matter is about: the first text that this person may see, where no firm is named."""
    texts = (
        str(one.facts[name]) for name, fact in one.definition.facts.items() if fact.type == "text" and name in one.facts
    )
    return next(texts, "")


def address(matter: Matter) -> str:
    """Return the page of a matter."""
    return f"/matters/{matter.pk}/"
