"""The form of a platform that gets our packets, and the acts on it: add, change, pause, resume."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from qingtian.base import times
from qingtian.office.people.api import Role
from qingtian.office.relays import api
from qingtian.office.relays.api import KEPT, RelayTarget, WishRefused
from qingtian.portals.page import me, page
from qingtian.portals.templatetags.parts import language

EDITORS = frozenset({Role.DUTY_DESK, Role.ADMINISTRATOR})
EDITIONS = (("", _("as received")), ("2005", "HJ/T 212-2005"), ("2017", "HJ 212-2017"), ("2025", "HJ 212-2025"))
FIELDS = ("name", "host", "port", "edition", "allow_commands", "factors", "answer_s", "retries", "devices")
ACTS = {"pause": api.pause_target, "resume": api.resume_target}


def _as_form(target: RelayTarget) -> dict[str, str]:
    """A target as its form shows it; passwords as `KEPT`."""
    return {
        "code": target.pk,
        "name": target.name,
        "host": target.host,
        "port": str(target.port),
        "edition": target.edition,
        "allow_commands": "1" if target.allow_commands else "",
        "factors": " ".join(target.factors or ()),
        "answer_s": "" if target.answer_s is None else f"{target.answer_s:g}",
        "retries": "" if target.retries is None else str(target.retries),
        "devices": "\n".join(f"{one.device_id} {one.as_mn} {KEPT}" for one in target.devices.all()),
    }


def _posted(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in FIELDS}


def _ask(
    request: HttpRequest, form: Mapping[str, str], *, code: str = "", refused: WishRefused | None = None
) -> HttpResponse:
    problems = {name: one.sentence(language()) for name, one in refused.problems.items()} if refused else {}
    context = {
        "form": form,
        "code": code,
        "problems": problems,
        "summary": refused.sentence(language()) if refused else "",
        "editions": EDITIONS,
        "kept": KEPT,
    }
    return render(request, "relays/form.html", context, status=422 if refused else 200)


@page(roles=EDITORS)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a new platform, and make it."""
    user = me(request)
    if request.method == "GET":
        return _ask(request, {"port": "9212"})
    code, form = request.POST.get("code", "").strip(), _posted(request)
    try:
        api.add_target(acting_user=user, code=code, form=form, at=times.now())
    except WishRefused as refused:
        return _ask(request, {**form, "code": code}, refused=refused)
    return HttpResponseRedirect(f"/relays/{code}/")


@page(roles=EDITORS)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Show a platform as a form, and change it."""
    user = me(request)
    target = api.target(user, code)
    if request.method == "GET":
        return _ask(request, _as_form(target), code=code)
    form = _posted(request)
    try:
        api.change_target(acting_user=user, code=code, form=form, at=times.now())
    except WishRefused as refused:
        return _ask(request, form, code=code, refused=refused)
    return HttpResponseRedirect(f"/relays/{code}/")


@page(roles=EDITORS)
@require_POST
def turn(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Pause a platform, or go on where it was paused."""
    if name not in ACTS:
        raise Http404
    ACTS[name](acting_user=me(request), code=code, at=times.now())
    return HttpResponseRedirect(f"/relays/{code}/")
