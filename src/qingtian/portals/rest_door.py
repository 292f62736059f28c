"""The door of the interface for programs: a token with the scope is let in, a refusal is told as a problem."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.office.people import api as people
from qingtian.office.people.api import User
from qingtian.portals import refusals
from qingtian.portals.rest_shapes import Problem

PROBLEMS = dict.fromkeys((401, 403, 404, 409, 422), Problem)
"""What every address may answer instead; the words of OpenAPI."""


class ScopeMissing(QingtianError):
    code = "web.scope_missing"
    zh = "该令牌没有权限 {scope}，请求未执行。请在“访问令牌”页面生成带此权限的令牌。"
    en = "This token lacks the scope {scope}; nothing was done. Make one that has it on the page of tokens."


class TokenUnknown(QingtianError):
    code = "web.token_unknown"
    zh = "没有有效的访问令牌，请求未执行。请在请求头 Authorization: Bearer 中给出令牌；令牌可能已过期或撤销。"
    en = "There is no valid token. Send one as Authorization: Bearer; it may have expired or been revoked."


class RequestUnreadable(QingtianError):
    code = "web.request_unreadable"
    zh = "请求无法读取：{why}。请按 /api/v1/openapi.json 的说明更正。"
    en = "The request cannot be read: {why}. Correct it by what /api/v1/openapi.json says."


class Bearer(HttpBearer):
    """Lets a token in that has the scope; the request then acts as its owner."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> people.Token | None:
        found = people.holder(token, at=times.now())
        if found is None:
            return None
        if self.scope not in found.scopes.split():
            raise ScopeMissing(scope=self.scope)
        request.user = found.user
        return found


def owner(request: HttpRequest) -> User:
    """Return whose token it is."""
    assert isinstance(request.user, User)
    return request.user


def problem(error: QingtianError, status: int) -> HttpResponse:
    """Answer with what was refused (RFC 9457): the office's code and sentence in the language asked for."""
    told = error.as_dict(translation.get_language() or "zh")
    body = {"title": HTTPStatus(status).phrase, "status": status, "code": told["code"], "message": told["message"]}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def guard(api: NinjaAPI) -> None:
    """Let an interface answer in these words."""

    @api.exception_handler(QingtianError)
    def refused(request: HttpRequest, error: QingtianError) -> HttpResponse:
        return problem(error, 403 if isinstance(error, ScopeMissing) else refusals.status_of(error))

    @api.exception_handler(HttpError)
    def garbled(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(RequestUnreadable(why=str(error)), error.status_code)

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        if refusals.unkeepable(error):
            return problem(refusals.LettersRefused(), 422)
        raise error

    @api.exception_handler(AuthenticationError)
    def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(TokenUnknown(), 401)

    @api.exception_handler(ValidationError)
    def unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
        why = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors)
        return problem(RequestUnreadable(why=why), 422)
