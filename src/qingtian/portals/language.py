"""Which language a page speaks: what the person chose, else what this browser chose, else Chinese.

What a browser would like (``Accept-Language``) does not count: the office speaks Chinese until somebody chooses.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from qingtian.office.people.api import Language, User

AT_THE_DOOR = "language"
"""Key of the session: what was chosen on the login page, to be kept for who logs in there."""


def chosen(request: HttpRequest) -> str:
    """Return the language code of this request."""
    if isinstance(request.user, User):
        return request.user.language
    kept = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return kept if kept in Language.values else settings.LANGUAGE_CODE


class LanguageMiddleware(MiddlewareMixin):
    """Speaks the chosen language for the length of a request. Stands after the one that knows the person."""

    def process_request(self, request: HttpRequest) -> None:
        translation.activate(chosen(request))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        patch_vary_headers(response, ("Cookie",))
        return response
