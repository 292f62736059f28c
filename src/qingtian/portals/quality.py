"""Quality control of an outlet (质控): what is due of each instrument, the register, the form; and its acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.law.quality import kinds
from qingtian.law.quality.calendar import Standing
from qingtian.office.objects import api as objects
from qingtian.office.people.api import User
from qingtian.office.quality import api
from qingtian.office.quality.api import Check
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import BookRefused, Outlet
from qingtian.portals import quality_lists, quality_words, registers, typed
from qingtian.portals.page import EVERYONE, me, page
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import language

UNDONE_SHOWN = 12
BRIEFLY_SHOWN = 6


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is due of the outlet's instruments, what is out of control, and its register of checks."""
    return _show(request, code)


def _show(request: HttpRequest, code: str, *, problem: QingtianError | None = None) -> HttpResponse:
    user, at = me(request), times.now()
    outlet = sites.outlet(user, code)
    rows = api.checks(user, outlet=code, state=request.GET.get("state", ""), verdict=request.GET.get("verdict", ""))
    wish = request.GET.get("corrects", "")
    old = api.check(user, typed.key(request.GET, "corrects")) if wish else None
    context = {
        "outlet": outlet,
        "instruments": _instruments(api.due_of(outlet, at=at), outlet),
        "undone": [(one, quality_words.LABELS.get(one.label, one.label)) for one in api.undone(outlet)[:UNDONE_SHOWN]],
        "may_record": api.may_record(user),
        "may_set": api.may_set(user),
        "kinds": [(one.code, one.name(language())) for one in kinds.kinds(medium=outlet.medium, day=at.date())],
        "factors": _factors(outlet, at),
        "verdicts": [(code, state.word) for code, state in quality_words.VERDICTS.items()],
        "ranges": sites.ranges(user, outlet=code, state="standing"),
        "now": at.astimezone(BEIJING),
        "old": old,
        "form": request.POST if problem else _held(old),
    }
    listing = quality_lists.of_outlet()
    return registers.listed(
        request, listing, rows, template="quality/outlet.html", problem=problem, entered=0, **context
    )


@page(roles=EVERYONE)
@require_GET
def brief(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is overdue, failed or due soon, as a part of the outlet's page."""
    at = times.now()
    outlet = sites.outlet(me(request), code)
    found = api.due_of(outlet, at=at)
    told = [
        (one, quality_words.DUE_STATES[one.state], quality_words.kind(one.kind, outlet, one.next))
        for one in found
        if one.state != "kept"
    ]
    context = {"outlet": outlet, "standings": told[:BRIEFLY_SHOWN], "kept": bool(found)}
    return render(request, "quality/brief.html", context)


def _instruments(found: Iterable[Standing], outlet: Outlet) -> list[dict[str, Any]]:
    """Return the strips of the calendar: an instrument, and each of its checks with last, next and state."""
    told = []
    for duty, standings in groupby(found, key=lambda one: one.duty):
        checks = [
            {
                "name": quality_words.kind(one.kind, outlet, one.next),
                "last": one.last,
                "verdict": quality_words.VERDICTS[one.last.verdict] if one.last else None,
                "next": one.next,
                "state": quality_words.DUE_STATES[one.state],
            }
            for one in standings
        ]
        regime = quality_words.regime(duty.regime, day=duty.since.date())
        told.append({"duty": duty, "regime": regime, "checks": checks})
    return told


def _factors(outlet: Outlet, at: datetime) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Return the factors that the outlet measures: code, unit, the class of the instrument, the regimes it may have."""
    heard = {name for device in outlet.devices.all() if hasattr(device, "status") for name in device.status.values}
    found = []
    for code in sorted({*heard, *(limit.factor for limit in outlet.limits.all())}, key=parts.factor_name):
        of_class = kinds.class_of(code, medium=outlet.medium, day=at.date())
        if of_class:
            regimes = kinds.regimes(code, medium=outlet.medium, day=at.date())
            names = [(one.code, one.name(language())) for one in regimes]
            found.append((code, sites.factor(code).unit, of_class.name(language()), names))
    return found


def _held(old: Check | None) -> dict[str, Any]:
    """Return what stands in the fields when a record is corrected; nothing for a new one."""
    if old is None:
        return {}
    reference, measured = (", ".join(f"{pair[place]:g}" for pair in old.pairs) for place in (0, 1))
    return {
        **{name: getattr(old, name) for name in ("factor", "kind", "mn", "technician", "note", "verdict")},
        "at": f"{old.at.astimezone(BEIJING):%Y-%m-%dT%H:%M}",
        "span": "" if old.span is None else f"{old.span:g}",
        "reference": reference,
        "measured": measured,
    }


def _record(user: User, outlet: str, request: HttpRequest, at: datetime) -> None:
    wanted = _wanted(request.POST, request.FILES.getlist("files"))
    if request.POST.get("corrects"):
        api.correct_check(acting_user=user, check_id=typed.key(request.POST, "corrects"), wanted=wanted, at=at)
    else:
        api.record_check(acting_user=user, outlet_code=outlet, wanted=wanted, at=at)


def _wanted(form: QueryDict, files: Iterable[UploadedFile[Any]]) -> api.Wanted:
    return api.Wanted(
        factor=form.get("factor", ""),
        kind=form.get("kind", ""),
        mn=form.get("mn", ""),
        at=instant(form.get("at", "")),
        pairs=api.pairs_of(form.get("reference", ""), form.get("measured", "")),
        span=typed.number(form, "span"),
        verdict=form.get("verdict", ""),
        technician=form.get("technician", ""),
        note=form.get("note", ""),
        files=[objects.Upload(name=one.name or "", content=one.read()) for one in files],
    )


def instant(text: str) -> datetime:
    """Read what a ``datetime-local`` field says: Beijing time, whatever the browser's zone."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError as error:
        raise BadRequest("time") from error


def _set_regime(user: User, outlet: str, request: HttpRequest, at: datetime) -> None:
    form = request.POST
    factor, _colon, regime = form.get("regime", "").partition(":")
    since = typed.needed_day(form, "since")
    api.set_regime(
        acting_user=user, outlet_code=outlet, mn=form.get("mn", ""), factor=factor, regime=regime, since=since, at=at
    )


ACTS: dict[str, Callable[[User, str, HttpRequest, datetime], None]] = {"record": _record, "regime": _set_regime}


@page(roles=EVERYONE)
@require_POST
def act(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Enter or correct a check, or say how an instrument is kept; what was typed stays if it is refused."""
    try:
        typed.one_of(ACTS, name)(me(request), code, request, times.now())
    except (api.CheckRefused, api.CheckNotJudged, BookRefused, objects.UploadRefused) as error:
        return _show(request, code, problem=error)
    return HttpResponseRedirect(f"/outlets/{code}/quality/")
