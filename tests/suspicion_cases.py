"""Reads the example series of the detectors (tests/unit/suspicion_cases/README.md tells the format)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from tests.suspicion_series import ROLES, START, plant

from qingtian.stream.suspicions.series import (
    DAY,
    HOUR,
    MINUTE,
    Column,
    Limit,
    Mark,
    Peers,
    Range,
    Role,
    Series,
    Trace,
    Treats,
)

FOLDER = Path(__file__).parent / "unit" / "suspicion_cases"

Floats = NDArray[np.float64]


def cases() -> list[tuple[str, Mapping[str, Any]]]:
    return [
        (file.stem, case)
        for file in sorted(FOLDER.glob("*.yaml"))
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


def _columns(case: Mapping[str, Any]) -> dict[str, Floats]:
    if "plant" in case:
        return plant(**case["plant"])
    if "power" in case:
        dice = np.random.default_rng(0)
        rows = case["power"]["rows"]
        return {name: case["power"][name] + dice.normal(0, 0.5, rows) for name in case["power"] if name != "rows"}
    return {name: np.array(values, np.float64) for name, values in case["series"].items()}


CHANGES: Mapping[str, Callable[[Floats, Any], Floats]] = {
    "set": lambda x, to: np.full(len(x), float(to)),
    "missing": lambda x, _: np.full(len(x), np.nan),
    "scale": lambda x, by: x * by,
    "ramp": lambda x, to: x * np.linspace(1, to, len(x)),
    "at_most": lambda x, cap: np.minimum(x, cap),
    "squeeze": lambda x, by: np.median(x) + (x - np.median(x)) * by,
    "round_to": lambda x, step: np.round(np.round(x / step) * step, 6),
}


def _change(columns: dict[str, Floats], change: Mapping[str, Any]) -> None:
    first, last = change["rows"]
    values, rows = columns[change["factor"]], slice(first, last, change.get("every", 1))
    if "copy_from" in change:
        values[rows] = values[change["copy_from"] : change["copy_from"] + last - first].copy()
    for name, how in CHANGES.items():
        if name in change:
            values[rows] = how(values[rows], change[name])


def series(case: Mapping[str, Any]) -> Series:
    columns = _columns(case)
    for change in case.get("changes", ()):
        _change(columns, change)
    named = case.get("named", {})
    made = {named.get(code, code): _column(code, values, case) for code, values in columns.items()}
    made = {code: replace(column, code=code) for code, column in made.items()}
    return Series(
        outlet="SZ-G-1",
        start=START,
        period=period_of(case),
        rows=len(next(iter(columns.values()))),
        columns=made,
        marks=tuple(_mark(mark, period_of(case)) for mark in case.get("marks", ())),
        relations=tuple(Treats(**each) for each in case.get("treats", ())),
        trace=_trace(case["packets"], len(columns["nox"])) if "packets" in case else None,
    )


def _column(code: str, values: Floats, case: Mapping[str, Any]) -> Column:
    role = Role.POWER if "power" in case else ROLES.get(code, Role.POLLUTANT)
    more: dict[str, Any] = {"facility": code, "unit": "kW"} if role is Role.POWER else {}
    if code == case.get("flow"):
        role = Role.FLOW
    if code in case.get("drives", {}):
        role = Role.POWER
        more |= {"facility": code, "unit": "kW", "drives": case["drives"][code]}
    if code in case.get("rated", {}):
        more["rated"] = float(case["rated"][code])
    if "finer" in case:
        more["finer"] = np.full(len(values), bool(case["finer"]))
    if code in case.get("limits", {}):
        more["limits"] = (Limit(**case["limits"][code]),)
    if code in case.get("ranges", {}):
        more["ranges"] = (Range(**case["ranges"][code]),)
    if case.get("flags", {}).get("factor") == code:
        more["flags"] = np.zeros(len(values), np.uint8)
        more["flags"][slice(*case["flags"]["rows"])] = ord(case["flags"]["flag"])
    if case.get("highest", {}).get("factor") == code:
        more["highest"] = values * 1.05
        more["highest"][slice(*case["highest"]["rows"])] = case["highest"]["value"]
    if case.get("reported", {}).get("factor") == code:
        more["reported"] = values.copy()
        more["reported"][slice(*case["reported"]["rows"])] *= case["reported"]["scale"]
    if case.get("converted", {}).get("factor") == code:
        more["converted"] = values.copy()
        more["converted"][slice(*case["converted"]["rows"])] = case["converted"]["value"]
    if case.get("peer", {}).get("factor") == code:
        more["beside"] = {"SZ-G-2": _columns(case)[case["peer"]["of"]] * case["peer"]["scale"]}
    if case.get("peers", {}).get("factor") == code:
        more["peers"] = _peers(values, **{name: part for name, part in case["peers"].items() if name != "factor"})
    if case.get("late", {}).get("factor") == code:
        more["received"] = START + (np.arange(len(values), dtype=np.int64) + 1) * HOUR + 2 * MINUTE
        more["received"][slice(*case["late"]["rows"])] += case["late"]["hours"] * HOUR
    return Column(code=code, role=role, values=values, **more)


def _peers(values: Floats, *, outlets: int, level: float, scatter: float, limit: float) -> Peers:
    """Return so many outlets of one kind, the first of which is the series' own."""
    dice = np.random.default_rng(0)
    others = level * (1 + scatter * dice.standard_normal((outlets - 1, len(values))))
    swing = np.full((outlets, len(values)), 0.5)
    return Peers(
        level=np.vstack([values / limit, others]), swing=swing, own=0, limit=np.full(len(values), float(limit))
    )


def period_of(case: Mapping[str, Any]) -> int:
    """Return the length of a row, µs."""
    return {"minute": MINUTE, "hour": HOUR, "day": DAY}[case.get("period", "hour")]


def _mark(mark: Mapping[str, Any], period: int) -> Mark:
    first, last = mark["rows"]
    factors = tuple(mark.get("factors", ()))
    return Mark(
        label=mark["label"],
        start=START + first * period,
        end=START + last * period,
        factors=factors,
        registered=mark.get("registered", False),
    )


def _trace(packets: Mapping[str, Any], rows: int) -> Trace:
    received = START + np.arange(0, rows * HOUR, packets["every_minutes"] * MINUTE, dtype=np.int64)
    qn, data_time = received - MINUTE // 60, received - MINUTE
    row = (received - START) // HOUR
    if "clock" in packets:
        late = row >= packets["clock"]["from_row"]
        qn, data_time = (np.where(late, each + packets["clock"]["minutes"] * MINUTE, each) for each in (qn, data_time))
    if "data_ahead" in packets:
        first, last = packets["data_ahead"]["rows"]
        ahead = (row >= first) & (row < last)
        data_time = np.where(ahead, data_time + packets["data_ahead"]["minutes"] * MINUTE, data_time)
    return Trace(qn=qn, data_time=data_time, received=received)
