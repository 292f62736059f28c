"""Lists of quality control (质控): what is due of whom and when, the register of the scope, the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.office.people.api import Role, User
from qingtian.office.quality import api
from qingtian.office.quality.api import Check, Due
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import BookRefused
from qingtian.portals import quality_words, registers, saved
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer_long
from qingtian.portals.page import EVERYONE, me, page
from qingtian.portals.templatetags import parts


def _last(row: Due) -> object:
    return parts.instant(row.last) if row.last else "—"


DUE: Listing[Due] = Listing(
    name="quality-due",
    columns=(
        Column(
            name="outlet_name",
            title=_("Outlet"),
            value=lambda row: row.outlet.name,
            show=lambda row: parts.place_of(row.outlet, row.outlet.enterprise),
        ),
        Column(
            name="factor",
            title=_("Factor"),
            value=lambda row: row.factor,
            show=lambda row: parts.factor_name(row.factor),
        ),
        Column(
            name="kind",
            title=_("Check"),
            value=lambda row: row.kind,
            show=lambda row: quality_words.kind(row.kind, row.outlet, row.next),
        ),
        Column(
            name="state",
            title=_("State"),
            value=lambda row: row.state,
            show=lambda row: parts.badge(quality_words.DUE_STATES[row.state]),
        ),
        Column(
            name="last",
            title=_("Last"),
            value=lambda row: row.last,
            show=_last,
            number=True,
        ),
        Column(
            name="next",
            title=_("Due next"),
            value=lambda row: row.next,
            show=lambda row: parts.instant(row.next),
            number=True,
        ),
        Column(name="outlet", title="outlet", value=lambda row: row.outlet.pk, hidden=True),
        Column(name="mn", title="MN", value=lambda row: row.mn, hidden=True),
        Column(name="regime", title="regime", value=lambda row: row.regime, hidden=True),
    ),
    link=lambda row: f"/outlets/{row.outlet.pk}/quality/",
    marked=lambda row: row.state in ("overdue", "failed"),
    choices=(
        Choice(
            name="state",
            title=_("State"),
            options=[(code, state.word) for code, state in quality_words.DUE_STATES.items()],
        ),
    ),
    searched=_("Outlet or firm"),
    orders={name: name for name in api.DUE_ORDERS},
    order="next",
    empty=Empty(
        title=_("No instrument is under quality control yet"),
        why=_("An officer says on the page of an outlet how each of its instruments is kept; then it stands here."),
        path="/outlets/",
        act=_("Choose an outlet"),
    ),
)

CHECKS: Listing[Check] = Listing(
    name="quality-checks",
    columns=(
        Column(
            name="at",
            title=_("Time"),
            value=lambda row: row.at,
            show=lambda row: parts.instant(row.at),
            number=True,
        ),
        Column(
            name="outlet_name",
            title=_("Outlet"),
            value=lambda row: row.outlet.name,
            show=lambda row: parts.place_of(row.outlet, row.outlet.enterprise),
        ),
        Column(
            name="factor",
            title=_("Factor"),
            value=lambda row: row.factor,
            show=lambda row: parts.factor_name(row.factor),
        ),
        Column(name="kind", title=_("Check"), value=lambda row: row.kind, show=quality_words.kind_of),
        Column(
            name="error",
            title=_("Error"),
            value=lambda row: row.judged.get("error"),
            show=quality_words.error,
            number=True,
        ),
        Column(
            name="verdict",
            title=_("Verdict"),
            value=lambda row: row.verdict,
            show=lambda row: parts.badge(quality_words.VERDICTS[row.verdict]),
        ),
        Column(
            name="state",
            title=_("State"),
            value=lambda row: row.state,
            show=lambda row: parts.badge(quality_words.CHECK_STATES[row.state]),
        ),
        Column(name="technician", title=_("Checked by"), value=lambda row: row.technician),
        Column(name="outlet", title="outlet", value=lambda row: row.outlet_id, hidden=True),
        Column(name="mn", title="MN", value=lambda row: row.mn, hidden=True),
        Column(name="pairs", title=_("Figures"), value=lambda row: str(row.pairs), hidden=True),
        Column(name="span", title=_("Measuring range"), value=lambda row: row.span, hidden=True),
        Column(name="judged", title=_("How it was judged"), value=quality_words.judged, hidden=True),
        Column(name="made_at", title=_("Entered"), value=lambda row: row.made_at, hidden=True),
        Column(name="id", title="id", value=lambda row: row.pk, hidden=True),
    ),
    link=lambda row: f"/quality/{row.pk}/",
    marked=lambda row: row.state == "to_review",
    choices=(
        Choice(
            name="verdict",
            title=_("Verdict"),
            options=[(code, state.word) for code, state in quality_words.VERDICTS.items()],
        ),
        Choice(
            name="state",
            title=_("State"),
            options=[
                ("live", _("in force")),
                *((code, state.word) for code, state in quality_words.CHECK_STATES.items()),
            ],
        ),
    ),
    searched=_("Outlet or who did it"),
    empty=Empty(
        title=_("No check has been entered yet"),
        why=_("The firm or its officer enters checks on the page of the outlet, or many at once with the workbook."),
    ),
)


def due_of(user: User) -> Listing[Due]:
    """Return how what is due is listed; where there is none, the way goes to the outlets of this person."""
    return replace(DUE, empty=replace(DUE.empty, path="/enterprise/")) if user.role == Role.ENTERPRISE else DUE


def of_outlet() -> Listing[Check]:
    """Return how the checks of one outlet are listed: without saying each time whose they are."""
    columns = tuple(one for one in CHECKS.columns if one.name != "outlet_name")
    return replace(CHECKS, columns=columns, searched="")


@page(roles=EVERYONE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List what is due of every instrument in the scope, what is due first on top."""
    user, at, query = me(request), times.now(), request.GET
    wish = {"state": query.get("state", ""), "search": query.get("q", "").strip()}

    def read(order: str, start: int, limit: int) -> Sequence[Due]:
        return api.due(user, at=at, order=order, start=start, limit=limit, **wish)

    return answer_long(request, due_of(user), read, template="quality/due.html")


@page(roles=EVERYONE)
@require_GET
def checks(request: HttpRequest) -> HttpResponse:
    """List the checks of the scope, with the workbook for those who enter them."""
    return _list(request)


def _list(
    request: HttpRequest, *, problem: QingtianError | None = None, entered: int = 0, known: int = 0
) -> HttpResponse:
    user, wish = me(request), request.GET
    rows = api.checks(
        user, state=wish.get("state", ""), verdict=wish.get("verdict", ""), search=wish.get("q", "").strip()
    )
    return registers.listed(
        request,
        CHECKS,
        rows,
        template="quality/checks.html",
        problem=problem,
        entered=entered,
        known=known,
        may_record=api.may_record(user),
    )


@page(roles=EVERYONE)
@require_GET
def workbook(request: HttpRequest) -> HttpResponse:
    """Give out the workbook (Excel) in which many checks are entered, without any in it."""
    return saved.workbook(api.filled((), day=times.now().date()), name=say("checks of quality control"))


@page(roles=EVERYONE)
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Enter what a filled workbook says, all of it or nothing."""
    user, at = me(request), times.now()
    try:
        media = {outlet.pk: outlet.medium for outlet in sites.outlets(user)}
        wanted = registers.sent(request, lambda content: api.read(content, media=media, day=at.date()))
        rows = {row.pk: row.made_at for row in api.record_checks(acting_user=user, wanted=wanted, at=at, once=True)}
    except (BookRefused, api.CheckRefused, api.CheckNotJudged, sites.NotFoundHere) as error:
        return _list(request, problem=error)
    entered = sum(made_at == at for made_at in rows.values())
    return _list(request, entered=entered, known=len(wanted) - entered)
