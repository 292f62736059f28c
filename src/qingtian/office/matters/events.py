"""Every act on a matter leaves an entry in its chain and tells an event; here, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qingtian.office import statements
from qingtian.office.ledger import api as ledger
from qingtian.office.matters.models import Matter, Secrecy

CHANGED = "matter.changed"
CHAIN = "matter:"
FACT = "fact:"
"""Under this and its name the ledger keeps a fact that can be erased, as JSON."""


def chain(matter_id: int) -> str:
    """Return the name of a matter's chain."""
    return f"{CHAIN}{matter_id}"


@dataclass(frozen=True, kw_only=True)
class Trace:
    """What an act on a matter leaves in its chain. ``personal``: texts that may have to be erased one day."""

    matter: Matter
    act: str
    at: datetime
    content: Mapping[str, Any]
    personal: Mapping[str, str] = field(default_factory=dict)


def record_all(
    traces: Sequence[Trace], *, acting_user: ledger.Actor, beside: statements.Batch | None = None
) -> list[int]:
    """Append an entry for each of these matters, tell ``matter.changed`` of each, return the ids of the entries.

    Inside the caller's transaction. Two statements, the second of which writes the rows ``beside``, too; and one when
    it has committed.
    """
    entries = ledger.append_all(
        [
            ledger.Draft(
                chain=chain(trace.matter.pk),
                act=trace.act,
                at=trace.at,
                content={**_standing(trace.matter), **trace.content},
                personal=trace.personal,
            )
            for trace in traces
        ],
        acting_user=acting_user,
        beside=beside,
    )
    ledger.tell_all([_event(trace.matter, entry.pk) for trace, entry in zip(traces, entries, strict=True)])
    return [entry.pk for entry in entries]


def record(matter: Matter, *, acting_user: ledger.Actor, act: str, at: datetime, content: Mapping[str, Any]) -> int:
    """Append one entry and tell of it; return its id. Inside the caller's transaction."""
    (entry,) = record_all([Trace(matter=matter, act=act, at=at, content=content)], acting_user=acting_user)
    return entry


def _standing(matter: Matter) -> dict[str, Any]:
    return {"number": matter.number, "stage": matter.stage, "revision": matter.revision}


def _event(matter: Matter, entry: int) -> dict[str, Any]:
    # of a matter that is not for the firm to know of, the event does not name the firm
    enterprise = matter.enterprise_id if matter.secrecy == Secrecy.PUBLIC else None
    return {
        "kind": CHANGED,
        "id": entry,
        "matter": matter.pk,
        "district": matter.district_id,
        "grid": matter.grid_id,
        "enterprise": enterprise,
        "revision": matter.revision,
        "closed": matter.closed,
    }
