"""The months of an outlet (月均值与排放量): means and their validity, emission by month and quarter, the permit."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.marks import api as marks
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.portals import asked, months_data, typed, words
from qingtian.portals.completeness_data import beijing, months_back
from qingtian.portals.listing import Column, Empty, Listing, as_csv, records
from qingtian.portals.months_chart import picture
from qingtian.portals.months_data import Month, Year
from qingtian.portals.page import EVERYONE, OFFICE, me, page, wants

YEARS = 5

LISTING: Listing[Month] = Listing(
    name="months",
    columns=(
        Column(name="month", title=_("Month"), value=lambda row: f"{row.month:%Y-%m}"),
        Column(name="mn", title="MN", value=lambda row: row.mn),
        Column(name="factor", title=_("Factor"), value=lambda row: row.factor),
        Column(name="mean", title=_("Mean"), value=lambda row: row.mean, number=True),
        Column(name="converted", title=_("Converted"), value=lambda row: row.converted, number=True),
        Column(name="low", title=_("Lowest"), value=lambda row: row.low, number=True),
        Column(name="high", title=_("Highest"), value=lambda row: row.high, number=True),
        Column(name="valid_hours", title=_("Valid hours"), value=lambda row: row.hours, number=True),
        Column(name="due", title=_("Hours due"), value=lambda row: row.due, number=True),
        Column(name="needed", title=_("Hours needed"), value=lambda row: row.needed, number=True),
        Column(name="state", title=_("State"), value=lambda row: row.state),
        Column(name="volume_m3", title=_("Volume"), value=lambda row: row.volume, number=True),
        Column(name="kg", title=_("Emission"), value=lambda row: row.kg, number=True),
    ),
    empty=Empty(title=_("No month"), why=""),
)


def _told(outlet: sites.Outlet, user: User, year: int, today: date) -> Year:
    start = beijing(months_back(date(year, 1, 1), months_data.MONTHS_BEFORE))
    stood = marks.standing_between(user, start=start, end=beijing(date(year + 1, 1, 1)))
    mine = [mark for mark in stood if mark.outlet_id == outlet.pk]
    return months_data.of_year(outlet, year=year, today=today, marks=mine)


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show a year's months of one factor; as JSON and CSV those of all factors."""
    user, wish = me(request), request.GET
    outlet = sites.outlet(user, code)
    today = times.now().astimezone(BEIJING).date()
    year = asked.year(wish, last=today.year, usual=today.year)
    told = _told(outlet, user, year, today)
    chosen = asked.option(wish, "factor", [*_factors(told), *sites.factors()])
    if wants(request) == "csv":
        return as_csv(request, LISTING, told.months)
    if wants(request) == "json":
        return JsonResponse(_record(told, year))
    # a factor may be asked for in a year without it
    factors = list(dict.fromkeys([*_factors(told), *filter(None, [chosen])]))
    factor = chosen or next(iter(factors), "")
    context = {
        "outlet": outlet,
        "year": year,
        "years": range(today.year, today.year - YEARS, -1),
        "factor": factor,
        "factors": factors,
        "unit": sites.factor(factor).unit if factor else "",
        "states": words.MONTH_STATES,
        "may_set": sites.may_set_limits(user),
        **_of_factor(told, factor),
    }
    return render(request, "outlets/months.html", context)


def _factors(told: Year) -> list[str]:
    """Return the factors of the year, those with an emission first."""
    emitting = {row.factor for row in told.months if row.kg is not None} | set(told.permitted)
    return sorted(
        {row.factor for row in told.months} | set(told.permitted), key=lambda code: (code not in emitting, code)
    )


def _of_factor(told: Year, factor: str) -> dict[str, Any]:
    rows = [row for row in told.months if row.factor == factor]
    tonnes: dict[int, float] = {}
    for row in rows:
        if row.kg is not None:
            tonnes[row.month.month] = tonnes.get(row.month.month, 0.0) + row.kg * 1e-3
    allowed = told.permitted.get(factor)
    total = sum(tonnes.values())
    return {
        "rows": rows,
        "devices": len({row.mn for row in rows}),
        "quarters": [one for one in told.quarters if one.total.factor == factor],
        "picture": picture(tonnes, permitted=allowed.tonnes if allowed else None),
        "permitted": allowed,
        "used": round(total / allowed.tonnes * 100, 1) if allowed else None,
        "over": bool(allowed and total > allowed.tonnes),
    }


def _record(told: Year, year: int) -> dict[str, Any]:
    return {
        "list": LISTING.name,
        "year": year,
        "count": len(told.months),
        "rows": records(LISTING, told.months),
        "quarters": [
            {
                "first": one.first.isoformat(),
                "mn": one.total.mn,
                "factor": one.total.factor,
                "capture": one.total.capture,
                "missing": one.total.missing,
                "filled": one.total.filled,
                "open_hours": one.total.open_hours,
                "replaced": [vars(part) for part in one.total.replaced],
                "measured_kg": one.total.measured_kg,
                "filled_kg": one.total.filled_kg,
            }
            for one in told.quarters
        ],
        "permitted": {code: {"tonnes": one.tonnes, "document": one.document} for code, one in told.permitted.items()},
    }


@page(roles=OFFICE)
@require_POST
def permit(request: HttpRequest, code: str) -> HttpResponse:
    """Enter, or with an empty figure take back, what the permit allows of a factor in a year."""
    form = request.POST
    factor = form.get("factor", "")
    sites.set_permitted_amount(
        acting_user=me(request),
        outlet_code=code,
        factor=factor,
        tonnes=typed.decimal(form, "tonnes"),
        document=form.get("document", ""),
        at=times.now(),
    )
    return HttpResponseRedirect(f"/outlets/{code}/months/?factor={factor}")
