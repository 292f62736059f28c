"""What binds one outlet (执行限值): standards and permit with the explanation, and the acts that change them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.law import limits as law
from qingtian.law.binding import Binding
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.portals import typed, words
from qingtian.portals.limits import rows
from qingtian.portals.page import EVERYONE, OFFICE, me, page, wants
from qingtian.portals.templatetags import parts

OPERATING: Mapping[str, tuple[words.Word, str]] = {
    "reference_oxygen": (_("reference oxygen"), "%"),
    "duct_m2": (_("duct cross-section"), "m²"),
    "atmosphere_kpa": (_("air pressure of the place"), "kPa"),
    "minute_interval": (_("minutes that one minute record stands for"), "min"),
}
"""The facts of how an outlet is measured that are numbers; the page keeps the others as they are."""


def record(one: Binding) -> dict[str, Any]:
    """Return what binds as machines read it."""
    bound = one.candidate.bound
    return {
        "factor": bound.factor,
        "period": bound.period,
        "upper": float(bound.upper) if bound.upper is not None else None,
        "lower": float(bound.lower) if bound.lower is not None else None,
        "unit": bound.unit,
        "measure": bound.measure,
        "reference_oxygen": bound.reference_oxygen,
        "basis": one.candidate.basis,
        "support": one.candidate.support,
        "standard": bound.standard,
        "source": bound.source,
        "certainty": bound.certainty,
        "from": one.start.isoformat() if one.start else None,
        "to": one.end.isoformat() if one.end else None,
        "explanation": {"zh": one.zh, "en": one.en},
    }


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show what binds an outlet and why, with the acts for those whose office it is."""
    user = me(request)
    outlet = sites.outlet(user, code)
    bindings = sites.bindings(outlet)
    if wants(request) == "json":
        return JsonResponse({"outlet": outlet.pk, "limits": [record(one) for one in bindings]})
    permits = [row for row in outlet.limits.all() if row.basis == "permit"]
    context = {
        "outlet": outlet,
        "bindings": [_shown(one) for one in bindings],
        "permits": permits,
        "may_set": sites.may_set_limits(user),
        "factors": sorted(code for code in law.factor_units() if code[:1] == outlet.medium[:1].replace("g", "a")),
        "periods": [(name, words.PERIODS[name]) for name in ("hour", "day", "instant", "5min")],
        "standards": list(
            dict.fromkeys(
                (row.rule["standard"], row.rule["source_type"]) for row in rows() if row.rule["medium"] == outlet.medium
            )
        ),
        "operating": [(name, word, unit, outlet.operating.get(name)) for name, (word, unit) in OPERATING.items()],
    }
    return render(request, "outlets/limits.html", context)


def _shown(one: Binding) -> dict[str, Any]:
    bound = one.candidate.bound
    return {
        "factor": bound.factor,
        "period": words.PERIODS.get(bound.period, bound.period),
        "printed": parts.printed(bound.printed),
        "oxygen": bound.reference_oxygen,
        "basis": words.BASES.get(one.candidate.basis, one.candidate.basis),
        "support": words.SUPPORTS.get(one.candidate.support, words.State(word=one.candidate.support)),
        "why": parts.in_language(one.zh, one.en),
        "start": one.start,
        "end": one.end,
        "path": _path(one),
    }


def _path(one: Binding) -> str:
    """Return the page of the standard's row that binds, empty for a permit."""
    limit: Any = one.candidate.key
    for row in rows():
        named = (row.rule["standard"], row.rule["source_type"], row.rule["factor"], row.rule["period"], row.printed)
        if named == (limit.standard, limit.source_type, limit.factor, limit.period, limit.printed):
            return row.path
    return ""


def _finite(form: QueryDict, name: str) -> Decimal | None:
    found = typed.decimal(form, name)
    if found is not None and not found.is_finite():
        raise BadRequest(name)
    return found


def _permit(user: User, code: str, form: QueryDict) -> None:
    bound = _finite(form, "bound")
    is_lower = form.get("side") == "lower"
    sites.set_permit_limit(
        acting_user=user,
        outlet_code=code,
        factor=form.get("factor", ""),
        period=form.get("period", ""),
        permit=form.get("permit", ""),
        document=form.get("document", ""),
        at=times.now(),
        upper=None if is_lower else bound,
        lower=bound if is_lower else None,
        start=typed.day(form, "start"),
        end=typed.day(form, "end"),
    )


def _end(user: User, code: str, form: QueryDict) -> None:
    limit = typed.key(form, "limit")
    # a permit limit of another outlet is not ended from here
    mine = {row.pk for row in sites.outlet(user, code).limits.all()}
    end = typed.day(form, "end") or times.now().astimezone(BEIJING).date()
    if limit not in mine:
        raise BadRequest("limit")
    sites.end_permit_limit(acting_user=user, limit_id=limit, end=end, at=times.now())


def _standard(user: User, code: str, form: QueryDict) -> None:
    standard, _bar, source_type = form.get("standard", "").partition("|")
    sites.apply_standard(acting_user=user, outlet_code=code, standard=standard, source_type=source_type, at=times.now())


def _operating(user: User, code: str, form: QueryDict) -> None:
    facts = dict(sites.outlet(user, code).operating)
    for name in OPERATING:
        value = _finite(form, name)
        if value is None:
            facts.pop(name, None)
        else:
            facts[name] = int(value) if name == "minute_interval" else float(value)
    sites.set_operating(acting_user=user, outlet_code=code, facts=facts, at=times.now())


ACTS: dict[str, Callable[[User, str, QueryDict], None]] = {
    "permit": _permit,
    "end": _end,
    "standard": _standard,
    "operating": _operating,
}


@page(roles=OFFICE)
@require_POST
def act(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Do one act on the limits of an outlet, then show them."""
    typed.one_of(ACTS, name)(me(request), code, request.POST)
    return HttpResponseRedirect(f"/outlets/{code}/limits/")
