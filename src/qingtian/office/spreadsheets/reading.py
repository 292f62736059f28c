"""Workbooks as people save them: which sheet is meant, and what a cell shows that no program would read.

A merged cell has its value in one corner only, a formula that no spreadsheet has counted has none: rows would be taken
in with holes that nobody sees. Such a workbook is refused, with the places.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING

MOST_ROWS, MOST_BYTES = 5000, 10 * 1024 * 1024
"""Of filled rows, and of a file."""
MOST_UNPACKED = 200 * 1024 * 1024
NAMED = 5
"""So many places are named of those that are wrong."""
EXPLAINED = 2
"""The row of explanations, which may be merged as one likes."""
MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z]+\d+:[A-Z]+\d+)"')
DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]+(\d{1,2})[:：时](\d{1,2})(?:[:：]\d{1,2}|分)?)?"
)
Rows = list[Sequence[Any]]


class Unreadable(QingtianError):
    """A file that is no table; ``why`` alone, for those who say what is to be done about it."""

    code = "spreadsheets.unreadable"
    zh = "文件读不出来：{why}。请另存为 .xlsx 后重新上传。"
    en = "The file cannot be read: {why}. Save it as .xlsx and upload it again."

    def __init__(self, *, why: Term) -> None:
        self.why = why
        super().__init__(why=why)


class Unclear(Unreadable):
    """A workbook of which it is not clear what its rows say."""

    code = "spreadsheets.unclear"
    zh = "工作簿读不准：{why}。改正后请重新上传。"
    en = "The workbook is not clear: {why}. Correct it and upload it again."


def unreadable(zh: str, en: str) -> Unreadable:
    return Unreadable(why=Term(zh=zh, en=en))


def _unclear(zh: str, en: str) -> Unclear:
    return Unclear(why=Term(zh=zh, en=en))


def small_enough(content: bytes) -> None:
    """:raises Unreadable: if the file is larger than `MOST_BYTES`."""
    if len(content) > MOST_BYTES:
        raise unreadable("超过 10 MB", "it is larger than 10 MB")


def few_enough(rows: Sequence[object]) -> None:
    """:raises Unreadable: if there are more than `MOST_ROWS` below the headings and what explains them."""
    if len(rows) > MOST_ROWS + EXPLAINED:
        raise unreadable(f"超过 {MOST_ROWS} 行", f"it has more than {MOST_ROWS} rows")


def rows(content: bytes, *, named: str, most: int = MOST_ROWS + EXPLAINED) -> Rows:
    """Return the rows of the sheet that is meant, from the headings on; at most ``most`` + 1.

    ``named``: the name of the sheet in the form that was given out.

    :raises Unreadable: if it is no workbook.
    :raises Unclear: if it has several sheets, merged cells, or formulas that were never counted.
    """
    try:
        _unpacks(content)
        shown = _open(content, counted=True)
        sheet = _meant(shown, named)
        _merged(content, sheet)
        found: Rows = list(islice(sheet.iter_rows(values_only=True), most + 1))
        _counted(_open(content, counted=False)[sheet.title], found)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
        raise unreadable("不是 Excel 工作簿（.xlsx）", "it is no Excel workbook (.xlsx)") from error
    return found


def _unpacks(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
            raise _unclear("解压后超过 200 MB", "it is larger than 200 MB when unpacked")


def _open(content: bytes, *, counted: bool) -> Workbook:
    return load_workbook(io.BytesIO(content), read_only=True, data_only=counted)


def _meant(book: Workbook, named: str) -> Any:
    """The sheet of the form; else the only one that is shown and has anything in it."""
    if named in book.sheetnames:
        return book[named]
    filled = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" and _has_rows(sheet)]
    if len(filled) > 1:
        names = [sheet.title for sheet in filled]
        raise _unclear(
            f"有 {len(names)} 个工作表有内容（{'、'.join(names)}）。请只留一个，或把要导入的命名为“{named}”",
            f"{len(names)} sheets are filled ({', '.join(names)}). Keep one, or name the one that is meant {named}",
        )
    return (filled or book.worksheets)[0]


def _has_rows(sheet: Any) -> bool:
    return any(cell is not None for row in islice(sheet.iter_rows(values_only=True), 50) for cell in row)


def _merged(content: bytes, sheet: Any) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        written = packed.read(sheet._worksheet_path)
    ranges = [found.decode() for found in MERGED.findall(written)]
    wrong = [each for each in ranges if not _explains(each)]
    if wrong:
        zh, en = _places(wrong)
        raise _unclear(
            f"有合并单元格（{zh}），被合并的行读不到内容。请取消合并，每行填全",
            f"cells are merged ({en}), and the rows under them would be empty. Split them, and fill in every row",
        )


def _explains(merged: str) -> bool:
    _, first, _, last = range_boundaries(merged)
    return first == last == EXPLAINED


def _counted(sheet: Any, shown: Sequence[Sequence[Any]]) -> None:
    """:raises Unclear: if a cell has a formula, and no value that a spreadsheet has counted."""
    wrong = list(_uncounted(sheet, shown))
    if wrong:
        zh, en = _places(wrong)
        raise _unclear(
            f"有公式没有算出结果（{zh}）。请用 Excel 打开并保存，或把公式粘贴为数值",
            f"formulas have no result ({en}). Open and save it in Excel, or paste the values",
        )


def _uncounted(sheet: Any, shown: Sequence[Sequence[Any]]) -> Iterator[str]:
    for written, values in zip(sheet.iter_rows(), shown, strict=False):
        for cell, value in zip(written, values, strict=False):
            if cell.data_type == "f" and value is None:
                yield cell.coordinate


def _places(places: Sequence[str]) -> tuple[str, str]:
    named = places[:NAMED]
    more = len(places) - len(named)
    return "、".join(named) + f" 等 {len(places)} 处" * bool(more), ", ".join(named) + f" and {more} more" * bool(more)


def day_said(text: str) -> datetime | None:
    """Return the day or moment in Beijing that is typed: 2026-3-2, 2026/03/02, 2026.3.2, 2026年3月2日 9:30; or None."""
    found = DAY.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return datetime(*(int(part or 0) for part in found.groups()), tzinfo=BEIJING)  # type: ignore[misc, arg-type]
    except ValueError:
        return None


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
