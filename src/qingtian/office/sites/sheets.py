"""A register as an Excel workbook 登记表: columns with what belongs in each, given out filled, and read back whole."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.office.spreadsheets import reading
from qingtian.office.spreadsheets.reading import EXPLAINED
from qingtian.office.spreadsheets.writing import Column, workbook

NAMED = 20
"""So many places are named of those that are wrong."""
Cells = Mapping[str, Any]


class BookRefused(QingtianError):
    code = "sites.workbook_refused"
    zh = "登记表未导入：{why}。请在下载的表中更正后重新上传；未登记任何内容。"
    en = "The workbook was not taken in, and nothing was entered: {why}. Correct it in the sheet and send it again."

    def __init__(self, *, why: Term) -> None:
        self.why = why
        super().__init__(why=why)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A filled row by its number in the sheet; cells that are empty are not there."""

    number: int
    cells: Cells


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with a row of a sheet, the column named, in both languages."""

    sheet: str
    number: int
    zh: str
    en: str


def refused(faults: Sequence[Fault]) -> BookRefused:
    """Return the refusal that names these places, so many of them as one can read."""
    named = faults[:NAMED]
    zh = "；".join(f"“{one.sheet}”第{one.number}行{one.zh}" for one in named)
    en = "; ".join(f"{one.sheet}, row {one.number}: {one.en}" for one in named)
    if len(faults) > NAMED:
        zh, en = f"{zh}；共 {len(faults)} 处", f"{en}; {len(faults)} places in all"
    return BookRefused(why=Term(zh=zh, en=en))


@dataclass(frozen=True, kw_only=True)
class Form:
    """The sheet of a register. ``columns``: by key the heading (``*``: must be filled in) and what belongs below it;
    ``choices``: by key the words one may choose from; ``numbers``, ``days``: keys of columns that hold such.

    ``act``: the column, if there is one, in which a word says what is done with a row that is registered already: of
    such a row only the first column must be filled in. Workbooks from before there was one need not have it.
    """

    title: str
    columns: Mapping[str, tuple[str, str]]
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    numbers: Sequence[str] = ()
    days: Sequence[str] = ()
    act: str = ""

    def filled(self, rows: Iterable[Sequence[Any]]) -> bytes:
        """Return the workbook with these rows, a cell a column."""
        form = [
            Column(heading=heading, told=told, options=self.choices.get(key, ()))
            for key, (heading, told) in self.columns.items()
        ]
        return workbook(form, rows, title=self.title)

    def read(self, content: bytes) -> list[Cells]:
        """Return the filled rows, by key; cells that are empty are not there.

        :raises BookRefused: if it is no workbook, lacks a column, or rows say what cannot be; all such rows are named.
        """
        lines = self.lines(content)
        faults = [fault for line in lines for fault in self.faults(line)]
        if faults:
            raise refused(faults)
        return [line.cells for line in lines]

    def lines(self, content: bytes) -> list[Line]:
        """Return the filled rows as they are; `faults` says what is wrong with each.

        :raises BookRefused: if it is no workbook, or lacks a column.
        """
        return list(self._lines(content))

    def _lines(self, content: bytes) -> Iterator[Line]:
        table = self._table(content)
        keys = self._keys(table[0] if table else ())
        for number, row in enumerate(table[1:], start=EXPLAINED):
            cells = {key: cell for key, cell in zip(keys, row, strict=False) if key and str(cell or "").strip()}
            cells |= {key: 0 for key, cell in zip(keys, row, strict=False) if key in self.numbers and cell == 0}
            line = Line(number=number, cells=cells)
            if cells and not self._explains(line):
                yield line

    def _explains(self, line: Line) -> bool:
        """Whether it is what the form says of its columns; somebody may have taken that out, and have written there."""
        return line.number == EXPLAINED and any(self.columns[key][1] == cell for key, cell in line.cells.items())

    def _table(self, content: bytes) -> reading.Rows:
        try:
            reading.small_enough(content)
            table = reading.rows(content, named=self.title)
            reading.few_enough(table)
        except reading.Unreadable as error:
            zh, en = (f"“{self.title}”{error.why.zh}", f"{self.title}: {error.why.en}")
            raise BookRefused(why=Term(zh=zh, en=en)) from error
        return table

    def _keys(self, heads: Sequence[Any]) -> list[str]:
        known = {heading.rstrip("*"): key for key, (heading, _) in self.columns.items()}
        keys = [known.get(str(head or "").strip().rstrip("*"), "") for head in heads]
        if missing := [heading for key, (heading, _) in self.columns.items() if key not in (*keys, self.act)]:
            zh, en = (
                f"“{self.title}”缺少列：{'、'.join(missing)}",
                f"{self.title} lacks the columns {', '.join(missing)}",
            )
            raise BookRefused(why=Term(zh=zh, en=en))
        return keys

    def faults(self, line: Line) -> Iterator[Fault]:
        """Yield what the cells of a row cannot be."""
        for key in self._needed(line.cells):
            heading = self.columns[key][0]
            if key not in line.cells:
                yield self.fault(line, f"没有填写“{heading}”", f"{heading} is not filled in")
        for key, options in self.choices.items():
            if key in line.cells and text_in(line.cells, key) not in options:
                head, told = self.columns[key][0], "、".join(options)
                yield self.fault(line, f"“{head}”应为{told}之一", f"{head} is none of {told}")
        for keys, reads, wanted in ((self.numbers, number_in, "数字"), (self.days, day_in, "日期")):
            for key in keys:
                if key in line.cells and reads(line.cells[key]) is None:
                    head = self.columns[key][0]
                    yield self.fault(line, f"“{head}”不是{wanted}", f"{head} cannot be read")

    def _needed(self, cells: Cells) -> Iterator[str]:
        if self.act and self.act in cells:
            yield next(iter(self.columns))
        else:
            yield from (key for key, (heading, _) in self.columns.items() if heading.endswith("*"))

    def fault(self, line: Line, zh: str, en: str) -> Fault:
        """Return a fault of a row of this sheet."""
        return Fault(sheet=self.title, number=line.number, zh=zh, en=en)


def text_in(cells: Cells, key: str) -> str:
    return str(cells.get(key, "")).strip()


def number_in(cell: Any) -> float | None:
    try:
        found = None if cell is None else float(str(cell))
    except ValueError:
        return None
    return found if found is None or math.isfinite(found) else None


def day_in(cell: Any) -> date | None:
    # a day such as 20260302 may stand there as a number
    said = reading.moment(cell if isinstance(cell, date) else str(cell))
    return said.astimezone(BEIJING).date() if isinstance(said, datetime) else None
