"""Take an existing register in (导入台账): a checked preview, each wrong row with its sentence; then all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.law.clocks import Words
from qingtian.law.machine import untaken
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.state import State, day_of
from qingtian.law.machine.step import UnknownSource
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import kinds, stock, stock_rows, taking, workbook
from qingtian.office.matters.models import Matter
from qingtian.office.matters.opening import open_matter
from qingtian.office.matters.persons import PersonUnknown
from qingtian.office.matters.places import Origin
from qingtian.office.matters.taking import AlreadyTaken, Desk, NumberTwice, Taken
from qingtian.office.matters.workbook import Line
from qingtian.office.people.api import User


class ImportRefused(QingtianError):
    code = "matters.import_refused"
    zh = "没有导入：{wrong} 行有错误（共 {rows} 行）。请按预览中的说明改正后重新上传。"
    en = "Nothing was imported: {wrong} of {rows} rows are wrong. Correct them as the preview says and upload again."


class ImportedBefore(QingtianError):
    code = "matters.imported_before"
    zh = (
        "这个文件已于 {day} 由 {by} 导入（{rows} 行），再导入会全部重复，没有导入。如有新的行，请只留新行，另存后上传。"
    )
    en = (
        "This very file was imported on {day} by {by} ({rows} rows); all of it would be there twice, so nothing was "
        "imported. If there are new rows, keep only those, save them as another file, and upload that."
    )


class ImportChanged(QingtianError):
    code = "matters.import_changed"
    zh = "文件与预览时不同，没有导入。请重新预览后再确认。"
    en = "The file is not the one that was previewed; nothing was imported. Preview it again, then confirm."


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A row of the preview: what it would open (``title``, ``opened``), or ``why`` not and in which ``column``.

    ``column`` is a heading of the sheet; empty if the reason lies in the row as a whole. ``state``: of a matter that
    would be taken over, all that it would be; ``open_clocks``: clocks that may run in its stage, and that the row says
    nothing of.
    """

    number: int
    title: str
    opened: datetime | None
    why: QingtianError | None
    column: str = ""
    state: State | None = None
    open_clocks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an import would do. ``digest`` is of the file: what is confirmed is what was previewed."""

    code: str
    digest: str
    rows: tuple[Checked, ...]

    @property
    def wrong(self) -> int:
        return sum(row.why is not None for row in self.rows)


ABOUT: Mapping[type[QingtianError], str] = {
    untaken.StageNotWalked: "stage",
    untaken.OpenedInTheFuture: "opened",
    untaken.ReachedInTheFuture: "reached",
    untaken.ReachedBeforeOpening: "reached",
    untaken.NotDoneBefore: "done",
    AlreadyTaken: "old_number",
    NumberTwice: "old_number",
}
"""In which column the cell stands that an error is about."""


CHAIN, IMPORT = "imports", "import_register"
"""Where the ledger keeps which files were taken in, and as which act."""


class _Undone(Exception):
    """Takes a preview back."""


def blank_register(code: str, *, act: str = "", existing: bool = False, at: datetime) -> bytes:
    """Return the empty Excel form of a kind; ``existing``: for matters that are under way or closed already.

    :raises UnknownKind, NoVersionInForce:
    """
    definition = kinds.on(code, day=day_of(at))
    return workbook.blank(definition, _act(definition, act), existing=existing, day=day_of(at))


def _act(definition: Definition, name: str) -> Act:
    ways = kinds.openings(definition)
    return next((way for way in ways if way.name == name), ways[0])


def preview_import(*, acting_user: User, code: str, content: bytes, at: datetime, act: str = "") -> Preview:
    """Say what an import would do, by doing it and taking it back: nothing stays, no number is used.

    :raises WorkbookUnreadable: if the file is no register of the kind.
    :raises ImportedBefore: if this very file was taken in already.
    """
    definition = kinds.on(code, day=day_of(at))
    opening = _act(definition, act)
    lines = workbook.lines(definition, opening, content, day=day_of(at))
    digest = hashlib.sha256(content).hexdigest()
    _is_new(code, digest, times=0)
    desk = taking.desk(acting_user, definition, lines, file=digest, at=at)
    found: list[Checked] = []
    try:
        with transaction.atomic():
            for line in lines:
                found.append(_checked(desk, opening, line))
            raise _Undone
    except _Undone:
        pass
    return Preview(code=code, digest=digest, rows=tuple(found))


def import_register(
    *, acting_user: User, code: str, content: bytes, digest: str, at: datetime, act: str = ""
) -> list[Matter]:
    """Open a matter for each row of a register, as of the time in its row; all of them or none.

    ``digest`` is that of the preview.

    :raises ImportChanged: if it is another file.
    :raises WorkbookUnreadable: if the file is no register of the kind.
    :raises ImportRefused: if a row is wrong; `preview_import` says which and why.
    :raises ImportedBefore: if this very file was taken in already, be it a moment ago.
    """
    if hashlib.sha256(content).hexdigest() != digest:
        raise ImportChanged
    definition = kinds.on(code, day=day_of(at))
    opening = _act(definition, act)
    lines = workbook.lines(definition, opening, content, day=day_of(at))
    desk = taking.desk(acting_user, definition, lines, file=digest, at=at)
    with transaction.atomic():
        made, wrong = _made(desk, opening, lines)
        if wrong:
            raise ImportRefused(wrong=wrong, rows=len(lines))
        taken = [each for each in made if isinstance(each, Taken)]
        put = iter(taking.put(desk, taken))
        opened = [each if isinstance(each, Matter) else next(put) for each in made]
        entry = {"kind": code, "file": digest, "rows": len(lines), "taken_over": len(taken)}
        entry["matters"] = [matter.number for matter in opened]
        ledger.append(chain=CHAIN, acting_user=acting_user, act=IMPORT, at=at, content=entry)
        # whoever imports the same file at once waits for the chain, and sees the other's entry
        _is_new(code, digest, times=1)
    return opened


def _is_new(code: str, digest: str, *, times: int) -> None:
    """:raises ImportedBefore: if the ledger has the file of this kind more than so many ``times``."""
    entries = ledger.history(CHAIN, acts=[IMPORT])
    same = [line for line in entries if (line.content["kind"], line.content["file"]) == (code, digest)]
    if len(same) > times:
        first = same[0]
        day = first.at.astimezone(BEIJING).date()
        raise ImportedBefore(day=day, by=first.actor_name, rows=first.content["rows"])


def _made(desk: Desk, opening: Act, lines: Sequence[Line]) -> tuple[list[Matter | Taken], int]:
    """Open the matters of the rows that open one, and place those that are taken over; with how many rows are wrong."""
    made: list[Matter | Taken] = []
    wrong = 0
    for line in lines:
        try:
            if stock.is_stock(line.cells):
                made.append(taking.take(desk, line))
            else:
                with transaction.atomic():
                    made.append(_open(desk.user, desk.definition, opening, line))
        except QingtianError:
            wrong += 1
    return made, wrong


def _checked(desk: Desk, opening: Act, line: Line) -> Checked:
    title = str(line.cells.get("title", ""))
    try:
        if stock.is_stock(line.cells):
            return _taken(desk, line)
        # a savepoint: a row that is wrong leaves the others as they are
        with transaction.atomic():
            matter = _open(desk.user, desk.definition, opening, line)
    except QingtianError as error:
        column = _column(desk.definition, opening, error, day=day_of(desk.at))
        return Checked(number=line.number, title=title, opened=None, why=error, column=column)
    return Checked(number=line.number, title=matter.title, opened=matter.opened_at, why=None)


def _taken(desk: Desk, line: Line) -> Checked:
    work = taking.take(desk, line).work
    matter, state = work.matter, work.after
    arrival = kinds.arrivals(matter.code, matter.version)[state.stage]
    told = {run.clock for run in state.clocks}
    return Checked(
        number=line.number,
        title=matter.title,
        opened=matter.opened_at,
        why=None,
        state=state,
        open_clocks=tuple(name for name in stock.clocks_of(desk.definition) if name in arrival.may_run - told),
    )


def _column(definition: Definition, opening: Act, error: QingtianError, *, day: date) -> str:
    """Return the heading under which the cell stands that an error is about."""
    if "column" in error.fields:
        return str(error.fields["column"])
    if key := ABOUT.get(type(error)):
        return stock.heading(key)
    shown = {**stock.columns(definition, opening, day=day), **workbook.columns(definition, opening)}
    heads = {key: head.rstrip("*") for key, head in shown.items()}
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
        at=stock_rows.day_in(cells, "opened"),
        origin=origin,
        title=str(cells.get("title", "")),
        facts=workbook.facts(definition, cells),
        papers=dict.fromkeys(opening.brings),
        people=dict(workbook.usernames(cells)),
    )
