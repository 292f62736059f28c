"""What was found at an outlet in a stretch of time: the pins of its history (发现记录)."""

from __future__ import annotations

from datetime import datetime

from qingtian.office.alerts.finding import SUSPICION
from qingtian.office.alerts.models import FindingRecord
from qingtian.office.people.api import Role, Scope, User

MOST = 500


def findings_between(
    user: User, *, outlet: str, start: datetime, end: datetime, factor: str = ""
) -> list[FindingRecord]:
    """Return the newest events of findings with DataTime in ``[start, end)`` in scope, in order of time. One query."""
    rows = FindingRecord.objects.filter(Scope.of(user).q("episode__"), episode__outlet_id=outlet)
    rows = rows.filter(data_time__gte=start, data_time__lt=end).select_related("episode")
    if factor:
        rows = rows.filter(episode__factor=factor)
    if user.role == Role.ENTERPRISE:
        rows = rows.exclude(episode__level=SUSPICION)
    return sorted(rows.order_by("-data_time", "-pk")[:MOST], key=lambda row: row.data_time)
