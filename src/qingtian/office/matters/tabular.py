"""Tables that people send: Excel workbooks, and CSV as this system and spreadsheets write it. No meaning here."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING

MOST_ROWS = 5000
MOST_BYTES = 10 * 1024 * 1024
CODES = ("utf-8-sig", "gb18030")
"""Spreadsheets in Chinese save CSV in the second where they are not asked for the first."""
FORMULA = ("=", "+", "-", "@", "\t")
"""What a text may not begin with in a CSV; `portals.listing` puts a quote before it."""
Table = tuple[list[str], list[tuple[int, Sequence[Any]]]]
"""Headings, and rows with their number as a spreadsheet counts them."""


class WorkbookUnreadable(QingtianError):
    code = "matters.workbook_unreadable"
    zh = "文件无法导入：{why}。请下载本类事项的空白表，填写后另存为 .xlsx 再上传。"
    en = "The file cannot be imported: {why}. Download the empty form of the kind, fill it in, save it as .xlsx."


def unreadable(zh: str, en: str) -> WorkbookUnreadable:
    return WorkbookUnreadable(why=Term(zh=zh, en=en))


def table(content: bytes) -> Table:
    """Return the headings and rows of a file; of a workbook the row of explanations is left out.

    :raises WorkbookUnreadable: if it is neither a workbook nor a CSV, is too large, or has too many rows.
    """
    if len(content) > MOST_BYTES:
        raise unreadable("超过 10 MB", "it is larger than 10 MB")
    # a workbook is a zip
    return _workbook(content) if content[:2] == b"PK" else _csv(content)


def _workbook(content: bytes) -> Table:
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 3))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
        raise unreadable("不是 Excel 工作簿（.xlsx）", "it is no Excel workbook (.xlsx)") from error
    return _numbered(rows[0] if rows else (), rows[2:], first=3)


def _csv(content: bytes) -> Table:
    for code in CODES:
        try:
            rows = list(csv.reader(io.StringIO(content.decode(code), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            continue
        # one column, or bytes that are no text, is something else
        if rows and len(rows[0]) > 1 and "\x00" not in rows[0][0]:
            return _numbered(rows[0], [[_cell(cell) for cell in row] for row in rows[1:]], first=2)
    raise unreadable("不是 Excel 工作簿（.xlsx）或 CSV", "it is no Excel workbook (.xlsx) and no CSV")


def _cell(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def _numbered(heads: Iterable[Any], rows: Sequence[Sequence[Any]], *, first: int) -> Table:
    if len(rows) > MOST_ROWS:
        raise unreadable(f"超过 {MOST_ROWS} 行", f"it has more than {MOST_ROWS} rows")
    named = [str(cell).strip() if cell is not None else "" for cell in heads]
    return named, [(number, row) for number, row in enumerate(rows, start=first) if _filled(row)]


def _filled(row: Sequence[Any]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def moment(cell: Any) -> object:
    """Return a cell with a time as a moment in Beijing; a day is its midnight; anything else as it is."""
    if isinstance(cell, str):
        try:
            cell = datetime.fromisoformat(cell.strip().replace("/", "-"))
        except ValueError:
            return cell
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
