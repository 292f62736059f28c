"""What a browser saves keeps its name in any language, and nothing in a table is run by a spreadsheet."""

from __future__ import annotations

import asyncio
import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from qingtian.base.settings import Settings
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


def test_a_file_goes_out_piece_by_piece_on_an_event_loop(office: Settings) -> None:
    from asgiref.testing import ApplicationCommunicator
    from django.core.asgi import get_asgi_application

    from qingtian import portals

    name = "js/map.js"
    kept = (Path(portals.__file__).parent / "static" / name).read_bytes()

    async def fetch() -> tuple[dict[bytes, bytes], bytes]:
        asked = {"type": "http", "method": "GET", "path": f"/static/{name}", "query_string": b"", "headers": []}
        web = ApplicationCommunicator(get_asgi_application(), asked)
        await web.send_input({"type": "http.request", "body": b"", "more_body": False})
        head = await web.receive_output(timeout=60)
        pieces, more = [], True
        while more:
            said = await web.receive_output(timeout=60)
            pieces.append(said.get("body", b""))
            more = said.get("more_body", False)
        await web.wait(timeout=60)
        return dict(head["headers"]), b"".join(pieces)

    # a warning is an error here: read whole before it is sent, it would fail
    headers, got = asyncio.run(fetch())
    assert got == kept
    assert b"javascript" in headers[b"Content-Type"]


def test_what_is_streamed_is_read_a_piece_at_a_time() -> None:
    from qingtian.portals.streamed import Streamed

    sizes: list[int] = []

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            sizes.append(size or 0)
            return super().read(size)

    async def sent() -> list[bytes]:
        return [piece async for piece in Streamed(Slow(b"x" * (3 * Streamed.block_size + 1)))]

    pieces = asyncio.run(sent())
    assert [len(piece) for piece in pieces] == [*[Streamed.block_size] * 3, 1]
    assert max(sizes) == Streamed.block_size
