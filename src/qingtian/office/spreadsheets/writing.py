"""Forms to be filled in: headings, below each what belongs there, words to choose from, and rows that there are."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from qingtian.office.spreadsheets.reading import EXPLAINED, MOST_ROWS

FIRST_ROW = EXPLAINED + 1
WIDTH = 22


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a form: its heading, what belongs below it, the words one may choose from (none: anything)."""

    heading: str
    told: str = ""
    options: Sequence[str] = ()


def workbook(columns: Sequence[Column], rows: Iterable[Sequence[Any]] = (), *, title: str) -> bytes:
    """Return a workbook of one sheet, called ``title``, with these rows below headings and what explains them."""
    book = Workbook()
    sheet = cast(Worksheet, book.active)
    sheet.title = title
    for place, column in enumerate(columns, start=1):
        _head(sheet, place, column)
    sheet.freeze_panes = f"A{FIRST_ROW}"
    for row in rows:
        sheet.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _head(sheet: Worksheet, place: int, column: Column) -> None:
    head = sheet.cell(row=1, column=place, value=column.heading)
    head.font = Font(bold=True)
    told = sheet.cell(row=EXPLAINED, column=place, value=column.told)
    told.font, told.alignment = Font(italic=True, color="666666"), Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions[head.column_letter].width = WIDTH
    if column.options:
        choice = DataValidation(type="list", formula1=f'"{",".join(column.options)}"', allow_blank=True)
        sheet.add_data_validation(choice)
        choice.add(f"{head.column_letter}{FIRST_ROW}:{head.column_letter}{EXPLAINED + MOST_ROWS}")
