"""Append to many chains at once, for acts on one object or many: two statements, however many entries.

The second can write the rows of the acts themselves, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

from django.db import transaction

from qingtian.office import statements
from qingtian.office.ledger.actions import CHANNEL, Actor, event_text, require_transaction
from qingtian.office.ledger.canonical import SHA256, canonical, entry_hash
from qingtian.office.ledger.models import Chain, Entry, Personal
from qingtian.office.ledger.sealing import KEY, seal

# the id is drawn when the chain's row is locked: those of a chain ascend, and checkpoints can wait for them
LOCK = """
INSERT INTO ledger_chain AS c (name, head_sequence, head_hash)
SELECT name, 0, '' FROM unnest(%(names)s::text[]) AS name ORDER BY name
ON CONFLICT (name) DO UPDATE SET name = c.name
RETURNING c.name, c.head_sequence, c.head_hash, nextval('ledger_entry_id_seq')
"""
TELL = "SELECT count(pg_notify(%(channel)s, payload)) FROM unnest(%(payloads)s::text[]) AS payload"

TOLD = "told"
"""The table of the document that holds events; none of the database."""
TELL_BESIDE = f"""
SELECT count(pg_notify('{CHANNEL}', payload)) FROM jsonb_array_elements_text({statements.DOCUMENT}->'{TOLD}') AS payload
"""  # noqa: S608 - words of the program


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be appended to a chain; see `actions.append`."""

    chain: str
    act: str
    at: datetime
    content: Mapping[str, Any]
    personal: Mapping[str, str] = field(default_factory=dict)


Telling = Callable[[Entry], Mapping[str, Any]]
"""Return the event of an entry."""


def append_all(
    drafts: Sequence[Draft],
    *,
    acting_user: Actor,
    beside: statements.Batch | None = None,
    telling: Telling | None = None,
) -> list[Entry]:
    """Append one entry to each of these chains, each named once, and return them in their order. Two queries.

    ``beside``: rows that are written in the same statement. ``telling``: the event of each entry, with its ``kind``; it
    is heard when, and only when, the caller's transaction commits.

    :raises TransactionManagementError: outside a transaction.
    :raises ValueError: if a chain is named twice, or an event is none.
    """
    require_transaction()
    names = [draft.chain for draft in drafts]
    if len(set(names)) != len(names):
        raise ValueError("a chain is named twice; append the second entry after the first")
    heads = {name: head for name, *head in statements.run(LOCK, names=names)}
    algorithm = os.environ.get("QINGTIAN_LEDGER_HASH", SHA256)
    entries: list[Entry] = []
    personal: list[Personal] = []
    for draft in drafts:
        sealed = seal(draft.personal)
        digests = {KEY: {each.name: each.digest for each in sealed}} if sealed else {}
        entries.append(_entry(draft, heads[draft.chain], digests, acting_user, algorithm))
        personal += [Personal(entry=entries[-1], **vars(each)) for each in sealed]
    batches = [*([beside] if beside else []), _batch(entries, personal)]
    if telling is None:
        statements.put(*batches)
    else:
        told = statements.Batch(tables={TOLD: [event_text(telling(entry)) for entry in entries]})
        statements.put(*batches, told, last=TELL_BESIDE)
    return entries


def _entry(draft: Draft, head: Sequence[Any], digests: Mapping[str, Any], actor: Actor, algorithm: str) -> Entry:
    sequence, previous, key = head
    fields: dict[str, Any] = {
        "chain": draft.chain,
        "sequence": sequence + 1,
        "at": draft.at,
        "actor": actor.username,
        "actor_name": actor.name,
        "act": draft.act,
        "content": canonical({**draft.content, **digests}),
        "algorithm": algorithm,
        "previous": previous,
    }
    return statements.made(Entry, id=key, **fields, hash=entry_hash(**fields))


def _batch(entries: Sequence[Entry], personal: Sequence[Personal]) -> statements.Batch:
    columns, fields = _columns(Entry), _columns(Personal)
    tables: dict[str, list[dict[str, Any]]] = {
        "ledger_entry": [statements.values(entry, columns) for entry in entries],
        "ledger_chain": [
            {"name": entry.chain, "head_sequence": entry.sequence, "head_hash": entry.hash} for entry in entries
        ],
        "ledger_personal": [statements.values(each, fields) for each in personal],
    }
    return statements.Batch(parts=_parts()[: 3 if personal else 2], tables=tables)


@cache
def _columns(model: type[Entry] | type[Personal]) -> list[str]:
    """Return the columns that are written: an entry has its key, a personal field gets one."""
    return statements.columns(model, without=() if model is Entry else ("id",))


@cache
def _parts() -> tuple[str, str, str]:
    heads = statements.rows_of(Chain)
    return (
        statements.upsert(Entry, _columns(Entry)),
        "UPDATE ledger_chain c SET head_sequence = r.head_sequence, head_hash = r.head_hash "  # noqa: S608
        f"FROM {heads} WHERE c.name = r.name",
        statements.upsert(Personal, _columns(Personal)),
    )


def tell_all(events: Sequence[Mapping[str, Any]]) -> None:
    """Tell these events as soon as this transaction has committed; each has its ``kind``. One query.

    Not within it, as `actions.tell` does: a transaction that tells keeps all others that tell from committing until it
    is on the disk, and acts on matters would go one by one. An event can be lost if this process ends just then; who
    listens may lose events anyway, and reads again.
    """
    texts = [event_text(event) for event in events]
    transaction.on_commit(partial(statements.run, TELL, channel=CHANNEL, payloads=texts), robust=True)
