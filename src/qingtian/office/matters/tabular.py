"""Tables that people send: Excel workbooks, and CSV as this system and spreadsheets write it. No meaning here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from qingtian.base.times import BEIJING
from qingtian.office.matters import spreadsheets
from qingtian.office.matters.spreadsheets import day_said, unreadable

MOST_ROWS = 5000
MOST_BYTES = 10 * 1024 * 1024
CODES = ("utf-8-sig", "gb18030")
"""Spreadsheets in Chinese save CSV in the second where they are not asked for the first."""
FORMULA = ("=", "+", "-", "@", "\t")
"""What a text may not begin with in a CSV; `portals.listing` puts a quote before it."""
Table = tuple[list[str], list[tuple[int, Sequence[Any]]]]
"""Headings, and rows with their number as a spreadsheet counts them."""


def table(content: bytes) -> Table:
    """Return the headings and rows of a file; the row of explanations of an empty form is still among them.

    :raises WorkbookUnreadable: if it is neither a workbook nor a CSV, is too large, or has too many rows.
    :raises SheetUnclear: if a program would read other rows than people see.
    """
    if len(content) > MOST_BYTES:
        raise unreadable("超过 10 MB", "it is larger than 10 MB")
    # a workbook is a zip
    return _workbook(content) if content[:2] == b"PK" else _csv(content)


def _workbook(content: bytes) -> Table:
    rows = spreadsheets.rows(content, most=MOST_ROWS + 2)
    return _numbered(rows[0] if rows else (), rows[1:])


def _csv(content: bytes) -> Table:
    for code in CODES:
        try:
            rows = list(csv.reader(io.StringIO(content.decode(code), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            continue
        # one column, or bytes that are no text, is something else
        if rows and len(rows[0]) > 1 and "\x00" not in rows[0][0]:
            return _numbered(rows[0], [[_cell(cell) for cell in row] for row in rows[1:]])
    raise unreadable("不是 Excel 工作簿（.xlsx）或 CSV", "it is no Excel workbook (.xlsx) and no CSV")


def _cell(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def _numbered(heads: Iterable[Any], rows: Sequence[Sequence[Any]]) -> Table:
    # one of them may be the explanations
    if len(rows) > MOST_ROWS + 1:
        raise unreadable(f"超过 {MOST_ROWS} 行", f"it has more than {MOST_ROWS} rows")
    named = [str(cell).strip() if cell is not None else "" for cell in heads]
    return named, [(number, row) for number, row in enumerate(rows, start=2) if _filled(row)]


def _filled(row: Sequence[Any]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def moment(cell: Any) -> object:
    """Return a cell with a time as a moment in Beijing; a day is its midnight; anything else as it is."""
    if isinstance(cell, str):
        try:
            cell = datetime.fromisoformat(cell.strip())
        except ValueError:
            return day_said(cell) or cell
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=BEIJING)
    return datetime(cell.year, cell.month, cell.day, tzinfo=BEIJING) if hasattr(cell, "year") else cell


def named(words: Iterable[tuple[str, Sequence[str]]], cell: Any) -> str:
    """Return the name whose words (or itself) a cell has, whatever their case; the cell if there is none."""
    text = str(cell).strip()
    return next(
        (name for name, said in words if text.lower() in (name.lower(), *(each.lower() for each in said))), text
    )


def several(cell: Any) -> list[str]:
    """Return what a cell lists, separated by commas of either language."""
    text = str(cell)
    for mark in ("，", "、", "；", ";", "\n"):
        text = text.replace(mark, ",")
    return [part.strip() for part in text.split(",") if part.strip()]
