"""Who may open a page. A page states it; the middleware closes every page that does not."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from qingtian.office.people.api import Role, User
from qingtian.portals import asked

OFFICE = frozenset({Role.DUTY_DESK, Role.OFFICER, Role.GRID_MEMBER, Role.REVIEWER, Role.LEADER, Role.ADMINISTRATOR})
"""Everyone of the authority."""
EVERYONE = OFFICE | {Role.ENTERPRISE}
DESK = frozenset({Role.DUTY_DESK, Role.LEADER, Role.ADMINISTRATOR, Role.OFFICER})
"""Those who watch the map."""
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
LEDGER = frozenset({Role.LEADER, Role.ADMINISTRATOR})
"""Those who see how the whole ledger stands; the history of a thing is seen by who sees the thing."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may open it: anybody (``public``), or those of ``roles`` who are logged in."""

    roles: frozenset[str] = frozenset()
    public: bool = False


View = TypeVar("View", bound=Callable[..., Any])


def page(*, roles: Collection[str] = (), public: bool = False) -> Callable[[View], View]:
    """State who may open the view: the roles, or everybody."""

    def state(view: View) -> View:
        view.access = Access(roles=frozenset(map(str, roles)), public=public)  # type: ignore[attr-defined]
        return view

    return state


def me(request: HttpRequest) -> User:
    """Return the person logged in. Pages that are not public always have one."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def wants(request: HttpRequest) -> str:
    """Return in which form the answer is wanted: ``html``, ``json`` or ``csv``.

    :raises AskedUnknown: if it is another.
    """
    return asked.form(request.GET)


def reads_pages(request: HttpRequest) -> bool:
    """Say whether a person asks, as far as can be told: then even a refusal is a page."""
    return request.GET.get("format") not in ("json", "csv")


class PageMiddleware(MiddlewareMixin):
    """Closes every page to those it does not name, and sends the rules of the browser with each answer."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponse | None:
        access: Access | None = getattr(view, "access", None)
        if access is None:
            raise PermissionDenied
        if access.public:
            return None
        if not isinstance(request.user, User) or not request.user.is_active:
            return _to_the_door(request)
        if request.user.role not in access.roles:
            raise PermissionDenied
        return None

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        if isinstance(getattr(request, "user", None), User):
            # another person at the same machine must not get it from the browser's store
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


def _to_the_door(request: HttpRequest) -> HttpResponse:
    if not reads_pages(request) or request.path == "/events/":
        return JsonResponse({"code": "people.not_logged_in", "message": _("Log in first.")}, status=401)
    target = "/login/" if request.path == "/" else "/login/?" + urlencode({"next": request.get_full_path()})
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
