"""Matters in bulk, for the bench of the office: real ones are walked first, then copied with their rows and chains.

A copy has everything a matter has: columns, a running clock, turns, people, words for search, and a chain of entries
whose hashes hold. Only numbers, titles, places and times differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from qingtian.base.times import BEIJING
from qingtian.office.ledger.canonical import SHA256, canonical, entry_hash
from qingtian.office.matters import words
from qingtian.office.matters.models import Matter, MatterClock, MatterPerson, MatterTurn
from qingtian.office.sites.models import Enterprise

AT_ONCE = 10_000
ABOUT = ("油烟", "噪声", "废水", "废气", "扬尘", "异味", "固废", "污泥", "夜间施工", "餐饮排放")
WHERE = ("南头", "西乡", "沙井", "福永", "松岗", "石岩", "布吉", "横岗", "坂田", "光明")


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A matter that was really opened and acted on, with the rows that stand beside it."""

    matter: Matter
    clocks: Sequence[MatterClock]
    turns: Sequence[MatterTurn]
    people: Sequence[MatterPerson]


def pattern(matter: Matter) -> Pattern:
    return Pattern(
        matter=matter,
        clocks=list(MatterClock.objects.filter(matter=matter)),
        turns=list(MatterTurn.objects.filter(matter=matter)),
        people=list(MatterPerson.objects.filter(matter=matter)),
    )


def fill(patterns: Sequence[Pattern], *, matters: int, entries: int, at: datetime) -> None:
    """Copy patterns in turn until there are so many matters, each with a chain of ``entries`` entries."""
    firms = list(Enterprise.objects.values_list("code", "district_id", "grid_id").order_by("code"))
    for begin in range(0, matters, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, matters))
        with transaction.atomic(), connection.cursor() as cursor:
            keys = _keys(cursor, len(numbers))
            copies = [
                _copy(patterns[n % len(patterns)], n, key, firms[n % len(firms)], at)
                for n, key in zip(numbers, keys, strict=True)
            ]
            for table, columns in COLUMNS.items():
                names = ", ".join(columns)
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as out:
                    for copied in copies:
                        for row in copied[table]:
                            out.write_row(row)
            _put_chains(cursor, keys, entries, at)


def _keys(cursor: Any, count: int) -> list[int]:
    cursor.execute("SELECT nextval('matters_matter_id_seq') FROM generate_series(1, %s)", [count])
    return [key for (key,) in cursor.fetchall()]


OF_A_MATTER = [str(field.column) for field in Matter._meta.local_concrete_fields]
OF_A_CLOCK = [str(field.column) for field in MatterClock._meta.local_concrete_fields if field.column != "id"]
OF_A_TURN = ["matter_id", "holder", "district_id", "enterprise_id", "due"]
COLUMNS = {
    "matters_matter": OF_A_MATTER,
    "matters_matterclock": OF_A_CLOCK,
    "matters_matterturn": OF_A_TURN,
    "matters_matterperson": ["matter_id", "user_id", "role", "assigned"],
    "matters_mattertext": ["matter_id", "words", "guarded"],
}


def _copy(model: Pattern, n: int, key: int, firm: tuple[str, str, str], at: datetime) -> dict[str, list[list[Any]]]:
    """Return the rows of one copy, by table."""
    matter = model.matter
    title = f"{WHERE[n % 10]}{ABOUT[n // 10 % 10]}{n:07d}"
    due = at + timedelta(minutes=n % 90_000 - 10_000) if not matter.closed else None
    number = f"深环〔2026〕性能测试第{n}号"
    own: dict[str, Any] = {
        "id": key,
        "sequence": 1_000_000 + n,
        "number": number,
        "title": title,
        "state": json.dumps(matter.state),
        "district_id": firm[1],
        "grid_id": firm[2],
        "enterprise_id": firm[0],
        "next_due": due,
    }
    turns = [[key, turn.holder, firm[1], firm[0], due] for turn in model.turns]
    clocks = []
    for clock in model.clocks:
        moved = {"matter_id": key, **({"due": due} if clock.stopped is None else {})}
        clocks.append([moved.get(name, getattr(clock, name)) for name in OF_A_CLOCK])
    return {
        "matters_matter": [[own.get(name, getattr(matter, name)) for name in OF_A_MATTER]],
        "matters_matterclock": clocks,
        "matters_matterturn": turns,
        "matters_matterperson": [[key, person.user_id, person.role, person.assigned] for person in model.people],
        "matters_mattertext": [[key, words.vector([title, number]), ""]],
    }


def _put_chains(cursor: Any, keys: Sequence[int], entries: int, at: datetime) -> None:
    fields = ("chain", "sequence", "at", "actor", "actor_name", "act", "content", "algorithm", "previous", "hash")
    heads = []
    with cursor.copy(f"COPY ledger_entry ({', '.join(fields)}) FROM STDIN") as out:
        for key in keys:
            last: dict[str, Any] = {}
            for last in _chain(key, entries, at):
                out.write_row([last[name] for name in fields])
            heads.append((last["chain"], last["sequence"], last["hash"]))
    with cursor.copy("COPY ledger_chain (name, head_sequence, head_hash) FROM STDIN") as out:
        for head in heads:
            out.write_row(head)


def _chain(key: int, entries: int, at: datetime) -> Iterator[dict[str, Any]]:
    previous = ""
    for sequence in range(1, entries + 1):
        fields: dict[str, Any] = {
            "chain": f"matter:{key}",
            "sequence": sequence,
            "at": at.astimezone(BEIJING) + timedelta(seconds=sequence),
            "actor": "desk",
            "actor_name": "值班员（演示）",
            "act": "register",
            "content": canonical({"number": f"性能测试{key}", "stage": "accepted", "revision": sequence, "facts": {}}),
            "algorithm": SHA256,
            "previous": previous,
        }
        previous = entry_hash(**fields)
        yield {**fields, "hash": previous}
