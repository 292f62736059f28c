"""Transmission-effectiveness (传输有效率): every outlet of the scope by month, the worst first, against the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.marks import api as marks
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import Outlet
from qingtian.portals import completeness_data, words
from qingtian.portals.completeness_data import beijing, months_back
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import EVERYONE, OFFICE, me, page
from qingtian.portals.templatetags import parts
from qingtian.stream.periods import api as periods

MONTHS = 13
"""How many months are offered: this one and a year before it."""
NOTHING_DUE = 2.0
"""Sorts an outlet of which nothing was due behind all others."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One outlet and month; hours summed over its series, rates from 0 to 1 or None where nothing was due."""

    outlet: Outlet
    month: date
    series: int
    due: int
    received: int
    counted: int
    transmission: float | None
    validity: float | None
    effectiveness: float | None
    line: float

    @property
    def below(self) -> bool:
        return self.effectiveness is not None and self.effectiveness < self.line


def percent(share: float | None) -> object:
    """Return a rate as it is read: 98.4 %; missing is a dash."""
    return parts.quantity(None if share is None else round(share * 100, 1), "%")


def _verdict(row: Row) -> object:
    if row.effectiveness is None:
        return parts.badge(words.EFFECTIVENESS["none"])
    state = parts.badge(words.EFFECTIVENESS["below" if row.below else "met"])
    return format_html('<span class="verdict">{} {}</span>', percent(row.effectiveness), state)


def _columns(districts: Mapping[str, str]) -> tuple[Column[Row], ...]:
    return (
        Column(
            name="name",
            title=_("Outlet"),
            value=lambda row: row.outlet.name,
            show=lambda row: parts.place_of(row.outlet, row.outlet.enterprise),
        ),
        Column(
            name="effectiveness",
            title=_("Transmission-effectiveness"),
            value=lambda row: row.effectiveness,
            show=_verdict,
            number=True,
        ),
        Column(
            name="transmission",
            title=_("Received of due"),
            value=lambda row: row.transmission,
            show=lambda row: percent(row.transmission),
            number=True,
        ),
        Column(
            name="validity",
            title=_("Valid of received"),
            value=lambda row: row.validity,
            show=lambda row: percent(row.validity),
            number=True,
        ),
        Column(name="due", title=_("Hours due"), value=lambda row: row.due, number=True),
        Column(name="received", title=_("Received"), value=lambda row: row.received, number=True),
        Column(name="counted", title=_("Valid"), value=lambda row: row.counted, number=True),
        Column(
            name="month",
            title=_("Month"),
            value=lambda row: f"{row.month:%Y-%m}",
            show=lambda row: format_html('<span class="nowrap">{}</span>', f"{row.month:%Y-%m}"),
        ),
        Column(
            name="district",
            title=_("District"),
            value=lambda row: row.outlet.district_id,
            show=lambda row: districts.get(row.outlet.district_id, row.outlet.district_id),
        ),
        Column(name="code", title=_("Code"), value=lambda row: row.outlet.pk, hidden=True),
        Column(name="series", title=_("Series"), value=lambda row: row.series, hidden=True),
        Column(name="line", title=_("assessment line"), value=lambda row: row.line, hidden=True),
        Column(
            name="rank",
            title="rank",
            value=lambda row: NOTHING_DUE if row.effectiveness is None else row.effectiveness,
            hidden=True,
        ),
    )


def listing(months: Sequence[date], districts: Mapping[str, str], *, start: str) -> Listing[Row]:
    """Return how outlets are listed by their effectiveness; ``start`` is where the person's outlets are."""
    return Listing(
        name="effectiveness",
        columns=_columns(districts),
        link=lambda row: f"/outlets/{row.outlet.pk}/completeness/?year={row.month.year}",
        marked=lambda row: row.below,
        order="rank",
        choices=(
            Choice(
                name="month",
                title=_("Month"),
                usual=_("the newest"),
                options=[("year", _("all of them")), *((f"{m:%Y-%m}", f"{m:%Y-%m}") for m in months)],
            ),
            Choice(name="line", title=_("Assessment"), options=[("below", _("below the line")), ("met", _("met"))]),
            Choice(name="district", title=_("District"), options=list(districts.items())),
            Choice(name="medium", title=_("Medium"), options=list(words.MEDIA.items())),
        ),
        searched=_("Outlet, firm or code"),
        empty=Empty(
            title=_("No day of this scope has been judged yet"),
            why=_(
                "The rates are made from the windows of days (table “periods” of the lake), which the confirmer writes "
                "from minute and hour data. They appear when it runs and the first day has ended."
            ),
            path=start,
            act=_("See what devices send"),
        ),
    )


def rows(request: HttpRequest, user: User, *, today: date) -> tuple[list[Row], date]:
    """Return the rows that the URL asks for, and the month shown. Two queries, and the lake."""
    wish = request.GET
    first = months_back(today, MONTHS - 1)
    outlets = {
        one.pk: one
        for one in sites.outlets(
            user, search=wish.get("q", "").strip(), medium=wish.get("medium", ""), district=wish.get("district", "")
        )
    }
    days = periods.begun(completeness_data.city_days(first, today), first=first)
    stood = marks.standing_between(user, start=beijing(first), end=beijing(today))
    whole = wish.get("month") == "year"
    month = _month(wish.get("month", "")) or _latest(days, today)
    begins, until = (first, today) if whole else (month, min(months_back(month, -1), today))
    found = periods.by_month(days, until=until, excuses=completeness_data.excuses(stood), months_from=begins)
    told = [
        Row(outlet=outlets[row["outlet"]], line=periods.lines(day=row["month"]).line, **_figures(row))
        for row in found.iter_rows(named=True)
        if row["outlet"] in outlets
    ]
    if wish.get("line") in ("below", "met"):
        told = [row for row in told if row.below == (wish["line"] == "below") and row.effectiveness is not None]
    return told, month


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "outlet"}


def _month(text: str) -> date | None:
    """Return the month of the URL, if it names one."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _latest(days: pl.DataFrame, today: date) -> date:
    """Return the latest month of which a day is over."""
    over = days.filter(pl.col("date") < today)["date"]
    latest = over.max()
    return latest.replace(day=1) if isinstance(latest, date) else months_back(today, 0)


@page(roles=EVERYONE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the transmission-effectiveness of the scope, by default of the latest month."""
    user = me(request)
    today = times.now().astimezone(BEIJING).date()
    told, month = rows(request, user, today=today)
    months = [months_back(today, number) for number in range(MONTHS)]
    names = {district.code: parts.district_name(district) for district in sites.districts()}
    context = {
        "month": month,
        "whole_year": request.GET.get("month") == "year",
        "lines": periods.lines(day=today),
        "below": sum(row.below for row in told),
        "judged": sum(row.effectiveness is not None for row in told),
        "total": percent(_total(told)),
        "line": percent(periods.lines(day=today).line),
    }
    start = "/outlets/" if user.role in OFFICE else "/enterprise/"
    return answer(request, listing(months, names, start=start), told, template="effectiveness/list.html", **context)


def _total(told: Sequence[Row]) -> float | None:
    """Return the effectiveness of all hours together; it weighs each outlet by what is due of it."""
    due = sum(row.due for row in told)
    return sum(row.counted for row in told) / due if due else None
