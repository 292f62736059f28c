"""Error pages: what happened, what to do, and a code one can quote. A `QingtianError` becomes one by itself."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus

import psycopg
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from qingtian import __version__
from qingtian.base.errors import QingtianError
from qingtian.law.clocks import UnknownClock, UnknownMatter, UnknownVariant
from qingtian.law.machine import asked, numbers, people, running, shelf, values
from qingtian.office.alerts.api import NoSuchCause, TextMissing
from qingtian.office.ledger.api import ChainUnknown
from qingtian.office.marks.api import MarkRefused, NoSuchLabel
from qingtian.office.matters.api import (
    DayRefused,
    ImportRefused,
    KeyTooLong,
    MatterReasonMissing,
    NoSuchFile,
    PersonUnknown,
    ViewRefused,
    WorkbookUnreadable,
)
from qingtian.office.objects.api import TooManyUploads, UploadRefused
from qingtian.office.people.api import (
    CertificateRefused,
    NoReasonToErase,
    NoSuchPerson,
    NoSuchPost,
    NoSuchPreference,
    NotYours,
)
from qingtian.office.quality.api import CheckNotJudged, CheckRefused
from qingtian.office.reverse_control.api import CommandIncomplete
from qingtian.office.sites.api import (
    BookRefused,
    LimitNotByYou,
    LimitRefused,
    NotFoundHere,
    ProfileIncomplete,
    RangeRefused,
    ReplayIncomplete,
)
from qingtian.office.suspicions.api import NotForYou, ReasonMissing
from qingtian.office.tasks.api import FieldMissing, NotByYou
from qingtian.portals.asked import AskedUnknown
from qingtian.portals.page import reads_pages

log = logging.getLogger(__name__)
FAULT = 500
PROGRAMS = "/api/"
"""Under it nobody reads pages: whatever goes wrong is told as a problem (RFC 9457)."""


def _say(request: HttpRequest, *, status: int, code: str, title: str, what: str, todo: str = "") -> HttpResponse:
    message = f"{title} {what} {todo}".strip()
    if request.path.startswith(PROGRAMS):
        body = {"title": HTTPStatus(status).phrase, "status": status, "code": code, "message": message}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    if not reads_pages(request):
        return JsonResponse({"code": code, "message": message}, status=status)
    context = {"code": code, "title": title, "what": what, "todo": todo}
    if status == FAULT:
        # what broke may be what the frame of a page asks
        look = {"theme": request.COOKIES.get("theme", "system"), "version": __version__}
        return HttpResponse(render_to_string("error.html", {**context, "shell": look}), status=status)
    return render(request, "error.html", context, status=status)


class LettersRefused(QingtianError):
    """No column of the database takes a zero byte, and no text half a character."""

    code = "web.letters_refused"
    zh = "提交的内容里有无法保存的字符（空字符或残缺的字符），没有办理。请删去后重试。"
    en = "What was sent holds a character that cannot be kept (a zero byte, or half a character); nothing was done. "
    en += "Take it out, and try again."


def unkeepable(error: Exception) -> bool:
    """Say whether the database refused a text for its letters."""
    return isinstance(error, UnicodeEncodeError) or (
        isinstance(error, ValueError | DatabaseError | psycopg.DataError)
        and any(said in str(error) for said in ("NUL (0x00)", "\\u0000 cannot be converted"))
    )


class RefusalMiddleware(MiddlewareMixin):
    """An error meant for a person, raised anywhere in a page, is answered as a page; nothing was changed."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if unkeepable(error):
            return refused(request, LettersRefused())
        return refused(request, error) if isinstance(error, QingtianError) else None


ABSENT = (NoSuchFile, NoSuchPerson, NotFoundHere, shelf.UnknownKind, UnknownClock, UnknownMatter, ChainUnknown)
FORBIDDEN = (
    *(LimitNotByYou, NotForYou, NotYours, NotByYou),
    *(people.MissingRole, people.NotAssigned, people.NotQualified, people.SeparationBroken, values.MayNotFill),
)
UNREADABLE = (AskedUnknown,)
INCOMPLETE = (
    LettersRefused,
    *(TextMissing, FieldMissing, NoSuchCause, NoSuchPreference, CommandIncomplete),
    *(TooManyUploads, UploadRefused, numbers.NumberedByItself),
    *(LimitRefused, ProfileIncomplete, ReasonMissing, ReplayIncomplete),
    *(DayRefused, ImportRefused, MatterReasonMissing, ViewRefused, WorkbookUnreadable),
    *(CertificateRefused, NoReasonToErase, NoSuchPost),
    *(BookRefused, CheckNotJudged, CheckRefused, MarkRefused, NoSuchLabel, RangeRefused),
    *(KeyTooLong, PersonUnknown, UnknownVariant, people.AssignmentMissing, people.AssignmentUnknown),
    *(asked.PaperMissing, asked.PaperNotAsked, values.FactMissing, values.FactNotAsked, values.UnknownFact),
    *(values.WrongType, values.OutOfRange, values.NotAnOption, values.WrongSideOfToday),
    *(values.ImplausibleDay, values.TextTooLong, values.TextUnreadable, running.StartsBeforeTheMatter),
)


def status_of(error: QingtianError) -> int:
    """400: no request that can be read; 404: not there for this person; 403: not by this person; 422: incomplete;
    409: not as things stand now."""
    if isinstance(error, UNREADABLE):
        return 400
    if isinstance(error, ABSENT):
        return 404
    if isinstance(error, FORBIDDEN):
        return 403
    return 422 if isinstance(error, INCOMPLETE) else 409


def refused(request: HttpRequest, error: QingtianError) -> HttpResponse:
    """Answer an act or a page that the office refuses, in its own words."""
    status = status_of(error)
    titles = {400: _("This request cannot be read."), 404: _("There is no such page for you.")}
    return _say(
        request,
        status=status,
        code=error.code,
        title=titles.get(status, _("This was not done.")),
        what=error.sentence(translation.get_language() or "zh"),
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _say(
        request,
        status=400,
        code="web.bad_request",
        title=_("This request cannot be read."),
        what=_("A part of it is missing or has the wrong form."),
        todo=_("Go back, load the page again, and try once more."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _say(
        request,
        status=403,
        code="web.forbidden",
        title=_("This page is not open to your role."),
        what=_("Each page states who may open it, and yours is not among them."),
        todo=_("If your work needs it, ask an administrator, and quote the code below."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _say(
        request,
        status=404,
        code="web.not_found",
        title=_("There is no such page for you."),
        what=_("The address may be mistyped, or what it shows lies outside your district or firm."),
        todo=_("Go to the start and search for it."),
    )


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose secret is missing or stale (CSRF)."""
    return _say(
        request,
        status=403,
        code="web.stale_form",
        title=_("This form has grown old."),
        what=_("You have logged in again since it was opened, or cookies are switched off."),
        todo=_("Load the page again and send the form once more. Nothing was changed."),
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Answer for a fault of ours; the same number stands in the log."""
    number = secrets.token_hex(4)
    log.error("fault %s at %s", number, request.path)
    return _say(
        request,
        status=FAULT,
        code=f"web.fault {number}",
        title=_("Something broke on our side."),
        what=_("What you sent may not have been kept."),
        todo=_("Try again in a minute. If it happens again, tell the administrator the code below."),
    )
