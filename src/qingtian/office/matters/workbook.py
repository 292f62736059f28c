"""Registers as Excel files (台账): the empty form of a kind, and its rows read back as values. No database here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, cast

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from qingtian.base.errors import QingtianError, Term
from qingtian.base.times import BEIJING
from qingtian.law.machine.definition import Act, Definition, Fact

MOST_ROWS = 5000
MOST_BYTES = 10 * 1024 * 1024
GENERAL = {"title": "标题", "opened": "开启时间", "source": "来源", "reference": "来文号", "district": "行政区代码"}
GENERAL_EN = {
    "title": "title",
    "opened": "opened at",
    "source": "source",
    "reference": "reference",
    "district": "district code",
}
FIRM = ("enterprise", "企业编码")
NEEDED = ("opened", "source")
YES = {"是": True, "true": True, "yes": True, "1": True, "否": False, "false": False, "no": False, "0": False}


class WorkbookUnreadable(QingtianError):
    code = "matters.workbook_unreadable"
    zh = "文件无法导入：{why}。请下载本类事项的空白表，填写后另存为 .xlsx 再上传。"
    en = "The file cannot be imported: {why}. Download the empty form of the kind, fill it in, save it as .xlsx."


@dataclass(frozen=True, kw_only=True)
class Line:
    """A filled row of a register, ``number`` as Excel counts it; cells as they were, by column."""

    number: int
    cells: Mapping[str, Any]


def columns(definition: Definition, act: Act) -> dict[str, str]:
    """Return the columns of a register: key → Chinese heading; facts that are asked have a star."""
    found = {key: f"{name}*" if key in NEEDED else name for key, name in GENERAL.items()}
    found[FIRM[0]] = FIRM[1]
    for name in act.takes:
        star = "*" if name in act.asks else ""
        found[f"fact.{name}"] = f"{definition.words.of('facts', name).zh}{star}"
    for name in act.assigns:
        found[f"people.{name}"] = f"{definition.words.of('roles', name).zh}（用户名，以逗号分隔）*"
    return found


def blank(definition: Definition, act: Act) -> bytes:
    """Return the empty form of a kind: headings, what belongs in each column, lists to choose from."""
    book = Workbook()
    sheet = cast(Worksheet, book.active)
    sheet.title = "台账"
    for place, (key, heading) in enumerate(columns(definition, act).items(), start=1):
        cell = sheet.cell(row=1, column=place, value=heading)
        cell.font = Font(bold=True)
        told = sheet.cell(row=2, column=place, value=_told(definition, key))
        told.font, told.alignment = Font(italic=True, color="666666"), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[cell.column_letter].width = 24
        options = _options(definition, key)
        if options:
            choice = DataValidation(type="list", formula1=f'"{",".join(options)}"', allow_blank=True)
            sheet.add_data_validation(choice)
            choice.add(f"{cell.column_letter}3:{cell.column_letter}{MOST_ROWS + 2}")
    sheet.freeze_panes = "A3"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _told(definition: Definition, key: str) -> str:
    if key.startswith("fact."):
        return definition.facts[key.removeprefix("fact.")].help.zh
    if key == "source":
        return "、".join(f"{definition.words.of('sources', each).zh}" for each in definition.manifest.opened_from)
    return "如 2026-03-02 09:30" if key == "opened" else ""


def _options(definition: Definition, key: str) -> list[str]:
    """Words to choose from; Excel takes a list of at most 255 characters."""
    options: list[str] = []
    if key == "source":
        options = [definition.words.of("sources", each).zh for each in definition.manifest.opened_from]
    fact = definition.facts.get(key.removeprefix("fact.")) if key.startswith("fact.") else None
    if fact is not None and fact.type == "choice":
        options = [definition.words.of("choices", f"{fact.name}.{each}").zh for each in fact.options]
    if fact is not None and fact.type == "yes_no":
        options = ["是", "否"]
    fits = len(",".join(options)) < 255 and not any("," in each for each in options)
    return options if fits else []


def lines(definition: Definition, act: Act, content: bytes) -> list[Line]:
    """Return the filled rows of a register.

    :raises WorkbookUnreadable: if it is no Excel file, has not the columns of the kind, or too many rows.
    """
    heads, rows = _sheet(content)
    known = {heading.rstrip("*"): key for key, heading in columns(definition, act).items()}
    unknown = [head for head in heads if head and head.rstrip("*") not in known]
    if unknown:
        raise _unreadable(f"不认识的列：{'、'.join(unknown)}", f"unknown columns: {', '.join(unknown)}")
    keys = [known.get(head.rstrip("*"), "") for head in heads]
    missing = [heading for heading, key in known.items() if key in NEEDED and key not in keys]
    if missing:
        raise _unreadable(f"缺少列：{'、'.join(missing)}", f"missing columns: {', '.join(missing)}")
    return [Line(number=number, cells=_cells(keys, row)) for number, row in rows if _filled(row)]


def _sheet(content: bytes) -> tuple[list[str], list[tuple[int, Sequence[Any]]]]:
    """Return headings and rows; the row of explanations below the headings is left out."""
    if len(content) > MOST_BYTES:
        raise _unreadable("超过 10 MB", "it is larger than 10 MB")
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        table = list(sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 3))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
        raise _unreadable("不是 Excel 工作簿（.xlsx）", "it is no Excel workbook (.xlsx)") from error
    if len(table) > MOST_ROWS + 2:
        raise _unreadable(f"超过 {MOST_ROWS} 行", f"it has more than {MOST_ROWS} rows")
    heads = [str(cell).strip() if cell is not None else "" for cell in (table[0] if table else ())]
    return heads, list(enumerate(table[2:], start=3))


def _unreadable(zh: str, en: str) -> WorkbookUnreadable:
    return WorkbookUnreadable(why=Term(zh=zh, en=en))


def _filled(row: Sequence[Any]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def _cells(keys: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    filled = zip(keys, row, strict=False)
    return {key: cell for key, cell in filled if key and cell is not None and str(cell).strip()}


def value(definition: Definition, fact: Fact, cell: Any) -> object:
    """Return what an Excel cell means for a fact; what it cannot mean is left for the machine to refuse."""
    if isinstance(cell, float):
        # Excel has no decimals: what it shows is the shortest figure that is the same float
        cell = Decimal(repr(cell))
    match fact.type:
        case "date" if isinstance(cell, datetime):
            return cell.date()
        case "datetime":
            return moment(cell)
        case "choice":
            words = {definition.words.of("choices", f"{fact.name}.{each}").zh: each for each in fact.options}
            return words.get(str(cell).strip(), str(cell).strip())
        case "yes_no":
            return cell if isinstance(cell, bool) else YES.get(str(cell).strip().lower(), cell)
        case "list":
            return [part.strip() for part in str(cell).replace("；", "\n").splitlines() if part.strip()]
        case "text" | "person":
            return str(cell).strip()
    return cell.strip() if isinstance(cell, str) else cell


def moment(cell: Any) -> object:
    """Return a cell with a time as a moment in Beijing; a day is its midnight; anything else as it is."""
    if isinstance(cell, str):
        try:
            cell = datetime.fromisoformat(cell.strip().replace("/", "-"))
        except ValueError:
            return cell
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=BEIJING)
    return datetime.combine(cell, time(), BEIJING) if isinstance(cell, date) else cell


def source(definition: Definition, cell: Any) -> str:
    """Return the source that a cell names, by its word or its code."""
    words = {definition.words.of("sources", each).zh: each for each in definition.manifest.opened_from}
    return words.get(str(cell).strip(), str(cell).strip())


def usernames(cells: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield whom a row names, by role."""
    for key, cell in cells.items():
        if key.startswith("people."):
            names = str(cell).replace("，", ",").replace("、", ",").split(",")
            yield key.removeprefix("people."), tuple(name.strip() for name in names if name.strip())
