"""Files bound into one PDF: how many sheets each takes, what cannot be set in, and that the same makes the same."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime

import pytest
from tests.papers_world import inside

from qingtian.office.papers import api as papers
from qingtian.office.papers.api import Grid, Sheets, TextLine, Volume

NINE = datetime(2026, 11, 23, 1, tzinfo=UTC)
PDF = "application/pdf"


def png(width: int, height: int) -> bytes:
    """A picture in one colour."""
    rows = b"".join(b"\0" + bytes((200, 60, 60)) * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def listed(rows: int) -> bytes:
    """A PDF with a list of so many rows."""
    grid = Grid(widths=(20, 136), head=("序号", "题名"), rows=[(str(n), f"文书{n}") for n in range(rows)], labels=1)
    word = papers.word([TextLine(text="目录", style="文书标题"), grid], title="目录", authority="某局", made_at=NINE)
    return papers.set_word(word, title="目录", authority="某局", made_at=NINE)


def volume(*sheets: Sheets) -> Volume:
    return Volume(mark="正卷", front=listed(3), sheets=sheets, back=listed(2))


def test_it_counts_the_sheets_of_pdfs_and_pictures() -> None:
    assert papers.pages_in(listed(3), media_type=PDF) == 1
    assert papers.pages_in(listed(60), media_type=PDF) == 3
    assert papers.pages_in(png(40, 30), media_type="image/png") == 1


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7 junk", PDF),
        (b"", PDF),
        (b"\xff\xd8\xff a photo cut off", "image/jpeg"),
        (b"plain", "text/plain"),
    ],
)
def test_what_is_damaged_or_of_another_kind_takes_no_sheet(content: bytes, media_type: str) -> None:
    assert papers.pages_in(content, media_type=media_type) is None


def test_a_head_comes_again_on_each_page_in_word_and_pdf() -> None:
    grid = Grid(widths=(20, 136), head=("序号", "题名"), rows=[("1", "甲")], labels=1)
    word = papers.word([grid], title="目录", authority="某局", made_at=NINE)
    (block,) = (each for each in papers.sheet(word)["blocks"] if "rows" in each)
    assert (block["head"], len(block["rows"])) == (1, 2)


def test_a_volume_has_every_sheet_with_its_mark_in_the_outline() -> None:
    sheets = (
        Sheets(first=1, pages=3, media_type=PDF, content=listed(60), mark="1 行政处罚决定书"),
        Sheets(first=4, pages=1, media_type="image/png", content=png(60, 20), lines=["现场照片"], mark="2 现场照片"),
        Sheets(first=5, pages=1, lines=["送达回证", "纸质文书，见实体案卷。"], mark="3 送达回证"),
    )
    made = papers.bound([volume(*sheets)], title="案", authority="某局", made_at=NINE)
    assert papers.pages_in(made, media_type=PDF) == 1 + 5 + 1
    marks = ["正卷", *(each.mark for each in sheets)]
    said = inside(made)
    assert all(mark.encode("utf-16-be").hex().upper().encode() in _hex(said) for mark in marks)
    assert papers.bound([volume(*sheets)], title="案", authority="某局", made_at=NINE) == made


def _hex(said: bytes) -> bytes:
    """Texts of an outline stand in a PDF as bytes or in hex."""
    return said.upper() + said.hex().upper().encode()


def test_two_volumes_lie_behind_one_another() -> None:
    one = volume(Sheets(first=1, pages=1, lines=["甲"]))
    made = papers.bound([one, one], title="案", authority="某局", made_at=NINE)
    assert papers.pages_in(made, media_type=PDF) == 6


def test_a_file_that_lies_about_its_pages_is_said_and_nothing_is_bound() -> None:
    wrong = Sheets(first=1, pages=9, media_type=PDF, content=listed(3))
    with pytest.raises(papers.PaperRefused, match="page 2"):
        papers.bound([volume(wrong)], title="案", authority="某局", made_at=NINE)
