"""The face of tasks: dispatch by findings, see, accept, report, review, close; escalation."""

from __future__ import annotations

from qingtian.office.tasks.access import (
    TaskCounts,
    duplicates,
    handlers,
    possible_acts,
    task,
    task_counts,
    task_pages,
    tasks,
    timeline,
)
from qingtian.office.tasks.actions import (
    CannotMerge,
    CannotReassign,
    accept,
    arrive,
    close,
    merge,
    reassign,
    report,
    review,
    send_back,
)
from qingtian.office.tasks.dispatch import look_into, take_finding, take_findings
from qingtian.office.tasks.escalation import escalate
from qingtian.office.tasks.events import chain
from qingtian.office.tasks.evidence import evidence
from qingtian.office.tasks.machine import Act, FieldMissing, NotByYou, NotNow
from qingtian.office.tasks.models import Evidence, Report, Review, Task, TaskClock, TaskState

__all__ = [
    "Act",
    "CannotMerge",
    "CannotReassign",
    "Evidence",
    "FieldMissing",
    "NotByYou",
    "NotNow",
    "Report",
    "Review",
    "Task",
    "TaskClock",
    "TaskCounts",
    "TaskState",
    "accept",
    "arrive",
    "chain",
    "close",
    "duplicates",
    "escalate",
    "evidence",
    "handlers",
    "look_into",
    "merge",
    "possible_acts",
    "reassign",
    "report",
    "review",
    "send_back",
    "take_finding",
    "take_findings",
    "task",
    "task_counts",
    "task_pages",
    "tasks",
    "timeline",
]
