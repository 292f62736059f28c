"""Dead letters (死信): packets that were refused, why, their bytes, and what to do about it."""

from __future__ import annotations

import re
from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from qingtian.office.sites import api as sites
from qingtian.office.sites.api import DeadLetter
from qingtian.portals import words
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.packets import hexadecimal, printable
from qingtian.portals.page import me, page
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
    rows = sites.dead_letters(
        user, reason=request.GET.get("reason", ""), mn=request.GET.get("q", "").strip(), limit=MOST
    )
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
    )
