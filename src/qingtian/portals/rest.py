"""The interface for programs (接口) under /api/v1/: the same reads and acts as the pages, opened by a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import translation
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import HttpBearer

from qingtian.base import times
from qingtian.base.errors import QingtianError, Term
from qingtian.office.alerts import api as alerts
from qingtian.office.ledger import api as ledger
from qingtian.office.people import api as people
from qingtian.office.people.api import User
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import NotFoundHere
from qingtian.office.tasks import api as tasks
from qingtian.portals import refusals, rest_shapes
from qingtian.portals.page import page

ROOT = "api/v1/"
MOST = 200


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


api = NinjaAPI(title="Qingtian 青天", version="1", openapi_url=None, docs_url=None, urls_namespace="api-v1")


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _problem(error: QingtianError, status: int) -> HttpResponse:
    told = error.as_dict(translation.get_language() or "zh")
    return JsonResponse({"code": told["code"], "message": told["message"]}, status=status)


@api.exception_handler(QingtianError)
def refused(request: HttpRequest, error: QingtianError) -> HttpResponse:
    """Answer what the office refuses, in its own words."""
    return _problem(error, 403 if isinstance(error, ScopeMissing) else refusals.status_of(error))


@api.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _problem(TokenUnknown(), 401)


@api.exception_handler(ValidationError)
def unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    why = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors)
    return _problem(RequestUnreadable(why=why), 422)


@api.get("alerts", auth=Bearer("alerts:read"), response=list[rest_shapes.Alert], operation_id="alerts")
def list_alerts(request: HttpRequest, state: str = "", outlet: str = "", before: int | None = None) -> Any:
    """The alerts 预警 in scope, newest first; `before` is the id after which the next page goes on."""
    return alerts.episodes(_me(request), state=state, outlet=outlet, before=before, limit=MOST)


@api.get("alerts/{int:alert_id}", auth=Bearer("alerts:read"), response=rest_shapes.Alert, operation_id="alert")
def one_alert(request: HttpRequest, alert_id: int) -> Any:
    """One alert."""
    return alerts.episode(_me(request), alert_id)


@api.get("alerts/{int:alert_id}/proof", auth=Bearer("ledger:read"), operation_id="alert_proof")
def alert_proof(request: HttpRequest, alert_id: int) -> HttpResponse:
    """The ledger 台账 of an alert as a file for `qingtian verify`."""
    alerts.timeline(_me(request), alert_id)
    return _proof(alerts.chain(alert_id))


@api.get("tasks", auth=Bearer("tasks:read"), response=list[rest_shapes.Task], operation_id="tasks")
def list_tasks(request: HttpRequest, state: str = "", mine: bool = False, before: int | None = None) -> Any:
    """The tasks 任务 in scope, newest first."""
    return tasks.tasks(_me(request), at=times.now(), state=state, mine=mine, before=before, limit=MOST)


@api.get("tasks/{int:task_id}", auth=Bearer("tasks:read"), response=rest_shapes.Task, operation_id="task")
def one_task(request: HttpRequest, task_id: int) -> Any:
    """One task."""
    return tasks.task(_me(request), task_id)


@api.get("tasks/{int:task_id}/proof", auth=Bearer("ledger:read"), operation_id="task_proof")
def task_proof(request: HttpRequest, task_id: int) -> HttpResponse:
    """The ledger 台账 of a task as a file for `qingtian verify`."""
    tasks.timeline(_me(request), task_id)
    return _proof(tasks.chain(task_id))


ACTS: dict[str, tuple[Callable[..., tasks.Task], tuple[str, ...]]] = {
    "accept": (tasks.accept, ()),
    "arrive": (tasks.arrive, ("lon", "lat")),
    "report": (tasks.report, ("cause", "situation", "measures", "lon", "lat")),
    "review": (tasks.review, ("opinion",)),
    "return": (tasks.send_back, ("reason",)),
    "close": (tasks.close, ("conclusion",)),
    "reassign": (tasks.reassign, ("to", "reason")),
    "merge": (tasks.merge, ("into", "reason")),
}
"""The acts of a task by name, and what each says."""


@api.post("tasks/{int:task_id}/{act}", auth=Bearer("tasks:act"), response=rest_shapes.Task, operation_id="act")
def act_on_task(request: HttpRequest, task_id: int, act: str, said: rest_shapes.Act) -> Any:
    """Do one act: accept, arrive, report, review, return, close, reassign, merge."""
    if act not in ACTS:
        raise NotFoundHere(what=Term(zh="操作", en="act"), code=act)
    action, names = ACTS[act]
    given = {name: getattr(said, name) for name in names}
    return action(acting_user=_me(request), task_id=task_id, at=times.now(), **given)


@api.get("outlets", auth=Bearer("outlets:read"), response=list[rest_shapes.Outlet], operation_id="outlets")
def list_outlets(request: HttpRequest, search: str = "", district: str = "") -> Any:
    """The outlets 排放口 in scope, by code."""
    return sites.outlets(_me(request), search=search, district=district)


@api.get("outlets/{code}", auth=Bearer("outlets:read"), response=rest_shapes.Outlet, operation_id="outlet")
def one_outlet(request: HttpRequest, code: str) -> Any:
    """One outlet."""
    return sites.outlet(_me(request), code)


@api.get("ledger/checkpoint", auth=Bearer("ledger:read"), response=rest_shapes.Checkpoint, operation_id="checkpoint")
def newest_checkpoint(request: HttpRequest) -> Any:
    """The newest signed root 检查点 over the ledger; keep it, and no older entry can be rewritten unnoticed."""
    found = ledger.latest()
    if found is None:
        raise NotFoundHere(what=Term(zh="检查点", en="checkpoint"), code="-")
    return found


@api.post("ledger/erase", auth=Bearer("ledger:erase"), response=rest_shapes.Erased, operation_id="erase")
def erase(request: HttpRequest, wish: rest_shapes.Erasure) -> Any:
    """Erase personal fields 个人信息 of one entry; the administrator's act, with a reason."""
    fields = people.erase(
        acting_user=_me(request),
        chain=wish.chain,
        sequence=wish.sequence,
        reason=wish.reason,
        at=times.now(),
        names=wish.fields,
    )
    return {"fields": fields}


def _proof(chain: str) -> HttpResponse:
    content = ledger.export(chain=chain, at=times.now())
    return HttpResponse(content, content_type="application/json")


@page(public=True)
@require_GET
def openapi(request: HttpRequest) -> JsonResponse:
    """Describe the interface (OpenAPI 3.1). It holds no data."""
    return JsonResponse(api.get_openapi_schema(path_prefix=f"/{ROOT}"))


def paths() -> list[URLPattern]:
    """Return the addresses. They are public to the pages' door, since each asks for a token itself."""
    found = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    own = [path(f"{ROOT}{pattern.pattern}", page(public=True)(pattern.callback)) for pattern in found]
    return [path(f"{ROOT}openapi.json", openapi), *own]
