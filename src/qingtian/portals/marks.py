"""Marks (自动监测数据标记): the register, one mark with its acts, filing one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.request import QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.marks import api
from qingtian.office.marks.api import Mark
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.portals import asked, timeline, typed
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import EVERYONE, me, page, wants
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import language
from qingtian.portals.words import State

STATES = {
    "filed": State(word=_("Filed"), tone="normal", shape="normal"),
    "to_review": State(word=_("To be reviewed"), tone="attention", shape="attention"),
    "accepted": State(word=_("Accepted after review"), tone="normal", shape="done"),
    "rejected": State(word=_("Rejected"), tone="breach", shape="breach"),
    "superseded": State(word=_("Corrected"), shape="done"),
    "withdrawn": State(word=_("Withdrawn"), shape="done"),
}
KINDS = {"condition": _("Condition of the plant"), "device": _("Condition of the monitor")}


def suspicion(mark: Mark) -> str:
    """Return what is suspicious about a mark, in words."""
    known = api.suspicion_words(language=language(), day=mark.start.astimezone(BEIJING).date())
    return say("; ").join(known.get(code, code) for code in mark.suspicions)


def label(mark: Mark) -> str:
    """Return the label in the language of the page."""
    day = mark.start.astimezone(BEIJING).date()
    found = (one for one in api.labels(day=day) if (one.kind, one.label) == (mark.kind, mark.label))
    return next((one.name(language()) for one in found), mark.label)


def labelled(marks: Iterable[Mark]) -> list[tuple[Mark, str]]:
    """Return marks with their labels in the language of the page."""
    return [(mark, label(mark)) for mark in marks]


LISTING: Listing[Mark] = Listing(
    name="marks",
    columns=(
        Column(name="label", title=_("Mark"), value=lambda row: row.label, show=label),
        Column(name="kind", title=_("Kind"), value=lambda row: row.kind, show=lambda row: KINDS[row.kind]),
        Column(name="state", title=_("State"), value=lambda row: row.state, show=lambda row: _badge(row)),
        Column(
            name="outlet",
            title=_("Outlet"),
            value=lambda row: row.outlet_id,
            show=lambda row: parts.place_of(row.outlet, row.outlet.enterprise),
        ),
        Column(
            name="start",
            title=_("Begins"),
            value=lambda row: row.start,
            show=lambda row: parts.instant(row.start),
            number=True,
        ),
        Column(
            name="end", title=_("Ends"), value=lambda row: row.end, show=lambda row: parts.instant(row.end), number=True
        ),
        Column(name="suspicions", title=_("Suspicious"), value=lambda row: " ".join(row.suspicions), show=suspicion),
        Column(name="reason", title=_("Reason"), value=lambda row: row.reason, hidden=True),
        Column(name="factors", title=_("Factors"), value=lambda row: " ".join(row.factors), hidden=True),
        Column(name="mn", title="MN", value=lambda row: row.mn, hidden=True),
        Column(name="made_at", title=_("Filed"), value=lambda row: row.made_at, hidden=True),
        Column(name="id", title="id", value=lambda row: row.pk, hidden=True),
    ),
    link=lambda row: f"/marks/{row.pk}/",
    marked=lambda row: row.state == "to_review",
    choices=(
        Choice(
            name="state",
            title=_("State"),
            options=[("live", _("in force")), *((key, state.word) for key, state in STATES.items())],
        ),
        Choice(name="kind", title=_("Kind"), options=list(KINDS.items())),
        Choice(name="suspicious", title=_("Suspicious"), options=[("1", _("yes"))]),
    ),
    searched=_("Outlet or firm"),
    empty=Empty(
        title=_("No mark"),
        why=_("An enterprise marks start-ups, stops, faults and maintenance from the page of its outlet."),
    ),
)


def _badge(row: Mark) -> object:
    return parts.badge(STATES[row.state])


@page(roles=EVERYONE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the marks of the scope."""
    wish = request.GET
    rows = api.marks(
        me(request),
        outlet=wish.get("outlet", ""),
        state=wish.get("state", ""),
        kind=wish.get("kind", ""),
        suspicious=wish.get("suspicious") == "1",
        search=wish.get("q", "").strip(),
    )
    return answer(request, LISTING, rows, template="marks/list.html")


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, mark_id: int) -> HttpResponse:
    """Show one mark with what can be done about it, and its history."""
    user = me(request)
    mark = api.mark(user, mark_id)
    if wants(request) == "json":
        return JsonResponse({column.name: column.value(mark) for column in LISTING.columns})
    context = {
        "mark": mark,
        "label": label(mark),
        "corrects": labelled(filter(None, [mark.supersedes])),
        "corrected_by": labelled(filter(None, [getattr(mark, "superseded_by", None)])),
        "kind": KINDS[mark.kind],
        "state": STATES[mark.state],
        "suspicion": suspicion(mark),
        "due": api.due(start=mark.start, kind=mark.kind, source_type=mark.outlet.source_type),
        "can": api.may(user, mark),
        "moments": timeline.moments(api.timeline(user, mark_id)),
    }
    return render(request, "marks/show.html", context)


@page(roles=EVERYONE)
@require_http_methods(["GET", "POST"])
def file(request: HttpRequest) -> HttpResponse:
    """File a mark for an outlet (``?outlet=``), or correct one (``?corrects=``)."""
    user = me(request)
    if request.method == "POST":
        form = request.POST
        said, at = _words(form), times.now()
        if form.get("corrects"):
            mark = api.correct_mark(acting_user=user, mark_id=typed.key(form, "corrects"), words=said, at=at)
        else:
            mark = api.file_mark(acting_user=user, outlet_code=_named(form), words=said, at=at)
        return HttpResponseRedirect(f"/marks/{mark.pk}/")
    old = api.mark(user, typed.key(request.GET, "corrects")) if request.GET.get("corrects") else None
    outlet = sites.outlet(user, old.outlet_id if old else _named(request.GET))
    context = {
        "outlet": outlet,
        "old": old,
        "labels": _choices(),
        "factors": sorted({limit.factor for limit in outlet.limits.all()}),
        "may_file": api.may_file(user),
        "now": times.now().astimezone(BEIJING),
    }
    return render(request, "marks/file.html", context)


def _named(query: QueryDict) -> str:
    """Return the outlet that the mark is for."""
    zh, en = "须写明排放口编号；请从排放口的页面标记", "it names the outlet; come from the page of the outlet"
    return asked.needed(query, "outlet", zh, en)


def _choices() -> list[tuple[object, list[tuple[str, str]]]]:
    """Return the labels in force by kind: (kind, [(value, name)])."""
    known = api.labels(day=times.now().astimezone(BEIJING).date())
    return [
        (word, [(f"{kind}:{one.label}", one.name(language())) for one in known if one.kind == kind])
        for kind, word in KINDS.items()
    ]


def _words(form: Any) -> api.Words:
    kind, _colon, name = form.get("label", "").partition(":")
    return api.Words(
        kind=kind,
        label=name,
        start=_instant(form.get("start", "")),
        end=_instant(form.get("end", "")),
        reason=form.get("reason", ""),
        factors=form.getlist("factors"),
        mn=form.get("mn", ""),
    )


def _instant(text: str) -> datetime:
    """Read what a ``datetime-local`` field says: Beijing time, whatever the browser's zone."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError as error:
        raise BadRequest("time") from error


def _withdraw(user: User, mark_id: int, form: Any) -> None:
    api.withdraw_mark(acting_user=user, mark_id=mark_id, reason=form.get("reason", ""), at=times.now())


def _review(user: User, mark_id: int, form: Any) -> None:
    accept = form.get("verdict") == "accept"
    api.review_mark(acting_user=user, mark_id=mark_id, accept=accept, opinion=form.get("opinion", ""), at=times.now())


ACTS: dict[str, Callable[[User, int, Any], None]] = {"withdraw": _withdraw, "review": _review}


@page(roles=EVERYONE)
@require_POST
def act(request: HttpRequest, mark_id: int, name: str) -> HttpResponse:
    """Do one act on a mark, then show it."""
    typed.one_of(ACTS, name)(me(request), mark_id, request.POST)
    return HttpResponseRedirect(f"/marks/{mark_id}/")
