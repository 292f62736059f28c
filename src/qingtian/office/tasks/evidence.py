"""Evidence (佐证) of a report: rows that say whose a kept file is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qingtian.office.objects import api as objects
from qingtian.office.people.api import Scope, User
from qingtian.office.tasks.models import Evidence, Report, Task


def attach(*, task: Task, report: Report, uploads: Sequence[objects.Upload], at: datetime) -> list[str]:
    """Keep the files and note that they belong to the report; return their digests.

    :raises UploadRefused, StoreUnreachable: then no file is noted.
    """
    kept = objects.keep(uploads)
    Evidence.objects.bulk_create([Evidence(task=task, report=report, at=at, **vars(file)) for file in kept])
    return [file.sha256 for file in kept]


def evidence(user: User, sha256: str) -> Evidence | None:
    """Return the evidence with this hash if it belongs to a task in the user's scope."""
    rows = Evidence.objects.filter(Scope.of(user).q("task__"), sha256=sha256)
    return rows.select_related("task").first()
