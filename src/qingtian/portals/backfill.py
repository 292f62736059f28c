"""Back-fill (补传): the records that never came, device by device, and what became of asking for them; pause, start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.people.api import User
from qingtian.office.reverse_control import api
from qingtian.office.reverse_control.api import Gap, Progress
from qingtian.portals import commands_words
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import DESK, me, page
from qingtian.portals.templatetags import parts
from qingtian.portals.words import COMMANDS, State, Word

REFRESH = "qtbackfill from:body throttle:2s, qtcatchup from:body"

GAP_STATES: dict[str, State] = {
    "missing": State(word=_("Missing"), tone="attention", shape="attention"),
    "asked": State(word=_("Asked for"), tone="brand"),
    "filled": State(word=_("Filled"), tone="normal", shape="done"),
    "refused": State(word=_("Device has none"), tone="silent", shape="silent"),
    "given_up": State(word=_("Given up"), tone="breach", shape="breach"),
}
SHARES: tuple[tuple[str, str], ...] = (
    ("filled", "normal"),
    ("asked", "brand"),
    ("missing", "attention"),
    ("refused", "silent"),
)
"""The parts of a bar, from its left, with their tone."""

WIDTH = 120


def bar(counts: Mapping[str, int]) -> SafeString:
    """Draw the shares of a device's missing records; the words for it stand in the other columns."""
    total = sum(counts[name] for name, _tone in SHARES)
    rectangles, left = [], 0.0
    for name, tone in SHARES:
        width = counts[name] / total * WIDTH if total else 0.0
        rectangles.append((round(left, 2), round(width, 2), tone))
        left += width
    drawn = format_html_join("", '<rect x="{}" width="{}" height="8" class="share is-{}"/>', rectangles)
    said = say("%(filled)d of %(total)d filled") % {"filled": counts["filled"], "total": total}
    return format_html(
        '<svg class="shares" role="img" aria-label="{}" viewBox="0 0 {} 8" preserveAspectRatio="none">{}</svg>',
        said,
        WIDTH,
        drawn,
    )


def shares(row: Progress) -> dict[str, int]:
    return {"filled": row.filled, "asked": row.asked, "missing": row.missing, "refused": row.refused}


def _name(row: Progress) -> object:
    return format_html(
        '<span>{}<span class="sub">{}</span></span>',
        parts.in_language(row.outlet_name, row.outlet_name_en),
        parts.in_language(row.enterprise, row.enterprise_en),
    )


def _rests(row: Progress) -> object:
    return parts.badge(State(word=_("Paused"), tone="silent", shape="silent")) if row.paused else None


def _count(name: str, title: Word) -> Column[Progress]:
    return Column(name=name, title=title, value=lambda row: getattr(row, name), number=True)


LISTING: Listing[Progress] = Listing(
    name="backfill",
    columns=(
        Column(name="outlet_name", title=_("Outlet"), value=lambda row: row.outlet_name, show=_name),
        Column(
            name="progress",
            title=_("Progress"),
            value=lambda row: row.filled / row.records,
            show=lambda row: bar(shares(row)),
        ),
        _count("missing", _("Missing")),
        _count("asked", _("Asked for")),
        _count("filled", _("Filled")),
        _count("refused", _("Not to be had")),
        Column(name="paused", title=_("State"), value=lambda row: row.paused, show=_rests),
        Column(
            name="changed_at",
            title=_("Last change"),
            value=lambda row: row.changed_at,
            show=lambda row: parts.instant(row.changed_at),
            number=True,
        ),
        Column(name="outlet", title="outlet", value=lambda row: row.outlet, hidden=True),
        Column(name="enterprise", title="enterprise", value=lambda row: row.enterprise, hidden=True),
        Column(name="mn", title="MN", value=lambda row: row.mn, hidden=True),
        Column(name="records", title="records", value=lambda row: row.records, hidden=True),
    ),
    link=lambda row: f"/backfill/{row.mn}/",
    choices=(Choice(name="left", title=_("Records"), options=[("1", _("still missing"))]),),
    searched=_("Outlet, firm or MN"),
    empty=Empty(
        title=_("No record is missing"),
        why=_("Once an hour the minute, hour and day records of all devices are counted; gaps stand here."),
        path="/outlets/",
        act=_("See the outlets"),
    ),
)


@page(roles=DESK)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the devices of the scope with records that never came."""
    user, query = me(request), request.GET
    rows: Sequence[Progress] = api.progress(user, outlet=query.get("outlet", ""), search=query.get("q", "").strip())
    if query.get("left") == "1":
        rows = [row for row in rows if row.missing or row.asked]
    total = {name: sum(shares(row)[name] for row in rows) for name, _tone in SHARES}
    return answer(
        request,
        LISTING,
        rows,
        template="backfill/list.html",
        refresh=REFRESH,
        state=api.backfill_state(user),
        total=total,
        bar=bar(total),
        may_steer=api.may_steer(user),
    )


@dataclass(frozen=True, kw_only=True)
class GapLine:
    """A gap as it is shown."""

    gap: Gap
    kind: Word
    state: State
    outcome: str


def _gap(gap: Gap) -> GapLine:
    outcome = commands_words.outcome(gap.command) if gap.command and gap.state != "filled" else ""
    return GapLine(gap=gap, kind=COMMANDS[gap.cn], state=GAP_STATES[gap.state], outcome=outcome)


@page(roles=DESK)
@require_GET
def show(request: HttpRequest, mn: str) -> HttpResponse:
    """Show the gaps of one device, and the commands that asked for them."""
    user = me(request)
    device = api.device_in_scope(user, mn)
    counted = api.progress(user, outlet=device.outlet_id)
    mine = next((row for row in counted if row.mn == mn), None)
    context = {
        "device": device,
        "outlet": device.outlet,
        "lines": [_gap(gap) for gap in api.gaps_of(user, mn=mn)],
        "counts": [(GAP_STATES[name].word, count) for name, count in shares(mine).items()] if mine else [],
        "bar": bar(shares(mine)) if mine else "",
        "paused": mine.paused if mine else False,
        "may_steer": api.may_steer(user, mn=mn),
        "refresh": REFRESH,
    }
    return render(request, "backfill/show.html", context)


@page(roles=DESK)
@require_POST
def steer(request: HttpRequest, name: str) -> HttpResponse:
    """Pause or start the back-fill of one device, or of all."""
    user, mn = me(request), request.POST.get("mn", "")
    _steer(user, name, mn, request.POST.get("reason", ""))
    return HttpResponseRedirect(f"/backfill/{mn}/" if mn else "/backfill/")


def _steer(user: User, name: str, mn: str, reason: str) -> None:
    match name:
        case "pause":
            api.pause_backfill(acting_user=user, mn=mn, reason=reason, at=times.now())
        case "start":
            api.start_backfill(acting_user=user, mn=mn, at=times.now())
        case _:
            raise BadRequest(name)
