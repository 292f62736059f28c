"""Forms as workbooks, filled in as people do: below the headings and what explains them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import load_workbook

FIRST_ROW = 3


def headings(form: bytes) -> dict[str, int]:
    """Return the columns of a form by what stands above them, without the star of those that are needed."""
    sheet = load_workbook(io.BytesIO(form)).worksheets[0]
    return {str(cell.value).rstrip("*"): int(cell.column) for cell in sheet[1]}


def filled(form: bytes, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the form with these rows, each a cell by heading."""
    book, places = load_workbook(io.BytesIO(form)), headings(form)
    for number, row in enumerate(rows, start=FIRST_ROW):
        for head, cell in row.items():
            book.worksheets[0].cell(row=number, column=places[head], value=cell)
    return _saved(book)


def appended(form: bytes, rows: Iterable[Sequence[Any]]) -> bytes:
    """Return the form with these rows below what stands in it."""
    book = load_workbook(io.BytesIO(form))
    for row in rows:
        book.worksheets[0].append(list(row))
    return _saved(book)


def _saved(book: Any) -> bytes:
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
