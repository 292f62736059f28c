"""From an alert to a task: the dispatcher takes findings, and where the route says so a task is dispatched for one.

Two transactions: the alerts are told when the first ends, since somebody waits for them; the second brings the tasks up
to the episodes as they then stand, so a crash between them is made good when the findings come again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from qingtian.office.alerts import api as alerts
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import Role, User
from qingtian.office.sites.api import factor
from qingtian.office.tasks import events, writing
from qingtian.office.tasks.models import Task, TaskState

DISPATCHER = ledger.System("dispatcher")
SERIES = "任务"
URGENT_TIMES_OVER = 2.0


def take_findings(*, messages: Sequence[Mapping[str, Any]], at: datetime) -> list[alerts.Taken | None]:
    """Take findings in their order, then dispatch or adjust the tasks of their episodes; None if one was taken before.

    :raises NoFinding, OutletUnknown: see `alerts.take_findings`; take them one by one then, those before it are taken.
    """
    taken: list[alerts.Taken | None] = []
    for part in _parts(messages):
        taken += alerts.take_findings(messages=part, at=at)
        follow(finding_ids=[str(message["id"]) for message in part], at=at)
    return taken


def _parts(messages: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Cut so that no part has two findings of one episode: its task follows each, as if they had come one by one."""
    begun, met = 0, set[Any]()
    for place, message in enumerate(messages):
        kind = tuple(message.get(name) for name in ("outlet", "factor", "detector"))
        if kind in met:
            yield messages[begun:place]
            begun, met = place, set()
        met.add(kind)
    yield messages[begun:]


def take_finding(*, message: Mapping[str, Any], at: datetime) -> alerts.Taken | None:
    """Take one finding, see `take_findings`."""
    return take_findings(messages=[message], at=at)[0]


def follow(*, finding_ids: Sequence[str], at: datetime) -> None:
    """Bring the tasks of the episodes of taken findings up to them; done twice it changes nothing."""
    with transaction.atomic():
        for held in alerts.hold_those_of(finding_ids):
            task = writing.hold(episode=held.episode.pk)
            role = alerts.route(held.episode, medium=held.place.medium, at=at).task
            if task is None and role and held.episode.state == alerts.EpisodeState.OPEN:
                _dispatch(held, role, at)
            elif task is not None:
                _follow(task, held.episode, at)


def look_into(*, acting_user: User, episode_id: int, finding: str, reason: str, at: datetime) -> Task:
    """Dispatch a task for an episode that has none by its route (转核查), or return the one it has.

    :raises NotFoundHere: if the episode is not in scope.
    """
    with transaction.atomic():
        alerts.episode(acting_user, episode_id)
        held = alerts.hold(episode_id)
        task = writing.hold(episode=episode_id)
        content = {"finding": finding, "reason": reason.strip()}
        if task is None:
            return _dispatch(held, Role.OFFICER.value, at, acting_user=acting_user, content=content)
        events.record(task, acting_user=acting_user, act="look_into", at=at, content=content)
        return task


def is_urgent(episode: alerts.Episode, *, at: datetime) -> bool:
    """Say whether the first check is due sooner: over 2 times the limit, or a toxic metal."""
    over = abs(episode.times_over or 0) > URGENT_TIMES_OVER
    return over or alerts.factor_class(episode.factor, at=at) == "toxic_metal"


def _dispatch(
    held: alerts.Held,
    role: str,
    at: datetime,
    *,
    acting_user: ledger.Actor = DISPATCHER,
    content: Mapping[str, Any] | None = None,
) -> Task:
    episode = held.episode
    task = writing.made(
        episode,
        number=ledger.next_number(kind=SERIES, at=at),
        title=f"{held.place.name} {factor(episode.factor).zh}"[:160],
        urgent=is_urgent(episode, at=at),
        role=role,
        at=at,
    )
    told = {
        "episode": episode.number,
        "role": role,
        "severity": task.severity,
        "urgent": task.urgent,
        **(content or {}),
    }
    entry = events.draft(task, act="dispatch", at=at, content=told)
    writing.write(task, episode, entry, acting_user=acting_user)
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
