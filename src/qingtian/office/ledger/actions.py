"""Write to the trace: an entry, a number, an event. All three belong to the caller's transaction."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.db import connection, transaction

from qingtian.base.times import BEIJING
from qingtian.office import statements
from qingtian.office.ledger.canonical import SHA256, canonical, entry_hash
from qingtian.office.ledger.models import Chain, Entry, Personal
from qingtian.office.ledger.sealing import KEY, seal

CHANNEL = "qingtian_events"
"""The PostgreSQL channel on which events are told; a payload is heard when, and only when, its transaction commits."""

LONGEST_PAYLOAD = 7900


class Actor(Protocol):
    """Who acts: a user, or a `System` for acts of a program."""

    @property
    def username(self) -> str: ...

    @property
    def name(self) -> str: ...


class System:
    """A program that acts by itself, named in the ledger as such."""

    def __init__(self, process: str) -> None:
        self.username = f"system:{process}"
        self.name = f"系统（{process}）"


def append(
    *,
    chain: str,
    acting_user: Actor,
    act: str,
    at: datetime,
    content: Mapping[str, Any],
    personal: Mapping[str, str] | None = None,
) -> Entry:
    """Append one entry to ``chain`` and return it. The chain's row is locked until the transaction ends.

    ``personal`` are fields of ``content`` that may have to be erased one day: the entry holds a salted digest of each.

    :raises TransactionManagementError: outside a transaction: an act and its entry stand or fall together.
    """
    sequence, head_hash = _lock(chain)
    algorithm = os.environ.get("QINGTIAN_LEDGER_HASH", SHA256)
    sealed = seal(personal or {})
    if sealed:
        content = {**content, KEY: {field.name: field.digest for field in sealed}}
    fields: dict[str, Any] = {
        "chain": chain,
        "sequence": sequence + 1,
        "at": at,
        "actor": acting_user.username,
        "actor_name": acting_user.name,
        "act": act,
        "content": canonical(content),
        "algorithm": algorithm,
        "previous": head_hash,
    }
    entry = Entry.objects.create(**fields, hash=entry_hash(**fields))
    if sealed:
        Personal.objects.bulk_create([Personal(entry=entry, **vars(field)) for field in sealed])
    Chain.objects.filter(pk=chain).update(head_sequence=entry.sequence, head_hash=entry.hash)
    return entry


# one statement makes the row, or waits for whoever holds it, locks it and reads it
LOCK = """
INSERT INTO ledger_chain AS c (name, head_sequence, head_hash) VALUES (%s, 0, '')
ON CONFLICT (name) DO UPDATE SET name = c.name RETURNING c.head_sequence, c.head_hash
"""
NEXT = """
INSERT INTO ledger_numbering AS n (kind, year, last) VALUES (%(kind)s, %(year)s, 1)
ON CONFLICT (kind, year) DO UPDATE SET last = n.last + 1 RETURNING n.last
"""
TELL = "SELECT pg_notify(%(channel)s, %(text)s)"


def _lock(chain: str) -> tuple[int, str]:
    """Lock the chain's row and return its head."""
    require_transaction()
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [chain])
        sequence, head_hash = cursor.fetchone()
    return sequence, head_hash


def next_number(*, kind: str, at: datetime) -> str:
    """Return the next number of a kind in the Beijing year of ``at``, like 预警〔2026〕000123.

    Taken inside the caller's transaction: given back if that fails, so the row of numbers has no gap.

    :raises TransactionManagementError: outside a transaction.
    """
    require_transaction()
    year = at.astimezone(BEIJING).year
    ((last,),) = statements.run(NEXT, kind=kind, year=year)
    return f"{kind}〔{year}〕{last:06d}"


def require_transaction() -> None:
    """:raises TransactionManagementError: outside a transaction."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("the trace of an act belongs to the transaction of the act")


def tell(*, kind: str, **payload: Any) -> None:
    """Tell an event (see docs/architecture.md, "The office") to whoever listens, when this transaction commits."""
    statements.run(TELL, channel=CHANNEL, text=event_text({"kind": kind, **payload}))


def event_text(event: Mapping[str, Any]) -> str:
    """Return an event as it is told.

    :raises ValueError: if it is too long.
    """
    text = canonical(event)
    if len(text.encode()) > LONGEST_PAYLOAD:
        raise ValueError(f"an event of {len(text)} characters is no event; tell an identifier instead")
    return text
