"""The door: log in, log out, and how a person wants to see pages."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qingtian.base import times
from qingtian.office.people.api import (
    Language,
    LoginLocked,
    LoginRefused,
    Theme,
    User,
    anybody,
    demonstrators,
    log_in,
    set_preferences,
)
from qingtian.portals.language import AT_THE_DOOR
from qingtian.portals.page import EVERYONE, me, page
from qingtian.portals.shell import home

YEAR = 365 * 24 * 3600


def inside(request: HttpRequest, target: str) -> str:
    """Return ``target`` if it is a path of this site, else the start."""
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.startswith("/")
    return target if safe else "/"


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "")


@page(roles=EVERYONE)
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send everyone to where their work begins."""
    return HttpResponseRedirect(home(me(request)))


@page(public=True)
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Ask who it is. A refusal says what is left to try; a lock says until when."""
    if request.method == "GET":
        if isinstance(request.user, User):
            return HttpResponseRedirect("/")
        return _ask(request, target=request.GET.get("next", ""))
    username, target = request.POST.get("username", "").strip(), request.POST.get("next", "")
    try:
        user = log_in(
            username=username,
            password=request.POST.get("password", ""),
            address=address_of(request),
            at=times.now(),
        )
    except (LoginRefused, LoginLocked) as refused:
        language = translation.get_language() or "zh"
        status = 429 if isinstance(refused, LoginLocked) else 403
        return _ask(request, target=target, username=username, refused=refused.as_dict(language), status=status)
    auth.login(request, user)
    _keep_choice(request, user)
    return HttpResponseRedirect(inside(request, target or home(user)))


def _keep_choice(request: HttpRequest, user: User) -> None:
    """Let who comes in keep the language that was chosen at the door just before."""
    language = request.session.pop(AT_THE_DOOR, user.language)
    if language != user.language:
        set_preferences(acting_user=user, language=language, theme=user.theme, care_mode=user.care_mode, at=times.now())


def _cast() -> dict[str, object]:
    """The invented people of a demo with their password; nothing where the office is real."""
    people = demonstrators() if settings.DEMO_PASSWORD else []
    return {"people": people, "password": settings.DEMO_PASSWORD} if people else {}


def _ask(
    request: HttpRequest,
    *,
    target: str,
    username: str = "",
    refused: dict[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"next": target, "username": username, "refused": refused, "nobody": not anybody(), **_cast()}
    return render(request, "shell/login.html", context, status=status)


@page(roles=EVERYONE)
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return HttpResponseRedirect("/login/")


@page(public=True)
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep language, theme and type size: of the person if there is one, else of this browser."""
    answer = HttpResponseRedirect(inside(request, request.POST.get("next", "/")))
    language, theme = request.POST.get("language"), request.POST.get("theme")
    if isinstance(request.user, User):
        user = request.user
        care = request.POST.get("care_mode", "1" if user.care_mode else "0")
        set_preferences(
            acting_user=user,
            language=language or user.language,
            theme=theme or user.theme,
            care_mode=care == "1",
            at=times.now(),
        )
    elif language in Language.values:
        request.session[AT_THE_DOOR] = language
    for name, value, known in (("django_language", language, Language), ("theme", theme, Theme)):
        if value in known.values:
            answer.set_cookie(name, str(value), max_age=YEAR, samesite="Lax")
    return answer
