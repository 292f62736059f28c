"""Dead letters (死信): packets that were refused, why, their bytes, and what to do about it."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.office.people.api import Role
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import DeadLetter
from qingtian.portals import words
from qingtian.portals.devices import deviation
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.packets import hexadecimal, printable
from qingtian.portals.page import ADMINISTRATORS, me, page
from qingtian.portals.shell import CITY
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import language

MOST = 2000
REFRESH = "qtdeadletter from:body throttle:5s, qtcatchup from:body"


def _raw(row: DeadLetter) -> object:
    raw = bytes(row.raw)
    return format_html(
        '<details class="more"><summary>{} {}</summary>'
        '<pre class="bytes">{}</pre><pre class="bytes">{}</pre></details>',
        say("show"),
        parts.size(len(raw)),
        printable(raw),
        hexadecimal(raw),
    )


DETAILS = (
    (re.compile(r"expected (\w+), got (\w+)"), _("expected %(one)s, got %(other)s")),
    (re.compile(r"declared (\d+), found (\d+)"), _("declared %(one)s bytes, found %(other)s")),
    (re.compile(r"declared (\d+), more than (\d+)"), _("declared %(one)s bytes, more than %(other)s")),
    (
        re.compile(r"(\d+) (bytes) without the beginning.*"),
        _("%(one)s bytes without the beginning of a frame"),
    ),
    (re.compile(r"(no CN), or (no CP=&&…&&)"), _("no CN, or no CP=&&…&&")),
    (re.compile(r"not a (device) of plan (\d+)"), _("not a device of plan %(other)s")),
    (re.compile(r"(PW) is not the one of plan (\d+)"), _("PW is not the one of plan %(other)s")),
    (
        re.compile(r"(enciphered), and plan (\d+) has no key that opens it"),
        _("enciphered, and plan %(other)s has no key that opens it"),
    ),
    (re.compile(r"(STAR)…(END): not HJ 212"), _("STAR…END: not HJ 212")),
    (
        re.compile(r"(refused) by the profile of the device in plan (\d+)"),
        _("refused by the profile of the device in plan %(other)s"),
    ),
    (re.compile(r"(a logger) asks for its (MN) \(1001\)"), _("a logger asks for its MN (1001)")),
)
"""What the gateway notes (`stream.gateway.deadletters`), and how it is said on a page."""


def detail_said(detail: str) -> str:
    """Return the gateway's note in the language of the page; one it cannot read stays as it is."""
    for pattern, sentence in DETAILS:
        found = pattern.fullmatch(detail)
        if found:
            return str(sentence) % {"one": found[1], "other": found[2]}
    return detail


LISTING: Listing[DeadLetter] = Listing(
    name="deadletters",
    columns=(
        Column(
            name="reason",
            title=_("Reason"),
            value=lambda row: row.reason,
            show=lambda row: words.REASONS.get(row.reason, row.reason),
        ),
        Column(
            name="received",
            title=_("Arrived"),
            value=lambda row: row.received,
            show=lambda row: parts.instant(row.received),
        ),
        Column(name="mn", title="MN", value=lambda row: row.mn or None),
        Column(name="address", title=_("From"), value=lambda row: row.address),
        Column(
            name="detail", title=_("Detail"), value=lambda row: row.detail, show=lambda row: detail_said(row.detail)
        ),
        Column(
            name="deviations",
            title=_("Deviations"),
            value=lambda row: " ".join(row.deviations),
            show=lambda row: " ".join(deviation(code) for code in row.deviations),
        ),
        Column(
            name="replayed",
            title=_("Read again"),
            value=lambda row: row.replayed_at,
            show=lambda row: parts.instant(row.replayed_at),
        ),
        Column(name="raw", title=_("Bytes"), value=lambda row: bytes(row.raw).hex(), show=_raw),
    ),
    choices=(Choice(name="reason", title=_("Reason"), options=list(words.REASONS.items())),),
    searched="MN",
    empty=Empty(
        title=_("No packet was refused"),
        why=_("A packet with a wrong checksum, a wrong length or an unknown device is kept here with its bytes."),
        path="/outlets/",
        act=_("See the outlets"),
    ),
)


@page(roles=CITY)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the newest refused packets, and count them by reason."""
    user = me(request)
    reason, mn = request.GET.get("reason", ""), request.GET.get("q", "").strip()
    rows = sites.dead_letters(user, reason=reason, mn=mn, limit=MOST)
    counted = [
        {
            "reason": reason,
            "word": words.REASONS.get(reason, reason),
            "count": count,
            "todo": sites.reason_sentence(reason, language()),
        }
        for reason, count in Counter(row.reason for row in rows).most_common()
    ]
    return answer(
        request,
        LISTING,
        rows,
        template="deadletters/list.html",
        counted=counted,
        refresh=REFRESH,
        full=len(rows) == MOST,
        may_replay=user.role == Role.ADMINISTRATOR and any(row.replayed_at is None for row in rows),
        reason=reason,
        reason_word=words.REASONS.get(reason, reason),
        mn=mn,
        replays=sites.recent_replays(user),
    )


@page(roles=ADMINISTRATORS)
@require_POST
def replay(request: HttpRequest) -> HttpResponse:
    """Ask for letters to be read again by the present plan."""
    reason, mn = request.POST.get("reason", ""), request.POST.get("mn", "")
    sites.ask_replay(acting_user=me(request), why=request.POST.get("why", ""), reason=reason, mn=mn, at=times.now())
    return HttpResponseRedirect("/deadletters/?" + urlencode({"reason": reason, "q": mn}))
