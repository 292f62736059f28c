"""Clocks that ran out are heard of step by step (超时升级); the worker asks every minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.law.rules import Rule
from qingtian.office.alerts import api as alerts
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import Role, User, caring_for
from qingtian.office.tasks import events
from qingtian.office.tasks.models import Task, TaskClock, TaskState

WORKER = ledger.System("worker")
AT_ONCE = 500


def escalate(*, at: datetime) -> int:
    """Take every escalation step that is due; return how many. Idempotent: a step is taken once a clock."""
    steps = rules.table("escalation").at(at.astimezone(BEIJING).date())
    taken = 0
    for rule in steps:
        over = at - timedelta(hours=rule["hours_over"])
        late = TaskClock.objects.filter(stopped_at=None, due_at__lt=over, escalated__lt=rule["step"])
        live = late.exclude(task__state__in=(TaskState.CLOSED, TaskState.MERGED))
        for pk in list(live.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE]):
            taken += _take_step(pk, rule, at)
    return taken


def _take_step(clock_id: int, rule: Rule, at: datetime) -> bool:
    with transaction.atomic():
        rows = TaskClock.objects.select_for_update(of=("self",)).select_related("task__handler", "task__episode")
        clock = rows.filter(pk=clock_id, stopped_at=None, escalated__lt=rule["step"]).first()
        if clock is None:
            return False
        clock.escalated = rule["step"]
        clock.save(update_fields=["escalated"])
        task = clock.task
        subject = f"{task.number} {task.title}"
        alerts.notify(
            _hearers(task, rule),
            kind=alerts.NoticeKind.OVERDUE,
            subject=subject,
            at=at,
            episode=task.episode,
            task=task.pk,
        )
        content = {"clock": clock.name, "due": clock.due_at, "step": rule["step"], "notify": rule["notify"]}
        events.record(task, acting_user=WORKER, act="escalate", at=at, content=content)
    return True


def _hearers(task: Task, rule: Rule) -> list[User]:
    """Return who hears of it: the handler instead of all officers, once there is one."""
    roles = [role for role in rule["notify"] if not (role == Role.OFFICER and task.handler)]
    people = caring_for(roles=roles, district=task.district_id, grid=task.grid_id, enterprise=task.enterprise_id)
    with_handler = Role.OFFICER in rule["notify"] and task.handler
    return [*people, task.handler] if with_handler and task.handler else people
