"""The face of papers: `pdf` sets a template with data; `chart` makes what the template draws."""

from __future__ import annotations

from qingtian.office.papers.charts import Line, Point, chart
from qingtian.office.papers.typesetting import FONTS, FontMissing, PaperRefused, pdf

__all__ = ["FONTS", "FontMissing", "Line", "PaperRefused", "Point", "chart", "pdf"]
