"""The hours that marks took from the year's pools (标记时长): of each outlet with bounded hours, and what is left."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.marks import api
from qingtian.office.marks.api import YearUse
from qingtian.portals import asked
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import EVERYONE, me, page
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import language
from qingtian.portals.words import State

RUNNING_OUT = State(word=_("nearly used up"), tone="attention", shape="attention")
USED_UP = State(word=_("used up"), tone="breach", shape="breach")
YEARS = 5


def _part(row: YearUse) -> object:
    if row.used.part is None:
        return "—"
    percent = parts.quantity(round(row.used.part * 100, 1), "%")
    if not row.used.warns:
        return percent
    state = USED_UP if row.used.part >= 1 else RUNNING_OUT
    return format_html('<span class="verdict">{} {}</span>', percent, parts.badge(state))


HOURS: Listing[YearUse] = Listing(
    name="mark-hours",
    columns=(
        Column(
            name="outlet",
            title=_("Outlet"),
            value=lambda row: row.outlet.pk,
            show=lambda row: parts.own_name(row.outlet),
        ),
        Column(
            name="pool",
            title=_("Hours for"),
            value=lambda row: row.used.budget.pool,
            show=lambda row: row.used.budget.name(language()),
        ),
        Column(name="year", title=_("Year"), value=lambda row: row.used.year, number=True),
        Column(
            name="hours",
            title=_("Used"),
            value=lambda row: row.hours,
            show=lambda row: format_html(
                '<meter min="0" max="{}" high="{}" value="{}"></meter> {}',
                row.most or 1,
                (row.most or 1) * row.used.budget.warn,
                row.hours,
                parts.quantity(row.hours, "h"),
            ),
            number=True,
        ),
        Column(
            name="most",
            title=_("Of"),
            value=lambda row: row.most,
            show=lambda row: parts.quantity(row.most, "h"),
            number=True,
        ),
        Column(
            name="part",
            title=_("Part of the year's hours"),
            value=lambda row: None if row.used.part is None else round(row.used.part, 4),
            show=lambda row: _part(row),
            number=True,
        ),
        Column(name="marks", title=_("Marks"), value=lambda row: len(row.used.marks), number=True),
    ),
    link=lambda row: f"/marks/?outlet={row.outlet.pk}",
    marked=lambda row: row.used.warns,
    empty=Empty(
        title=_("No outlet has bounded hours"),
        why=_(
            "Waste incinerators have 60 hours of exemption and 30 hours of maintenance a year; none is in your scope."
        ),
    ),
)


def of_years(this: int) -> Listing[YearUse]:
    """Return how the hours are listed, with the last years to choose from; the choice of none is ``this``."""
    # a mark may reach into the next year
    known = [str(year) for year in range(asked.FIRST_YEAR, this + 2)]
    options = [(str(year), str(year)) for year in range(this - 1, this - YEARS, -1)]
    choice = Choice(name="year", title=_("Year"), options=options, also=known, usual=str(this))
    return replace(HOURS, choices=(choice,))


@page(roles=EVERYONE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the hours that marks took from their pools in a year, the fullest first."""
    this = times.now().astimezone(BEIJING).year
    year = asked.year(request.GET, last=this + 1, usual=this)
    rows = api.hours_used(me(request), year=year, outlet=request.GET.get("outlet", ""))
    return answer(request, of_years(this), rows, template="marks/hours.html", year=year)
