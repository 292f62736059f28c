"""The clocks of a task: started and stopped by acts, lengths by rules/task_clocks.yaml."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from qingtian.base.times import BEIJING
from qingtian.law import calendar, rules
from qingtian.law.rules import Rule
from qingtian.office import statements
from qingtian.office.tasks.models import Task, TaskClock

LAST_SECOND = time(23, 59, 59, tzinfo=BEIJING)


def due(*, start: datetime, amount: int, unit: str) -> datetime:
    """Return when a clock runs out.

    Hours run by the minute, day and night. Working days: the day of the start is not counted, and the last second of
    the last day is still in time.
    """
    if unit == "hour":
        return start + timedelta(hours=amount)
    last = calendar.official().add_working_days(start.astimezone(BEIJING).date(), amount)
    return datetime.combine(last, LAST_SECOND)


def rows_started_by(act: str, *, urgent: bool, at: datetime) -> list[Rule]:
    """Return the clock rules that an act starts; of rows of one clock the last that fits."""
    found: dict[str, Rule] = {}
    for rule in rules.table("task_clocks").at(at.astimezone(BEIJING).date()):
        if act in rule["starts"] and (urgent or not rule.get("urgent")):
            found[rule["clock"]] = rule
    return list(found.values())


def stopped_by(act: str, *, at: datetime) -> set[str]:
    """Return the names of the clocks that an act stops."""
    table = rules.table("task_clocks").at(at.astimezone(BEIJING).date())
    return {rule["clock"] for rule in table if act in rule["stops"]}


def turn(task: Task, act: str, *, at: datetime) -> None:
    """Stop and start the clocks of an act. At most two statements."""
    started = begun(task, act, at=at)
    # a clock that starts anew (a second reassignment) replaces the one that runs
    ended = stopped_by(act, at=at) | {clock.name for clock in started}
    TaskClock.objects.filter(task=task, stopped_at=None, name__in=ended).update(stopped_at=at)
    TaskClock.objects.bulk_create(started)


def begun(task: Task, act: str, *, at: datetime) -> list[TaskClock]:
    """Return the clocks that an act on a task starts; they are not written here."""
    return [
        statements.made(
            TaskClock,
            task_id=task.pk,
            name=rule["clock"],
            started_at=at,
            due_at=due(start=at, amount=rule["amount"], unit=rule["unit"]),
            basis=rule.source[:255],
            certainty=rule.certainty,
        )
        for rule in rows_started_by(act, urgent=task.urgent, at=at)
    ]
