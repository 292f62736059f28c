"""Checks as an Excel workbook (质控记录登记表): given out with what there is to fill in, and read back whole."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from qingtian.base.errors import Term
from qingtian.base.times import BEIJING
from qingtian.law.quality import kinds
from qingtian.office.quality.entering import Wanted
from qingtian.office.quality.models import Check, Verdict
from qingtian.office.sites.api import BookRefused, Cells, Form, number_in, text_in

COLUMNS: Mapping[str, tuple[str, str]] = {
    "outlet": ("排放口编号*", "如 SZ-G-0600"),
    "mn": ("设备 MN", "24 位；该排放口只有一台设备时可不填"),
    "factor": ("因子编码*", "如 a21002（氮氧化物）、w01018（化学需氧量）"),
    "kind": ("检查种类*", "从列表中选择"),
    "at": ("检查时间*", "北京时间，如 2026-11-20 10:20"),
    "reference": ("参考值", "标准气、标准样品或参比方法的数值；多对以逗号分隔，如 52, 49.5, 50.3"),
    "measured": ("测得值", "与参考值一一对应"),
    "span": ("量程", "零点、量程漂移须填写"),
    "verdict": ("结论", "没有填写数值时，由检查人给出；填写数值时由规则判定"),
    "technician": ("检查人*", "姓名及单位"),
    "note": ("备注", ""),
}
SEPARATOR = re.compile(r"[,，、;；\s]+")
VERDICTS = {str(label): value for value, label in Verdict.choices}


def _form(day: date) -> Form:
    names = {one.zh for medium in ("gas", "water") for one in kinds.kinds(medium=medium, day=day)}
    choices = {"kind": tuple(sorted(names)), "verdict": tuple(VERDICTS)}
    return Form(title="质控记录", columns=COLUMNS, choices=choices, numbers=("span",))


def filled(checks: Sequence[Check], *, day: date) -> bytes:
    """Return the workbook with these checks, a row each below headings and what belongs in each column."""
    return _form(day).filled(_cells(one) for one in checks)


def _cells(one: Check) -> list[Any]:
    at = one.at.astimezone(BEIJING)
    known = kinds.kind(one.kind, medium=one.outlet.medium, day=at.date())
    references, measured = (", ".join(f"{pair[place]:g}" for pair in one.pairs) for place in (0, 1))
    return [
        *(one.outlet_id, one.mn, one.factor, known.zh if known else one.kind, f"{at:%Y-%m-%d %H:%M}"),
        *(references, measured, one.span, str(Verdict(one.verdict).label), one.technician, one.note),
    ]


def read(content: bytes, *, media: Mapping[str, str], day: date) -> list[tuple[str, Wanted]]:
    """Return what the rows say, each with the code of its outlet. ``media``: the medium of each outlet in scope.

    :raises BookRefused: if it is no workbook, lacks a column, or rows say what cannot be.
    """
    return [_row(cells, media, day) for cells in _form(day).read(content)]


def _row(cells: Cells, media: Mapping[str, str], day: date) -> tuple[str, Wanted]:
    code, name = text_in(cells, "outlet"), text_in(cells, "kind")
    of_medium = {one.zh: one.code for one in kinds.kinds(medium=media.get(code, "gas"), day=day)}
    if name not in of_medium:
        raise _refused(f"排放口 {code} 没有“{name}”这种检查", f"outlet {code} has no check {name!r}")
    verdict = text_in(cells, "verdict")
    return code, Wanted(
        mn=text_in(cells, "mn"),
        factor=text_in(cells, "factor"),
        kind=of_medium[name],
        at=_instant(cells["at"]),
        pairs=pairs_of(text_in(cells, "reference"), text_in(cells, "measured")),
        span=number_in(cells.get("span")),
        verdict=VERDICTS.get(verdict, ""),
        technician=text_in(cells, "technician"),
        note=text_in(cells, "note"),
    )


def pairs_of(references: str, measured: str) -> tuple[tuple[float, float], ...]:
    """Return the pairs that two rows of figures make.

    :raises BookRefused: if they are no figures, or not as many of one as of the other.
    """
    try:
        known, found = ([float(one) for one in SEPARATOR.split(text.strip()) if one] for text in (references, measured))
    except ValueError as error:
        raise _refused("参考值、测得值应为以逗号分隔的数字", "figures are numbers with commas between them") from error
    if len(known) != len(found):
        raise _refused(
            f"参考值 {len(known)} 个，测得值 {len(found)} 个，应一一对应",
            f"there are {len(known)} reference values and {len(found)} measured ones",
        )
    return tuple(zip(known, found, strict=True))


def _instant(cell: Any) -> datetime:
    try:
        found = cell if isinstance(cell, datetime) else datetime.fromisoformat(str(cell).strip().replace("/", "-"))
    except ValueError as error:
        raise _refused(f"检查时间“{cell}”无法读取", f"the time {cell!r} cannot be read") from error
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def _refused(zh: str, en: str) -> BookRefused:
    return BookRefused(why=Term(zh=zh, en=en))
