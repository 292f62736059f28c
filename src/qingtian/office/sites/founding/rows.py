"""What becomes of the rows of a register 登记表: each is new, changed, ended, resumed, or as it was. All or none."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.db import models

from qingtian.office.ledger import api as ledger
from qingtian.office.sites.founding.books import ACT, CHANGE, END, FORMS, RESUME
from qingtian.office.sites.sheets import Cells, Fault, Line, number_in, refused, text_in

FOUNDER = ledger.System("registers")
DEGREES = {"lon": 180.0, "lat": 90.0}
M = TypeVar("M", bound=models.Model)
Changes = Mapping[str, tuple[Any, Any]]
"""What is and what is wanted, by column."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of the rows of a workbook. ``left``: the numbers of rows that say something else than the register
    and ask for no change, so that nothing was changed."""

    new: int = 0
    changed: int = 0
    ended: int = 0
    resumed: int = 0
    same: int = 0
    left: tuple[int, ...] = ()


class Register(ABC, Generic[M]):
    """A register as its workbook says it. ``secret``: columns of which the ledger says only that they changed."""

    name: ClassVar[str]
    chain: ClassVar[str]
    key: ClassVar[str]
    secret: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, lines: Sequence[Line], *, at: datetime) -> None:
        self.form = FORMS[self.name]
        self.lines = lines
        self.at = at
        self.there: dict[str, M] = self.known({text_in(line.cells, self.key) for line in lines})

    @abstractmethod
    def known(self, keys: set[str]) -> dict[str, M]:
        """Return the rows of these keys that are registered."""

    @abstractmethod
    def said(self, cells: Cells) -> dict[str, Any]:
        """Return what the filled cells of a row say, by the columns of the register."""

    @abstractmethod
    def make(self, cells: Cells) -> tuple[M, Mapping[str, object]]:
        """Register a row; return it, and what the ledger says of it."""

    @abstractmethod
    def faults(self, line: Line, row: M | None) -> Iterator[Fault]:
        """Yield why a row cannot be entered, or what is registered not be changed so."""

    def changes(self, row: M, cells: Cells) -> Changes:
        """Return what is registered and what the row says instead, by column."""
        return {name: (old, new) for name, new in self.said(cells).items() if (old := getattr(row, name)) != new}

    def change(self, row: M, changes: Changes) -> None:
        """Write changes into what is registered."""
        for name, (_old, new) in changes.items():
            setattr(row, name, new)
        row.save(update_fields=list(changes))

    def enter(self) -> Outcome:
        """Do what the rows say, inside the caller's transaction.

        :raises BookRefused: if any of them cannot be done; all such are named.
        """
        wrong = [*self._twice(), *(fault for line in self.lines for fault in self._wrong(line))]
        if wrong:
            raise refused(wrong)
        done = [self._enter(line.cells) for line in self.lines]
        self.finish()
        counts = Counter(done)
        left = tuple(line.number for line, what in zip(self.lines, done, strict=True) if what == "left")
        return Outcome(left=left, **{what: count for what, count in counts.items() if what != "left"})

    def finish(self) -> None:
        """:raises BookRefused: if what the rows did together cannot be."""

    def write(self, row: models.Model, act: str, content: Mapping[str, object], *, chain: str = "") -> None:
        """Append what was done to the ledger."""
        ledger.append(
            chain=f"{chain or self.chain}:{row.pk}", acting_user=FOUNDER, act=act, at=self.at, content=content
        )

    def fault(self, line: Line, column: str, zh: str, en: str) -> Fault:
        """Return a fault that names the row and the column."""
        heading = self.form.columns[column][0].rstrip("*")
        return self.form.fault(line, f"“{heading}”{zh}", f"{heading}: {en}")

    def missing(self, line: Line, column: str, there: Mapping[str, object]) -> Iterator[Fault]:
        """Yield a fault if the row names something in a column that is not registered."""
        code = text_in(line.cells, column)
        if code and code not in there:
            yield self.fault(line, column, f"没有登记 {code}，请先登记", f"{code} is not registered; enter it first")

    def _enter(self, cells: Cells) -> str:
        row, act = self.there.get(text_in(cells, self.key)), text_in(cells, ACT)
        if row is None:
            made, content = self.make(cells)
            self.write(made, "register", content)
            return "new"
        changes = self.changes(row, cells)
        if not changes or act != CHANGE:
            return "left" if changes else "same"
        self.change(row, changes)
        self.write(row, "change_register", {"changed": self._told(changes)})
        return "changed"

    def _told(self, changes: Changes) -> dict[str, object]:
        return {name: "******" if name in self.secret else list(pair) for name, pair in changes.items()}

    def _twice(self) -> Iterator[Fault]:
        met: set[str] = set()
        for line in self.lines:
            code = text_in(line.cells, self.key)
            if code and code in met:
                yield self.fault(
                    line, self.key, f"：{code} 出现多次，请只留一行", f"{code} is there twice; keep one row"
                )
            met.add(code)

    def _wrong(self, line: Line) -> Iterator[Fault]:
        row, act = self.there.get(text_in(line.cells, self.key)), text_in(line.cells, ACT)
        if act and row is None:
            code = text_in(line.cells, self.key)
            zh, en = f"：{code} 没有登记，不能{act}；登记新行请不填此栏", f"{code} is not registered; leave this empty"
            yield self.fault(line, ACT, zh, en)
        elif act not in (END, RESUME):
            yield from self._too_long(line)
            yield from self._off_the_map(line)
        if not act or row is not None:
            yield from self.faults(line, row)

    def _too_long(self, line: Line) -> Iterator[Fault]:
        for column, most in self.longest().items():
            if len(text_in(line.cells, column)) > most:
                yield self.fault(
                    line, column, f"最长 {most} 个字，请缩短", f"it has {most} letters at most; shorten it"
                )

    def longest(self) -> Mapping[str, int]:
        """Return how many letters the cells of columns may have."""
        return {}

    def _off_the_map(self, line: Line) -> Iterator[Fault]:
        for column, most in DEGREES.items():
            given = number_in(line.cells.get(column))
            if given is not None and abs(given) > most:
                zh, en = f"应在 −{most:g} 与 {most:g} 度之间", f"it lies between −{most:g} and {most:g} degrees"
                yield self.fault(line, column, zh, en)


class Ending(Register[M]):
    """A register whose rows can end 停用, and be in use again 恢复."""

    @abstractmethod
    def in_use(self, row: M) -> bool:
        """Say whether a row of the register is in use."""

    @abstractmethod
    def switch(self, row: M, *, on: bool) -> None:
        """End a row of the register, or let it be in use again."""

    def _enter(self, cells: Cells) -> str:
        row, act = self.there.get(text_in(cells, self.key)), text_in(cells, ACT)
        if row is None or act not in (END, RESUME):
            return super()._enter(cells)
        on = act == RESUME
        if self.in_use(row) == on:
            return "same"
        self.switch(row, on=on)
        self.write(row, "resume_register" if on else "end_register", {})
        return "resumed" if on else "ended"


def letters(model: type[models.Model], **columns: str) -> dict[str, int]:
    """Return how long the fields of a model may be, by the columns that hold them."""
    lengths = {column: getattr(model._meta.get_field(field), "max_length", None) for column, field in columns.items()}
    return {column: most for column, most in lengths.items() if most is not None}


def texts(cells: Cells, *names: str) -> dict[str, Any]:
    """Return the filled cells of these columns as texts."""
    return {name: text_in(cells, name) for name in names if name in cells}


def degrees(cells: Cells) -> dict[str, float]:
    """Return the coordinates that are filled in; the form has seen that they are numbers."""
    given = {name: number_in(cells.get(name)) for name in DEGREES}
    return {name: value for name, value in given.items() if value is not None}
