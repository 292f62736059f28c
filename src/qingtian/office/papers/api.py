"""The face of papers: `render` makes Word file and PDF of a frozen paper; `pdf` sets any template, with charts."""

from __future__ import annotations

from qingtian.office.papers.charts import Line, Point, chart
from qingtian.office.papers.filling import house_template
from qingtian.office.papers.layout import Content, Particulars
from qingtian.office.papers.refusals import TemplateRefused, TextRefused
from qingtian.office.papers.rendering import Rendered, docx, render
from qingtian.office.papers.sheet import sheet
from qingtian.office.papers.typesetting import FONTS, FontMissing, PaperRefused, pdf

__all__ = [
    "FONTS",
    "Content",
    "FontMissing",
    "Line",
    "PaperRefused",
    "Particulars",
    "Point",
    "Rendered",
    "TemplateRefused",
    "TextRefused",
    "chart",
    "docx",
    "house_template",
    "pdf",
    "render",
    "sheet",
]
