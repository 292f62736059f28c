"""The rows that an act leaves, as one statement: a document goes to the server, and every table takes its part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from django.db import models

from qingtian.office import statements
from qingtian.office.matters.models import (
    Matter,
    MatterClock,
    MatterEffect,
    MatterPaper,
    MatterPerson,
    MatterText,
    MatterTurn,
)

OF_A_MATTER = (
    *("stage", "closed", "state", "revision", "changed_at", "closed_at"),
    *("next_due", "next_clock", "provisional", "version", "merged_into_id"),
)
"""The columns that acts change."""
CHANGED, TURNED = "changed", "turned"
"""Tables of the document that are not those of the database: matters that changed, and those of the turns."""
OF_A_CLOCK = (
    *("clock", "started", "due", "due_day", "duty", "paused_on", "stopped", "missed"),
    *("provisional", "counted_by", "told"),
)
NEXT_KEYS = "SELECT nextval('matters_matter_id_seq') FROM generate_series(1, %(count)s)"


@dataclass(kw_only=True)
class Rows:
    """Rows by what becomes of them: matters that are new or changed, clocks as they are now, people, papers …

    ``turned``: keys of the matters whose turns are exactly ``turns``.
    """

    opened: list[Matter] = field(default_factory=list)
    changed: list[Matter] = field(default_factory=list)
    clocks: list[MatterClock] = field(default_factory=list)
    people: list[MatterPerson] = field(default_factory=list)
    turned: list[int] = field(default_factory=list)
    turns: list[MatterTurn] = field(default_factory=list)
    papers: list[MatterPaper] = field(default_factory=list)
    effects: list[MatterEffect] = field(default_factory=list)
    texts: list[MatterText] = field(default_factory=list)


def next_keys(count: int) -> list[int]:
    """Draw the keys of new matters. One query."""
    return [int(key) for (key,) in statements.run(NEXT_KEYS, count=count)]


def put(rows: Rows) -> None:
    """Write all of it, inside the caller's transaction. One statement."""
    statements.put(batch(rows))


def batch(rows: Rows) -> statements.Batch:
    """Return all of it as it is written; tables without a row are not named."""
    some: dict[str, list[dict[str, object]]] = {
        CHANGED: _as_values(rows.changed, ["id", *OF_A_MATTER]),
        TURNED: [{"matter_id": key} for key in rows.turned],
        **{
            table._meta.db_table: _as_values(each, _columns(table))
            for table, each in (
                (Matter, rows.opened),
                (MatterClock, rows.clocks),
                (MatterPerson, rows.people),
                (MatterTurn, rows.turns),
                (MatterPaper, rows.papers),
                (MatterEffect, rows.effects),
                (MatterText, rows.texts),
            )
        },
    }
    return statements.Batch(parts=tuple(part for name, part in _parts() if some[name]), tables=some)


def _as_values(rows: Sequence[models.Model], names: Sequence[str]) -> list[dict[str, object]]:
    return [statements.values(row, names) for row in rows]


@cache
def _columns(model: type[models.Model]) -> list[str]:
    """Return the columns that are written: the server gives most rows their keys, an opened matter has its own."""
    given = model in (Matter, MatterEffect)
    return statements.columns(model, without=() if given else ("id",))


@cache
def _parts() -> tuple[tuple[str, str], ...]:
    """Return the statements, each with the table of the document without whose rows it has nothing to do."""
    return (
        (Matter._meta.db_table, statements.upsert(Matter, _columns(Matter))),
        (CHANGED, _change()),
        _insert(MatterClock, unique=("matter_id", "position"), changed=OF_A_CLOCK),
        _insert(MatterPerson, unique=("matter_id", "user_id", "role"), changed=("assigned",)),
        (TURNED, _leave()),
        _insert(MatterTurn, unique=("matter_id", "holder"), changed=("district_id", "enterprise_id", "due")),
        _insert(MatterPaper),
        _insert(MatterEffect, unique=("id",)),
        _insert(MatterText, unique=("matter_id",), changed=("words", "guarded")),
    )


def _insert(model: type[models.Model], *, unique: Sequence[str] = (), changed: Sequence[str] = ()) -> tuple[str, str]:
    return model._meta.db_table, statements.upsert(model, _columns(model), unique=unique, changed=changed)


def _change() -> str:
    sets = ", ".join(f'"{name}" = r."{name}"' for name in OF_A_MATTER)
    source = statements.rows_of(Matter, key=CHANGED)
    return f'UPDATE "matters_matter" m SET {sets} FROM {source} WHERE m.id = r.id'  # noqa: S608


def _leave() -> str:
    """Those whose turn it is no more; who stays is left alone, so that nothing is taken out and put in again."""
    staying = statements.rows_of(MatterTurn)
    turned = statements.rows_of(MatterTurn, key=TURNED)
    return (
        f'DELETE FROM "matters_matterturn" t WHERE t.matter_id IN (SELECT r.matter_id FROM {turned}) '  # noqa: S608
        f"AND (t.matter_id, t.holder) NOT IN (SELECT r.matter_id, r.holder FROM {staying})"
    )
