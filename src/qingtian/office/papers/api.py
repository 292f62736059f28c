"""The face of papers: `render` makes Word file and PDF of a frozen paper; `word` and `set_word` those of what is no
paper of a kind; `bound` binds files; `pdf` sets any template, with charts."""

from __future__ import annotations

from qingtian.office.papers.charts import Line, Point, chart
from qingtian.office.papers.filling import house_template
from qingtian.office.papers.forms import of as form_of
from qingtian.office.papers.layout import Content, Particulars, own
from qingtian.office.papers.plain import Grid, Part, set_word, word
from qingtian.office.papers.plain import Line as TextLine
from qingtian.office.papers.refusals import TemplateRefused, TextRefused
from qingtian.office.papers.rendering import Rendered, docx, render
from qingtian.office.papers.sheet import sheet
from qingtian.office.papers.typesetting import FONTS, FontMissing, PaperRefused, pdf
from qingtian.office.papers.volumes import Sheets, Volume, bound, pages_in

__all__ = [
    "FONTS",
    "Content",
    "FontMissing",
    "Grid",
    "Line",
    "PaperRefused",
    "Part",
    "Particulars",
    "Point",
    "Rendered",
    "Sheets",
    "TemplateRefused",
    "TextLine",
    "TextRefused",
    "Volume",
    "bound",
    "chart",
    "docx",
    "form_of",
    "house_template",
    "own",
    "pages_in",
    "pdf",
    "render",
    "set_word",
    "sheet",
    "word",
]
