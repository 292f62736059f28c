"""Notices (通知): what was sent to me, unread first; and the bell on every page, which counts them."""

from __future__ import annotations

from datetime import time

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.alerts import api
from qingtian.office.alerts.api import Notice
from qingtian.office.people.api import Role, User
from qingtian.portals import typed, words
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import EVERYONE, me, page
from qingtian.portals.templatetags import parts

REFRESH = "qtalert from:body throttle:2s, qttask from:body throttle:2s, qtcatchup from:body"


def about(row: Notice) -> str:
    """Return what it is about in the language of the page; an English page has its words from the episode."""
    if row.kind == "digest":
        return say("%(n)d alerts were not told at once") % {"n": row.basis.get("gathered", 0)}
    if row.kind == "marks" and not parts.language().startswith("zh"):
        return f"{row.basis['outlet_en'] or row.basis['outlet']}: {row.basis['pool']} {row.basis['percent']} %"
    if row.kind == "mark_waits" and not parts.language().startswith("zh"):
        return f"{row.basis['outlet_en'] or row.basis['outlet']}: {row.basis['why']}"
    if row.episode is None or parts.language().startswith("zh"):
        return row.subject
    number = row.subject.split(" ")[0]
    return f"{number} {parts.own_name(row.episode.outlet)}, {parts.factor_name(row.episode.factor)}"


def link(user: User, row: Notice) -> str:
    """Return the page it tells of; tasks are the authority's own, so an enterprise goes to the alert."""
    if row.kind == "digest":
        return "/notices/?held=all"
    if row.kind == "marks":
        return f"/marks/hours/?outlet={row.basis['outlet']}&year={row.basis['year']}"
    if row.kind == "mark_waits":
        return f"/marks/{row.basis['mark']}/"
    if row.matter:
        return f"/matters/{row.matter}/"
    if row.task and user.role != Role.ENTERPRISE:
        return f"/tasks/{row.task}/"
    return f"/alerts/{row.episode_id}/" if row.episode_id else ""


def listing(user: User) -> Listing[Notice]:
    """Return how the notices of this person are listed."""
    return Listing(
        name="notices",
        columns=(
            Column(name="about", title=_("About"), value=lambda row: row.subject, show=about),
            Column(
                name="kind",
                title=_("What"),
                value=lambda row: row.kind,
                show=lambda row: parts.badge(words.NOTICES[row.kind]),
            ),
            Column(
                name="held",
                title=_("Held back"),
                value=lambda row: row.held,
                show=lambda row: words.HELD.get(row.held, "") if row.held else "—",
            ),
            Column(
                name="at",
                title=_("When"),
                value=lambda row: row.at,
                show=lambda row: parts.instant(row.at),
                number=True,
            ),
            Column(
                name="read_at",
                title=_("Read"),
                value=lambda row: row.read_at,
                show=lambda row: parts.instant(row.read_at) if row.read_at else parts.read_button(row.pk),
                number=True,
            ),
            Column(name="id", title="id", value=lambda row: row.pk, hidden=True),
            Column(name="link", title="link", value=lambda row: link(user, row), hidden=True),
        ),
        link=lambda row: link(user, row),
        marked=lambda row: row.read_at is None,
        choices=(
            Choice(name="unread", title=_("Read"), options=[("1", _("unread"))]),
            Choice(
                name="held",
                title=_("Held back"),
                options=[("all", _("held back, for any reason")), *words.HELD.items()],
            ),
            Choice(name="kind", title=_("What"), options=[(key, state.word) for key, state in words.NOTICES.items()]),
        ),
        empty=Empty(
            title=_("Nothing was sent to you"),
            why=_("You are told here when an alert, a task or a matter concerns you, at the moment it does."),
        ),
    )


@page(roles=EVERYONE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List what was sent to this person."""
    user = me(request)
    held = request.GET.get("held", "")
    rows = api.notices(user, unread_only=request.GET.get("unread") == "1", held=held)
    kind = request.GET.get("kind")
    if kind:
        rows = [row for row in rows if row.kind == kind]
    quiet = api.quiet_hours(user)
    return answer(request, listing(user), rows, template="notices/list.html", refresh=REFRESH, quiet=quiet)


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadRequest("time") from error


@page(roles=EVERYONE)
@require_POST
def quiet(request: HttpRequest) -> HttpResponse:
    """Set this person's quiet hours, or have none."""
    begins, ends = _time(request.POST.get("begins", "")), _time(request.POST.get("ends", ""))
    api.set_quiet_hours(acting_user=me(request), begins=begins, ends=ends, at=times.now())
    return HttpResponseRedirect("/notices/")


@page(roles=EVERYONE)
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notice (``id``) or all of this person's as read."""
    which = [typed.key(request.POST, "id")] if "id" in request.POST else None
    api.mark_read(acting_user=me(request), notice_ids=which, at=times.now())
    return HttpResponseRedirect("/notices/")


@page(roles=EVERYONE)
@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """Answer with the bell alone, for pages that heard an event."""
    return render(request, "shell/bell.html")
