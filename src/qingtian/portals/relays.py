"""Relay (转发): the other platforms that get our devices' packets, how far each is, and what it refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import User
from qingtian.office.relays import api
from qingtian.office.relays.api import Record, RelayTarget, Sample
from qingtian.portals import timeline
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer, records
from qingtian.portals.page import me, page, wants
from qingtian.portals.shell import CITY
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import language
from qingtian.portals.words import State, Word

MOST = 2000
SHOWN = 8
CHART = timedelta(hours=24)
WIDTH, HEIGHT = 600.0, 120.0
REFRESH = "qtrelay from:body throttle:2s, qtcatchup from:body"

STATES = {
    "up": State(word=_("Connected"), tone="normal", shape="normal"),
    "connecting": State(word=_("Connecting"), tone="attention", shape="attention"),
    "waiting": State(word=_("Cannot be reached"), tone="breach", shape="breach"),
    "paused": State(word=_("Paused"), tone="silent", shape="silent"),
    "unheard": State(word=_("The relay is not running"), tone="breach", shape="breach"),
}
KINDS: dict[str, Word] = {"refusal": _("Refusal"), "command": _("Command of the platform")}


def state(row: RelayTarget) -> str:
    return api.state_of(row, at=times.now())


def standing_of(row: RelayTarget) -> api.Standing | None:
    """Return what the relay said last of it; None while it has said nothing."""
    return getattr(row, "standing", None)


def figure(row: RelayTarget, name: str) -> float | None:
    """Return a figure of the last standing, None where there is none."""
    standing = standing_of(row)
    return getattr(standing, name) if standing else None


def age(seconds: float | None) -> str:
    """Say how old the oldest waiting packet is."""
    if seconds is None:
        return "—"
    return f"{seconds:.0f} s" if seconds < 120 else parts.span(seconds)


LISTING: Listing[RelayTarget] = Listing(
    name="relays",
    columns=(
        Column(name="name", title=_("Platform"), value=lambda row: row.name),
        Column(name="code", title=_("Code"), value=lambda row: row.pk),
        Column(
            name="state",
            title=_("State"),
            value=state,
            show=lambda row: parts.badge(STATES[state(row)]),
        ),
        Column(name="address", title=_("Address"), value=lambda row: f"{row.host}:{row.port}"),
        Column(name="devices", title=_("Devices"), value=lambda row: getattr(row, "device_count", 0), number=True),
        Column(
            name="lag_packets",
            title=_("Waiting"),
            value=lambda row: figure(row, "lag_packets"),
            show=lambda row: parts.number(figure(row, "lag_packets"), 0),
            number=True,
        ),
        Column(
            name="lag_s",
            title=_("Oldest"),
            value=lambda row: figure(row, "lag_s"),
            show=lambda row: age(figure(row, "lag_s")),
            number=True,
        ),
        Column(
            name="acknowledged",
            title=_("Answered"),
            value=lambda row: figure(row, "acknowledged"),
            show=lambda row: parts.number(figure(row, "acknowledged"), 0),
            number=True,
        ),
        Column(
            name="refused",
            title=_("Refused"),
            value=lambda row: figure(row, "refused"),
            show=lambda row: parts.number(figure(row, "refused"), 0),
            number=True,
        ),
        Column(name="rate", title=_("Packets a second"), value=lambda row: figure(row, "rate"), hidden=True),
        Column(
            name="why",
            title=_("Last error"),
            value=lambda row: standing.why if (standing := standing_of(row)) else None,
            hidden=True,
        ),
    ),
    link=lambda row: f"/relays/{row.pk}/",
    choices=(Choice(name="state", title=_("State"), options=[(key, one.word) for key, one in STATES.items()]),),
    searched=_("Name, code or address"),
    order="name",
    empty=Empty(
        title=_("No platform gets our packets yet"),
        why=_("Add the platform of the province or of the firm: its address, and the MN and PW it gave our devices."),
        path="/relays/new/",
        act=_("Add a platform"),
    ),
)


def chosen(request: HttpRequest, user: User) -> Sequence[RelayTarget]:
    """Return the targets that fit the filters of the URL. One query."""
    rows, wish = api.targets(user), request.GET.get("state", "")
    if wish:
        rows = [row for row in rows if state(row) == wish]
    search = request.GET.get("q", "").strip().lower()
    return [row for row in rows if search in f"{row.name} {row.pk} {row.host}:{row.port}".lower()]


@page(roles=CITY)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the platforms."""
    user = me(request)
    shown = LISTING if api.may_edit(user) else _without_way(LISTING)
    context = {"may_edit": api.may_edit(user), "refresh": REFRESH}
    return answer(request, shown, chosen(request, user), template="relays/list.html", **context)


def _without_way(listing: Listing[RelayTarget]) -> Listing[RelayTarget]:
    """The list for whoever only looks: its empty state names who may add one."""
    empty = Empty(title=listing.empty.title, why=_("The duty desk or an administrator adds a platform here."))
    return Listing(**{**vars(listing), "empty": empty})


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The lag of the last hours as a line: ``points`` of an SVG of `WIDTH` × `HEIGHT`; ``top``: its highest value."""

    points: str
    top: int
    start: datetime
    end: datetime


def curve(samples: Sequence[Sample], *, end: datetime) -> Curve | None:
    """Return the curve of waiting packets, None while there is no minute to draw."""
    if not samples:
        return None
    start, top = end - CHART, max(sample.lag_packets for sample in samples)
    points = [
        f"{(sample.minute - start) / CHART * WIDTH:.1f},{HEIGHT - sample.lag_packets / max(top, 1) * (HEIGHT - 4):.1f}"
        for sample in samples
    ]
    return Curve(points=" ".join(points), top=top, start=start, end=end)


def _frame(row: Record) -> object:
    if not row.frame:
        return "—"
    return format_html('<details class="raw"><summary>{}</summary><code>{}</code></details>', _("Bytes"), row.frame)


RECORDS: Listing[Record] = Listing(
    name="relay-records",
    columns=(
        Column(name="at", title=_("At"), value=lambda row: row.at, show=lambda row: parts.instant(row.at)),
        Column(
            name="kind", title=_("Kind"), value=lambda row: row.kind, show=lambda row: KINDS.get(row.kind, row.kind)
        ),
        Column(
            name="reason",
            title=_("What happened"),
            value=lambda row: row.reason,
            show=lambda row: api.reason_sentence(row.reason, language()),
        ),
        Column(name="mn", title="MN", value=lambda row: row.mn or None),
        Column(name="as_mn", title=_("MN there"), value=lambda row: row.as_mn),
        Column(name="cn", title="CN", value=lambda row: row.cn),
        Column(name="qn", title="QN", value=lambda row: row.qn),
        Column(name="detail", title=_("Detail"), value=lambda row: row.detail or None),
        Column(name="frame", title=_("Packet"), value=lambda row: row.frame, show=_frame),
        Column(name="sequence", title=_("Message of the log"), value=lambda row: row.sequence, hidden=True),
        Column(name="index", title=_("Place in it"), value=lambda row: row.index, hidden=True),
    ),
    choices=(Choice(name="kind", title=_("Kind"), options=list(KINDS.items())),),
    searched="MN",
    empty=Empty(
        title=_("Nothing was refused"),
        why=_("What the platform did not answer in all rounds, and what it commanded, is kept here."),
    ),
)


@page(roles=CITY)
@require_GET
def kept(request: HttpRequest, code: str) -> HttpResponse:
    """List what the relay kept of a platform: refusals and commands."""
    user = me(request)
    target = api.target(user, code)
    rows = api.records(
        user, code, kind=request.GET.get("kind", ""), search=request.GET.get("q", "").strip(), limit=MOST
    )
    return answer(request, RECORDS, rows, template="relays/records.html", target=target, refresh=REFRESH)


@page(roles=CITY)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show one platform: how it stands, what waits, what it refused, which devices go there."""
    user, now = me(request), times.now()
    target = api.target(user, code)
    samples = api.samples(target, since=now - CHART)
    rows = api.records(user, code, limit=SHOWN)
    if wants(request) == "json":
        return JsonResponse(as_record(target, samples, rows), json_dumps_params={"default": str})
    standing = standing_of(target)
    context = {
        "target": target,
        "state": STATES[state(target)],
        "unheard": state(target) == "unheard",
        "standing": standing,
        "oldest": age(standing.lag_s if standing else None),
        "curve": curve(samples, end=now),
        "rows": [(row, api.reason_sentence(row.reason, language())) for row in rows],
        "may_edit": api.may_edit(user),
        "moments": timeline.moments(ledger.history(api.chain(code))),
        "refresh": REFRESH,
    }
    return render(request, "relays/show.html", context)


def as_record(target: RelayTarget, samples: Sequence[Sample], rows: Sequence[Record]) -> dict[str, object]:
    """Return a platform as a machine reads it; passwords stay out."""
    (line,) = records(LISTING, [target])
    return line | {
        "edition": target.edition or None,
        "allow_commands": target.allow_commands,
        "factors": target.factors,
        "devices": [{"mn": one.device_id, "as_mn": one.as_mn} for one in target.devices.all()],
        "samples": [[sample.minute, sample.lag_packets, sample.lag_s, sample.rate] for sample in samples],
        "records": records(RECORDS, rows),
    }
