"""Commands that the log does not have yet; and those of which no word ever came."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Value

from qingtian.bus.commands import Command
from qingtian.office.ledger import api as ledger
from qingtian.office.reverse_control import events
from qingtian.office.reverse_control.models import OPEN, DeviceCommand, State

OFFICE = ledger.System("reverse_control")
AT_ONCE = 500
GRACE = timedelta(minutes=10)
"""How much later than the last instant at which the gateway may still end it."""


def unpublished() -> list[Command]:
    """Return the commands that wait for the log, oldest first, as the gateway reads them. One query."""
    rows = DeviceCommand.objects.filter(published_at=None).order_by("created", "qn")[:AT_ONCE]
    return [
        Command(
            id=row.pk,
            mn=row.device_id,
            qn=row.qn,
            cn=row.cn,
            parameters=row.parameters,
            created=row.created,
            expires=row.expires,
            answer_s=row.answer_s,
            execute_s=row.execute_s,
            retries=row.retries,
        )
        for row in rows
    ]


def mark_published(*, ids: list[str], at: datetime) -> None:
    """Note that the log has confirmed these commands."""
    DeviceCommand.objects.filter(pk__in=ids, published_at=None).update(published_at=at)


def close_forgotten(*, at: datetime) -> int:
    """End the open commands of which the gateway has told nothing long after it had to; return how many.

    One that was never sent is expired, one that was is timed out. Should word come after all, it counts.
    """
    waits = F("answer_s") * (F("retries") + Value(1)) + F("execute_s")
    until = ExpressionWrapper(F("expires") + waits * Value(timedelta(seconds=1)), output_field=DurationField())
    open_ones = DeviceCommand.objects.filter(state__in=OPEN).annotate(until=until)
    with transaction.atomic():
        rows = list(
            open_ones.filter(until__lt=at - GRACE, state_at__lt=at - GRACE)
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("outlet")[:AT_ONCE]
        )
        for row in rows:
            row.state = State.EXPIRED if row.state == State.QUEUED else State.TIMED_OUT
            row.state_at = row.ended_at = at
            row.save(update_fields=["state", "state_at", "ended_at"])
            events.record(row, acting_user=OFFICE, act="command_forgotten", at=at, content={})
    return len(rows)
