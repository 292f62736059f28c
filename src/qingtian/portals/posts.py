"""Posts and certificates (岗位与证件): who holds what by name and until when; certificates that end stand on top."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.people import api
from qingtian.office.people.api import Certificate, Post, User
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.matters import naming
from qingtian.portals.page import ADMINISTRATORS, me, page
from qingtian.portals.templatetags import parts
from qingtian.portals.words import State, Word

SOON = timedelta(days=30)
GOOD = State(word=_("good"), tone="normal", shape="normal")
SOON_OVER = State(word=_("ends within 30 days"), tone="attention", shape="attention")
OVER = State(word=_("over"), shape="done")
AHEAD = State(word=_("not yet"), tone="silent", shape="silent")
STATES = {"good": GOOD, "soon": SOON_OVER, "over": OVER, "ahead": AHEAD}


def today() -> date:
    return times.now().astimezone(BEIJING).date()


def post_last(row: Post) -> date | None:
    """The last day of a post; its ``until`` is the first on which it is not held."""
    return row.until - timedelta(days=1) if row.until else None


def post_state(row: Post) -> str:
    """How a post stands today."""
    return _state(row.since, post_last(row))


def certificate_state(row: Certificate) -> str:
    """How a certificate stands today; its ``until`` is the last day it is good for."""
    return _state(row.since, row.until)


def _state(first: date, last: date | None) -> str:
    day = today()
    if last is not None and last < day:
        return "over"
    if first > day:
        return "ahead"
    return "soon" if last is not None and last <= day + SOON else "good"


def _who(user: User) -> SafeString:
    return format_html('<span>{}<span class="sub">{}</span></span>', user.name, user.username)


def _last(day: date | None) -> str:
    return day.isoformat() if day else say("without end")


CHOICE = Choice(name="state", title=_("State"), options=[(key, state.word) for key, state in STATES.items()])


def _whose() -> tuple[Column[Any], ...]:
    return (
        Column(name="name", title=_("Name"), value=lambda row: row.user.name, show=lambda row: _who(row.user)),
        Column(name="username", title=_("User name"), value=lambda row: row.user.username, hidden=True),
    )


def _how_long(
    state: Callable[[Any], str], last: Callable[[Any], date | None], *, title: Word
) -> tuple[Column[Any], ...]:
    """The columns that say how it stands and for which days; ``last``: the last of them, None: without end."""
    return (
        Column(name="state", title=_("State"), value=state, show=lambda row: parts.badge(STATES[state(row)])),
        Column(name="since", title=_("First day"), value=lambda row: row.since.isoformat(), number=True),
        Column(
            name="until",
            title=title,
            value=lambda row: day.isoformat() if (day := last(row)) else None,
            show=lambda row: _last(last(row)),
            number=True,
        ),
    )


POSTS: Listing[Post] = Listing(
    name="posts",
    columns=(
        *_whose(),
        Column(
            name="post",
            title=_("Post"),
            value=lambda row: row.post,
            show=lambda row: naming.post(row.post, day=row.since),
        ),
        *_how_long(post_state, post_last, title=_("Last day")),
    ),
    link=lambda row: f"/people/{row.user_id}/#posts",
    choices=(CHOICE,),
    empty=Empty(
        title=_("Nobody holds a post by name"),
        why=_("Posts that come with a role are held without being given. Others are given on the page of a person."),
        path="/people/",
        act=_("See the people"),
    ),
)

CERTIFICATES: Listing[Certificate] = Listing(
    name="certificates",
    columns=(
        *_whose(),
        Column(
            name="kind",
            title=_("Certificate"),
            value=lambda row: row.kind,
            show=lambda row: naming.certificate(row.kind),
        ),
        Column(name="number", title=_("Number"), value=lambda row: row.number),
        *_how_long(certificate_state, lambda row: row.until, title=_("Last good day")),
    ),
    link=lambda row: f"/people/{row.user_id}/#certificates",
    choices=(CHOICE,),
    empty=Empty(
        title=_("No certificate is recorded"),
        why=_("Acts of enforcement and legal review ask for one; record it on the page of the person."),
        path="/people/",
        act=_("See the people"),
    ),
)


@page(roles=ADMINISTRATORS)
@require_GET
def posts(request: HttpRequest) -> HttpResponse:
    """List the posts given by name."""
    rows, state = api.appointments(me(request)), request.GET.get("state")
    chosen = [row for row in rows if not state or post_state(row) == state]
    return answer(request, POSTS, chosen, template="people/posts.html")


@page(roles=ADMINISTRATORS)
@require_GET
def certificates(request: HttpRequest) -> HttpResponse:
    """List the certificates, those that end first on top."""
    rows, state = api.certificates(me(request)), request.GET.get("state")
    chosen = [row for row in rows if not state or certificate_state(row) == state]
    return answer(request, CERTIFICATES, chosen, template="people/certificates.html")
