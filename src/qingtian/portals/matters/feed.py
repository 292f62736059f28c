"""The calendar feed (日历订阅): a link to one's due dates for any calendar; whoever has the link may read it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.matters import api
from qingtian.portals import saved
from qingtian.portals.page import EVERYONE, me, page


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Say whether there is a link, since when, and what it gives away."""
    return render(request, "matters/feed.html", {"feed": api.feed_of(me(request))})


@page(roles=EVERYONE)
@never_cache
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make the link and show it, this once; a former one ends."""
    token = api.make_feed(acting_user=me(request), at=times.now())
    address = request.build_absolute_uri(f"/calendar/{token}.ics")
    return render(request, "matters/feed.html", {"feed": api.feed_of(me(request)), "address": address})


@page(roles=EVERYONE)
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Let the link open nothing any more."""
    api.end_feed(acting_user=me(request), at=times.now())
    return HttpResponseRedirect("/inbox/calendar/")


@page(public=True)
@require_GET
def read(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with the calendar (RFC 5545) of the link's person; a link that is not good is not found."""
    found = api.feed(token, at=times.now())
    if found is None:
        raise Http404
    answer = HttpResponse(found, content_type="text/calendar; charset=utf-8")
    # the address is the secret: no store between keeps what it opens
    answer.headers["Cache-Control"] = "private, no-store"
    return saved.called(answer, "qingtian.ics", inline=True)
