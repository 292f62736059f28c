"""Who sees the jobs of the worker (后台作业): administrators. What waits, runs, failed, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from procrastinate.contrib.django.models import ProcrastinateJob

from qingtian.base.errors import Term
from qingtian.office.jobs.models import JobFailure
from qingtian.office.people.api import NotYours, Role, User
from qingtian.office.sites.api import NotFoundHere

NAMESPACE = "qingtian:"
"""Stands before the names of our tasks in the queue."""
WAITING, RUNNING, FAILED, DONE, ENDED = "todo", "doing", "failed", "succeeded", "ended"
STATES = (WAITING, RUNNING, FAILED, DONE, ENDED)
"""States of a job, in words of the queue; ``ended`` stands for all in which somebody ended it."""
KEEPERS = frozenset({Role.ADMINISTRATOR})
MOST = 2000
"""So many jobs are listed, the newest; finished ones are cleared away after a day."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job: ``since`` when it is in its state, ``attempts`` that ended, and why the last one failed."""

    id: int
    name: str
    state: str
    since: datetime | None
    attempts: int
    why: Term | None


def may_see(user: User) -> bool:
    """Say whether a person sees the jobs, and may have one done again."""
    return user.is_active and user.role in KEEPERS


def require_keeper(user: User) -> None:
    """:raises NotYours: if the person may not have jobs done again."""
    if not may_see(user):
        raise NotYours(role=user.role_term, act=Term(zh="重办后台作业", en="have a job done again"))


def _rows() -> QuerySet[ProcrastinateJob]:
    failures = JobFailure.objects.filter(job=OuterRef("pk"))
    rows: QuerySet[ProcrastinateJob] = ProcrastinateJob.objects.annotate(
        since=Max("procrastinateevent__at"), zh=Subquery(failures.values("zh")), en=Subquery(failures.values("en"))
    )
    return rows.order_by("-pk")


def _job(row: ProcrastinateJob) -> Job:
    state = row.status if row.status in STATES else ENDED
    return Job(
        id=row.pk,
        name=row.task_name.removeprefix(NAMESPACE),
        state=state,
        since=row.since,
        attempts=row.attempts,
        why=Term(zh=row.zh, en=row.en) if row.zh and state == FAILED else None,
    )


def jobs(user: User, *, state: str = "", name: str = "") -> list[Job]:
    """Return jobs, newest first: of one ``state``, of one ``name``, or all. One query, none for who sees none."""
    if not may_see(user):
        return []
    rows = _rows()
    if state == ENDED:
        rows = rows.exclude(status__in=(WAITING, RUNNING, FAILED, DONE))
    elif state:
        rows = rows.filter(status=state)
    if name:
        rows = rows.filter(task_name=NAMESPACE + name)
    return [_job(row) for row in rows[:MOST]]


def job(user: User, job_id: int) -> Job:
    """Return one job. One query.

    :raises NotFoundHere: if there is none that this person may see.
    """
    row = _rows().filter(pk=job_id).first() if may_see(user) else None
    if row is None:
        raise NotFoundHere(what=Term(zh="后台作业", en="job"), code=job_id)
    return _job(row)


def counts(user: User, *, states: Iterable[str] = (WAITING, RUNNING, FAILED)) -> dict[str, int]:
    """Return how many jobs are in each of these states. One query, none for who sees none."""
    wanted = list(states)
    if not may_see(user):
        return dict.fromkeys(wanted, 0)
    rows = ProcrastinateJob.objects.filter(status__in=wanted).values_list("status")
    return dict.fromkeys(wanted, 0) | dict(rows.annotate(Count("pk")).order_by())
