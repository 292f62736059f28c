"""A new task with its clocks, notices and entry: drawn, then written in one statement. The task of an episode, held."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from qingtian.office import statements
from qingtian.office.alerts import api as alerts
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import caring
from qingtian.office.tasks import clocks, events
from qingtian.office.tasks.models import Task, TaskClock

FIELDS = [field.attname for field in Task._meta.concrete_fields]
HOLD = f"""
SELECT {", ".join(f't."{name}"' for name in statements.columns(Task))} FROM tasks_task t
WHERE t.episode_id = %(episode)s FOR NO KEY UPDATE
"""  # noqa: S608 - names of columns


def hold(*, episode: int) -> Task | None:
    """Return the task of an episode that is held, if it has one; its row is locked, too. One query."""
    rows = statements.run(HOLD, episode=episode)
    return Task.from_db("default", FIELDS, rows[0]) if rows else None


def made(episode: alerts.Episode, *, number: str, title: str, urgent: bool, role: str, at: datetime) -> Task:
    """Return a new task for an episode, with its key; it is not written yet. One query."""
    ((key,),) = statements.run("SELECT nextval('tasks_task_id_seq')")
    return statements.made(
        Task,
        id=key,
        number=number,
        title=title,
        episode_id=episode.pk,
        outlet_id=episode.outlet_id,
        enterprise_id=episode.enterprise_id,
        district_id=episode.district_id,
        grid_id=episode.grid_id,
        severity=episode.severity,
        urgent=urgent,
        role=role,
        made_at=at,
        changed_at=at,
    )


def write(task: Task, episode: alerts.Episode, entry: ledger.Draft, *, acting_user: ledger.Actor) -> int:
    """Write a new task, start its clocks, tell its people and the pages, return the entry's id. Three queries."""
    people = caring(roles=[task.role], district=task.district_id, grid=task.grid_id, enterprise=task.enterprise_id)
    handed = alerts.handing_over(
        episode, task=task.pk, people=people, subject=f"{task.number} {task.title}", at=entry.at
    )
    started = clocks.begun(task, entry.act, at=entry.at)
    tables = {
        Task._meta.db_table: [statements.values(task, _columns(Task))],
        TaskClock._meta.db_table: [statements.values(clock, _columns(TaskClock)) for clock in started],
        **handed.tables,
    }
    beside = statements.Batch(parts=(*_parts(), *handed.parts), tables=tables)
    (appended,) = ledger.append_all(
        [entry],
        acting_user=acting_user,
        beside=beside,
        telling=lambda made: events.event(task, act=entry.act, entry=made.pk),
    )
    return appended.pk


@cache
def _columns(model: type[statements.Row]) -> list[str]:
    return statements.columns(model, without=("id",) if model is TaskClock else ())


@cache
def _parts() -> tuple[str, ...]:
    return statements.upsert(Task, _columns(Task)), statements.upsert(TaskClock, _columns(TaskClock))
