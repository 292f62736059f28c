"""Load tables in bulk as their owner: without their indexes, which are built once when all rows are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

UNIQUE = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'u' AND conrelid = ANY(%s::regclass[])
"""
INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary
AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


@contextmanager
def without_indexes(owner: psycopg.Connection[Any], tables: Sequence[str]) -> Iterator[None]:
    """Take the indexes of these tables away, but for their primary keys, and put them back at the end.

    Meanwhile no foreign key is checked and no trigger fires on this connection: who loads knows what he writes.
    """
    names = list(tables)
    constraints = owner.execute(UNIQUE, [names]).fetchall()
    indexes = owner.execute(INDEXES, [names]).fetchall()
    owner.execute("SET session_replication_role = replica")
    owner.execute("SET synchronous_commit = off")
    owner.execute("SET maintenance_work_mem = '512MB'")
    for table, name, _ in constraints:
        owner.execute(_words("ALTER TABLE {} DROP CONSTRAINT {}", table, name))
    for name, _ in indexes:
        owner.execute(_words("DROP INDEX {}", name))
    yield
    for table, name, said in constraints:
        owner.execute(_words("ALTER TABLE {} ADD CONSTRAINT {} ", table, name) + sql.SQL(said))
    for _, said in indexes:
        owner.execute(sql.SQL(said))
    owner.execute("SET session_replication_role = origin")


def _words(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*(sql.Identifier(name) for name in names))


def cell(value: Any) -> str:
    """Return a value as COPY takes it in a line."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
