"""Fixed statements that are planned once per connection, and take whole rows of several tables as one document.

What people do on pages goes through Django's models. What is done a thousand times a second, with the same words each
time, is written down here once: the server parses and plans it once, and one round trip writes all of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg
from django.db import connection, models

DOCUMENT = "%(document)s::jsonb"
"""Where a statement takes its document; see `upsert`."""


Values = Mapping[str, Any]
Found = list[tuple[Any, ...]]


@contextmanager
def pipelined() -> Iterator[None]:
    """Let statements go to the server without waiting for each; what is wrong with one is raised at the end.

    Only statements of this module may be executed within.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def send(statement: str, **values: Any) -> psycopg.Cursor[tuple[Any, ...]]:
    """Execute a statement of the program's own, prepared, in the caller's transaction."""
    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    if connection.queries_logged:
        # so that budgets of queries count these, too
        connection.queries_log.append({"sql": statement, "time": "0"})
    with connection.wrap_database_errors:
        return psycopg.Cursor(connection.connection).execute(statement, values, prepare=True)


def run(statement: str, **values: Any) -> Found:
    """Execute one and return its rows."""
    with connection.wrap_database_errors:
        return send(statement, **values).fetchall()


def ask(*questions: tuple[str, Values]) -> list[Found]:
    """Execute several and return the rows of each, in one round trip."""
    with pipelined():
        sent = [send(statement, **values) for statement, values in questions]
        return [cursor.fetchall() for cursor in sent]


def document(**tables: Iterable[dict[str, Any]]) -> str:
    """Return rows of several tables as the text of one document."""
    return json.dumps({name: list(rows) for name, rows in tables.items()}, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def columns(model: type[models.Model], *, without: Sequence[str] = ()) -> list[str]:
    """Return the columns of a table, in their order."""
    return [str(field.column) for field in model._meta.local_concrete_fields if field.column not in without]


def values(row: models.Model, names: Sequence[str]) -> dict[str, Any]:
    """Return a row as a document holds it; the name of a column is that of the attribute."""
    held = vars(row)
    return {name: held[name] for name in names}


def rows_of(model: type[models.Model], *, key: str = "") -> str:
    """Return the source of a statement that yields the document's rows for this table, or under ``key``, as ``r``."""
    table = model._meta.db_table
    return f"jsonb_populate_recordset(NULL::{table}, {DOCUMENT}->'{key or table}') AS r"


def upsert(
    model: type[models.Model], names: Sequence[str], *, unique: Sequence[str] = (), changed: Sequence[str] = ()
) -> str:
    """Return the statement that inserts the document's rows for this table.

    ``unique``: where such a row is there, its columns ``changed`` are set, or it is left alone if there are none.
    """
    table, listed = model._meta.db_table, ", ".join(f'"{name}"' for name in names)
    statement = f'INSERT INTO "{table}" AS t ({listed}) SELECT {listed} FROM {rows_of(model)}'  # noqa: S608
    if not unique:
        return statement
    keys = ", ".join(f'"{name}"' for name in unique)
    if not changed:
        return f"{statement} ON CONFLICT ({keys}) DO NOTHING"
    sets = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in changed)
    there, new = (", ".join(f'{side}."{name}"' for name in changed) for side in ("t", "EXCLUDED"))
    return f"{statement} ON CONFLICT ({keys}) DO UPDATE SET {sets} WHERE ({there}) IS DISTINCT FROM ({new})"


def together(*statements: str) -> str:
    """Return one statement that does all of these; none sees what another does."""
    parts = ", ".join(f"w{place} AS ({statement})" for place, statement in enumerate(statements))
    return f"WITH {parts} SELECT 1"
