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
from qingtian.office.spreadsheets.writing import FIRST_ROW, Column, workbook

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
        form = [
            Column(heading=heading, told=told, options=self.choices.get(key, ()))
            for key, (heading, told) in self.columns.items()
        ]
        return workbook(form, rows, title=self.title)

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
        table = self._table(content)
        keys = self._keys(table[0] if table else ())
        for number, row in enumerate(table[FIRST_ROW - 1 :], start=FIRST_ROW):
            cells = {key: cell for key, cell in zip(keys, row, strict=False) if key and str(cell or "").strip()}
            cells |= {key: 0 for key, cell in zip(keys, row, strict=False) if key in self.numbers and cell == 0}
            if cells:
                yield number, cells

    def _table(self, content: bytes) -> reading.Rows:
        try:
            reading.small_enough(content)
            table = reading.rows(content, named=self.title)
            reading.few_enough(table)
        except reading.Unreadable as error:
            raise BookRefused(why=error.why) from error
        return table

    def _keys(self, heads: Sequence[Any]) -> list[str]:
        known = {heading.rstrip("*"): key for key, (heading, _) in self.columns.items()}
        keys = [known.get(str(head or "").strip().rstrip("*"), "") for head in heads]
        if missing := [heading for key, (heading, _) in self.columns.items() if key not in keys]:
            zh, en = f"缺少列：{'、'.join(missing)}", f"it lacks the columns {', '.join(missing)}"
            raise BookRefused(why=Term(zh=zh, en=en))
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
