"""Tasks as people may see them: lists by filter in one query, one task with its parts, the acts open to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from qingtian.base.errors import Term
from qingtian.office.ledger import api as ledger
from qingtian.office.pages import Pages
from qingtian.office.people.api import Role, Scope, User
from qingtian.office.sites.api import NotFoundHere, history_within
from qingtian.office.tasks import events, machine
from qingtian.office.tasks.models import Report, Task, TaskClock, TaskState

PAGE = 50
OVER = (TaskState.CLOSED, TaskState.MERGED)
INSIDE = (Role.DUTY_DESK, Role.OFFICER, Role.GRID_MEMBER, Role.REVIEWER, Role.LEADER, Role.ADMINISTRATOR)


def _in_scope(user: User) -> QuerySet[Task]:
    """Tasks are the authority's own work: enterprise users see none."""
    rows = Task.objects.filter(Scope.of(user).q())
    return rows if user.role in INSIDE else rows.none()


def person(user: User, task: Task) -> machine.Person:
    """Return how the machine sees this user and this task. One query once there is a report."""
    seen = Scope.of(user).contains(district=task.district_id, grid=task.grid_id, enterprise=task.enterprise_id)
    reassigned = task.state == TaskState.REASSIGNED
    # an officer may take on what was dispatched to the grid member of the district, not the other way round
    fits = user.role == task.role or user.role == Role.OFFICER
    return machine.Person(
        role=user.role,
        in_scope=seen and user.role in INSIDE and user.is_active,
        addressee=task.handler_id == user.pk if reassigned else fits,
        handler=task.handler_id == user.pk,
        had_a_hand=task.pk is not None and Report.objects.filter(task=task, author=user).exists(),
    )


def possible_acts(user: User, task: Task) -> list[machine.Act]:
    """Return what this user could do with the task now, for the buttons of its page."""
    return machine.possible(state=machine.State(task.state), person=person(user, task))


def tasks(user: User, *, at: datetime, before: int | None = None, limit: int = PAGE, **wish: Any) -> list[Task]:
    """Return tasks in scope, newest first, with ``next_due`` (the first running clock) and ``is_overdue``. One query.

    ``wish``: as in `_fitting`; ``before`` is the id after which the next page goes on.
    """
    rows = _fitting(user, at=at, **wish)
    return list((rows.filter(pk__lt=before) if before else rows)[:limit])


def task_pages(user: User, *, at: datetime, most: int, **wish: Any) -> Pages[Task]:
    """Return the same as a list that is read as far as somebody looks."""
    return Pages(_fitting(user, at=at, **wish), most=most)


def _fitting(
    user: User,
    *,
    at: datetime,
    state: str = "",
    district: str = "",
    enterprise: str = "",
    overdue: bool = False,
    mine: bool = False,
    search: str = "",
) -> QuerySet[Task]:
    """Return the query of what fits.

    ``state`` is a state, ``live`` (not over) or empty. ``mine``: handled by the user, or open to be accepted.
    """
    running = TaskClock.objects.filter(task=OuterRef("pk"), stopped_at=None)
    # a value of each row that is read: a figure by group would be made of all rows before the first is known
    first = Subquery(running.order_by("due_at").values("due_at")[:1])
    rows = _in_scope(user).select_related("outlet", "enterprise", "district", "grid", "handler", "episode")
    rows = rows.annotate(next_due=first).annotate(is_overdue=Q(next_due__isnull=False, next_due__lt=at))
    if state:
        rows = rows.exclude(state__in=OVER) if state == "live" else rows.filter(state=state)
    if district:
        rows = rows.filter(district_id=district)
    if enterprise:
        rows = rows.filter(enterprise_id=enterprise)
    if overdue:
        rows = rows.filter(Exists(running.filter(due_at__lt=at)))
    if mine:
        waiting = Q(handler=None, state=TaskState.DISPATCHED)
        addressed = waiting if user.role == Role.OFFICER else waiting & Q(role=user.role)
        rows = rows.filter(Q(handler=user) | addressed)
    if search:
        rows = rows.filter(
            Q(number__icontains=search) | Q(title__icontains=search) | Q(enterprise__name__icontains=search)
        )
    return rows.order_by("-pk")


def task(user: User, task_id: int) -> Task:
    """Return one task; clocks, reports with evidence and reviews are prefetched. Six queries.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    rows = _in_scope(user).select_related(
        "outlet", "enterprise", "district", "grid", "handler", "reviewer", "episode", "merged_into"
    )
    rows = rows.prefetch_related("clocks", "reports__author", "reports__evidence", "reviews__reviewer", "merged")
    found = rows.filter(pk=task_id).first()
    if found is None:
        raise NotFoundHere(what=Term(zh="任务", en="task"), code=task_id)
    return found


def timeline(user: User, task_id: int) -> list[ledger.Line]:
    """Return the history of a task.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    return history_within(_in_scope(user), task_id, what=Term(zh="任务", en="task"), chain=events.chain(task_id))


def handlers(user: User, task: Task) -> list[User]:
    """Return the officers and grid members the task could be reassigned to. One query."""
    if user.role not in machine.DESK:
        return []
    place = Q(role=Role.OFFICER, district_id=task.district_id) | Q(role=Role.GRID_MEMBER, grid_id=task.grid_id)
    return list(User.objects.filter(place, is_active=True).order_by("role", "name"))


def duplicates(user: User, task: Task) -> list[Task]:
    """Return the other live tasks of the same enterprise, which it could be merged into. One query."""
    rows = _in_scope(user).filter(enterprise_id=task.enterprise_id).exclude(pk=task.pk)
    return list(rows.exclude(state__in=OVER).select_related("outlet").order_by("-pk")[:PAGE])


@dataclass(frozen=True, kw_only=True)
class TaskCounts:
    """The figures of the strip: live tasks by what they wait for."""

    live: int
    to_accept: int
    in_hand: int
    to_review: int
    overdue: int
    closed: int


def task_counts(user: User, *, at: datetime) -> TaskCounts:
    """Return the figures in scope. One query."""
    late = TaskClock.objects.filter(task=OuterRef("pk"), stopped_at=None, due_at__lt=at)
    live = ~Q(state__in=OVER)
    in_hand = (TaskState.ACCEPTED, TaskState.ON_SITE, TaskState.RETURNED)
    figures = (
        _in_scope(user)
        .annotate(late=Exists(late))
        .aggregate(
            live=Count("pk", live),
            to_accept=Count("pk", Q(state__in=(TaskState.DISPATCHED, TaskState.REASSIGNED))),
            in_hand=Count("pk", Q(state__in=in_hand)),
            to_review=Count("pk", Q(state=TaskState.REPORTED)),
            overdue=Count("pk", live & Q(late=True)),
            closed=Count("pk", Q(state=TaskState.CLOSED)),
        )
    )
    return TaskCounts(**figures)
