"""Set a paper: template, data and the packaged fonts in, PDF bytes out.

A template is typst; it reads its data with ``json("data.json")`` and may import our house style, ``paper.typ``, and
the drawing of charts, ``chart.typ``. It sees nothing else: no file of the machine, no system font, no clock, so that
the same data always make the same paper (PDF/A-2, for archives).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import typst

from qingtian.base import parsers
from qingtian.base.errors import QingtianError, Term

FONTS = Path(__file__).resolve().parent / "fonts"
"""Where set-up (`python -m qingtian.portals.assets`) puts the Chinese typefaces; not in git."""

LETTERS = ("NotoSansHans-Regular.otf", "NotoSansHans-Bold.otf", "NotoSerifSC-Regular.ttf", "NotoSerifSC-Bold.ttf")
"""Sans 黑体 and serif 宋体, each with its bold."""
HOUSE = ("paper.typ", "chart.typ")
STANDARD = "a-2b"


class FontMissing(QingtianError):
    code = "papers.font_missing"
    zh = "找不到文书所用的中文字体（应在 {folder}），PDF 未生成。请在源码目录运行 python -m qingtian.portals.assets。"
    en = (
        "The Chinese font of papers is missing (it should be in {folder}), so no PDF was made. "
        "Run python -m qingtian.portals.assets in the checkout."
    )


class PaperRefused(QingtianError):
    code = "papers.refused"
    zh = "文书模板 {template} 无法排版：{why}。{hints}请更正模板或所填内容，然后重试。"
    en = (
        "The template {template} cannot be set: {why}. {hints}Correct the template or what is filled in, and try again."
    )


def pdf(*, template: Traversable, data: Mapping[str, Any], made_at: datetime) -> bytes:
    """Return the paper as PDF. ``data`` is what JSON can say; ``made_at`` is the time that the file states.

    :raises FontMissing: if set-up has not fetched the font.
    :raises PaperRefused: if the template does not compile with these data.
    """
    lettered()
    given = {
        "main": template.read_bytes(),
        "data.json": json.dumps(data, ensure_ascii=False, allow_nan=False).encode(),
        **_house(),
    }
    try:
        # given as files in memory, which the stub of typst leaves out
        made = typst.compile(  # type: ignore[call-overload]
            given,
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=STANDARD,
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as error:
        raise refused(template.name, error) from error
    assert isinstance(made, bytes)
    return made


def refused(template: str, error: typst.TypstError) -> PaperRefused:
    """Return the refusal of what cannot be set: in Chinese what typst says, as far as that is known, in English also
    its hints."""
    hints = "".join(f"{hint}. " for hint in error.hints)
    return PaperRefused(template=template, why=parsers.of_typst(error.message), hints=Term(zh="", en=hints))


def lettered() -> None:
    """:raises FontMissing: if set-up has not fetched the fonts."""
    if not all((FONTS / name).is_file() for name in LETTERS):
        raise FontMissing(folder=FONTS)


@cache
def _house() -> dict[str, bytes]:
    folder = files("qingtian.office.papers") / "typst"
    return {name: (folder / name).read_bytes() for name in HOUSE}
