"""Every act on a task leaves an entry in its chain and tells an event; here, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qingtian.office.ledger import api as ledger
from qingtian.office.tasks.models import Task


def chain(task_id: int) -> str:
    """Return the name of a task's chain."""
    return f"task:{task_id}"


def record(task: Task, *, acting_user: ledger.Actor, act: str, at: datetime, content: Mapping[str, Any]) -> int:
    """Append the entry, tell ``task.changed``, return the entry's id. Inside the caller's transaction."""
    entry = ledger.append(
        chain=chain(task.pk),
        acting_user=acting_user,
        act=act,
        at=at,
        content={"number": task.number, "state": task.state, **content},
    )
    ledger.tell(
        kind="task.changed",
        id=entry.pk,
        task=task.pk,
        episode=task.episode_id,
        outlet=task.outlet_id,
        district=task.district_id,
        grid=task.grid_id,
        enterprise=task.enterprise_id,
        state=task.state,
        act=act,
    )
    return entry.pk
