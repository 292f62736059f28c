"""An existing register taken in from Excel in the browser: form, preview by row and column, all rows or none."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from tests import workbooks

from qingtian.base import times

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

GOOD = {
    "标题": "旧信访一", "开启时间": datetime(2026, 11, 3, 9, 30), "来源": "来信", "行政区代码": "440306",
    "信访人": "王某", "收到日": datetime(2026, 11, 2), "诉求": "噪声", "事项类别": "申诉求决类",
}  # fmt: skip
PATH = "/matters/import/petition/"


def filled(client: Any, rows: list[dict[str, Any]]) -> io.BytesIO:
    """The empty form that the page gives out, with these rows in it."""
    form = client.get(f"{PATH}blank/")
    assert form.headers["Content-Type"].endswith("spreadsheetml.sheet")
    kept = io.BytesIO(workbooks.filled(form.content, rows))
    kept.name = "旧台账.xlsx"
    return kept


def digest(page: str) -> str:
    found = re.search(r'name="digest" value="(\w{64})"', page)
    assert found
    return found[1]


def count() -> int:
    from qingtian.office.matters.models import Matter

    return Matter.objects.count()


def test_each_wrong_row_is_named_with_its_column_and_nothing_can_be_confirmed(
    people: dict[str, Any], as_person: Any
) -> None:
    desk = as_person("desk")
    wrong = [
        GOOD,
        {**GOOD, "事项类别": "别的"},
        {**GOOD, "来源": "梦"},
        {**GOOD, "开启时间": "上周"},
        {**GOOD, "行政区代码": "999999"},
        {key: value for key, value in GOOD.items() if key != "诉求"},
    ]
    page = desk.post(PATH, {"file": filled(desk, wrong)}).content.decode()
    assert "6 行中有 5 行有误" in page
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    said = re.findall(r'data-title="表格行">(\d+)</td><td data-title="列">([^<]*)</td>', table)
    assert said == [("4", "事项类别"), ("5", "来源"), ("6", "开启时间"), ("7", "行政区代码"), ("8", "诉求")]
    # what may stand there is said in the words of the sheet
    assert "可选：申诉求决类、" in page
    assert "可以从：来信、" in page
    assert 'name="digest"' not in page
    assert "1 行无误" in page


def test_what_was_previewed_is_taken_in_whole_and_once(people: dict[str, Any], as_person: Any) -> None:
    desk, before = as_person("desk"), count()
    page = desk.post(PATH, {"file": filled(desk, [GOOD, {**GOOD, "标题": "旧信访二"}])}).content.decode()
    assert "2 行可以导入" in page
    assert count() == before
    form = {"digest": digest(page)}
    assert as_person("cashier").post(f"{PATH}confirm/", form).status_code == 409
    assert desk.post(f"{PATH}confirm/", {"digest": "0" * 64}).status_code == 409
    assert count() == before
    page = desk.post(f"{PATH}confirm/", form).content.decode()
    assert "已开启 2 件事项" in page
    assert "旧信访二" in page
    assert "2026-11-03 09:30:00" in page
    assert count() == before + 2
    again = desk.post(f"{PATH}confirm/", form)
    assert (again.status_code, "没有等待确认的台账" in again.content.decode()) == (409, True)
    assert count() == before + 2


def test_a_file_that_was_taken_in_is_not_taken_in_twice(people: dict[str, Any], as_person: Any) -> None:
    desk, before = as_person("desk"), count()
    file = filled(desk, [GOOD])
    form = {"digest": digest(desk.post(PATH, {"file": file}).content.decode())}
    desk.post(f"{PATH}confirm/", form)
    assert count() == before + 1
    file.seek(0)
    again = desk.post(PATH, {"file": file})
    assert again.status_code == 409
    assert "再导入会全部重复" in again.content.decode()
    assert count() == before + 1


def told_away(sheet: Any) -> None:
    """Somebody takes the row of explanations out, and writes from the second row on."""
    sheet.delete_rows(2)


ODD: dict[str, tuple[Callable[[Any], None], str]] = {
    "merged cells": (lambda sheet: sheet.merge_cells("B3:B4"), "有合并单元格（B3:B4）"),
    "formulas without a result": (
        lambda sheet: sheet.cell(3, 1, '=CONCAT("a","b")') and None,
        "有公式没有算出结果（A3）",
    ),
    "no explanations": (told_away, "2 行可以导入"),
    "a day as it is typed": (lambda sheet: sheet.cell(3, 2, "2026年11月3日 9:30") and None, "2 行可以导入"),
    "another sheet that is hidden": (lambda sheet: hide(sheet.parent), "2 行可以导入"),
}


def hide(book: Any) -> None:
    other = book.create_sheet("旧表", 0)
    other.append(["别的"])
    other.sheet_state = "hidden"


@pytest.mark.parametrize("name", ODD)
def test_a_workbook_is_read_as_people_see_it_or_refused(name: str, as_person: Any) -> None:
    desk = as_person("desk")
    change, said = ODD[name]
    book = load_workbook(filled(desk, [GOOD, {**GOOD, "标题": "旧信访二"}]))
    change(book["台账"])
    kept = io.BytesIO()
    book.save(kept)
    kept.seek(0)
    kept.name = "旧台账.xlsx"
    assert said in desk.post(PATH, {"file": kept}).content.decode()


@pytest.mark.parametrize("content", [b"no workbook", b"PK\x03\x04 broken", None])
def test_a_file_that_is_no_register_is_refused_with_a_sentence(content: bytes | None, as_person: Any) -> None:
    form = {} if content is None else {"file": io.BytesIO(content)}
    answer = as_person("desk").post(PATH, form)
    assert answer.status_code == 422
    assert "matters.workbook_unreadable" in answer.content.decode()


def test_only_kinds_that_one_may_open_can_be_taken_in(as_person: Any) -> None:
    assert PATH in as_person("desk").get("/matters/import/").content.decode()
    for name in ("officer", "admin", "reviewer"):
        client = as_person(name)
        assert PATH not in client.get("/matters/import/").content.decode(), name
        assert [client.get(path).status_code for path in (PATH, f"{PATH}blank/")] == [404, 404], name
        assert client.post(f"{PATH}confirm/", {"digest": "0" * 64}).status_code == 404, name
    assert as_person("firm").get("/matters/import/").status_code == 403
    assert as_person("desk").get(f"{PATH}blank/?act=no_such").status_code == 400


def test_a_register_that_nobody_confirms_is_forgotten_after_a_day(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import RegisterDraft

    desk = as_person("desk")
    desk.post(PATH, {"file": filled(desk, [GOOD])})
    at = times.now()
    assert matters.forget_drafts(at=at) == 0
    assert RegisterDraft.objects.get().name == "旧台账.xlsx"
    assert matters.forget_drafts(at=at + timedelta(days=1, seconds=1)) == 1
    assert not RegisterDraft.objects.exists()
