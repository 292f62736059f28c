"""What a browser saves keeps its name in any language, and nothing in a table is run by a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import unquote

import pytest

from qingtian.portals import saved

pytestmark = pytest.mark.usefixtures("office")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SZ-G-0600-a21026.csv", 'attachment; filename="SZ-G-0600-a21026.csv"'),
        ("设施.xlsx", "attachment; filename*=UTF-8''%E8%AE%BE%E6%96%BD.xlsx"),
        ('a"b.pdf', "attachment; filename*=UTF-8''a%22b.pdf"),
        ("a\r\nSet-Cookie: b.pdf", "attachment; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b.pdf"),
    ],
)
def test_a_file_is_called_what_it_is_called_whatever_its_letters(name: str, said: str) -> None:
    answer: Any = saved.file(b"%PDF-1.7", media_type="application/pdf", name=name)
    assert answer.headers["Content-Disposition"] == said
    assert (answer.content, answer.headers["Content-Type"]) == (b"%PDF-1.7", "application/pdf")


def test_a_file_that_is_shown_says_so_and_may_come_bit_by_bit() -> None:
    answer: Any = saved.file(io.BytesIO(b"12345"), media_type="image/png", name="照片.png", inline=True)
    assert unquote(answer.headers["Content-Disposition"]) == "inline; filename*=UTF-8''照片.png"
    assert b"".join(answer.streaming_content) == b"12345"


def test_a_table_is_read_by_spreadsheets_and_runs_nothing() -> None:
    rows = [("flag", "value", "note"), ("=1+1", -2.5, None), ("@SUM(A1)", 0, "-x"), ("N", 1, "甲,乙")]
    answer = saved.table(rows, name="outlet")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert read[1:] == [["'=1+1", "-2.5", ""], ["'@SUM(A1)", "0", "'-x"], ["N", "1", "甲,乙"]]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="outlet.csv"'


def test_a_workbook_is_sent_as_one() -> None:
    answer = saved.workbook(b"PK", name="台账")
    assert answer.headers["Content-Type"] == saved.XLSX
    assert unquote(answer.headers["Content-Disposition"]).endswith("台账.xlsx")
