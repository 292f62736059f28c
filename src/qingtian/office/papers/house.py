"""The house's Word template 通用模板, built here: ``python -m qingtian.office.papers.house`` writes ``house.docx``.

Page and letters after GB/T 9704-2012 党政机关公文格式: A4, margins 37/35/28/26 mm (5.2), 22 lines of 28 characters
(5.2.3), text 仿宋 三号, headings 黑体 三号, title 小标宋 二号; page numbers "— 1 —" 宋体 四号, outside, a character
from the edge (7.5); the authority centred over its day, the day four characters from the edge, with room for the seal
(7.3.5.1). What stands in it is the language of `docxtpl`, as in any kind's own template.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from qingtian.office.papers.packing import packed

FILE = Path(__file__).resolve().parent / "house.docx"
BUILT = datetime(2026, 1, 1, tzinfo=UTC)
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
JUSTIFIED = WD_ALIGN_PARAGRAPH.JUSTIFY
BODY, TITLE, BOLD = "仿宋_GB2312", "方正小标宋简体", "黑体"
LATIN = "Times New Roman"
LINE_PT = 28.95
"""22 lines in 225 mm."""
CHARACTER_PT, CHARACTERS, TEXT_WIDTH_MM = 16, 28, 156
OVER_THE_DAY_PT = 218
"""Where the half of the line begins in whose middle authority and day stand, so that a day ends four characters from
the edge."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """A style of paragraphs: letters, size (pt), alignment; first line (characters), room before and after and on the
    left (pt); whether it stays with what follows it."""

    letters: str = BODY
    size: int = 16
    align: Any = JUSTIFIED
    first: int = 0
    before: int = 0
    after: int = 0
    left: int = 0
    keep: bool = False


STYLES = {
    "机关": Look(letters=TITLE, size=22, align=CENTRE, after=6, keep=True),
    "文书标题": Look(letters=TITLE, size=22, align=CENTRE, after=10, keep=True),
    "文号": Look(align=CENTRE, after=16, keep=True),
    "抬头": Look(align=LEFT, keep=True),
    "小标题": Look(letters=BOLD, first=2, keep=True),
    "正文段": Look(first=2),
    "正文末段": Look(first=2, keep=True),
    "条目": Look(first=2),
    "签名": Look(size=14, align=LEFT, before=12, after=6),
    "签名连": Look(size=14, align=LEFT, before=12, after=6, keep=True),
    "落款机关": Look(align=CENTRE, before=58, left=OVER_THE_DAY_PT, keep=True),
    "落款日期": Look(align=CENTRE, left=OVER_THE_DAY_PT),
    "表格": Look(size=12, align=LEFT, before=2, after=2),
    "栏目": Look(size=12, align=CENTRE, before=2, after=2),
    "意见栏": Look(size=12, align=CENTRE, before=2, after=2, keep=True),
    "意见": Look(size=12, align=LEFT, before=2, after=2, keep=True),
    "间隔": Look(size=6, align=LEFT, keep=True),
}
BY_BLOCK = (
    ("block.style == 'to'", "抬头"),
    ("block.style == 'heading'", "小标题"),
    ("block.style == 'item' and block.keep", "正文末段"),
    ("block.style == 'item'", "条目"),
    ("block.style == 'sign' and block.keep", "签名连"),
    ("block.style == 'sign'", "签名"),
    ("block.style == 'authority'", "落款机关"),
    ("block.style == 'date'", "落款日期"),
    ("block.style == 'text' and block.keep", "正文末段"),
    ("block.style == 'text'", "正文段"),
)
LABEL_MM, TEXT_MM = 42, 114
ROW_MM, OPINION_MM = 9, 26
TALL = 2


def blank() -> Any:
    """Return a Word file with the house's page and styles, and nothing on it."""
    file = Document()
    _page(file)
    for name, look in STYLES.items():
        _style(file, name, look)
    return file


def build() -> bytes:
    """Return the template; the same bytes every time."""
    file = blank()
    _write(file, "机关", "{%p if paper.own %}")
    _write(file, "机关", "{{ authority }}")
    _write(file, "机关", "{%p endif %}")
    _write(file, "文书标题", "{{ paper.title }}")
    _write(file, "文号", "{%p if paper.number %}")
    _write(file, "文号", "{{ paper.number }}")
    _write(file, "文号", "{%p endif %}")
    _body(file)
    file.core_properties.author = "Qingtian"
    file.core_properties.title = ""
    file.core_properties.comments = ""
    held = io.BytesIO()
    file.save(held)
    return packed(held.getvalue(), made_at=BUILT)


def _page(file: Any) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    file.settings.odd_and_even_pages_header_footer = True
    for foot, align in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
        _number(foot.paragraphs[0], align)
    file.styles["Normal"].font.size = Pt(CHARACTER_PT)
    grid = section._sectPr.find(qn("w:docGrid"))
    pitch = TEXT_WIDTH_MM / 25.4 * 72 / CHARACTERS
    for name, value in (
        ("type", "linesAndChars"),
        ("linePitch", round(LINE_PT * 20)),
        ("charSpace", round((pitch - CHARACTER_PT) * 4096)),
    ):
        grid.set(qn(f"w:{name}"), str(value))


def _number(foot: Any, align: Any) -> None:
    """Write the number of the page, outside: on the right of odd pages, on the left of even ones."""
    foot.alignment = align
    foot.paragraph_format.left_indent = foot.paragraph_format.right_indent = Pt(14)
    runs = [foot.add_run("— ")]
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = foot.add_run()
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = text
        run._r.append(mark)
        runs.append(run)
    for run in (*runs, foot.add_run(" —")):
        run.font.size, run.font.name = Pt(14), "宋体"
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")


def _style(file: Any, name: str, look: Look) -> None:
    style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.font.size, style.font.name = Pt(look.size), LATIN
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), look.letters)
    form = style.paragraph_format
    form.alignment, form.first_line_indent = look.align, Pt(look.size * look.first)
    form.space_before, form.space_after, form.left_indent = Pt(look.before), Pt(look.after), Pt(look.left)
    form.keep_with_next = look.keep
    if look.size >= 14:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(max(LINE_PT, look.size * 1.5))
    form.widow_control = True


def _write(file: Any, style: str, text: str) -> None:
    file.add_paragraph(text, style=style)


def _body(file: Any) -> None:
    _write(file, "正文段", "{%p for block in blocks %}")
    word = "if"
    for condition, style in BY_BLOCK:
        _write(file, "正文段", f"{{%p {word} {condition} %}}")
        _write(file, style, "{{ block.text }}")
        word = "elif"
    _write(file, "正文段", "{%p elif block.style == 'table' %}")
    _table(file)
    _write(file, "间隔", "")
    _write(file, "正文段", "{%p endif %}")
    _write(file, "正文段", "{%p endfor %}")


def _table(file: Any) -> None:
    """Label and text; a row that is to be written on by hand is a tall one."""
    steps = ("{%tr for row in block.rows %}", "{%tr if row[2] %}", "", "{%tr else %}", "", "{%tr endif %}")
    table = file.add_table(rows=0, cols=2)
    table.style, table.autofit, table.alignment = "Table Grid", False, WD_TABLE_ALIGNMENT.CENTER
    for place, step in enumerate((*steps, "{%tr endfor %}")):
        row = table.add_row()
        label, text = ("意见栏", "意见") if place == TALL else ("栏目", "表格")
        _cell(row.cells[0], label, step or "{{ row[0] }}", LABEL_MM)
        _cell(row.cells[1], text, "" if step else "{{ row[1] }}", TEXT_MM)
        if not step:
            row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
            row.height = Mm(OPINION_MM if place == TALL else ROW_MM)


def _cell(cell: Any, style: str, text: str, width: int) -> None:
    cell.width, cell.vertical_alignment = Mm(width), WD_CELL_VERTICAL_ALIGNMENT.CENTER
    cell.paragraphs[0].style, cell.paragraphs[0].text = style, text


if __name__ == "__main__":
    FILE.write_bytes(build())
