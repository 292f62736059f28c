"""One check of quality control (质控记录): its figures and how they were judged, its files, its history, its acts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.request import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.objects import api as objects
from qingtian.office.people.api import User
from qingtian.office.quality import api
from qingtian.portals import quality_lists, quality_words, saved, timeline, typed
from qingtian.portals.page import EVERYONE, me, page, wants


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, check_id: int) -> HttpResponse:
    """Show one check with what can be done about it, and its history."""
    user = me(request)
    row = api.check(user, check_id)
    if wants(request) == "json":
        return JsonResponse({column.name: column.value(row) for column in quality_lists.CHECKS.columns})
    context = {
        "check": row,
        "kind": quality_words.kind_of(row),
        "verdict": quality_words.VERDICTS[row.verdict],
        "state": quality_words.CHECK_STATES[row.state],
        "judged": quality_words.judged(row),
        "pairs": quality_words.pairs(row),
        "corrections": row.corrections.all(),
        "can": api.may(user, row),
        "moments": timeline.moments(api.timeline(user, check_id)),
    }
    return render(request, "quality/check.html", context)


def _withdraw(user: User, check_id: int, form: QueryDict, at: datetime) -> None:
    api.withdraw_check(acting_user=user, check_id=check_id, reason=form.get("reason", ""), at=at)


def _review(user: User, check_id: int, form: QueryDict, at: datetime) -> None:
    accept = form.get("verdict") == "accept"
    api.review_check(acting_user=user, check_id=check_id, accept=accept, opinion=form.get("opinion", ""), at=at)


ACTS: dict[str, Callable[[User, int, QueryDict, datetime], None]] = {"withdraw": _withdraw, "review": _review}


@page(roles=EVERYONE)
@require_POST
def act(request: HttpRequest, check_id: int, name: str) -> HttpResponse:
    """Do one act on a check, then show it."""
    typed.one_of(ACTS, name)(me(request), check_id, request.POST, times.now())
    return HttpResponseRedirect(f"/quality/{check_id}/")


@page(roles=EVERYONE)
@require_GET
def file(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """Send a file of a check, as the kind that its first bytes are."""
    row = api.file(me(request), sha256)
    if row is None:
        raise Http404
    inline = row.media_type.startswith("image/")
    return saved.file(objects.get(row.sha256), media_type=row.media_type, name=row.name, inline=inline)
