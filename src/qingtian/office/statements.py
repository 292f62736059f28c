"""Fixed statements that are planned once per connection, and take whole rows of several tables as one document.

What people do on pages goes through Django's models. What is done a thousand times a second, or asked by every page,
with the same words each time, is written down once: the server parses and plans it once, and one round trip writes all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

import orjson
import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.base import ModelState

DOCUMENT = "%(document)s::jsonb"
"""Where a statement takes its document; see `upsert`."""
NAMED = re.compile(r"%\((\w+)\)s")
"""A value in a statement. A per cent sign besides is only that."""


Found = list[tuple[Any, ...]]
Tables = Mapping[str, Sequence[Mapping[str, Any] | str]]
Row = TypeVar("Row", bound=models.Model)


def send(statement: str, **values: Any) -> psycopg.Cursor[tuple[Any, ...]]:
    """Execute a statement of the program's own, prepared, in the caller's transaction."""
    mine = connections[DEFAULT_DB_ALIAS]
    mine.validate_no_broken_transaction()
    mine.ensure_connection()
    if mine.queries_logged:
        # so that budgets of queries count these, too
        mine.queries_log.append({"sql": statement, "time": "0"})
    text, names = _numbered(statement)
    with mine.wrap_database_errors:
        return psycopg.RawCursor(mine.connection).execute(text, [values[name] for name in names], prepare=True)


@lru_cache(512)
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """Return the statement as the server takes it ($1, $2 …), and the names of its values in that order."""
    names = tuple(dict.fromkeys(NAMED.findall(statement)))
    places = {name: f"${number}" for number, name in enumerate(names, start=1)}
    return NAMED.sub(lambda found: places[found[1]], statement), names


def run(statement: str, **values: Any) -> Found:
    """Execute one and return its rows.

    Several go one after the other: what a pipeline saves in round trips it costs several times in processor time.
    """
    return send(statement, **values).fetchall()


def look(statement: str, **values: Any) -> Found:
    """Execute one whose words differ with what somebody looks for, and return its rows.

    It is planned each time, for these values: the best way to the rows of one filter is not that of another.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Rows to be written: statements as `upsert` makes them, and the tables of the document that they take.

    A table that is none of the database may be a list of texts.
    """

    parts: tuple[str, ...] = ()
    tables: Tables


def put(*batches: Batch, last: str = "SELECT 1") -> None:
    """Write all of these in one statement, whose end is ``last``; none of its parts sees what another does."""
    parts = tuple(part for batch in batches for part in batch.parts)
    send(together(parts, last), document=document({k: v for batch in batches for k, v in batch.tables.items()}))


def document(tables: Tables) -> str:
    """Return rows of several tables as the text of one document."""
    return orjson.dumps(tables, default=_plain).decode()


def made(model: type[Row], **values: Any) -> Row:
    """Return a row that goes straight to a statement, by its columns; what is not said is as the model has it.

    Without the model's own beginning, which looks at every field and relation: a bulk act makes thousands.
    """
    row = model.__new__(model)
    vars(row).update(_defaults(model), _state=ModelState(), **values)
    return row


@lru_cache
def _defaults(model: type[models.Model]) -> dict[str, Any]:
    # a default that is made anew for each row has to be said
    anew = [field for field in model._meta.concrete_fields if field.has_default() and callable(field.default)]
    return {field.attname: field.get_default() for field in model._meta.concrete_fields if field not in anew}


def read(model: type[Row], names: Sequence[str], values: Sequence[Any], **beside: models.Model) -> Row:
    """Return a row of which a statement has brought these columns; another one is read when somebody asks for it.

    ``beside``: rows that came with it, by the name of the relation. As Django makes rows, without looking at every
    field: a page shows fifty.
    """
    row = model.__new__(model)
    state = ModelState()
    state.db, state.adding, state.fields_cache = DEFAULT_DB_ALIAS, False, beside
    vars(row).update(zip(names, values, strict=True), _state=state)
    return row


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


@lru_cache(256)
def together(parts: tuple[str, ...], last: str = "SELECT 1") -> str:
    """Return one statement that does all of these and then ``last``; none sees what another does."""
    listed = ", ".join(f"w{place} AS ({statement})" for place, statement in enumerate(parts))
    return f"WITH {listed} {last}"
