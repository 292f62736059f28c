"""Suspicions (疑点) among the findings: the last word of each, for the board."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Func, JSONField

from qingtian.office.alerts.finding import SUSPICION
from qingtian.office.alerts.models import FindingRecord
from qingtian.office.people.api import Role, Scope, User


class WithoutCharts(Func):
    """The message of a finding without its pictures, which are most of it."""

    template = "(%(expressions)s #- '{evidence,charts}')"
    output_field = JSONField()


def suspicions(user: User, *, since: datetime, outlet: str = "") -> list[FindingRecord]:
    """Return the last event of each suspicion that touches the time since, in scope; none for a firm. One query.

    ``brief`` of each is its message without pictures (`charts_of`); ``payload`` would be asked for one by one.
    """
    if user.role == Role.ENTERPRISE:
        return []
    rows = FindingRecord.objects.filter(Scope.of(user).q("episode__"), episode__level=SUSPICION, data_time__gte=since)
    if outlet:
        rows = rows.filter(episode__outlet_id=outlet)
    rows = rows.select_related("episode__outlet__enterprise", "episode__outlet__district")
    rows = rows.select_related("episode__answer", "episode__task")
    rows = rows.defer("payload").annotate(brief=WithoutCharts("payload"))
    return list(rows.order_by("finding", "-taken_at", "-pk").distinct("finding"))


def charts_of(events: Collection[str]) -> dict[str, list[Any]]:
    """Return the pictures of these events' evidence, by event. One query."""
    rows = FindingRecord.objects.filter(pk__in=list(events)).values_list("pk", "payload__evidence__charts")
    return {event: charts or [] for event, charts in rows}
