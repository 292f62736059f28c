"""Matters in bulk, for the bench of the office: real ones are walked first, then copied with their rows and chains.

A copy has everything a matter has: columns, clocks, turns, people, words for search, and a chain of entries whose
hashes hold. Only numbers, titles, places and times differ.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.db import models

from qingtian.entry.load import chains, loading
from qingtian.entry.load.chains import Writer
from qingtian.entry.load.loading import cell
from qingtian.office.ledger.canonical import canonical
from qingtian.office.matters import words
from qingtian.office.matters.models import Matter, MatterClock, MatterPerson, MatterText, MatterTurn
from qingtian.office.sites.models import Enterprise

AT_ONCE = 10_000
ABOUT = ("油烟", "噪声", "废水", "废气", "扬尘", "异味", "固废", "污泥", "夜间施工", "餐饮排放")
WHERE = ("南头", "西乡", "沙井", "福永", "松岗", "石岩", "布吉", "横岗", "坂田", "光明")
TABLES = (Matter, MatterClock, MatterTurn, MatterPerson, MatterText)
LEDGER = ("ledger_entry", "ledger_chain")


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A matter that was really opened and acted on, with the rows that stand beside it."""

    matter: Matter
    beside: dict[type[models.Model], Sequence[models.Model]]


def pattern(matter: Matter) -> Pattern:
    tables = (MatterClock, MatterTurn, MatterPerson)
    return Pattern(matter=matter, beside={each: list(each.objects.filter(matter=matter)) for each in tables})


def fill(
    patterns: Sequence[Pattern],
    *,
    matters: int,
    entries: int,
    at: datetime,
    owner_url: str,
    tell: Callable[[int], None],
) -> None:
    """Copy patterns in turn until there are so many matters, each with a chain of ``entries`` entries.

    ``tell`` is told how many there are; the indexes are built at the end.
    """
    firms = list(Enterprise.objects.values_list("code", "district_id", "grid_id").order_by("code"))
    copies = [_Copy(model) for model in patterns]
    tables = [model._meta.db_table for model in TABLES]
    with psycopg.connect(owner_url, autocommit=True) as owner, loading.without_indexes(owner, [*tables, *LEDGER]):
        first_entry = _draw(owner, "ledger_entry", matters * entries)
        first_key = _draw(owner, "matters_matter", matters)
        for begin in range(0, matters, AT_ONCE):
            numbers = range(begin, min(begin + AT_ONCE, matters))
            for model in TABLES:
                rows = (
                    copies[n % len(copies)].lines(model, n, first_key + n, firms[n % len(firms)], at) for n in numbers
                )
                _copy(owner, model._meta.db_table, ", ".join(_columns(model)), "".join(rows))
            _put_chains(
                owner, range(first_key + begin, first_key + numbers.stop), first_entry + begin * entries, entries, at
            )
            tell(numbers.stop)


def _draw(owner: psycopg.Connection[Any], table: str, count: int) -> int:
    """Take so many keys of a table; return the first."""
    (last,) = owner.execute("SELECT nextval(%s)", [f"{table}_id_seq"]).fetchone() or (0,)
    owner.execute("SELECT setval(%s, %s)", [f"{table}_id_seq", last + count])
    return int(last)


def _copy(owner: psycopg.Connection[Any], table: str, columns: str, lines: str) -> None:
    with owner.cursor().copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as out:
        out.write(lines)


def _columns(model: type[models.Model]) -> list[str]:
    own = model is Matter
    return [str(field.column) for field in model._meta.local_concrete_fields if own or field.column != "id"]


class _Copy:
    """A pattern with its cells written out; a copy changes a few of them."""

    def __init__(self, model: Pattern) -> None:
        self._live = not model.matter.closed
        matter = {name: cell(getattr(model.matter, name)) for name in _columns(Matter)}
        matter["state"] = cell(json.dumps(model.matter.state, ensure_ascii=False))
        self._cells: dict[type[models.Model], list[dict[str, str]]] = {Matter: [matter]}
        for table, rows in model.beside.items():
            self._cells[table] = [{name: cell(getattr(row, name)) for name in _columns(table)} for row in rows]

    def lines(self, model: type[models.Model], n: int, key: int, firm: tuple[str, str, str], at: datetime) -> str:
        """Return the lines of copy ``n`` for a table."""
        title = f"{WHERE[n % 10]}{ABOUT[n // 10 % 10]}{n:07d}"
        number = f"深环〔2026〕性能测试第{n}号"
        if model is MatterText:
            return f"{key}\t{words.vector([title, number])}\t\n"
        due = (at + timedelta(minutes=n % 90_000 - 10_000)).isoformat() if self._live else "\\N"
        own = {"district_id": firm[1], "grid_id": firm[2], "enterprise_id": firm[0], "matter_id": str(key)}
        if model is Matter:
            own |= {"id": str(key), "sequence": str(1_000_000 + n), "number": number, "title": title, "next_due": due}
        found = ""
        for cells in self._cells[model]:
            stopped = cells.get("stopped", "\\N") != "\\N"
            dated = own if stopped else {**own, "due": due}
            found += "\t".join([dated.get(name, told) for name, told in cells.items()]) + "\n"
        return found


def _put_chains(owner: psycopg.Connection[Any], keys: range, first: int, entries: int, at: datetime) -> None:
    writer = Writer(actor="desk", name="值班员（演示）", act="register")
    _copy(owner, "ledger_entry", chains.COLUMNS, "".join(_lines(writer, keys, first, entries, at)))
    _copy(owner, "ledger_chain", "name, head_sequence, head_hash", "".join(writer.head_lines()))


def _lines(writer: Writer, keys: range, first: int, entries: int, at: datetime) -> Iterator[str]:
    for place, key in enumerate(keys):
        for step in range(entries):
            said = {"facts": {}, "number": f"性能测试{key}", "revision": step + 1, "stage": "accepted"}
            yield writer.line(
                first + place * entries + step, f"matter:{key}", at + timedelta(seconds=step), canonical(said)
            )
