"""Before a matter is opened: which kinds this person may open, where it lies, what has come of an alert or a task."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.law.machine.definition import Definition
from qingtian.office.matters import api
from qingtian.office.sites import api as sites
from qingtian.portals.matters import naming, origins
from qingtian.portals.matters.origins import ABOUT, DISTRICT, FROM_A_TASK
from qingtian.portals.page import EVERYONE, OFFICE, me, page

MOST_PLACES = 12


@page(roles=EVERYONE)
@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """List the kinds that this person may open, in their chapters; from an alert or a task those that come of one."""
    user, query = me(request), request.GET
    wanted = query.get("q", "").strip().lower()
    found = [each for each, _acts in api.openable(user, at=times.now()) if _fits(each, query) and _named(each, wanted)]
    chapters = [(word, [each for each in found if each.manifest.group == name]) for name, word in naming.groups()]
    context = {
        "chapters": [(word, [_line(each) for each in some]) for word, some in chapters if some],
        "query": query.urlencode(),
        "origin": origins.come(request, code="") if query.get("alert") or query.get("task") else None,
        "search": query.get("q", ""),
        "keep": [(name, query[name]) for name in ("alert", "task", ABOUT, DISTRICT) if query.get(name)],
    }
    return render(request, "matters/choose_kind.html", context)


def _fits(definition: Definition, query: Mapping[str, str]) -> bool:
    known = definition.manifest.opened_from
    if query.get("alert"):
        return "alert" in known
    return any(each in known for each in FROM_A_TASK) if query.get("task") else True


def _named(definition: Definition, wanted: str) -> bool:
    words = definition.manifest.words
    return not wanted or any(wanted in text.lower() for text in (words.zh, words.en, definition.manifest.code))


def _line(definition: Definition) -> dict[str, str]:
    law = definition.manifest.basis.on(times.now().date())
    return {"code": definition.manifest.code, "name": naming.said(definition.manifest.words), "law": law}


@page(roles=OFFICE)
@require_GET
def places(request: HttpRequest) -> HttpResponse:
    """Return outlets and firms whose code or name holds what is typed, as options of the field."""
    user, search = me(request), request.GET.get(ABOUT, "").split(origins.SEPARATOR)[0].strip()
    firms = sites.enterprises(user, search=search)[:MOST_PLACES] if search else []
    outlets = sites.outlets(user, search=search)[:MOST_PLACES] if search else []
    found = [*map(origins.labelled, firms), *map(origins.labelled, outlets)]
    return render(request, "matters/places.html", {"places": found})


@page(roles=OFFICE)
@require_GET
def arisen(request: HttpRequest) -> HttpResponse:
    """Show, as a part of the page of an alert or a task, the matters that came of it, and the way to open one."""
    user, query, at = me(request), request.GET, times.now()
    if not (query.get("alert") or query.get("task")):
        raise Http404
    came = origins.come(request, code="")
    rows = api.arisen(user, at=at, episode=came.origin.episode, task=came.origin.task)
    may_open = any(_fits(each, query) for each, _acts in api.openable(user, at=at))
    context = {
        "matters": [(row, naming.kind(row.code), naming.stage_state(row)) for row in rows],
        "may_open": may_open,
        "query": query.urlencode(),
    }
    return render(request, "matters/arisen.html", context)
