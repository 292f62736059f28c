"""Commands to devices (反控): the list, the page of one as it goes, the form and the act of sending."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.people.api import User
from qingtian.office.reverse_control import api
from qingtian.office.reverse_control.api import DeviceCommand
from qingtian.portals import asked, timeline
from qingtian.portals import commands_form as forms
from qingtian.portals import commands_words as words
from qingtian.portals.commands_answers import answered
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import DESK, me, page, wants
from qingtian.portals.templatetags import parts
from qingtian.portals.words import Word

MOST = 2000
RECENT = 6
REFRESH = "qtcommand from:body throttle:1s, qtcatchup from:body"


def state(row: DeviceCommand) -> object:
    return parts.badge(words.STATES[row.state])


def _command(row: DeviceCommand) -> object:
    return format_html('<span>{} <span class="quiet mono">{}</span></span>', words.name(row.cn), row.cn)


def _outcome(row: DeviceCommand) -> object:
    return words.outcome(row) or None


COLUMNS: tuple[Column[DeviceCommand], ...] = (
    Column(name="command", title=_("Request"), value=lambda row: words.name(row.cn), show=_command),
    Column(name="state", title=_("State"), value=lambda row: row.state, show=state),
    Column(name="outcome", title=_("Outcome"), value=_outcome),
    Column(
        name="outlet",
        title=_("Outlet"),
        value=lambda row: row.outlet.name,
        show=lambda row: parts.place_of(row.outlet, row.outlet.enterprise),
    ),
    Column(name="who", title=_("Who"), value=words.who),
    Column(name="reason", title=_("Why"), value=lambda row: row.reason or None),
    Column(
        name="created",
        title=_("Given at"),
        value=lambda row: row.created,
        show=lambda row: parts.instant(row.created),
        number=True,
    ),
    Column(name="id", title="id", value=lambda row: row.pk, hidden=True),
    Column(name="outlet_code", title="outlet_code", value=lambda row: row.outlet_id, hidden=True),
    Column(name="mn", title="MN", value=lambda row: row.device_id, hidden=True),
    Column(name="qn", title="QN", value=lambda row: row.qn, hidden=True),
    Column(name="cn", title="CN", value=lambda row: row.cn, hidden=True),
    Column(name="parameters", title="CP", value=lambda row: words.items_said(row.parameters), hidden=True),
    Column(name="origin", title="origin", value=lambda row: row.origin, hidden=True),
    Column(name="actor", title="actor", value=lambda row: row.actor, hidden=True),
    Column(name="qn_rtn", title="QnRtn", value=lambda row: row.qn_rtn, hidden=True),
    Column(name="exe_rtn", title="ExeRtn", value=lambda row: row.exe_rtn, hidden=True),
    Column(name="ended_at", title="ended_at", value=lambda row: row.ended_at, hidden=True),
)


def listing() -> Listing[DeviceCommand]:
    """Return how commands are listed; the filters offer the commands there are."""
    known = api.requestable(at=times.now())
    return Listing(
        name="commands",
        columns=COLUMNS,
        link=lambda row: f"/commands/{row.pk}/",
        choices=(
            Choice(
                name="state",
                title=_("State"),
                options=[("open", _("Not ended")), *((key, one.word) for key, one in words.STATES.items())],
            ),
            Choice(name="origin", title=_("Given by"), options=list(words.ORIGINS.items())),
            Choice(name="cn", title=_("Request"), options=[(str(cn), words.name(cn)) for cn in known]),
        ),
        searched=_("Outlet, firm, MN or person"),
        empty=Empty(
            title=_("No command was given yet"),
            why=_("Commands are given on the page of an outlet; what the device answers stands here."),
            path="/outlets/",
            act=_("See the outlets"),
        ),
    )


@page(roles=DESK)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the commands of the scope, newest first."""
    query = request.GET
    rows = api.commands(
        me(request),
        state=query.get("state", ""),
        origin=query.get("origin", ""),
        cn=_number(query.get("cn", "")),
        outlet=query.get("outlet", ""),
        search=query.get("q", "").strip(),
        limit=MOST,
    )
    return answer(request, listing(), rows, template="commands/list.html", refresh=REFRESH)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def steps(row: DeviceCommand) -> list[tuple[Word, str]]:
    """Return the way of a command as (word, ``done`` | ``here`` | empty); one that failed ends where it got to."""
    ended = row.state in ("refused", "timed_out", "expired")
    if ended:
        reached = "accepted" if row.accepted_at else "sent" if row.sent_at else "queued"
        names = [*words.STEPS[: words.STEPS.index(reached) + 1], row.state]
    else:
        names = list(words.STEPS)
    here = names.index(row.state)
    marks = [
        "done" if place < here or row.state == "done" else "here" if place == here else ""
        for place in range(len(names))
    ]
    return [(words.STATES[name].word, mark) for name, mark in zip(names, marks, strict=True)]


@page(roles=DESK)
@require_GET
def show(request: HttpRequest, command_id: str) -> HttpResponse:
    """Show one command: where it stands, what was sent, what the device answered, who did what when."""
    user = me(request)
    row = api.command(user, command_id)
    if wants(request) == "json":
        return JsonResponse(record(row))
    context = {
        "command": row,
        "name": words.name(row.cn),
        "who": words.who(row),
        "why": words.WHYS.get(row.why, row.why),
        "state": words.STATES[row.state],
        "outcome": words.outcome(row),
        "items": words.items_said(row.parameters),
        "steps": steps(row),
        "qn_rtn": words.returned("qn_rtn", row.qn_rtn),
        "exe_rtn": words.returned("exe_rtn", row.exe_rtn),
        "parts": answered(row),
        "moments": timeline.moments(api.timeline(user, command_id)),
    }
    return render(request, "commands/show.html", context)


def record(row: DeviceCommand) -> dict[str, Any]:
    """Return the command as a machine reads it; the answers must be prefetched."""
    times_told = {"created": row.created, "expires": row.expires, "sent_at": row.sent_at, "ended_at": row.ended_at}
    return {
        "id": row.pk,
        "mn": row.device_id,
        "outlet": row.outlet_id,
        "cn": row.cn,
        "qn": row.qn,
        "parameters": row.parameters,
        "reason": row.reason,
        "origin": row.origin,
        "actor": row.actor,
        "role": row.role,
        "state": row.state,
        "attempt": row.attempt,
        "frame": row.frame,
        "qn_rtn": row.qn_rtn,
        "exe_rtn": row.exe_rtn,
        "error": row.error,
        **{name: at.astimezone(BEIJING).isoformat() if at else None for name, at in times_told.items()},
        "items": [item for told in sorted(row.answers.all(), key=lambda one: one.at) for item in told.items],
    }


@page(roles=DESK)
@require_GET
def new(request: HttpRequest) -> HttpResponse:
    """Show the form of one command to one device; the outlet's page fetches it from here."""
    user, query = me(request), request.GET
    zh, en = (
        "须写明设备 MN；请从排放口的页面发出命令",
        "it names the device by its MN; come from the page of the outlet",
    )
    device = api.device_in_scope(user, asked.needed(query, "mn", zh, en))
    form = forms.build(
        user,
        api.devices_of(user, device.outlet_id),
        mn=device.pk,
        cn=_number(query.get("cn", "")),
        values=forms.given(query),
        reason=query.get("reason", ""),
    )
    return render(request, "commands/new.html", {"form": form, "outlet": device.outlet})


@page(roles=DESK)
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send a command; one that changes what the monitor reports is asked about first."""
    user, form, at = me(request), request.POST, times.now()
    mn, cn, reason = form.get("mn", ""), _number(form.get("cn", "")), form.get("reason", "")
    if cn is None:
        raise BadRequest("cn")
    values = forms.given(form)
    try:
        checked = api.check_command(acting_user=user, mn=mn, cn=cn, given=values, reason=reason, at=at)
    except api.CommandIncomplete as refused:
        return _again(request, user, mn=mn, cn=cn, values=values, reason=reason, refused=refused)
    if checked.wanted.changes and form.get("confirmed") != "1":
        question = forms.question(checked, values)
        return render(request, "commands/confirm.html", {"asked": question, "outlet": checked.device.outlet})
    row = api.command_device(acting_user=user, mn=mn, cn=cn, given=values, reason=reason, at=at)
    return HttpResponseRedirect(f"/commands/{row.pk}/")


def _again(request: HttpRequest, user: User, *, mn: str, **given: Any) -> HttpResponse:
    """Show the form once more, with what is wrong."""
    device = api.device_in_scope(user, mn)
    form = forms.build(user, api.devices_of(user, device.outlet_id), mn=mn, **given)
    return render(request, "commands/new.html", {"form": form, "outlet": device.outlet}, status=422)


def panel(user: User, code: str) -> dict[str, Any] | None:
    """Return what the panel of an outlet's page shows; None for those who see no commands."""
    if not api.may_watch(user):
        return None
    return {"form": forms.build(user, api.devices_of(user, code)), **_recent(user, code)}


def _recent(user: User, code: str) -> dict[str, Any]:
    rows = api.commands(user, outlet=code, limit=RECENT)
    lines = [
        {"row": row, "name": words.name(row.cn), "state": words.STATES[row.state], "who": words.who(row)}
        for row in rows
    ]
    return {"lines": lines, "open": api.open_count(user, outlet=code), "outlet": code}


@page(roles=DESK)
@require_GET
def recent(request: HttpRequest, code: str) -> HttpResponse:
    """Show the latest commands of an outlet: the part of its panel that changes by itself."""
    return render(request, "commands/recent.html", {"panel": _recent(me(request), code)})
