"""Every act on a task leaves an entry in its chain and tells an event; what they say stands here, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qingtian.office.ledger import api as ledger
from qingtian.office.tasks.models import Task


def chain(task_id: int) -> str:
    """Return the name of a task's chain."""
    return f"task:{task_id}"


def draft(task: Task, *, act: str, at: datetime, content: Mapping[str, Any]) -> ledger.Draft:
    """Return the entry of an act on a task, to be appended."""
    said = {"number": task.number, "state": task.state, **content}
    return ledger.Draft(chain=chain(task.pk), act=act, at=at, content=said)


def event(task: Task, *, act: str, entry: int) -> dict[str, Any]:
    """Return the event ``task.changed`` that tells of an entry."""
    return {
        "kind": "task.changed",
        "id": entry,
        "task": task.pk,
        "episode": task.episode_id,
        "outlet": task.outlet_id,
        "district": task.district_id,
        "grid": task.grid_id,
        "enterprise": task.enterprise_id,
        "state": task.state,
        "act": act,
    }


def record(task: Task, *, acting_user: ledger.Actor, act: str, at: datetime, content: Mapping[str, Any]) -> int:
    """Append the entry, tell the event, return the entry's id. Inside the caller's transaction."""
    (entry,) = ledger.append_all(
        [draft(task, act=act, at=at, content=content)],
        acting_user=acting_user,
        telling=lambda entry: event(task, act=act, entry=entry.pk),
    )
    return entry.pk
