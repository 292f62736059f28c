"""Workbooks as people save them: what a program would read otherwise than they see is refused, with its place."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
from openpyxl import Workbook

from qingtian.base.times import BEIJING
from qingtian.office.spreadsheets import reading
from qingtian.office.spreadsheets.reading import Unclear, Unreadable

FORM = "台账"
HEADS = ["标题", "开启时间", "件数"]
ROW = ["旧案", "2026-03-02", 3]


def saved(book: Workbook) -> bytes:
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def book(change: Callable[[Workbook], None] = lambda book: None, *, title: str = "Sheet1") -> bytes:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = title
    for row in (HEADS, ["", "如 2026-03-02", ""], ROW, ROW):
        sheet.append(row)
    change(made)
    return saved(made)


def more_sheets(made: Workbook) -> None:
    made.create_sheet("说明").append(["另一张"])


def hidden_sheet(made: Workbook) -> None:
    other = made.create_sheet("旧", 0)
    other.append(["别的", "表头"])
    other.sheet_state = "hidden"


def test_the_rows_come_as_they_stand() -> None:
    found = reading.rows(book(), named=FORM, most=10)
    assert (len(found), list(found[2])) == (4, ROW)


def test_a_sheet_that_is_hidden_is_not_the_one_that_is_meant() -> None:
    assert list(reading.rows(book(hidden_sheet), named=FORM, most=10)[0]) == HEADS


def test_of_several_filled_sheets_the_one_of_the_form_is_meant_or_none() -> None:
    assert list(reading.rows(book(more_sheets, title="台账"), named=FORM, most=10)[0]) == HEADS
    with pytest.raises(Unclear) as refused:
        reading.rows(book(more_sheets), named=FORM, most=10)
    assert "Sheet1、说明" in refused.value.sentence("zh")


@pytest.mark.parametrize(("merged", "fine"), [("A3:A4", False), ("A1:B1", False), ("A2:C2", True)])
def test_merged_cells_are_named_unless_they_only_explain(merged: str, fine: bool) -> None:
    content = book(lambda made: made.worksheets[0].merge_cells(merged))
    if fine:
        assert len(reading.rows(content, named=FORM, most=10)) == 4
        return
    with pytest.raises(Unclear) as refused:
        reading.rows(content, named=FORM, most=10)
    assert merged in refused.value.sentence("zh")
    assert merged in refused.value.sentence("en")


def formulas(made: Workbook) -> None:
    for row in range(3, 12):
        made.worksheets[0].cell(row=row, column=3, value="=1+2")


def test_a_formula_that_no_spreadsheet_has_counted_is_named() -> None:
    with pytest.raises(Unclear) as refused:
        reading.rows(book(formulas), named=FORM, most=20)
    assert "C3、C4、C5、C6、C7 等 9 处" in refused.value.sentence("zh")
    assert "and 4 more" in refused.value.sentence("en")


def test_a_formula_with_its_result_is_read_as_what_it_shows() -> None:
    content = book(formulas)
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            written = old.read(name)
            new.writestr(
                name,
                written.replace(b"<f>1+2</f><v></v>", b"<f>1+2</f><v>3</v>").replace(
                    b"<f>1+2</f><v />", b"<f>1+2</f><v>3</v>"
                ),
            )
    assert reading.rows(changed.getvalue(), named=FORM, most=20)[2][2] == 3


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04broken", b"a,b\n1,2\n"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        reading.rows(content, named=FORM, most=10)


def test_no_more_rows_are_read_than_one_too_many() -> None:
    content = book(lambda made: [made.worksheets[0].append(ROW) for _ in range(50)] and None)
    assert len(reading.rows(content, named=FORM, most=10)) == 11


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-3-2", 0),
        ("2026/03/02", 0),
        ("2026.3.2", 0),
        ("2026年3月2日", 0),
        (" 2026年3月2日 9:30 ", 9),
        ("2026-03-02T09:30", 9),
    ],
)
def test_days_are_read_as_people_type_them(text: str, hour: int) -> None:
    said = reading.day_said(text)
    assert said is not None
    assert (said.date().isoformat(), said.hour, said.tzinfo) == ("2026-03-02", hour, BEIJING)


@pytest.mark.parametrize("text", ["上周", "2026-13-01", "2026-02-30", "26-3-2", "2026", "2026-03-02 25:00", ""])
def test_what_is_no_day_is_none(text: str) -> None:
    assert reading.day_said(text) is None
    assert not isinstance(reading.day_said(text), datetime)
