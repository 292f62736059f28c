"""From an alert to a task: the dispatcher takes a finding, and where the route says so a task is dispatched for it.

Two transactions: the alert is told when the first ends, since somebody waits for it; the second brings the task up to
the episode as it then stands, so a crash between them is made good when the finding comes again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from qingtian.office.alerts import api as alerts
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import Role, User, caring_for
from qingtian.office.sites.api import factor
from qingtian.office.tasks import clocks, events
from qingtian.office.tasks.models import Task, TaskState

DISPATCHER = ledger.System("dispatcher")
SERIES = "任务"
URGENT_TIMES_OVER = 2.0


def take_finding(*, message: Mapping[str, Any], at: datetime) -> alerts.Taken | None:
    """Take a finding, then dispatch or adjust the task of its episode; None if it was taken before.

    :raises NoFinding, OutletUnknown: see `alerts.take_finding`.
    """
    taken = alerts.take_finding(message=message, at=at)
    follow(finding_id=str(message["id"]), at=at)
    return taken


def follow(*, finding_id: str, at: datetime) -> None:
    """Bring the task of a taken finding's episode up to it; done twice it changes nothing."""
    with transaction.atomic():
        episode = alerts.hold(finding_id=finding_id)
        task = Task.objects.select_for_update().filter(episode=episode).first()
        role = alerts.route(episode, at=at).task
        if task is None and role and episode.state == alerts.EpisodeState.OPEN:
            _dispatch(episode, role, at)
        elif task is not None:
            _follow(task, episode, at)


def look_into(*, acting_user: User, episode_id: int, finding: str, reason: str, at: datetime) -> Task:
    """Dispatch a task for an episode that has none by its route (转核查), or return the one it has.

    :raises NotFoundHere: if the episode is not in scope.
    """
    with transaction.atomic():
        alerts.episode(acting_user, episode_id)
        episode = alerts.hold_episode(episode_id)
        task = Task.objects.select_for_update().filter(episode=episode).first()
        content = {"finding": finding, "reason": reason.strip()}
        if task is None:
            return _dispatch(episode, Role.OFFICER.value, at, acting_user=acting_user, content=content)
        events.record(task, acting_user=acting_user, act="look_into", at=at, content=content)
        return task


def is_urgent(episode: alerts.Episode, *, at: datetime) -> bool:
    """Say whether the first check is due sooner: over 2 times the limit, or a toxic metal."""
    over = abs(episode.times_over or 0) > URGENT_TIMES_OVER
    return over or alerts.factor_class(episode.factor, at=at) == "toxic_metal"


def _dispatch(
    episode: alerts.Episode,
    role: str,
    at: datetime,
    *,
    acting_user: ledger.Actor = DISPATCHER,
    content: Mapping[str, Any] | None = None,
) -> Task:
    task = Task.objects.create(
        number=ledger.next_number(kind=SERIES, at=at),
        title=f"{episode.outlet.name} {factor(episode.factor).zh}"[:160],
        episode=episode,
        outlet_id=episode.outlet_id,
        enterprise_id=episode.enterprise_id,
        district_id=episode.district_id,
        grid_id=episode.grid_id,
        severity=episode.severity,
        urgent=is_urgent(episode, at=at),
        role=role,
        made_at=at,
        changed_at=at,
    )
    alerts.hand_over(episode_id=episode.pk)
    clocks.start(task, "dispatch", at=at)
    people = caring_for(roles=[role], district=task.district_id, grid=task.grid_id, enterprise=task.enterprise_id)
    subject = f"{task.number} {task.title}"
    alerts.notify(people, kind=alerts.NoticeKind.TASK, subject=subject, at=at, episode=episode, task=task.pk)
    told = {
        "episode": episode.number,
        "role": role,
        "severity": task.severity,
        "urgent": task.urgent,
        **(content or {}),
    }
    events.record(task, acting_user=acting_user, act="dispatch", at=at, content=told)
    return task


def _follow(task: Task, episode: alerts.Episode, at: datetime) -> None:
    """Let the task get as loud as its episode; close an episode that recovered after its task was closed."""
    if task.state == TaskState.CLOSED and episode.state == alerts.EpisodeState.RECOVERED:
        report = task.reports.order_by("-version").first()
        alerts.close_with_task(
            acting_user=DISPATCHER,
            episode_id=episode.pk,
            cause=report.cause if report else "other",
            conclusion=f"{task.number}",
            at=at,
        )
    if episode.severity > task.severity and task.state not in (TaskState.CLOSED, TaskState.MERGED):
        task.severity = episode.severity
        task.save(update_fields=["severity"])
        content = {"severity": task.severity}
        events.record(task, acting_user=DISPATCHER, act="worsen", at=at, content=content)
