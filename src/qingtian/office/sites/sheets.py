"""A register as an Excel workbook 登记表: columns with what belongs in each, given out filled, and read back whole."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from qingtian.base.errors import QingtianError, Term

MOST_ROWS, MOST_BYTES = 5000, 10 * 1024 * 1024
FIRST_ROW = 3

Cells = Mapping[str, Any]


class BookRefused(QingtianError):
    code = "sites.workbook_refused"
    zh = "登记表未导入：{why}。请在下载的表中更正后重新上传；未登记任何内容。"
    en = "The workbook was not taken in, and nothing was entered: {why}. Correct it in the sheet and send it again."


@dataclass(frozen=True, kw_only=True)
class Form:
    """The sheet of a register. ``columns``: by key the heading (``*``: must be filled in) and what belongs below it;
    ``choices``: by key the words one may choose from; ``numbers``, ``days``: keys of columns that hold such."""

    title: str
    columns: Mapping[str, tuple[str, str]]
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    numbers: Sequence[str] = ()
    days: Sequence[str] = ()

    def filled(self, rows: Iterable[Sequence[Any]]) -> bytes:
        """Return the workbook with these rows, a cell a column."""
        book = Workbook()
        sheet = cast(Worksheet, book.active)
        sheet.title = self.title
        for place, key in enumerate(self.columns, start=1):
            self._head(sheet, place, key)
        sheet.freeze_panes = "A3"
        for row in rows:
            sheet.append(list(row))
        kept = io.BytesIO()
        book.save(kept)
        return kept.getvalue()

    def _head(self, sheet: Worksheet, place: int, key: str) -> None:
        heading, told = self.columns[key]
        head = sheet.cell(row=1, column=place, value=heading)
        head.font = Font(bold=True)
        below = sheet.cell(row=2, column=place, value=told)
        below.font, below.alignment = Font(italic=True, color="666666"), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[head.column_letter].width = 20
        if key in self.choices:
            choice = DataValidation(type="list", formula1=f'"{",".join(self.choices[key])}"', allow_blank=True)
            sheet.add_data_validation(choice)
            choice.add(f"{head.column_letter}{FIRST_ROW}:{head.column_letter}{MOST_ROWS + FIRST_ROW}")

    def read(self, content: bytes) -> list[Cells]:
        """Return the filled rows, by key; cells that are empty are not there.

        :raises BookRefused: if it is no workbook, lacks a column, or rows say what cannot be; all such rows are named.
        """
        rows = list(self._rows(content))
        faults = [fault for number, cells in rows for fault in self._faults(number, cells)]
        if faults:
            raise BookRefused(why=Term(zh="；".join(zh for zh, _ in faults), en="; ".join(en for _, en in faults)))
        return [cells for _, cells in rows]

    def _rows(self, content: bytes) -> Iterator[tuple[int, Cells]]:
        """Yield the filled rows by their number in the sheet."""
        table = _table(content)
        keys = self._keys(table[0] if table else ())
        for number, row in enumerate(table[FIRST_ROW - 1 :], start=FIRST_ROW):
            cells = {key: cell for key, cell in zip(keys, row, strict=False) if key and str(cell or "").strip()}
            cells |= {key: 0 for key, cell in zip(keys, row, strict=False) if key in self.numbers and cell == 0}
            if cells:
                yield number, cells

    def _keys(self, heads: Sequence[Any]) -> list[str]:
        known = {heading.rstrip("*"): key for key, (heading, _) in self.columns.items()}
        keys = [known.get(str(head or "").strip().rstrip("*"), "") for head in heads]
        if missing := [heading for key, (heading, _) in self.columns.items() if key not in keys]:
            raise _refused(f"缺少列：{'、'.join(missing)}", f"it lacks the columns {', '.join(missing)}")
        return keys

    def _faults(self, number: int, cells: Cells) -> Iterator[tuple[str, str]]:
        for key, (heading, _) in self.columns.items():
            if heading.endswith("*") and key not in cells:
                yield f"第{number}行没有填写“{heading}”", f"row {number} has no {heading}"
        for key, options in self.choices.items():
            if key in cells and str(cells[key]).strip() not in options:
                head, told = self.columns[key][0], "、".join(options)
                yield f"第{number}行“{head}”应为{told}之一", f"row {number}: {head} is none of {told}"
        for keys, reads, wanted in ((self.numbers, number_in, "数字"), (self.days, day_in, "日期")):
            for key in keys:
                if key in cells and reads(cells[key]) is None:
                    head = self.columns[key][0]
                    yield f"第{number}行“{head}”不是{wanted}", f"row {number}: {head} cannot be read"


def _table(content: bytes) -> list[tuple[Any, ...]]:
    if len(content) > MOST_BYTES:
        raise _refused("超过 10 MB", "it is larger than 10 MB")
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        table = list(sheet.iter_rows(values_only=True, max_row=MOST_ROWS + FIRST_ROW))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
        raise _refused("不是 Excel 工作簿（.xlsx）", "it is no Excel workbook (.xlsx)") from error
    if len(table) >= MOST_ROWS + FIRST_ROW:
        raise _refused(f"超过 {MOST_ROWS} 行", f"it has more than {MOST_ROWS} rows")
    return table


def text_in(cells: Cells, key: str) -> str:
    return str(cells.get(key, "")).strip()


def number_in(cell: Any) -> float | None:
    try:
        return None if cell is None else float(str(cell))
    except ValueError:
        return None


def day_in(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date) or cell is None:
        return cell
    try:
        return date.fromisoformat(str(cell).strip().replace("/", "-"))
    except ValueError:
        return None


def _refused(zh: str, en: str) -> BookRefused:
    return BookRefused(why=Term(zh=zh, en=en))
