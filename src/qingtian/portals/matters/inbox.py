"""The inbox (待办): what waits for this person, by name and by post, the most urgent first; and what is offered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.matters import api
from qingtian.office.matters.api import InboxCounts, MatterEffect, Viewer, Waiting
from qingtian.office.people.api import Role
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer_long
from qingtian.portals.matters import cells, clocks, naming, views
from qingtian.portals.page import EVERYONE, OFFICE, me, page
from qingtian.portals.shell import tell_overdue
from qingtian.portals.templatetags import parts
from qingtian.portals.words import Word

REFRESH = "qtmatter from:body throttle:2s, qtcatchup from:body"
BUCKETS: dict[str, Word] = {
    "overdue": _("overdue"),
    "today": _("due today"),
    "week": _("due in the rest of this week"),
    "later": _("due later"),
    "none": _("no clock runs"),
}
NAMED = "me"


@lru_cache(maxsize=256)
def _holders(holders: Sequence[str], day: date, _language: str) -> str:
    """As whom the person can go on with a matter."""
    return naming.joined(_holder(each, day) for each in holders)


def _holder(holder: str, day: date) -> str:
    return naming.post(holder.removeprefix("post:"), day=day) if holder.startswith("post:") else say("named for it")


def _columns(at: datetime) -> Sequence[Column[Waiting]]:
    today, language = at.astimezone(BEIJING).date(), parts.language()
    return (
        Column(
            name="number",
            title=_("Matter"),
            value=lambda row: row.matter.number,
            show=lambda row: cells.name(row.matter),
        ),
        Column(name="id", title="id", value=lambda row: row.matter.pk, hidden=True),
        Column(name="title", title=_("Title"), value=lambda row: row.matter.title, hidden=True),
        Column(
            name="due",
            title=_("Due"),
            value=lambda row: row.due,
            show=lambda row: cells.due(row.matter, due=row.due, at=at),
        ),
        Column(name="days_left", title="", value=lambda row: row.days_left(at), hidden=True),
        Column(name="kind", title=_("Kind"), value=lambda row: row.matter.code, hidden=True),
        Column(
            name="stage", title=_("Stage"), value=lambda row: row.matter.stage, show=lambda row: cells.stage(row.matter)
        ),
        Column(
            name="as",
            title=_("Waits for you as"),
            value=lambda row: " ".join(row.holders),
            show=lambda row: _holders(row.holders, today, language),
        ),
        Column(
            name="place",
            title=_("Place"),
            value=lambda row: row.matter.district_id,
            show=lambda row: cells.place(row.matter),
        ),
        Column(name="enterprise", title="", value=lambda row: row.matter.enterprise_id, hidden=True),
    )


def _listing(viewer: Viewer, at: datetime) -> Listing[Waiting]:
    today = at.astimezone(BEIJING).date()
    posts = [(post, naming.post(post, day=today)) for post in sorted(viewer.standing.posts)]
    return Listing(
        name="inbox",
        columns=_columns(at),
        link=lambda row: f"/matters/{row.matter.pk}/",
        tone=lambda row: clocks.due_state(row.due, at=at).tone,
        looks=lambda row: (*cells.looks(row.matter, due=row.due, at=at), row.holders),
        pick=(lambda row: cells.pick(row.matter)) if viewer.user.role != Role.ENTERPRISE else None,
        choices=(
            Choice(name="due", title=_("Due"), options=list(BUCKETS.items())),
            Choice(name="kind", title=_("Kind"), options=naming.kinds()),
            Choice(name="as", title=_("Waits for you as"), options=[(NAMED, _("named for it")), *posts]),
        ),
        # by what is due, and by nothing else
        orders={"due": "due"},
        order="due",
        empty=Empty(
            title=_("Nothing waits for you"),
            why=_("A matter stands here when you are the one to go on with it, by your post or by name."),
            path="/matters/",
            act=_("See all matters"),
        ),
    )


def _figures(counts: InboxCounts, offered: int) -> list[tuple[Word, str, str, str]]:
    """The strip above the list: word, figure, link, tone."""
    figures: list[tuple[Word, str, str, str]] = [
        (BUCKETS[bucket], cells.at_most(getattr(counts, bucket)), f"?due={bucket}", "")
        for bucket in api.BUCKETS
        if bucket != "none" or counts.none
    ]
    word, figure, link, _tone = figures[0]
    figures[0] = (word, figure, link, "breach" if counts.overdue else "normal")
    figures.append((_("you are named for"), cells.at_most(counts.named), f"?as={NAMED}", ""))
    if offered:
        figures.append((_("to be opened"), str(offered), "#offers", "attention"))
    return figures


@page(roles=EVERYONE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List what waits for this person, with the figures by urgency and the offers."""
    at, query = times.now(), request.GET
    viewer = api.viewer(me(request), at=at)

    def read(_order: str, start: int, limit: int) -> Sequence[Waiting]:
        wish = {"code": query.get("kind", ""), "due": query.get("due", ""), "holder": query.get("as", "")}
        return api.inbox(viewer, at=at, start=start, limit=limit, **wish)

    offers, counts = api.offers(viewer, at=at), api.inbox_counts(viewer, at=at)
    tell_overdue(request, counts.overdue)
    return answer_long(
        request,
        _listing(viewer, at),
        read,
        template="matters/inbox.html",
        refresh=REFRESH,
        beside="#figures",
        figures=_figures(counts, len(offers)),
        offers=[(offer, naming.kind(offer.name), _offered(offer)) for offer in offers],
        views=views.of(viewer.user, page="inbox", query=query),
        on_many=viewer.user.role in OFFICE,
    )


def _offered(offer: MatterEffect) -> object:
    """Where an offer comes from."""
    return format_html("{} {} · {}", offer.matter.number, cells.title(offer.matter), parts.instant(offer.at))


@page(roles=OFFICE)
@require_POST
def drop_offer(request: HttpRequest, offer: str) -> HttpResponse:
    """Note, with the reason, that nothing is opened from an offer."""
    reason = request.POST.get("reason", "")
    api.drop_offer(acting_user=me(request), offer=offer, reason=reason, at=times.now())
    return HttpResponseRedirect("/inbox/#offers")
