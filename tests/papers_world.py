"""Papers as the walks of the kinds make them, and what a Word file says: for tests that look at what stands on them."""

from __future__ import annotations

import io
import re
import zlib

from docx import Document

from qingtian.law import calendar
from qingtian.law.machine import shelf
from qingtian.law.machine.reading import Folder
from qingtian.office.papers import trial
from qingtian.office.papers.api import Content


def folder_of(code: str) -> Folder:
    """Return the folder of a kind of the package."""
    return next(folder for folder in shelf.folders() if folder.name == code)


def walked_papers(folder: Folder) -> list[Content]:
    """Return every paper of a kind as its walks have it."""
    return trial.walked(folder, calendar=calendar.official())


def letters(text: str) -> str:
    """Return a text without blanks and line ends."""
    return re.sub(r"\s+", "", text)


def of_word(file: bytes) -> str:
    """Return all that a Word file says, in its order."""
    found = []
    for block in Document(io.BytesIO(file)).iter_inner_content():
        rows = getattr(block, "rows", None)
        found += [cell.text for row in rows for cell in row.cells] if rows is not None else [block.text]
    return letters("".join(found))


def inside(pdf: bytes) -> bytes:
    """Return what the streams of a PDF say, unpacked: its objects stand in some of them."""
    found = [pdf]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            found.append(zlib.decompress(packed))
        except zlib.error:
            continue
    return b"".join(found)
