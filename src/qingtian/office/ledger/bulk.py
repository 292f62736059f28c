"""Append to many chains at once, for acts on many objects: a few statements, however many entries."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from qingtian.office.ledger.actions import CHANNEL, LONGEST_PAYLOAD, Actor, require_transaction
from qingtian.office.ledger.canonical import SHA256, canonical, entry_hash
from qingtian.office.ledger.models import Entry, Personal
from qingtian.office.ledger.sealing import KEY, seal

LOCK = """
INSERT INTO ledger_chain AS c (name, head_sequence, head_hash)
SELECT name, 0, '' FROM unnest(%s::text[]) AS name ORDER BY name
ON CONFLICT (name) DO UPDATE SET name = c.name RETURNING c.name, c.head_sequence, c.head_hash
"""
HEADS = """
UPDATE ledger_chain AS c SET head_sequence = n.sequence, head_hash = n.hash
FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS n(name, sequence, hash) WHERE c.name = n.name
"""
TELL = "SELECT count(pg_notify(%s, payload)) FROM unnest(%s::text[]) AS payload"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be appended to a chain; see `actions.append`."""

    chain: str
    act: str
    at: datetime
    content: Mapping[str, Any]
    personal: Mapping[str, str] = field(default_factory=dict)


def append_all(drafts: Sequence[Draft], *, acting_user: Actor) -> list[Entry]:
    """Append one entry to each of these chains, each named once, and return them in their order.

    :raises TransactionManagementError: outside a transaction.
    :raises ValueError: if a chain is named twice.
    """
    require_transaction()
    names = [draft.chain for draft in drafts]
    if len(set(names)) != len(names):
        raise ValueError("a chain is named twice; append the second entry after the first")
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [names])
        heads = {name: (sequence, head) for name, sequence, head in cursor.fetchall()}
    algorithm = os.environ.get("QINGTIAN_LEDGER_HASH", SHA256)
    sealed = [seal(draft.personal) for draft in drafts]
    entries = []
    for draft, hidden in zip(drafts, sealed, strict=True):
        sequence, head = heads[draft.chain]
        digests = {KEY: {each.name: each.digest for each in hidden}} if hidden else {}
        fields: dict[str, Any] = {
            "chain": draft.chain,
            "sequence": sequence + 1,
            "at": draft.at,
            "actor": acting_user.username,
            "actor_name": acting_user.name,
            "act": draft.act,
            "content": canonical({**draft.content, **digests}),
            "algorithm": algorithm,
            "previous": head,
        }
        entries.append(Entry(**fields, hash=entry_hash(**fields)))
    Entry.objects.bulk_create(entries)
    Personal.objects.bulk_create(
        Personal(entry=entry, **vars(each)) for entry, hidden in zip(entries, sealed, strict=True) for each in hidden
    )
    with connection.cursor() as cursor:
        cursor.execute(HEADS, [names, [entry.sequence for entry in entries], [entry.hash for entry in entries]])
    return entries


def tell_all(events: Sequence[Mapping[str, Any]]) -> None:
    """Tell these events when this transaction commits; each has its ``kind``."""
    texts = [canonical(event) for event in events]
    for text in texts:
        if len(text.encode()) > LONGEST_PAYLOAD:
            raise ValueError(f"an event of {len(text)} characters is no event; tell an identifier instead")
    with connection.cursor() as cursor:
        cursor.execute(TELL, [CHANNEL, texts])
