"""Tasks (任务): the list, the page of one with what this person can do now, and the acts. Made for a thumb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.alerts import api as alerts
from qingtian.office.objects import api as objects
from qingtian.office.objects.api import Upload
from qingtian.office.people.api import Role, User
from qingtian.office.sites import api as sites
from qingtian.office.tasks import api
from qingtian.office.tasks.api import Task, TaskClock
from qingtian.portals import saved, timeline, typed, words
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import OFFICE, me, page, wants
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import language
from qingtian.portals.words import Word

MOST = 1000
REFRESH = "qttask from:body throttle:1s, qtcatchup from:body"
STATES = [("live", _("Not closed")), *((key, state.word) for key, state in words.TASK_STATES.items())]
STEPS: tuple[tuple[str, Word], ...] = (
    ("dispatched", _("Dispatched")),
    ("accepted", _("Accepted")),
    ("on_site", _("On site")),
    ("reported", _("Reported")),
    ("reviewed", _("Reviewed")),
    ("closed", _("Closed")),
)
# where a side step stands on the way
ON_THE_WAY = {"reassigned": "dispatched", "returned": "on_site", "merged": "closed"}


def _due(row: Task) -> object:
    due = getattr(row, "next_due", None)
    return parts.badge(parts.clock_state(due, None, times.now())) if due else "—"


LISTING: Listing[Task] = Listing(
    name="tasks",
    columns=(
        Column(name="number", title=_("Task"), value=lambda row: row.number),
        Column(
            name="state", title=_("State"), value=lambda row: row.state, show=lambda row: parts.task_state(row.state)
        ),
        Column(
            name="severity",
            title=_("Severity"),
            value=lambda row: row.severity,
            show=lambda row: parts.severity(row.severity, row.episode),
        ),
        Column(
            name="outlet",
            title=_("Outlet"),
            value=lambda row: row.outlet.name,
            show=lambda row: parts.place_of(row.outlet, row.enterprise),
        ),
        Column(name="outlet_code", title=_("Code"), value=lambda row: row.outlet_id, hidden=True),
        Column(name="handler", title=_("Handler"), value=lambda row: row.handler.name if row.handler else None),
        Column(name="next_due", title=_("Next due"), value=lambda row: getattr(row, "next_due", None), show=_due),
        Column(
            name="made_at",
            title=_("Dispatched at"),
            value=lambda row: row.made_at,
            show=lambda row: parts.instant(row.made_at),
            number=True,
        ),
    ),
    link=lambda row: f"/tasks/{row.pk}/",
    choices=(
        Choice(name="state", title=_("State"), options=STATES),
        Choice(name="who", title=_("Whose"), options=[("mine", _("mine, or open to me"))]),
        Choice(name="overdue", title=_("Clock"), options=[("1", _("overdue"))]),
    ),
    searched=_("Number, title or firm"),
    empty=Empty(
        title=_("No task"),
        why=_(
            "A task is made by itself when an alert in your district or grid asks for one. You are told here at once."
        ),
        path="/alerts/",
        act=_("See the alerts"),
    ),
)


@page(roles=OFFICE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the tasks of the scope, newest first."""
    query = request.GET
    rows = api.task_pages(
        me(request),
        at=times.now(),
        state=query.get("state", ""),
        overdue=query.get("overdue") == "1",
        mine=query.get("who") == "mine",
        search=query.get("q", "").strip(),
        most=MOST,
    )
    return answer(request, LISTING, rows, template="tasks/list.html", refresh=REFRESH)


def steps(task: Task) -> list[tuple[Word, str]]:
    """Return the way of a task as (word, ``done`` | ``here`` | empty)."""
    names = [name for name, _word in STEPS]
    here = names.index(ON_THE_WAY.get(task.state, task.state))
    over = task.state in ("closed", "merged")
    marks = ["done" if place < here or over else "here" if place == here else "" for place in range(len(names))]
    return [(word, mark) for (_name, word), mark in zip(STEPS, marks, strict=True)]


def clocks(task: Task) -> list[TaskClock]:
    """Return the clocks that run, soonest first, then those that stopped."""
    return sorted(task.clocks.all(), key=lambda clock: (clock.stopped_at is not None, clock.due_at))


@page(roles=OFFICE)
@require_GET
def show(request: HttpRequest, task_id: int) -> HttpResponse:
    """Show one task: where it stands, what this person can do, what was reported and said."""
    user = me(request)
    task = api.task(user, task_id)
    if wants(request) == "json":
        return JsonResponse(record(task))
    can = {act.value: True for act in api.possible_acts(user, task)}
    episode = task.episode
    context = {
        "task": task,
        "episode": episode,
        "sentence": (episode.sentence_zh if language().startswith("zh") else episode.sentence_en) if episode else "",
        "unit": (episode.unit or sites.factor(episode.factor).unit) if episode else "",
        "answer": getattr(episode, "answer", None),
        "steps": steps(task),
        "clocks": clocks(task),
        "can": can,
        "reports": sorted(task.reports.all(), key=lambda one: one.version, reverse=True),
        "reviews": sorted(task.reviews.all(), key=lambda one: one.at, reverse=True),
        "causes": alerts.causes(at=times.now(), language=language()),
        "handlers": api.handlers(user, task) if "reassign" in can else [],
        "duplicates": api.duplicates(user, task) if "merge" in can else [],
        "moments": timeline.moments(api.timeline(user, task_id)),
        "in_field": user.role in (Role.OFFICER, Role.GRID_MEMBER),
    }
    return render(request, "tasks/show.html", context)


def record(task: Task) -> dict[str, Any]:
    """Return the task as a machine reads it."""
    return {
        "number": task.number,
        "title": task.title,
        "state": task.state,
        "severity": task.severity,
        "outlet": task.outlet_id,
        "enterprise": task.enterprise_id,
        "episode": task.episode.number if task.episode else None,
        "handler": task.handler.username if task.handler else None,
        "made_at": task.made_at.astimezone(BEIJING).isoformat(),
        "clocks": [
            {
                "name": clock.name,
                "due_at": clock.due_at.astimezone(BEIJING).isoformat(),
                "stopped_at": clock.stopped_at.astimezone(BEIJING).isoformat() if clock.stopped_at else None,
                "basis": clock.basis,
            }
            for clock in clocks(task)
        ],
    }


def _accept(user: User, task_id: int, request: HttpRequest) -> None:
    api.accept(acting_user=user, task_id=task_id, at=times.now())


def _arrive(user: User, task_id: int, request: HttpRequest) -> None:
    form = request.POST
    api.arrive(
        acting_user=user, task_id=task_id, at=times.now(), lon=typed.number(form, "lon"), lat=typed.number(form, "lat")
    )


def _report(user: User, task_id: int, request: HttpRequest) -> None:
    form = request.POST
    files = request.FILES.getlist("evidence")
    api.report(
        acting_user=user,
        task_id=task_id,
        cause=form.get("cause", ""),
        situation=form.get("situation", ""),
        measures=form.get("measures", ""),
        at=times.now(),
        uploads=[Upload(name=file.name or "", content=file.read()) for file in files],
        lon=typed.number(form, "lon"),
        lat=typed.number(form, "lat"),
    )


def _review(user: User, task_id: int, request: HttpRequest) -> None:
    api.review(acting_user=user, task_id=task_id, opinion=request.POST.get("opinion", ""), at=times.now())


def _return(user: User, task_id: int, request: HttpRequest) -> None:
    api.send_back(acting_user=user, task_id=task_id, reason=request.POST.get("reason", ""), at=times.now())


def _close(user: User, task_id: int, request: HttpRequest) -> None:
    conclusion = request.POST.get("conclusion", "")
    api.close(acting_user=user, task_id=task_id, at=times.now(), conclusion=conclusion)


def _reassign(user: User, task_id: int, request: HttpRequest) -> None:
    form = request.POST
    api.reassign(
        acting_user=user, task_id=task_id, to=form.get("to", ""), reason=form.get("reason", ""), at=times.now()
    )


def _merge(user: User, task_id: int, request: HttpRequest) -> None:
    form = request.POST
    api.merge(
        acting_user=user,
        task_id=task_id,
        into=typed.key(form, "into"),
        reason=form.get("reason", ""),
        at=times.now(),
    )


ACTS: dict[str, Callable[[User, int, HttpRequest], None]] = {
    "accept": _accept,
    "arrive": _arrive,
    "report": _report,
    "review": _review,
    "return": _return,
    "close": _close,
    "reassign": _reassign,
    "merge": _merge,
}


@page(roles=OFFICE)
@require_POST
def act(request: HttpRequest, task_id: int, name: str) -> HttpResponse:
    """Do one act on a task, then show it."""
    typed.one_of(ACTS, name)(me(request), task_id, request)
    return HttpResponseRedirect(f"/tasks/{task_id}/")


@page(roles=OFFICE)
@require_GET
def evidence(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """Send a file of evidence, as the kind that its first bytes are."""
    row = api.evidence(me(request), sha256)
    if row is None:
        raise Http404
    inline = row.media_type.startswith("image/")
    return saved.file(objects.get(row.sha256), media_type=row.media_type, name=row.name, inline=inline)
