"""The history of an outlet (历史数据): minutes to years of a factor with its limits, flags, marks and findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.alerts import api as alerts
from qingtian.office.marks import api as marks
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import Outlet
from qingtian.portals import chronicle_data, detectors, quality_words, saved, words
from qingtian.portals import marks as marks_page
from qingtian.portals.chronicle_data import Curves, Line
from qingtian.portals.chronicle_wish import RANGES, STEPS, Wish, cannot_be, refuse_what_cannot_be, wish
from qingtian.portals.page import EVERYONE, me, page, wants
from qingtian.portals.templatetags.parts import factor_name, language, printed, span, unit

FINEST = ("instant", "5min", "hour", "day")
LIMITS_FOR = {"real": FINEST, "minute": FINEST, "hour": ("hour", "day")}
"""Which limits are drawn beside which step; beside days, those of the day."""
NOT_OLDER = datetime(2000, 1, 1, tzinfo=BEIJING)


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show the history of one factor of an outlet; the same data as JSON and CSV."""
    user = me(request)
    outlet = sites.outlet(user, code)
    asked = wish(request.GET, outlet, now=times.now())
    if wants(request) != "html":
        refuse_what_cannot_be(request.GET)
    match wants(request):
        case "json":
            return HttpResponse(orjson.dumps(record(user, outlet, asked)), content_type="application/json")
        case "csv":
            return as_csv(outlet, asked, chronicle_data.curves(outlet, asked))
    context = {
        "outlet": outlet,
        "asked": asked,
        "first": asked.start.astimezone(BEIJING).date(),
        "last": asked.end.astimezone(BEIJING).date(),
        "ranges": [(name, word) for name, (_length, word) in RANGES.items()],
        "steps": list(STEPS.items()),
        "query": request.GET.urlencode(),
        "cannot_be": cannot_be(request.GET),
    }
    return render(request, "outlets/history.html", context)


def record(user: User, outlet: Outlet, asked: Wish) -> dict[str, Any]:
    """Return the history as the browser and other machines read it; times in ms since 1970 UTC."""
    curves = chronicle_data.curves(outlet, asked)
    return {
        "outlet": outlet.pk,
        "factor": asked.factor,
        "name": factor_name(asked.factor),
        "unit": unit(sites.factor(asked.factor).unit),
        "from": _ms(asked.start),
        "to": _ms(asked.end),
        "step": curves.step,
        "confirmed": curves.confirmed,
        "records": curves.records,
        "every_s": curves.every_s,
        "told": told(curves),
        "series": [_series(line) for line in curves.lines],
        "flags": [[*stretch, str(words.FLAGS.get(stretch[2], ""))] for stretch in curves.flags],
        "invalid": [[*stretch, str(words.WINDOW_REASONS.get(stretch[2], stretch[2]))] for stretch in curves.invalid],
        "limits": list(_limits(outlet, asked, curves.step)),
        "marks": [*_marks(user, outlet, asked), *_out_of_control(outlet, asked)],
        "findings": list(_findings(user, outlet, asked)),
        "said": {
            "limit": _("limit"),
            "flag": _("data flag"),
            "low": _("lowest"),
            "high": _("highest"),
            "n": _("records"),
            "invalid": _("does not count"),
        },
    }


def told(curves: Curves) -> str:
    """Say what the picture shows, and what it had to leave out."""
    figures = {
        "step": STEPS[curves.step],
        "n": f"{curves.records:,}",
        "every": span(curves.every_s or 0),
        "all": sum(len(line.at) for line in curves.lines),
    }
    if curves.every_s:
        return (
            _("%(n)s records (%(step)s), each point the mean of %(every)s, the band its lowest and highest.") % figures
        )
    if curves.confirmed:
        return _("%(n)s windows (%(step)s) as judgement made them; every one is drawn.") % figures
    return _("%(n)s records (%(step)s) as the device sent them; every one is drawn.") % figures


def _series(line: Line) -> dict[str, Any]:
    plain = {"role": line.role, "name": line.name, "at": line.at, "value": line.value}
    return plain | {"low": line.low, "high": line.high, "count": line.count} if line.low else plain


def _ms(instant: datetime) -> int:
    return times.to_microseconds(instant) // 1000


def _day_ms(day: date | None, other: datetime) -> int:
    return _ms(datetime.combine(day, time(), BEIJING)) if day else _ms(other)


def _limits(outlet: Outlet, asked: Wish, step: str) -> Iterator[dict[str, Any]]:
    """Yield the limits that bind in the stretch, each for as long as it does."""
    wanted = LIMITS_FOR.get(step, ("day",))
    for one in sites.bindings(outlet):
        bound = one.candidate.bound
        first = max(_day_ms(one.start, NOT_OLDER), _ms(asked.start))
        last = min(_day_ms(one.end, asked.end), _ms(asked.end))
        if bound.factor != asked.factor or bound.period not in wanted or first >= last:
            continue
        yield {
            "from": first,
            "to": last,
            "upper": float(bound.upper) if bound.upper is not None else None,
            "lower": float(bound.lower) if bound.lower is not None else None,
            "word": f"{words.PERIODS.get(bound.period, bound.period)} {printed(bound.printed)}",
            "period": bound.period,
            "measure": bound.measure,
            "standard": bound.standard,
            "support": one.candidate.support,
            "why": one.zh if language().startswith("zh") else one.en,
        }


def _marks(user: User, outlet: Outlet, asked: Wish) -> Iterator[dict[str, Any]]:
    for mark in marks.marks(user, outlet=outlet.pk, state="live"):
        if mark.start < asked.end and mark.end > asked.start and (not mark.factors or asked.factor in mark.factors):
            yield {
                "from": _ms(max(mark.start, asked.start)),
                "to": _ms(min(mark.end, asked.end)),
                "word": marks_page.label(mark),
                "link": f"/marks/{mark.pk}/",
            }


def _out_of_control(outlet: Outlet, asked: Wish) -> Iterator[dict[str, Any]]:
    """Yield the time in which the factor's data are out of control 失控时段, one line a reason."""
    for one in marks.out_of_control(outlet.pk):
        start = datetime.fromisoformat(one["start"])
        end = datetime.fromisoformat(one["end"]) if one["end"] else asked.end
        if asked.factor in (one["factors"] or ()) and start < asked.end and end > asked.start:
            yield {
                "from": _ms(max(start, asked.start)),
                "to": _ms(min(end, asked.end)),
                "word": f"{words.WINDOW_REASONS['out_of_control']} · {quality_words.LABELS[one['label']]}",
                "link": f"/quality/{one['id']}/" if one["id"] else f"/outlets/{outlet.pk}/quality/",
            }


def _findings(user: User, outlet: Outlet, asked: Wish) -> Iterator[dict[str, Any]]:
    found = alerts.findings_between(user, outlet=outlet.pk, start=asked.start, end=asked.end, factor=asked.factor)
    for row in found:
        said = row.payload.get("evidence", {})
        event = words.FINDING_EVENTS.get(row.event, row.event)
        yield {
            "at": _ms(row.data_time),
            "value": row.value,
            "event": row.event,
            "level": row.payload.get("level", ""),
            "word": f"{detectors.name(row.payload.get('detector', ''))} · {event}",
            "sentence": said.get("zh" if language().startswith("zh") else "en", ""),
            "link": f"/alerts/{row.episode_id}/",
        }


def as_csv(outlet: Outlet, asked: Wish, curves: Curves) -> HttpResponse:
    """Return the points of the picture as a table; a point that stands for more says for how many."""
    return saved.table(_table(outlet, asked, curves), name=f"{outlet.pk}-{asked.factor}-{curves.step}")


def _table(outlet: Outlet, asked: Wish, curves: Curves) -> Iterator[Sequence[object]]:
    yield "outlet", "factor", "step", "every_s", "series", "time", "value", "low", "high", "records"
    for line in curves.lines:
        head = (outlet.pk, asked.factor, curves.step, curves.every_s or "", line.role)
        for place, (at, value) in enumerate(zip(line.at, line.value, strict=True)):
            more = (line.low[place], line.high[place], line.count[place]) if line.low else (value, value, 1)
            when = times.from_microseconds(at * 1000).isoformat()
            yield *head, when, value, *more
