"""Where a fact is the number of another matter's paper 文号, the field offers those that the person may see."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.law.machine import shelf
from qingtian.law.machine.definition import Fact
from qingtian.office.matters import api
from qingtian.portals.matters import naming, origins
from qingtian.portals.matters.fields import FACT
from qingtian.portals.page import OFFICE, me, page


@page(roles=OFFICE)
@require_GET
def numbers(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Return numbers that a fact may be, as options of its field: until something is typed, those of the firm of the
    ``matter``, or of the one that the form says it is ``about``."""
    user, query, at = me(request), request.GET, times.now()
    fact = _fact(code, name)
    search = query.get(FACT + name, "").strip()
    # who types looks beyond the firm: a decision may be of somebody else
    found = api.citable(user, fact, search=search, enterprise="" if search else _firm(request), at=at)
    options = [
        (each.number, f"{naming.said(each.title)} · {_of_whom(each.matter)} · {each.at.astimezone(BEIJING):%Y-%m-%d}")
        for each in found
    ]
    return render(request, "matters/numbers.html", {"options": options})


def _of_whom(matter: api.Matter) -> str:
    return matter.enterprise.name if matter.enterprise else matter.title


def _fact(code: str, name: str) -> Fact:
    for (known, _), definition in shelf.discover().kinds.items():
        fact = definition.facts.get(name)
        if known == code and fact is not None and fact.chosen_from:
            return fact
    raise Http404(name)


def _firm(request: HttpRequest) -> str:
    """Return the code of the firm that the form is about; empty if it says none."""
    matter = request.GET.get("matter", "")
    if matter.isascii() and matter.isdigit() and len(matter) < 18:
        return api.matter(me(request), int(matter), at=times.now()).matter.enterprise_id or ""
    place = origins.by_hand(me(request), about=request.GET.get(origins.ABOUT, "")).place
    return place.enterprise_id or ""
