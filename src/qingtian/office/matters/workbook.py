"""Registers as Excel files (台账): the empty form of a kind, and its rows read back as values. No database here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qingtian.law.machine.definition import Act, Definition, Fact
from qingtian.office.matters import stock, tabular
from qingtian.office.matters.tabular import unreadable
from qingtian.office.spreadsheets.reading import EXPLAINED, day_said, moment
from qingtian.office.spreadsheets.writing import Column
from qingtian.office.spreadsheets.writing import workbook as written

GENERAL = {"title": "标题", "opened": "开启时间", "source": "来源", "reference": "来文号", "district": "行政区代码"}
FIRM = ("enterprise", "企业编码")
NEEDED = ("opened", "source")
YES = {"是": True, "true": True, "yes": True, "1": True, "否": False, "false": False, "no": False, "0": False}
EXPORTED = {"number": "number", "opened_at": "opened", "closed_at": "ended", "place": "district", "kind": "kind"}
"""Columns of the register's own CSV (`/matters/?format=csv`) by what they are here."""
PASSED_OVER = frozenset({"id", "closed", "due", "changed_at"})
"""Columns of that CSV which say nothing that a register needs."""
WORDED: Mapping[str, tuple[str, str]] = {
    "number": ("事项", "Matter"),
    "id": ("系统编号", "Key in the system"),
    "title": ("标题", "Title"),
    "kind": ("类别", "Kind"),
    "stage": ("阶段", "Stage"),
    "closed": ("已办结", "Has ended"),
    "due": ("期限", "Due"),
    "place": ("位置", "Place"),
    "old_number": ("原编号", "Old number"),
    "source": ("来源", "Origin"),
    "reference": ("来文号", "Reference number"),
    "enterprise": ("企业编码", "Enterprise code"),
    "opened_at": ("开启时间", "Opened at"),
    "closed_at": ("结束时间", "Ended at"),
    "changed_at": ("最近办理", "Last act"),
}
"""What that CSV calls its columns where it is for people (``&headings=words``), in either language."""
CODES = {word: code for code, words in WORDED.items() for word in words}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A filled row of a register, ``number`` as Excel counts it; cells as they were, by column."""

    number: int
    cells: Mapping[str, Any]


def columns(definition: Definition, act: Act) -> dict[str, str]:
    """Return the columns of a register: key → Chinese heading; facts that are asked have a star."""
    found = {key: f"{name}*" if key in NEEDED else name for key, name in GENERAL.items()}
    found[FIRM[0]] = FIRM[1]
    for name in act.takes:
        star = "*" if name in act.asks else ""
        found[f"fact.{name}"] = f"{definition.words.of('facts', name).zh}{star}"
    for name in act.assigns:
        found[f"people.{name}"] = f"{definition.words.of('roles', name).zh}（用户名，以逗号分隔）*"
    return found


def blank(definition: Definition, act: Act, *, existing: bool = False, day: date) -> bytes:
    """Return the empty form of a kind: headings, what belongs in each column, lists to choose from.

    ``existing``: with the columns for matters that are under way or closed (存量).
    """
    shown = stock.columns(definition, act, day=day) if existing else columns(definition, act)
    form = [
        Column(heading=heading, told=_told(definition, key, day), options=_options(definition, key))
        for key, heading in shown.items()
    ]
    return written(form, title=tabular.SHEET)


def _told(definition: Definition, key: str, day: date) -> str:
    if key.startswith("fact."):
        return definition.facts[key.removeprefix("fact.")].help.zh
    if told := stock.told(definition, key, day=day):
        return told
    if key == "source":
        return "、".join(f"{definition.words.of('sources', each).zh}" for each in definition.manifest.opened_from)
    return "如 2026-03-02 09:30" if key == "opened" else ""


def _options(definition: Definition, key: str) -> list[str]:
    """Words to choose from; Excel takes a list of at most 255 characters."""
    options: list[str] = []
    if key == "source":
        options = [definition.words.of("sources", each).zh for each in definition.manifest.opened_from]
    if key in ("stage", "end"):
        options = stock.stages(definition, ends=key == "end")
    fact = definition.facts.get(key.removeprefix("fact.")) if key.startswith("fact.") else None
    if fact is not None and fact.type == "choice":
        options = [definition.words.of("choices", f"{fact.name}.{each}").zh for each in fact.options]
    if fact is not None and fact.type == "yes_no":
        options = ["是", "否"]
    fits = len(",".join(options)) < 255 and not any("," in each for each in options)
    return options if fits else []


def lines(definition: Definition, act: Act, content: bytes, *, day: date) -> list[Line]:
    """Return the filled rows of a register: the kind's form with or without what is under way, or the CSV of the list.

    :raises WorkbookUnreadable: if it is no table, has not the columns of the kind, or too many rows.
    """
    heads, rows = tabular.table(content)
    heads = _coded(heads)
    known = _headings(definition, act, day)
    unknown = [head for head in heads if head and head.rstrip("*") not in known and head not in PASSED_OVER]
    if unknown:
        raise unreadable(f"不认识的列：{'、'.join(unknown)}", f"unknown columns: {', '.join(unknown)}")
    keys = [known.get(head.rstrip("*"), "") for head in heads]
    # what was begun elsewhere need not say what it was opened from
    needed = ("opened",) if {"old_number", "number"} & set(keys) else NEEDED
    missing = [f"{GENERAL[key]}" for key in needed if key not in keys]
    if missing:
        raise unreadable(f"缺少列：{'、'.join(missing)}", f"missing columns: {', '.join(missing)}")
    explained = {key: _told(definition, key, day) for key in keys if key}
    filled = [Line(number=number, cells=_cells(keys, row)) for number, row in rows]
    return [line for line in filled if not _explains(line, explained)]


def _coded(heads: Sequence[str]) -> list[str]:
    """Return headings, those of the register's own CSV for people as what programs call them; all of them are, or none:
    in the form of a kind the same word can be a fact."""
    worded = all(head in CODES or head in WORDED for head in heads)
    return [CODES.get(head, head) for head in heads] if worded else list(heads)


def _explains(line: Line, explained: Mapping[str, str]) -> bool:
    """Whether it is the form's row of explanations; somebody may have taken that out, and have written there."""
    return line.number == EXPLAINED and any(explained.get(key) == cell for key, cell in line.cells.items())


def _headings(definition: Definition, act: Act, day: date) -> dict[str, str]:
    """Return what a heading means: those of both forms, those of the CSV, and the keys themselves."""
    shown = {**stock.columns(definition, act, day=day), **columns(definition, act)}
    return {**EXPORTED, **{key: key for key in shown}, **{head.rstrip("*"): key for key, head in shown.items()}}


def _cells(keys: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    filled = zip(keys, row, strict=False)
    return {key: cell for key, cell in filled if key and cell is not None and str(cell).strip()}


def value(definition: Definition, fact: Fact, cell: Any) -> object:
    """Return what an Excel cell means for a fact; what it cannot mean is left for the machine to refuse."""
    if isinstance(cell, float):
        # Excel has no decimals: what it shows is the shortest figure that is the same float
        cell = Decimal(repr(cell))
    match fact.type:
        case "date":
            said = day_said(cell) if isinstance(cell, str) else cell
            return said.date() if isinstance(said, datetime) else cell
        case "datetime":
            return moment(cell)
        case "choice":
            words = {definition.words.of("choices", f"{fact.name}.{each}").zh: each for each in fact.options}
            return words.get(str(cell).strip(), str(cell).strip())
        case "yes_no":
            return cell if isinstance(cell, bool) else YES.get(str(cell).strip().lower(), cell)
        case "list":
            return [part.strip() for part in str(cell).replace("；", "\n").splitlines() if part.strip()]
        case "text" | "person":
            return str(cell).strip()
    return cell.strip() if isinstance(cell, str) else cell


def source(definition: Definition, cell: Any) -> str:
    """Return the source that a cell names, by its word or its code."""
    words = {definition.words.of("sources", each).zh: each for each in definition.manifest.opened_from}
    return words.get(str(cell).strip(), str(cell).strip())


def usernames(cells: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield whom a row names, by role."""
    for key, cell in cells.items():
        if key.startswith("people."):
            yield key.removeprefix("people."), tuple(tabular.several(cell))


def facts(definition: Definition, cells: Mapping[str, Any]) -> dict[str, object]:
    """Return the facts that a row gives, as far as its cells say what they mean."""
    named = ((key.removeprefix("fact."), cell) for key, cell in cells.items() if key.startswith("fact."))
    return {name: value(definition, definition.facts[name], cell) for name, cell in named}
