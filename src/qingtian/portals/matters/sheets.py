"""What stands on the pages of a paper, for the browser: paragraphs and tables with the classes of `papers.css`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SIZES = (10, 12, 14, 16, 22)
"""Sizes of type (pt) that the style sheet knows; others take the nearest."""
TALL = 50
"""Rows at least this high (pt) are written on by hand."""
APART = 24
"""A paragraph this far (pt) from the one before stands apart."""
SPACED = 10
"""A paragraph with this much room (pt) behind it keeps it."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A paragraph for the browser: classes of the style sheet, and its runs of text."""

    looks: str
    runs: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell of a table; ``label``: it says what stands beside it."""

    label: bool
    span: int
    lines: list[Line]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of a page: a paragraph, or the rows of a table (each with whether it is tall)."""

    line: Line | None = None
    rows: list[tuple[bool, list[Cell]]] | None = None


def pieces(pages: dict[str, Any]) -> list[Piece]:
    """Return what stands on the pages of a paper (`papers.sheet`) for the template."""
    return [
        Piece(rows=[_row(row) for row in block["rows"]]) if "rows" in block else Piece(line=_line(block))
        for block in pages["blocks"]
    ]


def _row(row: dict[str, Any]) -> tuple[bool, list[Cell]]:
    cells = row["cells"]
    found = [
        Cell(label=place == 0 and len(cells) > 1, span=cell["span"], lines=[_line(each) for each in cell["blocks"]])
        for place, cell in enumerate(cells)
    ]
    return row["height"] >= TALL, found


def _line(block: dict[str, Any]) -> Line:
    size = min(SIZES, key=lambda known: abs(known - block["size"]))
    looks = [f"is-{block['align']}", f"t-{size}"]
    looks += ["is-indented"] if block["indent"] > 0 else []
    looks += ["is-spaced"] if block["after"] >= SPACED else []
    looks += ["is-apart"] if block["before"] >= APART else []
    return Line(looks=" ".join(looks), runs=block["runs"])
