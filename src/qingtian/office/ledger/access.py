"""Read the trace of one object. Who may see the object may see its history; the caller has checked that."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.office.ledger.models import Entry


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a timeline. ``content`` is what the act said; ``hash`` its proof mark."""

    id: int
    chain: str
    sequence: int
    at: datetime
    actor: str
    actor_name: str
    act: str
    content: dict[str, Any]
    algorithm: str
    hash: str


def _line(entry: Entry) -> Line:
    return Line(
        id=entry.pk,
        chain=entry.chain,
        sequence=entry.sequence,
        at=entry.at,
        actor=entry.actor,
        actor_name=entry.actor_name,
        act=entry.act,
        content=json.loads(entry.content),
        algorithm=entry.algorithm,
        hash=entry.hash,
    )


def history(*chains: str) -> list[Line]:
    """Return the entries of one or more chains, oldest first. One query."""
    return [_line(entry) for entry in Entry.objects.filter(chain__in=chains).order_by("id")]
