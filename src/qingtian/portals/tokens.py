"""Tokens (访问令牌): a person's own, made and revoked here; the secret is shown once, on the answer to the form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.people import api
from qingtian.office.people.api import Token
from qingtian.portals.listing import Column, Empty, Listing, answer
from qingtian.portals.page import EVERYONE, me, page
from qingtian.portals.templatetags import parts
from qingtian.portals.words import State, Word

SCOPES: dict[str, Word] = {
    "alerts:read": _("read alerts"),
    "tasks:read": _("read tasks"),
    "tasks:act": _("act on tasks"),
    "outlets:read": _("read outlets"),
    "matters:read": _("read matters, kinds and clocks"),
    "matters:act": _("open matters and act on them"),
    "papers:read": _("download papers of matters"),
    "ledger:read": _("read the ledger and its proofs"),
    "ledger:erase": _("erase personal fields (administrator)"),
    "marks:read": _("read marks"),
    "marks:act": _("file marks"),
    "quality:read": _("read checks of quality control"),
    "quality:act": _("enter checks of quality control"),
}
LIVE = State(word=_("live"), tone="normal", shape="normal")
OVER = State(word=_("revoked or expired"), tone="silent", shape="silent")
DAYS = 90


def _live(row: Token) -> bool:
    return row.revoked_at is None and row.expires_at > times.now()


LISTING: Listing[Token] = Listing(
    name="tokens",
    columns=(
        Column(name="name", title=_("Name"), value=lambda row: row.name),
        Column(name="scopes", title=_("May"), value=lambda row: row.scopes),
        Column(
            name="state",
            title=_("State"),
            value=lambda row: "live" if _live(row) else "over",
            show=lambda row: parts.badge(LIVE if _live(row) else OVER),
        ),
        Column(
            name="expires_at",
            title=_("Until"),
            value=lambda row: row.expires_at,
            show=lambda row: parts.instant(row.expires_at),
        ),
    ),
    empty=Empty(
        title=_("No token"),
        why=_("A program needs one to ask /api/v1/ in your name. Make it below, with as few scopes as it needs."),
    ),
)


@page(roles=EVERYONE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List one's own tokens, with the form for a new one."""
    rows = api.tokens(me(request))
    live = [row for row in rows if _live(row)]
    return answer(request, LISTING, rows, template="tokens/list.html", live=live, scopes=SCOPES.items(), days=DAYS)


@page(roles=EVERYONE)
@never_cache
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a token and show its secret, this once."""
    days = request.POST.get("days", "")
    made, secret = api.make_token(
        acting_user=me(request),
        name=request.POST.get("name", ""),
        scopes=request.POST.getlist("scope"),
        days=int(days) if days.isascii() and days.isdigit() else 0,
        at=times.now(),
    )
    return render(request, "tokens/made.html", {"secret": secret, "token": made})


@page(roles=EVERYONE)
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Let a token of one's own open nothing any more."""
    api.revoke_token(acting_user=me(request), token_id=token_id, at=times.now())
    return HttpResponseRedirect("/tokens/")
