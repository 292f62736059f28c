"""Take an existing register in (导入台账): a checked preview, each wrong row with its sentence; then all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.law.clocks import Words
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.state import day_of
from qingtian.law.machine.step import UnknownSource
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import kinds, workbook
from qingtian.office.matters.models import Matter
from qingtian.office.matters.opening import Origin, open_matter
from qingtian.office.matters.persons import PersonUnknown
from qingtian.office.matters.workbook import Line
from qingtian.office.people.api import User


class RowUnreadable(QingtianError):
    code = "matters.row_unreadable"
    zh = "“{column}”{why}。请在表中改正。"
    en = "“{column}” {why}. Correct it in the sheet."


class ImportRefused(QingtianError):
    code = "matters.import_refused"
    zh = "没有导入：{wrong} 行有错误（共 {rows} 行）。请按预览中的说明改正后重新上传。"
    en = "Nothing was imported: {wrong} of {rows} rows are wrong. Correct them as the preview says and upload again."


class ImportChanged(QingtianError):
    code = "matters.import_changed"
    zh = "文件与预览时不同，没有导入。请重新预览后再确认。"
    en = "The file is not the one that was previewed; nothing was imported. Preview it again, then confirm."


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A row of the preview: what it would open (``title``, ``opened``), or ``why`` not and in which ``column``.

    ``column`` is a heading of the sheet; empty if the reason lies in the row as a whole.
    """

    number: int
    title: str
    opened: datetime | None
    why: QingtianError | None
    column: str = ""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an import would do. ``digest`` is of the file: what is confirmed is what was previewed."""

    code: str
    digest: str
    rows: tuple[Checked, ...]

    @property
    def wrong(self) -> int:
        return sum(row.why is not None for row in self.rows)


class _Undone(Exception):
    """Takes a preview back."""


def blank_register(code: str, *, act: str = "", at: datetime) -> bytes:
    """Return the empty Excel form of a kind.

    :raises UnknownKind, NoVersionInForce:
    """
    definition = kinds.on(code, day=day_of(at))
    return workbook.blank(definition, _act(definition, act))


def _act(definition: Definition, name: str) -> Act:
    ways = kinds.openings(definition)
    return next((way for way in ways if way.name == name), ways[0])


def preview_import(*, acting_user: User, code: str, content: bytes, at: datetime, act: str = "") -> Preview:
    """Say what an import would do, by doing it and taking it back: nothing stays, no number is used.

    :raises WorkbookUnreadable: if the file is no register of the kind.
    """
    definition = kinds.on(code, day=day_of(at))
    opening = _act(definition, act)
    found: list[Checked] = []
    lines = workbook.lines(definition, opening, content)
    try:
        with transaction.atomic():
            for line in lines:
                found.append(_check(acting_user, definition, opening, line))
            raise _Undone
    except _Undone:
        pass
    return Preview(code=code, digest=hashlib.sha256(content).hexdigest(), rows=tuple(found))


def import_register(
    *, acting_user: User, code: str, content: bytes, digest: str, at: datetime, act: str = ""
) -> list[Matter]:
    """Open a matter for each row of a register, as of the time in its row; all of them or none.

    ``digest`` is that of the preview.

    :raises ImportChanged: if it is another file.
    :raises WorkbookUnreadable: if the file is no register of the kind.
    :raises ImportRefused: if a row is wrong; `preview_import` says which and why.
    """
    if hashlib.sha256(content).hexdigest() != digest:
        raise ImportChanged
    definition = kinds.on(code, day=day_of(at))
    opening = _act(definition, act)
    lines = workbook.lines(definition, opening, content)
    opened: list[Matter] = []
    with transaction.atomic():
        wrong = 0
        for line in lines:
            try:
                with transaction.atomic():
                    opened.append(_open(acting_user, definition, opening, line))
            except QingtianError:
                wrong += 1
        if wrong:
            raise ImportRefused(wrong=wrong, rows=len(lines))
        entry = {"kind": code, "file": digest, "rows": len(lines), "matters": [matter.number for matter in opened]}
        ledger.append(chain="imports", acting_user=acting_user, act="import_register", at=at, content=entry)
    return opened


def _check(user: User, definition: Definition, opening: Act, line: Line) -> Checked:
    title = str(line.cells.get("title", ""))
    try:
        # a savepoint: a row that is wrong leaves the others as they are
        with transaction.atomic():
            matter = _open(user, definition, opening, line)
    except QingtianError as error:
        column = _column(definition, opening, error)
        return Checked(number=line.number, title=title, opened=None, why=error, column=column)
    return Checked(number=line.number, title=matter.title, opened=matter.opened_at, why=None)


def _column(definition: Definition, opening: Act, error: QingtianError) -> str:
    """Return the heading under which the cell stands that an error is about."""
    if isinstance(error, RowUnreadable):
        return str(error.fields["column"])
    heads = {key: head.rstrip("*") for key, head in workbook.columns(definition, opening).items()}
    if isinstance(error, UnknownSource):
        return heads["source"]
    if isinstance(error, PersonUnknown):
        named = [head for key, head in heads.items() if key.startswith("people.")]
        return named[0] if len(named) == 1 else ""
    about = [error.fields[name] for name in ("fact", "role", "what") if name in error.fields]
    said = tuple(word.zh for word in about if isinstance(word, Words | Term))
    return next((head for head in heads.values() if said and head.startswith(said)), "")


def _open(user: User, definition: Definition, opening: Act, line: Line) -> Matter:
    cells = line.cells
    origin = Origin(
        source=workbook.source(definition, cells.get("source", "")),
        reference=str(cells.get("reference", "")),
        district=str(cells.get("district", "")),
        enterprise=str(cells.get("enterprise", "")),
    )
    return open_matter(
        acting_user=user,
        code=definition.manifest.code,
        act=opening.name,
        at=_opened(cells),
        origin=origin,
        title=str(cells.get("title", "")),
        facts=_facts(definition, cells),
        papers=dict.fromkeys(opening.brings),
        people=dict(workbook.usernames(cells)),
    )


def _opened(cells: Mapping[str, Any]) -> datetime:
    found = workbook.moment(cells.get("opened"))
    if not isinstance(found, datetime):
        raise RowUnreadable(
            column=workbook.GENERAL["opened"],
            why=Term(zh="应为日期或时刻，如 2026-03-02 09:30", en="has to be a day or a time such as 2026-03-02 09:30"),
        )
    return found


def _facts(definition: Definition, cells: Mapping[str, Any]) -> dict[str, object]:
    named = ((key.removeprefix("fact."), cell) for key, cell in cells.items() if key.startswith("fact."))
    return {name: workbook.value(definition, definition.facts[name], cell) for name, cell in named}
