"""The register of measuring ranges as an Excel workbook (量程登记表): given out with what stands, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qingtian.office.sites.models import MeasuringRange
from qingtian.office.sites.ranges import WantedRange
from qingtian.office.sites.sheets import Cells, Form, day_in, number_in, text_in

COLUMNS: Mapping[str, tuple[str, str]] = {
    "outlet": ("排放口编号*", "如 SZ-G-0600"),
    "mn": ("设备 MN", "24 位；不填为该排放口的全部设备"),
    "factor": ("因子编码*", "如 a21002（氮氧化物）、w01018（化学需氧量）"),
    "top": ("量程上限", "以因子表的单位填写：废气 mg/m³，废水 mg/L"),
    "detection": ("检出限", "单位同上；与量程上限至少填一项"),
    "document": ("依据", "如铭牌、验收报告及编号"),
    "start": ("启用日", "如 2026-03-01；不填为一直"),
}
FORM = Form(title="量程与检出限", columns=COLUMNS, numbers=("top", "detection"), days=("start",))


def filled_ranges(ranges: Iterable[MeasuringRange]) -> bytes:
    """Return the workbook with these ranges, a row each below headings and what belongs in each column."""
    return FORM.filled(_cells(one) for one in ranges)


def _cells(one: MeasuringRange) -> list[Any]:
    return [one.outlet_id, one.mn, one.factor, one.top, one.detection, one.document, one.start]


def read_range_book(content: bytes) -> list[tuple[str, WantedRange]]:
    """Return what the rows say, each with the code of its outlet.

    :raises BookRefused: if it is no workbook, lacks a column, or rows say what cannot be; all such rows are named.
    """
    return [(text_in(cells, "outlet"), _wanted(cells)) for cells in FORM.read(content)]


def _wanted(cells: Cells) -> WantedRange:
    return WantedRange(
        factor=text_in(cells, "factor"),
        mn=text_in(cells, "mn"),
        top=number_in(cells.get("top")),
        detection=number_in(cells.get("detection")),
        document=text_in(cells, "document"),
        start=day_in(cells.get("start")),
    )
