"""The house's Word template 通用模板, built here: ``python -m qingtian.office.papers.house`` writes ``house.docx``.

Page and letters after GB/T 9704-2012 党政机关公文格式: A4, margins 37/35/28/26 mm, text 仿宋 三号, 28 pt a line, title
小标宋 二号, page numbers "— 1 —". What stands in it is the language of `docxtpl`, as in any kind's own template.
"""

from __future__ import annotations

import io
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
# name, letters, size, alignment, bold, first line (characters), before and after (pt)
STYLES = (
    ("机关", TITLE, 22, CENTRE, True, 0, 0, 6),
    ("文书标题", TITLE, 22, CENTRE, True, 0, 0, 10),
    ("文号", BODY, 16, CENTRE, False, 0, 0, 16),
    ("抬头", BODY, 16, LEFT, False, 0, 0, 0),
    ("小标题", BOLD, 16, JUSTIFIED, True, 2, 4, 0),
    ("正文段", BODY, 16, JUSTIFIED, False, 2, 0, 0),
    ("条目", BODY, 16, JUSTIFIED, False, 2, 0, 0),
    ("签名", BODY, 14, LEFT, False, 0, 12, 6),
    ("落款机关", BODY, 16, RIGHT, False, 0, 40, 0),
    ("落款日期", BODY, 16, RIGHT, False, 0, 0, 0),
    ("表格", BODY, 12, LEFT, False, 0, 2, 2),
    ("栏目", BODY, 12, CENTRE, False, 0, 2, 2),
    ("间隔", BODY, 6, LEFT, False, 0, 0, 0),
)
BY_BLOCK = (
    ("to", "抬头"),
    ("heading", "小标题"),
    ("item", "条目"),
    ("sign", "签名"),
    ("authority", "落款机关"),
    ("date", "落款日期"),
    ("text", "正文段"),
)
LABEL_MM, TEXT_MM = 42, 114
ROW_MM, OPINION_MM = 9, 26
TALL = 2


def build() -> bytes:
    """Return the template; the same bytes every time."""
    file = Document()
    _page(file.sections[0])
    for row in STYLES:
        _style(file, *row)
    _write(file, "机关", "{{ authority }}")
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


def _page(section: Any) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    foot = section.footer.paragraphs[0]
    foot.alignment = CENTRE
    foot.add_run("— ")
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = foot.add_run()
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = text
        run._r.append(mark)
    foot.add_run(" —")


def _style(
    file: Any, name: str, letters: str, size: int, align: Any, bold: bool, first: int, before: int, after: int
) -> None:
    style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.font.size, style.font.bold, style.font.name = Pt(size), bold, LATIN
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), letters)
    form = style.paragraph_format
    form.alignment, form.first_line_indent = align, Pt(size * first)
    form.space_before, form.space_after = Pt(before), Pt(after)
    if size >= 14:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(max(28, size * 1.5))
    form.widow_control = True


def _write(file: Any, style: str, text: str) -> None:
    file.add_paragraph(text, style=style)


def _body(file: Any) -> None:
    _write(file, "正文段", "{%p for block in blocks %}")
    word = "if"
    for kind, style in BY_BLOCK:
        _write(file, "正文段", f"{{%p {word} block.style == '{kind}' %}}")
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
        _cell(row.cells[0], "栏目", step or "{{ row[0] }}", LABEL_MM)
        _cell(row.cells[1], "表格", "" if step else "{{ row[1] }}", TEXT_MM)
        if not step:
            row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
            row.height = Mm(OPINION_MM if place == TALL else ROW_MM)


def _cell(cell: Any, style: str, text: str, width: int) -> None:
    cell.width, cell.vertical_alignment = Mm(width), WD_CELL_VERTICAL_ALIGNMENT.CENTER
    cell.paragraphs[0].style, cell.paragraphs[0].text = style, text


if __name__ == "__main__":
    FILE.write_bytes(build())
