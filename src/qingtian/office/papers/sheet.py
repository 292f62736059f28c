"""A Word file read back as what stands on its pages: PDF and browser show this, so that they say what the file says.

Paragraphs with their alignment, size, weight and indents, wherever in the chain of styles these are set, and tables
with widths and heights. Pictures and notes are not read; `qingtian check` refuses templates that have them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

ALIGNMENTS = {
    WD_ALIGN_PARAGRAPH.CENTER: "center",
    WD_ALIGN_PARAGRAPH.RIGHT: "right",
    WD_ALIGN_PARAGRAPH.JUSTIFY: "justify",
    WD_ALIGN_PARAGRAPH.DISTRIBUTE: "justify",
}
FACES = {"title": ("小标宋", "大标宋"), "hei": ("黑体", "雅黑", "等线", "SimHei", "DengXian")}
"""Word's typefaces by what stands for them here; a title is set heavier, 黑体 in a sans."""
USUAL_PT = 10.5
POINT = 12_700
"""English metric units of a point."""


def sheet(file: bytes) -> dict[str, Any]:
    """Return ``{"margins": [top, right, bottom, left] in pt, "blocks": […]}`` of a Word file.

    A block is a paragraph ``{"align", "size", "line", "indent", "left", "before", "after", "keep", "fresh", "runs":
    [{"text", "bold", "face"}]}`` (sizes in pt; ``line``: its height where it is exact, else 0; ``keep``: with what
    follows; ``fresh``: begins a page; ``face``: song, hei or title) or a table ``{"widths": [pt], "keep", "head",
    "rows": [{"height": pt, "cells": [{"span", "blocks"}]}]}`` (``head``: rows that come again on each page).
    """
    document = Document(io.BytesIO(file))
    page = document.sections[0]
    sides = (page.top_margin, page.right_margin, page.bottom_margin, page.left_margin)
    return {
        "margins": [_points(side, usual=72.0) for side in sides],
        "blocks": [_block(each) for each in document.iter_inner_content()],
    }


def _block(each: Paragraph | Table) -> dict[str, Any]:
    return _table(each) if isinstance(each, Table) else _paragraph(each)


def _paragraph(paragraph: Paragraph) -> dict[str, Any]:
    size = _points(_styled(paragraph, lambda style: style.font.size), usual=USUAL_PT)

    def form(name: str) -> float:
        own = getattr(paragraph.paragraph_format, name)
        return _points(own if own is not None else _styled(paragraph, lambda s: getattr(s.paragraph_format, name)))

    runs = list(_runs(paragraph, size))
    return {
        "align": _alignment(paragraph),
        "size": max((run.pop("size") for run in runs), default=size),
        "line": _line(paragraph),
        "indent": form("first_line_indent"),
        "left": form("left_indent"),
        "before": form("space_before"),
        "after": form("space_after"),
        "keep": bool(_own(paragraph, lambda form: form.keep_with_next)),
        "fresh": bool(_own(paragraph, lambda form: form.page_break_before)),
        "runs": runs,
    }


def _own(paragraph: Paragraph, take: Callable[[Any], Any]) -> Any:
    """Return what the paragraph says itself, else its styles."""
    found = take(paragraph.paragraph_format)
    return found if found is not None else _styled(paragraph, lambda style: take(style.paragraph_format))


def _line(paragraph: Paragraph) -> float:
    """Return the height of its lines where it is exact."""
    rule = _own(paragraph, lambda form: form.line_spacing_rule)
    return _points(_own(paragraph, lambda form: form.line_spacing)) if rule == WD_LINE_SPACING.EXACTLY else 0.0


def _face(letters: str) -> str:
    """Return the typeface that stands for one of Word's: 仿宋, 楷体 and what is not known are set in 宋体."""
    return next((face for face, words in FACES.items() if any(word in letters for word in words)), "song")


def _letters(element: Any) -> str:
    """Return the Chinese typeface that a run or style names."""
    fonts = element.rPr.rFonts if element.rPr is not None else None
    return "" if fonts is None else str(fonts.get(qn("w:eastAsia")) or "")


def _runs(paragraph: Paragraph, size: float) -> Iterator[dict[str, Any]]:
    bold = bool(_styled(paragraph, lambda style: style.font.bold))
    letters = _styled(paragraph, lambda style: _letters(style.element) or None) or ""
    for run in paragraph.runs:
        if run.text:
            own = bold if run.bold is None else bool(run.bold)
            face = _face(_letters(run._r) or letters)
            yield {"text": run.text, "bold": own, "face": face, "size": _points(run.font.size, usual=size)}


def _alignment(paragraph: Paragraph) -> str:
    own = paragraph.alignment
    if own is None:
        own = _styled(paragraph, lambda style: style.paragraph_format.alignment)
    return ALIGNMENTS.get(own, "left")


def _styled(paragraph: Paragraph, take: Callable[[Any], Any]) -> Any:
    """Return what the nearest style that says anything says."""
    style: Any = paragraph.style
    while style is not None:
        if (found := take(style)) is not None:
            return found
        style = style.base_style
    return None


def _points(length: int | None, *, usual: float = 0.0) -> float:
    return usual if length is None else round(length / POINT, 2)


def _table(table: Table) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {
            "height": _points(row.height),
            "cells": [
                {"span": cell.grid_span, "width": _points(cell.width), "blocks": list(map(_paragraph, cell.paragraphs))}
                for cell in dict.fromkeys(row.cells)
            ],
        }
        for row in table.rows
    ]
    last = [each for cell in rows[-1]["cells"] for each in cell["blocks"]] if rows else []
    keep = bool(last) and all(each["keep"] for each in last)
    return {"widths": _widths(table, rows), "rows": rows, "head": _head(table), "keep": keep}


def _head(table: Table) -> int:
    """Return how many of the first rows come again on each page."""
    marks = (row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows)
    return sum(1 for _ in takewhile(bool, marks))


def _widths(table: Table, rows: list[dict[str, Any]]) -> list[float]:
    """Return the width of each column: that of its cells, else the grid's; 0 where neither says."""
    count = len(table.columns)
    for row in rows:
        if len(row["cells"]) == count and all(cell["width"] for cell in row["cells"]):
            return [cell["width"] for cell in row["cells"]]
    return [_points(column.width) for column in table.columns]
