"""Saved views (我的视图): the filters of a list under a name of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_POST

from qingtian.office.matters import api
from qingtian.office.people.api import User
from qingtian.portals.page import EVERYONE, me, page

PATHS = {"inbox": "/inbox/", "matters": "/matters/"}
NOT_KEPT = ("page", "format")
"""A view is filters and order; on which page of it one is does not belong to it."""


@dataclass(frozen=True, kw_only=True)
class View:
    name: str
    url: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class Views:
    """The saved views of a list, and the query that could be saved now (empty: there is nothing to save)."""

    page: str
    saved: Sequence[View]
    query: str


def of(user: User, *, page: str, query: QueryDict) -> Views:
    """Return a person's views of a list. One query."""
    now = _plain(query)
    rows = api.saved_views(user, page=page)
    saved = [View(name=row.name, url=f"{PATHS[page]}?{row.query}", here=row.query == now) for row in rows]
    return Views(page=page, saved=saved, query=now)


def _plain(query: QueryDict) -> str:
    kept = QueryDict(mutable=True)
    for name in sorted(query):
        if name not in NOT_KEPT and query.get(name):
            kept[name] = query.get(name, "")
    return kept.urlencode()


def _path(request: HttpRequest) -> str:
    name = request.POST.get("page", "")
    if name not in PATHS:
        raise BadRequest("page")
    return name


@page(roles=EVERYONE)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of a list under a name, and show the list so."""
    where, query = _path(request), _plain(QueryDict(request.POST.get("query", "")))
    api.save_view(acting_user=me(request), page=where, name=request.POST.get("name", ""), query=query)
    return HttpResponseRedirect(f"{PATHS[where]}?{query}")


@page(roles=EVERYONE)
@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    """Forget a view."""
    where = _path(request)
    api.drop_view(acting_user=me(request), page=where, name=request.POST.get("name", ""))
    return HttpResponseRedirect(PATHS[where])
