"""Registers as workbooks: what was given out comes back as it was; what a program would read otherwise is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from qingtian.office.sites.sheets import BookRefused, Form, day_in, number_in
from qingtian.office.spreadsheets.reading import MOST_ROWS

FORM = Form(
    title="设备登记",
    columns={
        "name": ("名称*", "不重复"),
        "kind": ("类型", "泵或风机"),
        "rated": ("额定值", "数字"),
        "start": ("启用日", "如 2026-03-01"),
    },
    choices={"kind": ("泵", "风机")},
    numbers=("rated",),
    days=("start",),
)
ROW = ("一号泵", "泵", 7.5, date(2026, 3, 1))


def changed(change: Callable[[Any], object], *rows: tuple[object, ...]) -> bytes:
    """The form with these rows, as somebody saves it after a change."""
    book = load_workbook(io.BytesIO(FORM.filled(rows)))
    change(book)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def sheet_of(book: Any) -> Worksheet:
    sheet: Worksheet = book[FORM.title]
    return sheet


def why(content: bytes) -> str:
    with pytest.raises(BookRefused) as refused:
        FORM.read(content)
    assert refused.value.code == "sites.workbook_refused"
    return refused.value.sentence("zh")


def test_what_was_given_out_comes_back_with_its_rows_and_without_what_explains_them() -> None:
    (cells,) = FORM.read(FORM.filled([ROW]))
    assert (cells["name"], cells["kind"], number_in(cells["rated"])) == ("一号泵", "泵", 7.5)
    assert day_in(cells["start"]) == date(2026, 3, 1)
    assert FORM.read(FORM.filled([])) == []


def test_the_sheet_of_the_form_is_meant_wherever_it_stands() -> None:
    def notes(book: Any) -> None:
        book.create_sheet("填写说明", 0).append(["先读这里"])

    assert len(FORM.read(changed(notes, ROW))) == 1

    def renamed(book: Any) -> None:
        sheet_of(book).title = "Sheet1"
        notes(book)

    assert "填写说明、Sheet1" in why(changed(renamed, ROW))


def test_a_sheet_that_was_renamed_is_read_if_it_is_the_only_one() -> None:
    def renamed(book: Any) -> None:
        sheet_of(book).title = "Sheet1"

    assert len(FORM.read(changed(renamed, ROW))) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda book: sheet_of(book).merge_cells("B3:B4"), "B3:B4"),
        (lambda book: sheet_of(book).cell(3, 3, "=3+4"), "C3"),
        (lambda book: sheet_of(book).cell(3, 3, "NaN"), "第3行“额定值”不是数字"),
        (lambda book: sheet_of(book).cell(3, 4, "上周"), "第3行“启用日”不是日期"),
        (lambda book: sheet_of(book).cell(3, 2, "阀"), "应为泵、风机之一"),
        (lambda book: sheet_of(book).cell(1, 3, "功率"), "缺少列：额定值"),
    ],
)
def test_what_cannot_be_read_as_people_see_it_is_refused_with_its_place(
    change: Callable[[Any], object], said: str
) -> None:
    assert said in why(changed(change, ROW, ROW))


def test_a_row_that_stands_where_the_explanations_were_is_read() -> None:
    def taken_out(book: Any) -> None:
        sheet_of(book).delete_rows(2)

    assert len(FORM.read(changed(taken_out, ROW, ROW))) == 2


@pytest.mark.parametrize("cell", ["2026-3-1", "2026/03/01", "2026年3月1日", "2026-03-01 09:30", 20260301])
def test_a_day_is_read_as_it_is_typed(cell: object) -> None:
    def typed(book: Any) -> None:
        sheet_of(book).cell(3, 4, cell).number_format = "General"

    (cells,) = FORM.read(changed(typed, ROW))
    assert day_in(cells["start"]) == date(2026, 3, 1)


def test_no_more_rows_are_taken_than_one_can_answer_for() -> None:
    assert len(FORM.read(FORM.filled([ROW] * MOST_ROWS))) == MOST_ROWS
    assert f"超过 {MOST_ROWS} 行" in why(FORM.filled([ROW] * (MOST_ROWS + 1)))


@pytest.mark.parametrize("content", [b"", b"name,kind\n", b"PK\x03\x04broken"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    assert "不是 Excel 工作簿" in why(content)
