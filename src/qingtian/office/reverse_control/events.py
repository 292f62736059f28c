"""Every act on a command leaves an entry in its chain and tells an event; here, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qingtian.office.ledger import api as ledger
from qingtian.office.reverse_control.models import DeviceCommand

CHANGED = "command.changed"
BACKFILL_CHANGED = "backfill.changed"


def chain(command_id: str) -> str:
    """Return the name of a command's chain."""
    return f"command:{command_id}"


def record(
    command: DeviceCommand, *, acting_user: ledger.Actor, act: str, at: datetime, content: Mapping[str, Any]
) -> int:
    """Append the entry, tell ``command.changed``, return the entry's id. Inside the caller's transaction."""
    entry = ledger.append(
        chain=chain(command.pk),
        acting_user=acting_user,
        act=act,
        at=at,
        content={"mn": command.device_id, "cn": command.cn, "qn": command.qn, "state": command.state, **content},
    )
    tell(command, entry=entry.pk, act=act)
    return entry.pk


def tell(command: DeviceCommand, *, entry: int | None = None, act: str = "") -> None:
    """Tell ``command.changed``: open pages look again. Inside the caller's transaction."""
    outlet = command.outlet
    ledger.tell(
        kind=CHANGED,
        id=entry,
        command=command.pk,
        outlet=outlet.pk,
        district=outlet.district_id,
        grid=outlet.grid_id,
        enterprise=outlet.enterprise_id,
        state=command.state,
        act=act,
    )
