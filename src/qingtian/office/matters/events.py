"""Every act on a matter leaves an entry in its chain and tells an event; here, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qingtian.office.ledger import api as ledger
from qingtian.office.matters.models import Matter, Secrecy

CHANGED = "matter.changed"


def chain(matter_id: int) -> str:
    """Return the name of a matter's chain."""
    return f"matter:{matter_id}"


def record(matter: Matter, *, acting_user: ledger.Actor, act: str, at: datetime, content: Mapping[str, Any]) -> int:
    """Append the entry, tell ``matter.changed``, return the entry's id. Inside the caller's transaction."""
    entry = ledger.append(
        chain=chain(matter.pk),
        acting_user=acting_user,
        act=act,
        at=at,
        content={"number": matter.number, "stage": matter.stage, "revision": matter.revision, **content},
    )
    # of a matter that is not for the firm to know of, the event does not name the firm
    enterprise = matter.enterprise_id if matter.secrecy == Secrecy.PUBLIC else None
    ledger.tell(
        kind=CHANGED,
        id=entry.pk,
        matter=matter.pk,
        district=matter.district_id,
        grid=matter.grid_id,
        enterprise=enterprise,
        revision=matter.revision,
        closed=matter.closed,
    )
    return entry.pk
