"""The completeness calendar of an outlet (数据完整性日历): a year of days, each with its valid hours of those due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.marks import api as marks
from qingtian.office.sites import api as sites
from qingtian.portals import asked, completeness_data, words
from qingtian.portals.completeness_data import beijing
from qingtian.portals.effectiveness import percent
from qingtian.portals.listing import Column, Empty, Listing, as_csv, as_json
from qingtian.portals.page import EVERYONE, me, page, wants
from qingtian.stream.periods import api as periods
from qingtian.stream.periods.effectiveness import Lines

HOURS = 24


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day: valid, received and due hours of its worst series; ``kind`` is one of `words.DAY_KINDS`."""

    date: date
    counted: int
    received: int
    due: int
    factor: str
    kind: str

    @property
    def sentence(self) -> str:
        """The whole of it for who does not see colours."""
        figures = {"day": f"{self.date:%Y-%m-%d}", "n": self.counted, "due": self.due, "word": self.state.word}
        if self.kind in ("off", "ahead"):
            return f"{figures['day']}: {figures['word']}"
        return _("%(day)s: %(n)s of %(due)s hours valid, %(word)s") % figures

    @property
    def state(self) -> words.State:
        return words.DAY_KINDS[self.kind]


LISTING: Listing[Day] = Listing(
    name="completeness",
    columns=(
        Column(name="date", title=gettext_lazy("Day"), value=lambda row: row.date.isoformat()),
        Column(name="valid", title=gettext_lazy("Valid"), value=lambda row: row.counted, number=True),
        Column(name="received", title=gettext_lazy("Received"), value=lambda row: row.received, number=True),
        Column(name="due", title=gettext_lazy("Hours due"), value=lambda row: row.due, number=True),
        Column(name="factor", title=gettext_lazy("Factor"), value=lambda row: row.factor),
        Column(name="kind", title=gettext_lazy("State"), value=lambda row: row.kind),
    ),
    empty=Empty(title=gettext_lazy("No day"), why=""),
)


def kind_of(*, counted: int, received: int, due: int, known: Lines) -> str:
    """Return what a day is: off (nothing due), none (nothing received), full, enough or short."""
    if due == 0:
        return "off"
    if received == 0:
        return "none"
    share = counted / due
    return "full" if share >= known.full else "enough" if share >= known.enough else "short"


def calendar(days: pl.DataFrame, *, year: int, today: date, excused: Mapping[date, int], known: Lines) -> Iterator[Day]:
    """Yield every day of the year; of several series the worst tells the day."""
    share = pl.when(pl.col("due") > 0).then(pl.col("counted") / pl.col("due")).otherwise(1.0)
    worst = days.with_columns(share=share).sort("share", "factor").unique("date", keep="first")
    by_date: dict[date, Mapping[str, Any]] = {row["date"]: row for row in worst.iter_rows(named=True)}
    since = min(by_date, default=None)
    day = date(year, 1, 1)
    while day.year == year:
        row = by_date.get(day) if day < today else None
        if row:
            figures = {name: int(row[name]) for name in ("counted", "received", "due")}
            yield Day(date=day, factor=row["factor"], kind=kind_of(**figures, known=known), **figures)
        else:
            due = HOURS - excused.get(day, 0) if since and since <= day < today else 0
            kind = "ahead" if due == 0 and (since is None or not since <= day < today) else "none" if due else "off"
            yield Day(date=day, counted=0, received=0, due=due, factor="", kind=kind)
        day += timedelta(days=1)


def _excused(rows: Sequence[marks.Mark]) -> dict[date, int]:
    """Return the hours of each day that marks take from what is due."""
    hours: dict[date, set[int]] = {}
    for excuse in completeness_data.excuses(rows):
        for day, hour in periods.hours_of(excuse):
            hours.setdefault(day, set()).add(hour)
    return {day: len(found) for day, found in hours.items()}


def _months(days: Sequence[Day]) -> list[dict[str, Any]]:
    """Return the months with their days, and how many fields stand empty before the first (weeks begin on Monday)."""
    months: list[dict[str, Any]] = []
    for day in days:
        if day.date.day == 1:
            months.append({"first": day.date, "before": range(day.date.weekday()), "days": []})
        months[-1]["days"].append(day)
    return months


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show a year of an outlet, of one factor or of the worst of all; also as JSON and CSV."""
    user, wish = me(request), request.GET
    outlet = sites.outlet(user, code)
    today = times.now().astimezone(BEIJING).date()
    year = asked.year(wish, last=today.year, usual=today.year)
    found = periods.begun(completeness_data.days_of(outlet.pk, year=year), first=date(year, 1, 1))
    factors = sorted(found["factor"].unique().to_list())
    factor = asked.option(wish, "factor", [*factors, *sites.factors()])
    chosen = found.filter(pl.col("factor") == factor) if factor else found
    stood = marks.standing_between(user, start=beijing(date(year, 1, 1)), end=beijing(date(year + 1, 1, 1)))
    mine = [mark for mark in stood if mark.outlet_id == outlet.pk]
    known = periods.lines(day=today)
    days = list(calendar(chosen, year=year, today=today, excused=_excused(mine), known=known))
    if wants(request) != "html":
        return as_json(LISTING, days) if wants(request) == "json" else as_csv(request, LISTING, days)
    monthly = periods.by_month(chosen, until=today, excuses=completeness_data.excuses(mine))
    context = {
        "outlet": outlet,
        "year": year,
        "years": range(today.year, today.year - 5, -1),
        "factor": factor,
        # a factor may be asked for in a year without it
        "factors": sorted({*factors, factor} - {""}),
        "months": [month for month in _months(days) if any(day.kind != "ahead" for day in month["days"])],
        "empty": found.is_empty(),
        "kinds": [
            (kind, state, sum(day.kind == kind for day in days))
            for kind, state in words.DAY_KINDS.items()
            if kind != "ahead"
        ],
        "lines": known,
        "weekdays": _("M T W T F S S").split(),
        "rates": [
            {**row, "below": row["effectiveness"] is not None and row["effectiveness"] < known.line}
            | {name: percent(row[name]) for name in ("transmission", "validity", "effectiveness")}
            for row in _whole(monthly)
        ],
        "query": request.GET.urlencode(),
    }
    return render(request, "outlets/completeness.html", context)


def _whole(monthly: pl.DataFrame) -> list[dict[str, Any]]:
    return list(monthly.sort("month", descending=True).iter_rows(named=True))
