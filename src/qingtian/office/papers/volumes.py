"""Files bound into one PDF 合订: what was typeset and what was brought, sheet by sheet, with a running number on each.

PDFs are set in page by page as they are, letters as letters; pictures each on a page of their own. The result is no
PDF/A: scans of others promise nothing, and a file can promise no more than what lies in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from qingtian.office.papers.typesetting import FONTS, lettered, refused

TEMPLATE = files("qingtian.office.papers") / "typst" / "volume.typ"
PDF = "application/pdf"
ENDINGS = {PDF: "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
COUNTED = re.compile(r"the document only has (\d+) pages?")
"""What typst says when a page is asked for that is not there."""
BEYOND = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Sheets:
    """What lies on some sheets that follow one another: a file, or a sheet that stands for one.

    ``first``: the running number of its first sheet. ``lines``: what stands below a picture, or on the one sheet that
    stands for what cannot be set in (``media_type`` empty). ``mark``: its name in the outline; empty: none.
    """

    first: int
    pages: int
    media_type: str = ""
    content: bytes = b""
    lines: Sequence[str] = ()
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class Volume:
    """One volume: its name in the outline, PDF of cover and contents, the sheets, PDF of what closes it."""

    mark: str
    front: bytes
    sheets: Iterable[Sheets]
    back: bytes


def pages_in(content: bytes, *, media_type: str) -> int | None:
    """Return how many sheets a file takes; None if it cannot be set in: damaged, locked, or of another kind."""
    if media_type not in ENDINGS:
        return None
    with TemporaryDirectory() as name:
        folder, file = Path(name), f"file.{ENDINGS[media_type]}"
        (folder / file).write_bytes(content)
        if media_type != PDF:
            return 1 if _fault(folder, f'#image("{file}", width: 1cm)') is None else None
        count = COUNTED.search(_fault(folder, f'#image("{file}", page: {BEYOND})') or "")
        if count is None:
            return None
        every = f'#for n in range({count[1]}) {{ image("{file}", page: n + 1, width: 1cm) }}'
        return int(count[1]) if _fault(folder, every) is None else None


def _fault(folder: Path, text: str) -> str | None:
    """Set a text, and return why it cannot be."""
    try:
        _set(folder, text.encode(), at=0)
    except typst.TypstError as error:
        return " ".join((error.message, *error.hints))
    return None


def bound(volumes: Sequence[Volume], *, title: str, authority: str, made_at: datetime) -> bytes:
    """Return the volumes as one PDF, with an outline; the same files always give the same bytes.

    :raises FontMissing: if set-up has not fetched the fonts.
    :raises PaperRefused: if a file cannot be set in after all.
    """
    lettered()
    with TemporaryDirectory() as name:
        folder = Path(name)
        laid = [_laid(folder, place, volume) for place, volume in enumerate(volumes)]
        data = {"title": title, "authority": authority, "volumes": laid}
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        try:
            return _set(folder, TEMPLATE.read_bytes(), at=int(made_at.timestamp()))
        except typst.TypstError as error:
            raise refused(TEMPLATE.name, error) from error


def _set(folder: Path, text: bytes, *, at: int) -> bytes:
    main = folder / "main.typ"
    main.write_bytes(text)
    made = typst.compile(main, root=folder, font_paths=[FONTS], ignore_system_fonts=True, format="pdf", timestamp=at)
    assert isinstance(made, bytes)
    return made


def _laid(folder: Path, place: int, volume: Volume) -> dict[str, Any]:
    """Lay the files of a volume beside the template; return what it is told of them."""
    sheets = [
        sheet for number, each in enumerate(volume.sheets) for sheet in _sheets(folder, f"v{place}-{number}", each)
    ]
    return {
        "mark": volume.mark,
        "front": _plain(folder, f"v{place}-front.pdf", volume.front),
        "sheets": sheets,
        "back": _plain(folder, f"v{place}-back.pdf", volume.back),
    }


def _plain(folder: Path, name: str, content: bytes) -> dict[str, Any]:
    (folder / name).write_bytes(content)
    return {"file": name, "pages": pages_in(content, media_type=PDF)}


def _sheets(folder: Path, name: str, each: Sheets) -> Iterator[dict[str, Any]]:
    kind = {"": "note", PDF: "pdf"}.get(each.media_type, "picture")
    file = f"{name}.{ENDINGS[each.media_type]}" if each.media_type else ""
    if file:
        (folder / file).write_bytes(each.content)
    for page in range(each.pages):
        yield {
            "kind": kind,
            "file": file,
            "page": page + 1,
            "number": each.first + page,
            "lines": list(each.lines),
            "mark": each.mark if page == 0 else "",
        }
