"""The interface for programs (接口) under /api/v1/: the same reads and acts as the pages, opened by a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET
from ninja import NinjaAPI

from qingtian.base import times
from qingtian.base.errors import Term
from qingtian.office.alerts import api as alerts
from qingtian.office.ledger import api as ledger
from qingtian.office.sites import api as sites
from qingtian.office.sites.api import NotFoundHere
from qingtian.office.tasks import api as tasks
from qingtian.portals import rest_law, rest_ledger, rest_matters, rest_papers, rest_registers, rest_shapes
from qingtian.portals.page import page
from qingtian.portals.rest_door import PROBLEMS, Bearer, guard, owner

ROOT = "api/v1/"
MOST = 200


api = NinjaAPI(title="Qingtian 青天", version="1", openapi_url=None, docs_url=None, urls_namespace="api-v1")
guard(api)
api.add_router("matters", rest_matters.router)
api.add_router("papers", rest_papers.router)
api.add_router("law", rest_law.router)
api.add_router("ledger", rest_ledger.router)
api.add_router("marks", rest_registers.marks)
api.add_router("quality/checks", rest_registers.checks)


@api.get(
    "alerts", auth=Bearer("alerts:read"), response={200: list[rest_shapes.Alert], **PROBLEMS}, operation_id="alerts"
)
def list_alerts(request: HttpRequest, state: str = "", outlet: str = "", before: int | None = None) -> Any:
    """The alerts 预警 in scope, newest first; `before` is the id after which the next page goes on."""
    return alerts.episodes(owner(request), state=state, outlet=outlet, before=before, limit=MOST)


@api.get(
    "alerts/{int:alert_id}",
    auth=Bearer("alerts:read"),
    response={200: rest_shapes.Alert, **PROBLEMS},
    operation_id="alert",
)
def one_alert(request: HttpRequest, alert_id: int) -> Any:
    """One alert."""
    return alerts.episode(owner(request), alert_id)


@api.get(
    "alerts/{int:alert_id}/proof",
    auth=Bearer("ledger:read"),
    response={200: dict[str, Any], **PROBLEMS},
    operation_id="alert_proof",
)
def alert_proof(request: HttpRequest, alert_id: int) -> HttpResponse:
    """The ledger 台账 of an alert as a file for `qingtian verify`."""
    alerts.timeline(owner(request), alert_id)
    return _proof(alerts.chain(alert_id))


@api.get("tasks", auth=Bearer("tasks:read"), response={200: list[rest_shapes.Task], **PROBLEMS}, operation_id="tasks")
def list_tasks(request: HttpRequest, state: str = "", mine: bool = False, before: int | None = None) -> Any:
    """The tasks 任务 in scope, newest first."""
    return tasks.tasks(owner(request), at=times.now(), state=state, mine=mine, before=before, limit=MOST)


@api.get(
    "tasks/{int:task_id}", auth=Bearer("tasks:read"), response={200: rest_shapes.Task, **PROBLEMS}, operation_id="task"
)
def one_task(request: HttpRequest, task_id: int) -> Any:
    """One task."""
    return tasks.task(owner(request), task_id)


@api.get(
    "tasks/{int:task_id}/proof",
    auth=Bearer("ledger:read"),
    response={200: dict[str, Any], **PROBLEMS},
    operation_id="task_proof",
)
def task_proof(request: HttpRequest, task_id: int) -> HttpResponse:
    """The ledger 台账 of a task as a file for `qingtian verify`."""
    tasks.timeline(owner(request), task_id)
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


@api.post(
    "tasks/{int:task_id}/{act}",
    auth=Bearer("tasks:act"),
    response={200: rest_shapes.Task, **PROBLEMS},
    operation_id="act",
)
def act_on_task(request: HttpRequest, task_id: int, act: str, said: rest_shapes.Act) -> Any:
    """Do one act: accept, arrive, report, review, return, close, reassign, merge."""
    if act not in ACTS:
        raise NotFoundHere(what=Term(zh="操作", en="act"), code=act)
    action, names = ACTS[act]
    given = {name: getattr(said, name) for name in names}
    return action(acting_user=owner(request), task_id=task_id, at=times.now(), **given)


@api.get(
    "outlets", auth=Bearer("outlets:read"), response={200: list[rest_shapes.Outlet], **PROBLEMS}, operation_id="outlets"
)
def list_outlets(request: HttpRequest, search: str = "", district: str = "") -> Any:
    """The outlets 排放口 in scope, by code."""
    return sites.outlets(owner(request), search=search, district=district)


@api.get(
    "outlets/{code}", auth=Bearer("outlets:read"), response={200: rest_shapes.Outlet, **PROBLEMS}, operation_id="outlet"
)
def one_outlet(request: HttpRequest, code: str) -> Any:
    """One outlet."""
    return sites.outlet(owner(request), code)


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
