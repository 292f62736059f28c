"""Clues 线索: suspicions too light for an alarm, taken from the log for the board; no alert, no notice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.office.alerts.api import FindingRecord, OutletUnknown, WithoutCharts
from qingtian.office.people.api import Role, Scope, User
from qingtian.office.sites.api import Outlet
from qingtian.office.suspicions.models import Clue
from qingtian.office.suspicions.weighing import weighing

SUPERSEDED = "superseded"
STATES = frozenset({"running", "recovered", SUPERSEDED})


class NoClue(QingtianError):
    code = "suspicions.no_clue"
    zh = "日志中的线索消息无法读取（{why}），已单独保存。请检查确认程序的版本。"
    en = "A clue on the log cannot be read ({why}); it was set aside. Check the version of the confirmer."


def take_clue(*, message: Mapping[str, Any], at: datetime) -> Clue | None:
    """Take how a clue stands; None if as much or more of it is known.

    :raises NoClue: if the message is none.
    :raises OutletUnknown: if its outlet is not in the register.
    """
    clue = _read(message, at)
    with transaction.atomic():
        held = Clue.objects.select_for_update().filter(pk=clue.pk).first()
        if held is not None and held.number >= clue.number:
            return None
        if held is None and not Outlet.objects.filter(pk=clue.outlet_id).exists():
            raise OutletUnknown(outlet=clue.outlet_id)
        clue.save(force_insert=held is None, force_update=held is not None)
    return clue


def _read(message: Mapping[str, Any], at: datetime) -> Clue:
    try:
        if message["state"] not in STATES:
            raise ValueError(f"state {message['state']!r}")
        evidence = message["evidence"]
        if not (evidence["zh"] and evidence["en"]):
            raise ValueError("no sentence")
        return Clue(
            finding=str(message["finding"]),
            number=int(message["number"]),
            outlet_id=str(message["outlet"]),
            detector=str(message["detector"]),
            weight=float(message["weight"]),
            state=str(message["state"]),
            end=datetime.fromisoformat(message["end"]),
            payload=dict(message),
            taken_at=at,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NoClue(why=f"{type(error).__name__}: {error}") from error


def clues(user: User, *, since: datetime, outlet: str = "") -> list[Clue]:
    """Return the clues in scope that touch the time since, those of a firm to nobody of it. One query.

    ``brief`` of each is its message without pictures (`charts_of`); ``payload`` would be asked for one by one.
    What became an alarm is told by its alert and is no clue any more; what was superseded is none either.
    """
    if user.role == Role.ENTERPRISE:
        return []
    rows = Clue.objects.filter(Scope.of(user).q("outlet__"), end__gte=since).exclude(state=SUPERSEDED)
    rows = rows.exclude(Exists(FindingRecord.objects.filter(finding=OuterRef("finding"))))
    if outlet:
        rows = rows.filter(outlet_id=outlet)
    rows = rows.defer("payload").annotate(brief=WithoutCharts("payload"))
    return list(rows.select_related("outlet__enterprise", "outlet__district").order_by("finding"))


def charts_of(findings: Collection[str]) -> dict[str, list[Any]]:
    """Return the pictures of these clues' evidence, by finding. One query."""
    rows = Clue.objects.filter(pk__in=list(findings)).values_list("pk", "payload__evidence__charts")
    return {finding: charts or [] for finding, charts in rows}


def clear_away(*, at: datetime) -> int:
    """Delete the clues that are older than the rule of the day says; return how many."""
    days = weighing(day=at.astimezone(BEIJING).date()).clue_days
    return Clue.objects.filter(end__lt=at - timedelta(days=days)).delete()[0]
