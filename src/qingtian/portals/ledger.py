"""The ledger as a whole (台账): signed checkpoints to be kept elsewhere, and the form that erases personal fields."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.law.machine.definition import Definition
from qingtian.office.ledger import api
from qingtian.office.ledger.api import Checkpoint
from qingtian.office.ledger.keys import KeyUnreadable, key_id, signer
from qingtian.office.matters import api as matters
from qingtian.office.people.api import User
from qingtian.portals import saved, typed, words
from qingtian.portals.listing import Column, Empty, Listing, answer_long
from qingtian.portals.matters import naming
from qingtian.portals.page import ADMINISTRATORS, LEDGER, me, page
from qingtian.portals.templatetags import parts
from qingtian.portals.words import State, Word

CHAIN = re.compile(r"[a-z_]+:[0-9A-Za-z._-]+")
STAMPED = State(word=_("stamped"), tone="normal", shape="done")
UNSTAMPED = State(word=_("none"))

LISTING: Listing[Checkpoint] = Listing(
    name="checkpoints",
    columns=(
        Column(name="size", title=_("Entries"), value=lambda row: row.size, show=lambda row: f"{row.size:,}"),
        Column(name="at", title=_("When"), value=lambda row: row.at, show=lambda row: parts.exact(row.at)),
        Column(
            name="root",
            title=_("Root"),
            value=lambda row: row.root,
            show=lambda row: parts.digest(row.root),
        ),
        Column(name="last_id", title="last_id", value=lambda row: row.last_id, hidden=True),
        Column(
            name="public",
            title=_("Signed by"),
            value=lambda row: row.public,
            show=lambda row: parts.digest(key_id(row.public)),
        ),
        Column(
            name="signature",
            title=_("Signature"),
            value=lambda row: row.signature,
            show=lambda row: parts.digest(row.signature),
        ),
        Column(
            name="stamp",
            title=_("Time stamp"),
            value=lambda row: row.token is not None,
            show=lambda row: parts.badge(STAMPED if row.token else UNSTAMPED),
        ),
    ),
    link=lambda row: f"/ledger/checkpoints/{row.size}/",
    orders={"-size": "newest"},
    order="-size",
    empty=Empty(
        title=_("No checkpoint yet"),
        why=_("The worker signs the root over all entries every five minutes, once there are any."),
    ),
)


@page(roles=LEDGER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the checkpoints, newest first; the first cell is the file to keep."""
    me(request)

    def read(_order: str, start: int, limit: int) -> Sequence[Checkpoint]:
        return api.checkpoints(start=start, limit=limit)

    chains, entries = api.extent()
    context = {"chains": chains, "entries": entries, "newest": api.latest(), "key": _key()}
    return answer_long(request, LISTING, read, template="ledger/checkpoints.html", **context)


def _key() -> str:
    try:
        return signer().public
    except KeyUnreadable:
        return ""


@page(roles=LEDGER)
@require_GET
def checkpoint(request: HttpRequest, size: int) -> HttpResponse:
    """Give out one checkpoint as the file that ``qingtian verify --against`` takes."""
    found = api.checkpoint_over(size)
    if found is None:
        raise Http404
    answer = HttpResponse(api.checkpoint_line(found), content_type="application/json")
    return saved.called(answer, f"checkpoint-{size}.json")


@page(roles=ADMINISTRATORS)
@require_GET
def erasing(request: HttpRequest) -> HttpResponse:
    """Show the entries of a chain that have personal fields (never what these say), with the form that erases them.

    ``?of=`` is the name of a chain, or the number of a matter.
    """
    wish = request.GET.get("of", "").strip()
    chain = _chain(me(request), wish)
    kind = matters.kind_of(me(request), chain)
    definition = naming.definition_of(*kind) if kind else None
    entries = [
        (entry, _act(definition, entry.act), [(name, _field(definition, name)) for name in entry.there])
        for entry in (api.erasable(chain) if chain else [])
    ]
    return render(request, "ledger/erase.html", {"wish": wish, "chain": chain, "entries": entries})


def _act(definition: Definition | None, code: str) -> Word:
    return naming.act(definition, code) if definition and code in definition.acts else words.act(code)


def _field(definition: Definition | None, name: str) -> str:
    fact = name.rpartition(":")[2]
    return naming.fact(definition, fact) if definition and fact in definition.facts else name


def _chain(user: User, wish: str) -> str:
    if CHAIN.fullmatch(wish):
        return wish
    return matters.chain_of(user, wish) if wish else ""


@page(roles=ADMINISTRATORS)
@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Erase the personal fields of an entry that are ticked, with the reason."""
    form = request.POST
    chain, sequence = form.get("chain", ""), typed.key(form, "sequence")
    if not CHAIN.fullmatch(chain):
        raise BadRequest("chain")
    names = form.getlist("field")
    if not names:
        raise BadRequest("field")
    matters.erase(
        acting_user=me(request),
        chain=chain,
        sequence=sequence,
        reason=form.get("reason", ""),
        at=times.now(),
        names=names,
    )
    return HttpResponseRedirect(f"/ledger/erase/?of={chain}")
