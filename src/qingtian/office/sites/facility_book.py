"""The register of facilities as an Excel workbook (设施与通道登记表): given out with what there is, and read back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from qingtian.base.errors import QingtianError, Term
from qingtian.office.sites.facilities import CURRENT, POWER, STATE, Wanted
from qingtian.office.sites.models import Facility, FacilityRole

MOST_ROWS, MOST_BYTES = 5000, 10 * 1024 * 1024
FIRST_ROW = 3
COLUMNS: Mapping[str, tuple[str, str]] = {
    "outlet": ("排放口编号*", "如 SZ-G-0600"),
    "name": ("设施名称*", "同一排放口内不重复"),
    "role": ("设施类型*", "产污设施或治污设施"),
    "factor": ("通道编码*", "数采仪报文中的因子编码，如 g10401（浆液循环泵电流），或自定义编码，如 p10101"),
    "unit": ("通道内容", "功率（kW）、电流（A）或运行状态；编码在因子表中时以表为准"),
    "rated": ("额定值", "正常运行时的功率或电流；填写后按分钟判别"),
    "biological": ("生化处理", "是：停运 30 分钟起提示；否：10 分钟起"),
    "treats": ("治理的产污设施", "治污设施填写，以顿号分隔"),
    "start": ("启用日", "如 2026-03-01；不填为一直"),
    "end": ("停用日", "自该日起停用"),
}
NEEDED = ("outlet", "name", "role", "factor")
ROLES = {"产污设施": FacilityRole.PRODUCTION.value, "治污设施": FacilityRole.TREATMENT.value}
UNITS = {"功率": POWER, "电流": CURRENT, "运行状态": STATE}
YES = {"是": True, "否": False}
CHOICES = {"role": tuple(ROLES), "unit": tuple(UNITS), "biological": tuple(YES)}


class BookRefused(QingtianError):
    code = "sites.facility_book_refused"
    zh = "登记表未导入：{why}。请在下载的表中更正后重新上传；未登记任何内容。"
    en = "The workbook was not taken in, and nothing was entered: {why}. Correct it in the sheet and send it again."


def filled(facilities: Iterable[Facility]) -> bytes:
    """Return the workbook with these facilities, a row each below headings and what belongs in each column."""
    book = Workbook()
    sheet = cast(Worksheet, book.active)
    sheet.title = "设施与通道"
    for place, (key, (heading, told)) in enumerate(COLUMNS.items(), start=1):
        head = sheet.cell(row=1, column=place, value=heading)
        head.font = Font(bold=True)
        below = sheet.cell(row=2, column=place, value=told)
        below.font, below.alignment = Font(italic=True, color="666666"), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[head.column_letter].width = 20
        if key in CHOICES:
            choice = DataValidation(type="list", formula1=f'"{",".join(CHOICES[key])}"', allow_blank=True)
            sheet.add_data_validation(choice)
            choice.add(f"{head.column_letter}{FIRST_ROW}:{head.column_letter}{MOST_ROWS + FIRST_ROW}")
    sheet.freeze_panes = "A3"
    for one in facilities:
        sheet.append(_cells(one))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


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
    rows = list(_rows(content))
    faults = [fault for number, cells in rows for fault in _faults(number, cells)]
    if faults:
        raise BookRefused(why=Term(zh="；".join(zh for zh, _ in faults), en="; ".join(en for _, en in faults)))
    return [(str(cells["outlet"]).strip(), _wanted(cells)) for _, cells in rows]


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the filled rows by their number in the sheet."""
    if len(content) > MOST_BYTES:
        raise _refused("超过 10 MB", "it is larger than 10 MB")
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        table = list(sheet.iter_rows(values_only=True, max_row=MOST_ROWS + FIRST_ROW))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
        raise _refused("不是 Excel 工作簿（.xlsx）", "it is no Excel workbook (.xlsx)") from error
    if len(table) >= MOST_ROWS + FIRST_ROW:
        raise _refused(f"超过 {MOST_ROWS} 行", f"it has more than {MOST_ROWS} rows")
    keys = _keys(table[0] if table else ())
    for number, row in enumerate(table[FIRST_ROW - 1 :], start=FIRST_ROW):
        cells = {key: cell for key, cell in zip(keys, row, strict=False) if key and str(cell or "").strip()}
        if cells:
            yield number, cells


def _keys(heads: Sequence[Any]) -> list[str]:
    known = {heading.rstrip("*"): key for key, (heading, _) in COLUMNS.items()}
    keys = [known.get(str(head or "").strip().rstrip("*"), "") for head in heads]
    if missing := [heading for key, (heading, _) in COLUMNS.items() if key not in keys]:
        raise _refused(f"缺少列：{'、'.join(missing)}", f"it lacks the columns {', '.join(missing)}")
    return keys


def _faults(number: int, cells: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in NEEDED:
        if key not in cells:
            yield f"第{number}行没有填写“{COLUMNS[key][0]}”", f"row {number} has no {COLUMNS[key][0]}"
    for key, options in CHOICES.items():
        if key in cells and str(cells[key]).strip() not in options:
            head, told = COLUMNS[key][0], "、".join(options)
            yield f"第{number}行“{head}”应为{told}之一", f"row {number}: {head} is none of {told}"
    for key, wanted in (("rated", "数字"), ("start", "日期"), ("end", "日期")):
        if key in cells and (_number(cells[key]) if key == "rated" else _day(cells[key])) is None:
            yield f"第{number}行“{COLUMNS[key][0]}”不是{wanted}", f"row {number}: {COLUMNS[key][0]} cannot be read"


def _wanted(cells: Mapping[str, Any]) -> Wanted:
    def text(key: str) -> str:
        return str(cells.get(key, "")).strip()

    return Wanted(
        name=text("name"),
        role=ROLES[text("role")],
        factor=text("factor"),
        unit=UNITS[text("unit") or "功率"],
        rated=_number(cells.get("rated")),
        biological=YES[text("biological") or "否"],
        treats=tuple(name.strip() for name in re.split("[、，,]", text("treats")) if name.strip()),
        start=_day(cells.get("start")),
        end=_day(cells.get("end")),
    )


def _number(cell: Any) -> float | None:
    try:
        return None if cell is None else float(str(cell))
    except ValueError:
        return None


def _day(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date) or cell is None:
        return cell
    try:
        return date.fromisoformat(str(cell).strip().replace("/", "-"))
    except ValueError:
        return None


def _refused(zh: str, en: str) -> BookRefused:
    return BookRefused(why=Term(zh=zh, en=en))
