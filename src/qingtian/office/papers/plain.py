"""Word files and PDFs in the house's look that are no paper of a kind: a cover, a list of contents, a closing sheet.

What stands on them comes as parts: lines and tables. The PDF is set from the Word file, as every paper's is.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.shared import Mm

from qingtian.office.papers import house
from qingtian.office.papers.packing import packed
from qingtian.office.papers.sheet import sheet
from qingtian.office.papers.typesetting import pdf

LETTER = files("qingtian.office.papers") / "typst" / "letter.typ"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line in one of the house's styles (`house.STYLES`); ``fresh``: it begins a page."""

    text: str
    style: str = "正文段"
    fresh: bool = False


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table: ``widths`` of its columns (mm), ``head`` (comes again on each page; empty: none), ``rows`` of texts.

    ``height``: of a row at least (mm). ``labels``: how many of the first columns are labels, set in their middle.
    """

    widths: Sequence[float]
    rows: Sequence[Sequence[str]]
    head: Sequence[str] = ()
    height: float = 9
    labels: int = 0


Part = Line | Grid


def word(parts: Sequence[Part], *, title: str, authority: str, made_at: datetime) -> bytes:
    """Return the Word file; the same parts always give the same bytes."""
    file = house.blank()
    for part in parts:
        if isinstance(part, Grid):
            _grid(file, part)
        else:
            file.add_paragraph(part.text, style=part.style).paragraph_format.page_break_before = part.fresh or None
    held = io.BytesIO()
    file.save(held)
    return packed(held.getvalue(), made_at=made_at, title=title, author=authority)


def set_word(file: bytes, *, title: str, authority: str, made_at: datetime, numbered: bool = False) -> bytes:
    """Return the PDF of such a Word file; ``numbered``: with a page number at its foot.

    :raises FontMissing: if set-up has not fetched the fonts.
    """
    data = {"title": title, "authority": authority, "draft": "", "numbered": numbered, **sheet(file)}
    return pdf(template=LETTER, data=data, made_at=made_at)


def _grid(file: Any, grid: Grid) -> None:
    table = file.add_table(rows=0, cols=len(grid.widths))
    table.style, table.autofit, table.alignment = "Table Grid", False, WD_TABLE_ALIGNMENT.CENTER
    if grid.head:
        _row(table, grid, grid.head, labels=len(grid.widths))
        mark = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(mark)
    for row in grid.rows:
        _row(table, grid, row, labels=grid.labels)


def _row(table: Any, grid: Grid, texts: Sequence[str], *, labels: int) -> None:
    row = table.add_row()
    row.height_rule, row.height = WD_ROW_HEIGHT_RULE.AT_LEAST, Mm(grid.height)
    no_break = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().insert(0, no_break)
    for place, (text, width) in enumerate(zip(texts, grid.widths, strict=True)):
        cell = row.cells[place]
        cell.width, cell.vertical_alignment = Mm(width), WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        paragraph.style, paragraph.text = "栏目" if place < labels else "表格", text
