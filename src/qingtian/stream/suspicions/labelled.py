"""Series and labels as CSV: a time column and one column a factor; labels with kind, factor, start and end.

The role of a column is told from its name, as people name columns: ``load_mwh``, ``o2_pct``, ``flow_m3_h``,
``power_kw``, ``inlet_temp_c``; anything else is a pollutant. Times are Beijing times; rows that are missing are NaN.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from qingtian.base import times
from qingtian.base.errors import QingtianError, Term
from qingtian.stream.suspicions.series import DAY, Column, Role, Series

EVERY_FACTOR = "*"
OTHER_WORDS = frozenset({"hours", "note"})

ROLES = (
    (Role.LOAD, r"load|mwh|energy|steam|output"),
    (Role.OXYGEN, r"^o2|oxygen"),
    (Role.FLOW, r"flow|m3_d\b|m3_h\b|m3_s\b"),
    (Role.POWER, r"power|kw\b|current"),
    (
        Role.CONDITION,
        r"temp|press|humid|moist|ambient|filter|exhaust|discharge|weather|rain|dewp|wspm|^ws$|^wd$|wind|^pres$|ph$"
        r"|^in_|^removal_",
    ),
)
MEASURED_FIRST = re.compile(r"(mg|ug|µg|ng|g)_(n?m3|l)\b|ppm", re.IGNORECASE)
"""A concentration is one whatever else the name says: ``load_cod_mg_l`` is measured."""


class UnreadableSeries(QingtianError):
    code = "suspicions.unreadable_series"
    zh = "文件 {file} 不能作为序列读取：{why}。请参照 shared/data/cems_faults 的格式：首列为时间，其余每列一个因子。"
    en = (
        "{file} cannot be read as a series: {why}. Follow the files of shared/data/cems_faults: time first, then a "
        "column for each factor."
    )


@dataclass(frozen=True, kw_only=True)
class Label:
    """What is known to be wrong: ``factor`` may be `EVERY_FACTOR`; [start, end) in µs, the row of its end included."""

    kind: str
    factor: str
    start: int
    end: int


def role_of(name: str) -> Role:
    low = name.lower()
    if MEASURED_FIRST.search(low) and not low.startswith(("in_", "removal_")):
        return Role.POLLUTANT
    return next((role for role, pattern in ROLES if re.search(pattern, low)), Role.POLLUTANT)


def read_series(file: Path) -> Series:
    """Read a CSV with a time column first; the step is the commonest one between rows.

    :raises UnreadableSeries: if it is not there, has no rows, or its times cannot be read.
    """
    rows = _rows(file)
    if len(rows) < 2:
        raise UnreadableSeries(file=file, why=Term(zh="不足两行", en="it has fewer than two rows"))
    names = list(rows[0])
    instants = np.array([_instant(row[names[0]], file) for row in rows], np.int64)
    period = _period(np.sort(instants).tolist())
    start = int(instants.min())
    places = (instants - start) // period
    count = int(places.max()) + 1
    columns = {}
    for name in names[1:]:
        numbers = [_number(row[name]) for row in rows]
        if any(map(math.isfinite, numbers)):
            values = np.full(count, np.nan)
            values[places] = numbers
            columns[name] = Column(code=name, role=role_of(name), values=values)
    return Series(outlet=file.stem, start=start, period=period, rows=count, columns=columns)


def read_labels(file: Path, series: Series) -> list[Label]:
    """Read kind, factor, start, end (the last row of the event) of each label.

    :raises UnreadableSeries: if a column is missing or a time cannot be read.
    """
    rows = _rows(file)
    if missing := {"kind", "factor", "start", "end"} - set(rows[0] if rows else ()):
        names = ", ".join(sorted(missing))
        raise UnreadableSeries(file=file, why=Term(zh=f"缺少列 {names}", en=f"it has no column {names}"))
    return [_label(row, series, file) for row in rows]


def _rows(file: Path) -> list[dict[str, str]]:
    if not file.is_file():
        raise UnreadableSeries(file=file, why=Term(zh="没有这个文件", en="there is no such file"))
    with open(file, encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _label(row: Mapping[str, str], series: Series, file: Path) -> Label:
    end = _instant(row["end"], file) + series.period
    return Label(kind=row["kind"], factor=row["factor"], start=_instant(row["start"], file), end=end)


def _period(instants: list[int]) -> int:
    found = Counter(after - before for before, after in pairwise(instants) if after > before)
    return found.most_common(1)[0][0] if found else DAY


def _instant(text: str, file: Path) -> int:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UnreadableSeries(file=file, why=Term(zh=f"{text!r} 不是时间", en=f"{text!r} is no time")) from error
    return times.to_microseconds(found if found.tzinfo else found.replace(tzinfo=times.BEIJING))


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan
