"""A row of an existing register (存量台账的一行) read as values: its stage, days, clocks, number, place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.law import clocks
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.step import UnknownSource
from qingtian.office.matters import stock, workbook
from qingtian.office.matters.places import Origin
from qingtian.office.matters.workbook import Line
from qingtian.office.spreadsheets import reading


class RowUnreadable(QingtianError):
    code = "matters.row_unreadable"
    zh = "“{column}”{why}。请在表中改正。"
    en = "“{column}” {why}. Correct it in the sheet."


def stage_of(definition: Definition, line: Line) -> tuple[str, str]:
    """Return the stage of a row, and the column that says since when.

    :raises RowUnreadable: if it says neither stage nor end, or both.
    """
    cells = line.cells
    if "end" in cells and "stage" in cells:
        named = {stock.stage(definition, cells[key], key=key) for key in ("stage", "end")}
        if len(named) > 1:
            raise _wrong(
                "end",
                "与“所处阶段”不一致：在办的填所处阶段，已办结的填办结方式，只填其一",
                "and the stage disagree: fill in one",
            )
    if "end" not in cells and "stage" not in cells:
        raise _wrong(
            "stage",
            "没有填写：有原编号、到达日期等的行须写明所处阶段或办结方式",
            "is missing: say the stage or the end",
        )
    key = "end" if "end" in cells else "stage"
    stage = stock.stage(definition, cells[key], key=key)
    end = definition.stages[stage].end
    if key == "end" and not end:
        raise _wrong(
            "end", f"“{cells['end']}”不是终结阶段；在办的请填在“所处阶段”", "is no end: write it under the stage"
        )
    if not end and "ended" in cells:
        raise _wrong(
            "ended", "只有已办结的才填写；在办的请填“到达日期”", "is for what has ended: write the day it was reached"
        )
    return stage, "ended" if end and ("ended" in cells or "reached" not in cells) else "reached"


def _wrong(key: str, zh: str, en: str) -> RowUnreadable:
    return RowUnreadable(column=stock.heading(key), why=Term(zh=zh, en=en))


def day_in(cells: Mapping[str, object], key: str) -> datetime:
    """Return the day or moment of a cell.

    :raises RowUnreadable: if it has none.
    """
    found = reading.moment(cells.get(key))
    if not isinstance(found, datetime):
        raise _wrong(key, "应为日期或时刻，如 2026-03-02 09:30", "has to be a day or a time such as 2026-03-02 09:30")
    return found


def clock_in(key: str, cell: object, *, day: date) -> tuple[str, date | datetime]:
    """Return a clock and what it runs from: one that is counted by the hour from a moment, others from a day.

    :raises RowUnreadable: if the cell is neither.
    """
    name, found = key.removeprefix(stock.CLOCK), reading.moment(cell)
    if not isinstance(found, datetime):
        why = Term(zh="应为日期，如 2026-03-02", en="has to be a day such as 2026-03-02")
        raise RowUnreadable(column=stock.clock_heading(name, day=day), why=why)
    clock = clocks.named(name, day=found.astimezone(BEIJING).date())
    return name, found if clock.unit == "hour" else found.astimezone(BEIJING).date()


def paused_in(key: str, cell: object, *, day: date) -> tuple[str, date]:
    """Return a clock and since when it stands still.

    :raises RowUnreadable: if the cell is no day.
    """
    name, found = key.removeprefix(stock.PAUSED), reading.moment(cell)
    if not isinstance(found, datetime):
        why = Term(zh="应为日期，如 2026-03-02", en="has to be a day such as 2026-03-02")
        raise RowUnreadable(column=stock.paused_heading(name, day=day), why=why)
    return name, found.astimezone(BEIJING).date()


def number_of(line: Line) -> str:
    """Return what the matter was called in the other register; empty if the row does not say."""
    return str(line.cells.get("old_number") or line.cells.get("number") or "").strip()[:128]


def origin_of(definition: Definition, line: Line) -> Origin:
    """Return where the matter lies and what it was opened from, as far as the row says.

    :raises UnknownSource: if it names a source that the kind has not; it need name none.
    :raises RowUnreadable: if the row is of another kind (`/matters/?format=csv` has all)."""
    cells, manifest = line.cells, definition.manifest
    if str(cells.get("kind", manifest.code)).strip() != manifest.code:
        raise RowUnreadable(column="kind", why=Term(zh="不是本类事项", en="is another kind of matter"))
    source = workbook.source(definition, cells.get("source", ""))
    if source and source not in manifest.opened_from:
        raise UnknownSource(kind=manifest.words, source=source, known=", ".join(manifest.opened_from))
    reference, district, enterprise = (
        str(cells.get(key, "")).strip() for key in ("reference", "district", "enterprise")
    )
    return Origin(source=source, reference=reference, district=district, enterprise=enterprise)
