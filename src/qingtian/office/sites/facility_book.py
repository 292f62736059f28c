"""The register of facilities as an Excel workbook (设施与通道登记表): given out with what there is, and read back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from qingtian.office.sites.facilities import CURRENT, POWER, STATE, Wanted
from qingtian.office.sites.models import Facility, FacilityRole
from qingtian.office.sites.sheets import Cells, Form, day_in, number_in, text_in

ROLES = {
    "产污设施": FacilityRole.PRODUCTION.value,
    "治污设施": FacilityRole.TREATMENT.value,
    "排水泵": FacilityRole.PUMP.value,
}
UNITS = {"功率": POWER, "电流": CURRENT, "运行状态": STATE}
YES = {"是": True, "否": False}
COLUMNS: Mapping[str, tuple[str, str]] = {
    "outlet": ("排放口编号*", "如 SZ-G-0600"),
    "name": ("设施名称*", "同一排放口内不重复"),
    "role": ("设施类型*", "、".join(ROLES)),
    "factor": ("通道编码*", "数采仪报文中的因子编码，如 g10401（浆液循环泵电流），或自定义编码，如 p10101"),
    "unit": ("通道内容", "功率（kW）、电流（A）或运行状态；编码在因子表中时以表为准"),
    "rated": ("额定值", "正常运行时的功率或电流；填写后按分钟判别"),
    "biological": ("生化处理", "是：停运 30 分钟起提示；否：10 分钟起"),
    "treats": ("治理的产污设施", "治污设施填写，以顿号分隔"),
    "start": ("启用日", "如 2026-03-01；不填为一直"),
    "end": ("停用日", "自该日起停用"),
}
FORM = Form(
    title="设施与通道",
    columns=COLUMNS,
    choices={"role": tuple(ROLES), "unit": tuple(UNITS), "biological": tuple(YES)},
    numbers=("rated",),
    days=("start", "end"),
)


def filled(facilities: Iterable[Facility]) -> bytes:
    """Return the workbook with these facilities, a row each below headings and what belongs in each column."""
    return FORM.filled(_cells(one) for one in facilities)


def _cells(one: Facility) -> list[Any]:
    words = {value: word for table in (ROLES, UNITS) for word, value in table.items()}
    treats = "、".join(sorted(unit.name for unit in one.treats.all()))
    biological = "是" if one.biological else "否"
    return [
        *(one.outlet_id, one.name, words[one.role], one.factor, words[one.unit], one.rated, biological, treats),
        *(one.start, one.end),
    ]


def read_book(content: bytes) -> list[tuple[str, Wanted]]:
    """Return what the rows say, each with the code of its outlet.

    :raises BookRefused: if it is no workbook, lacks a column, or rows say what cannot be; all such rows are named.
    """
    return [(text_in(cells, "outlet"), _wanted(cells)) for cells in FORM.read(content)]


def _wanted(cells: Cells) -> Wanted:
    return Wanted(
        name=text_in(cells, "name"),
        role=ROLES[text_in(cells, "role")],
        factor=text_in(cells, "factor"),
        unit=UNITS[text_in(cells, "unit") or "功率"],
        rated=number_in(cells.get("rated")),
        biological=YES[text_in(cells, "biological") or "否"],
        treats=tuple(name.strip() for name in re.split("[、，,]", text_in(cells, "treats")) if name.strip()),
        start=day_in(cells.get("start")),
        end=day_in(cells.get("end")),
    )
