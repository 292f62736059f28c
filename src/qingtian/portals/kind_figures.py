"""Figures that an authority sets for itself (本机关设定): what counts, who set it by which document, and the form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from qingtian.base import times
from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.law.machine.definition import Definition, Setting
from qingtian.office.matters import api
from qingtian.office.matters.api import Authority, FigureRefused, FigureStanding, MatterFigure
from qingtian.office.people.api import User
from qingtian.portals import kinds
from qingtian.portals.listing import Column, Empty, Listing, answer
from qingtian.portals.matters import naming
from qingtian.portals.matters.sentences import sentence
from qingtian.portals.page import OFFICE, me, page
from qingtian.portals.templatetags import parts

FIELDS = ("value", "since", "reason", "document")


def _listing(definition: Definition) -> Listing[MatterFigure]:
    places = {each.code: parts.authority_name(each) for each in api.authorities(day=_today())}
    settings = definition.manifest.settings
    return Listing(
        name="figures",
        columns=(
            Column(name="setting", title="setting", value=lambda row: row.name, hidden=True),
            Column(name="name", title=_("Figure"), value=lambda row: naming.word(definition, "settings", row.name)),
            Column(
                name="value",
                title=_("Set to"),
                value=lambda row: None if row.value is None else str(row.value),
                show=lambda row: _shown(settings.get(row.name), row.value),
                number=True,
            ),
            Column(name="authority", title=_("Authority"), value=lambda row: places.get(row.authority, row.authority)),
            Column(name="since", title=_("Counts from"), value=lambda row: row.since.isoformat()),
            Column(name="document", title=_("Document"), value=lambda row: row.document),
            Column(name="reason", title=_("Reason"), value=lambda row: row.reason),
            Column(name="by", title=_("By"), value=lambda row: row.by_name),
            Column(name="at", title=_("When"), value=lambda row: row.at, show=lambda row: parts.instant(row.at)),
        ),
        empty=Empty(
            title=_("No authority has set a figure of its own"),
            why=_("Until one does, the default of the kind counts everywhere; where that comes from is said above."),
        ),
    )


def _today() -> date:
    return times.now().astimezone(BEIJING).date()


def _shown(setting: Setting | None, value: Decimal | None) -> str:
    if value is None:
        return say("the default again")
    return f"{naming.figure(value.normalize() + 0)} {naming.unit(setting.unit) if setting else ''}".strip()


def _row(definition: Definition, each: FigureStanding, place: Authority) -> dict[str, Any]:
    """Return what the page says of one figure as it counts today."""
    setting, row = each.setting, each.row
    return {
        "name": setting.name,
        "word": naming.word(definition, "settings", setting.name),
        "figure": _shown(setting, each.value),
        "default": _shown(setting, setting.value),
        "source": setting.source,
        "bounds": bounds(setting),
        "row": row,
        "of": "" if each.of is None or each.of.code == place.code else parts.authority_name(each.of),
    }


def bounds(setting: Setting) -> str:
    """Return how far the law lets one go, in words; empty: no bound."""
    unit = naming.unit(setting.unit)
    # that no figure is below zero goes without saying
    least, most = (f"{naming.figure(bound)} {unit}" if bound else "" for bound in (setting.least, setting.most))
    if least and most:
        return say("%(least)s to %(most)s") % {"least": least, "most": most}
    if most:
        return say("at most %(most)s") % {"most": most}
    return say("at least %(least)s") % {"least": least} if least else ""


@page(roles=OFFICE)
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show what counts at an authority, and its history; who may, sets a figure here."""
    found, day = kinds.versions(code), _today()
    if not found:
        raise Http404(code)
    definition = kinds.current(found, day=day)
    given = request.POST if request.method == "POST" else request.GET
    place = api.authority_named(given.get("authority", ""), day=day)
    problem: QingtianError | None = None
    if request.method == "POST":
        try:
            _set(me(request), definition, place, given)
            return HttpResponseRedirect(f"/kinds/{code}/settings/?authority={place.code}")
        except FigureRefused as error:
            problem = error
    context = _context(me(request), definition, place, given, day=day)
    context |= {"problem": sentence(problem, {}) if problem else "", "problem_code": problem.code if problem else ""}
    rows = api.figures_history(code)
    page = answer(request, _listing(definition), rows, template="kinds/settings.html", **context)
    page.status_code = 422 if problem else 200
    return page


def _context(user: User, definition: Definition, place: Authority, given: QueryDict, *, day: date) -> dict[str, Any]:
    standing = api.figures_standing(definition, place, day=day)
    names = [each.setting.name for each in standing]
    chosen = given.get("setting", "") if given.get("setting") in names else ""
    return {
        "definition": definition,
        "manifest": definition.manifest,
        "name": naming.said(definition.manifest.words),
        "figures": [_row(definition, each, place) for each in standing],
        "place": place,
        "places": api.authorities(day=day),
        "may_set": bool(standing) and api.may_set(user, place, at=times.now()),
        "form": _form(definition, chosen, given, day) if chosen else None,
    }


def _form(definition: Definition, name: str, given: QueryDict, day: date) -> Mapping[str, Any]:
    """Return the form for one figure, with what was typed."""
    setting = definition.manifest.settings[name]
    return {
        **{field: given.get(field, "") for field in FIELDS},
        "name": name,
        "word": naming.word(definition, "settings", name),
        "unit": naming.unit(setting.unit),
        "bounds": bounds(setting),
        "default": _shown(setting, setting.value),
        "again": given.get("again") == "1",
        "today": day.isoformat(),
        "since": given.get("since", "") or day.isoformat(),
    }


def _set(user: User, definition: Definition, place: Authority, form: QueryDict) -> None:
    """:raises FigureRefused: for what was typed; as `set_figure` does besides."""
    name = form.get("setting", "")
    said = definition.words.of("settings", name)
    try:
        again = form.get("again") == "1"
        value = None if again else Decimal(form.get("value", "").replace(",", "").replace("，", "").strip())
    except InvalidOperation as error:
        raise FigureRefused(setting=said, why=Term(zh="数值应为数字", en="the figure has to be a number")) from error
    try:
        since = date.fromisoformat(form.get("since", ""))
    except ValueError as error:
        why = Term(zh="生效日应为日期，如 2026-12-01", en="the day has to be a date such as 2026-12-01")
        raise FigureRefused(setting=said, why=why) from error
    api.set_figure(
        acting_user=user,
        code=definition.manifest.code,
        name=name,
        authority=place.code,
        value=value,
        since=since,
        reason=form.get("reason", ""),
        document=form.get("document", ""),
        at=times.now(),
    )
