"""A list whose lines are about the rows of a rule (评分表): asked row by row, kept as lines of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qingtian.law import file_review, rules
from qingtian.law.file_review import NOT_APPLICABLE
from qingtian.law.machine.definition import Fact
from qingtian.law.rules import Rule
from qingtian.portals.templatetags.parts import language

ABSENT = ".absent"
"""Beside the field of a row: that it does not apply."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row as it is asked. ``most``: points at most; None: it is only ticked. ``optional``: it may not apply."""

    name: str
    title: str
    most: int | None
    value: str = ""
    ticked: bool = False
    optional: bool = False
    absent: bool = False

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")


def of_rule(fact: Fact, *, option: str, day: date) -> tuple[Rule, ...]:
    """Return the rows of the table of a fact; ``option``: of the choice by which they are taken."""
    assert fact.table is not None
    if not fact.table.by:
        return rules.table(fact.table.rule).at(day)
    return file_review.rows(fact.table.rule, sort=option, day=day)


def rows(fact: Fact, name: str, table: Sequence[Rule], lines: Sequence[str]) -> list[Row]:
    """Return the rows with what the lines say of them; ``name``: of the field."""
    return [_row(fact, f"{name}.{row['item']}", row, lines) for row in table]


def _row(fact: Fact, name: str, row: Rule, lines: Sequence[str]) -> Row:
    title = row["zh"] if language().startswith("zh") else row["en"]
    if "points" not in row.values:
        return Row(name=name, title=title, most=None, ticked=row["zh"] in lines)
    said = next((line[len(row["zh"]) + 1 :].strip() for line in lines if line.startswith(f"{row['zh']}：")), "")
    absent = said == NOT_APPLICABLE
    optional = bool(fact.table and fact.table.by) and not row.get("bonus")
    value = "" if absent else said
    return Row(name=name, title=title, most=row["points"], value=value, optional=optional, absent=absent)


def lines(sent: Mapping[str, str], name: str, table: Sequence[Rule]) -> list[str]:
    """Return what was sent as lines; of rows that are left empty none."""
    found = []
    for row in table:
        value = sent.get(f"{name}.{row['item']}", "").strip()
        if "points" not in row.values:
            found += [row["zh"]] if value else []
        elif sent.get(f"{name}.{row['item']}{ABSENT}"):
            found.append(f"{row['zh']}：{NOT_APPLICABLE}")
        elif value:
            found.append(f"{row['zh']}：{value}")
    return found
