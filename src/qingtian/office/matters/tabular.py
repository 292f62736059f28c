"""Tables that people send: Excel workbooks, and CSV as this system and spreadsheets write it. No meaning here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from qingtian.base.errors import QingtianError, Term
from qingtian.office.spreadsheets import reading
from qingtian.office.spreadsheets.reading import EXPLAINED

SHEET = "台账"
"""The name of the sheet in the empty form."""
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


class SheetUnclear(WorkbookUnreadable):
    """A workbook of which it is not clear what its rows say."""

    code = "matters.sheet_unclear"
    zh = "工作簿读不准：{why}。没有导入任何内容，改正后请重新上传。"
    en = "The workbook is not clear: {why}. Nothing was imported; correct it and upload it again."


def unreadable(zh: str, en: str) -> WorkbookUnreadable:
    return WorkbookUnreadable(why=Term(zh=zh, en=en))


def table(content: bytes) -> Table:
    """Return the headings and rows of a file; the row of explanations of an empty form is still among them.

    :raises WorkbookUnreadable: if it is neither a workbook nor a CSV, is too large, or has too many rows.
    :raises SheetUnclear: if a program would read other rows than people see.
    """
    try:
        reading.small_enough(content)
        # a workbook is a zip
        rows = reading.rows(content, named=SHEET) if content[:2] == b"PK" else _csv(content)
        reading.few_enough(rows)
    except reading.Unclear as error:
        raise SheetUnclear(why=error.why) from error
    except reading.Unreadable as error:
        raise WorkbookUnreadable(why=error.why) from error
    return _numbered(rows)


def _csv(content: bytes) -> reading.Rows:
    for code in CODES:
        try:
            rows = list(csv.reader(io.StringIO(content.decode(code), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            continue
        # one column, or bytes that are no text, is something else
        if rows and len(rows[0]) > 1 and "\x00" not in rows[0][0]:
            return [rows[0], *([_cell(cell) for cell in row] for row in rows[1:])]
    raise reading.unreadable("不是 Excel 工作簿（.xlsx）或 CSV", "it is no Excel workbook (.xlsx) and no CSV")


def _cell(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def _numbered(rows: reading.Rows) -> Table:
    heads = [str(cell).strip() if cell is not None else "" for cell in (rows[0] if rows else ())]
    return heads, [(number, row) for number, row in enumerate(rows[1:], start=EXPLAINED) if _filled(row)]


def _filled(row: Sequence[Any]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


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
