"""Days set by hand (日历调整): what is said of a day above the official calendar, and what would move."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.law import calendar
from qingtian.office.matters import api
from qingtian.office.matters.api import DayPreview, Moved
from qingtian.portals import typed
from qingtian.portals.listing import Column, Empty, Listing, answer
from qingtian.portals.matters import naming
from qingtian.portals.page import ADMINISTRATORS, me, page
from qingtian.portals.templatetags import parts
from qingtian.portals.words import State, Word

WORKED = State(word=_("worked"), tone="brand")
REST = State(word=_("rest"), tone="normal", shape="normal")
WISHES: dict[str, tuple[bool | None, Word]] = {
    "work": (True, _("worked")),
    "rest": (False, _("rest")),
    "clear": (None, _("as in the official calendar")),
}

LISTING: Listing[Any] = Listing(
    name="days",
    columns=(
        Column(name="day", title=_("Day"), value=lambda row: row.day.isoformat()),
        Column(
            name="working",
            title=_("Set to"),
            value=lambda row: row.working,
            show=lambda row: parts.badge(WORKED if row.working else REST),
        ),
        Column(
            name="official",
            title=_("Official calendar"),
            value=lambda row: calendar.official().kind(row.day).working,
            show=lambda row: naming.said(calendar.official().kind(row.day)),
        ),
        Column(name="reason", title=_("Rests on"), value=lambda row: row.reason),
        Column(name="by", title=_("By"), value=lambda row: row.by),
        Column(
            name="at", title=_("When"), value=lambda row: row.at, show=lambda row: parts.instant(row.at), number=True
        ),
    ),
    link=lambda row: f"?day={row.day.isoformat()}&as=clear#preview",
    empty=Empty(
        title=_("No day is set by hand"),
        why=_("Working days are those of the yearly notice of the State Council, until a later notice says otherwise."),
    ),
)


@page(roles=ADMINISTRATORS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the days set by hand; with ``?day=…&as=work|rest|clear``, what that would move before it is done."""
    user, query = me(request), request.GET
    found: DayPreview | None = None
    if query.get("day"):
        working, _word = typed.one_of(WISHES, query.get("as", ""))
        found = api.preview_day(acting_user=user, day=typed.needed_day(query, "day"), working=working, at=times.now())
    years = sorted(calendar.official().official_years)
    context = {
        "preview": found and _shown(found, query.get("as", "")),
        "wish": query.get("as", "rest"),
        "wishes": [(name, word) for name, (_working, word) in WISHES.items()],
        "years": f"{years[0]}–{years[-1]}",
    }
    return answer(request, LISTING, api.calendar_days(), template="system/days.html", **context)


def _shown(found: DayPreview, wish: str) -> dict[str, object]:
    return {
        "day": found.day.isoformat(),
        "was": naming.said(found.was),
        "becomes": naming.said(found.becomes),
        "word": WISHES[wish][1],
        "same": found.was == found.becomes,
        "rows": [_row(each) for each in found.moved if each.matter is not None],
        "unseen": sum(each.matter is None for each in found.moved),
        "moved": len(found.moved),
        "counted": found.counted,
        "more": found.more,
    }


def _row(moved: Moved) -> dict[str, object]:
    return {
        "matter": moved.matter,
        "clock": naming.clock(moved.clock, day=times.now().astimezone(BEIJING).date()),
        "was": _said(moved.was),
        "due": _said(moved.due),
        "earlier": moved.due is not None and moved.was is not None and str(moved.due) < str(moved.was),
    }


def _said(due: date | datetime | None) -> str:
    if due is None:
        return "—"
    return due.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if isinstance(due, datetime) else due.isoformat()


@page(roles=ADMINISTRATORS)
@require_POST
def put(request: HttpRequest) -> HttpResponse:
    """Set a day, or leave it to the official calendar again; the worker counts the clocks anew."""
    form, user = request.POST, me(request)
    day, reason = typed.needed_day(form, "day"), form.get("reason", "")
    working, _word = typed.one_of(WISHES, form.get("as", ""))
    if working is None:
        api.clear_day(acting_user=user, day=day, reason=reason, at=times.now())
    else:
        api.set_day(acting_user=user, day=day, working=working, reason=reason, at=times.now())
    return HttpResponseRedirect("/system/days/")
