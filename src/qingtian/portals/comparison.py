"""Comparison (因子对比): several factors of one outlet, or factors of several outlets, their axes of time linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import Outlet
from qingtian.portals import asked
from qingtian.portals.chronicle_wish import RANGES, STEPS, cannot_be, factors_of, refuse_what_cannot_be, stretch
from qingtian.portals.page import EVERYONE, me, page, wants
from qingtian.portals.templatetags import parts

MOST_OUTLETS = 6
MOST_PANELS = 8


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One curve of the comparison: ``path`` and ``query`` are those of the outlet's history."""

    outlet: Outlet
    factor: str
    query: str

    @property
    def path(self) -> str:
        return f"/outlets/{self.outlet.pk}/history/"

    @property
    def title(self) -> str:
        return f"{parts.factor_name(self.factor)} · {parts.own_name(self.outlet)}"


def panels(outlets: Sequence[Outlet], factors: Sequence[str], query: QueryDict) -> list[Panel]:
    """Return the panels: factor by factor, each for all outlets that measure it; at most `MOST_PANELS`."""
    names = ("range", "step") if cannot_be(query) else ("from", "to", "range", "step")
    shared = {name: query[name] for name in names if query.get(name)}
    measured = {outlet.pk: set(factors_of(outlet)) for outlet in outlets}
    found = [
        Panel(outlet=outlet, factor=factor, query=urlencode({"factor": factor, **shared}))
        for factor, outlet in product(factors, outlets)
        if factor in measured[outlet.pk]
    ]
    return found[:MOST_PANELS]


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Show the factors and outlets of the URL (``outlet=`` and ``factor=``, each as often as wanted)."""
    user, wish = me(request), request.GET
    codes = list(dict.fromkeys(wish.getlist("outlet")))[:MOST_OUTLETS]
    outlets = [sites.outlet(user, code) for code in codes]
    offered = list(dict.fromkeys(code for outlet in outlets for code in factors_of(outlet)))
    # a factor of an outlet that was taken out is no slip
    known = [*offered, *sites.factors()]
    wanted = [asked.option({"factor": code}, "factor", known) for code in wish.getlist("factor")]
    factors = [code for code in wanted if code in offered] or offered[:4]
    found = panels(outlets, factors, wish)
    start, end, chosen = stretch(wish, now=times.now())
    if wants(request) == "json":
        refuse_what_cannot_be(wish)
        return JsonResponse(
            {
                "panels": [
                    {"outlet": one.outlet.pk, "factor": one.factor, "data": f"{one.path}?{one.query}&format=json"}
                    for one in found
                ]
            }
        )
    context = {
        "outlets": outlets,
        "others": [one for one in sites.outlets(user) if one.pk not in codes] if len(outlets) < MOST_OUTLETS else [],
        "offered": offered,
        "factors": factors,
        "panels": found,
        "most": MOST_PANELS,
        "first": start.astimezone(BEIJING).date(),
        "last": end.astimezone(BEIJING).date(),
        "ranges": [(name, word) for name, (_length, word) in RANGES.items()],
        "steps": list(STEPS.items()),
        "step": asked.option(wish, "step", STEPS, usual="auto"),
        "chosen": chosen,
        "cannot_be": cannot_be(wish),
        "kept": urlencode([("outlet", code) for code in codes] + [("factor", code) for code in factors]),
    }
    return render(request, "outlets/compare.html", context)
