"""Series for the tests of detectors: a plant made by dice, real stretches, and faults put into them."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from qingtian.base import times
from qingtian.stream.suspicions.labelled import EVERY_FACTOR, Label
from qingtian.stream.suspicions.series import HOUR, Column, Role, Series

SHARED = Path(os.environ.get("QINGTIAN_SHARED", "../shared"))
START = times.to_microseconds(datetime(2026, 1, 1, tzinfo=times.BEIJING))

Floats = NDArray[np.float64]
Columns = Mapping[str, Floats]

ROLES = {"load": Role.LOAD, "temperature": Role.CONDITION, "co": Role.POLLUTANT, "nox": Role.POLLUTANT}


def series_of(columns: Columns, *, period: int = HOUR, **more: object) -> Series:
    """Return a series from 2026-01-01 on; roles by `ROLES`, a column without one is a pollutant."""
    made = {
        code: Column(code=code, role=ROLES.get(code, Role.POLLUTANT), values=np.asarray(values, np.float64))
        for code, values in columns.items()
    }
    rows = len(next(iter(columns.values())))
    return Series(outlet="SZ-G-1", start=START, period=period, rows=rows, columns=made, **more)  # type: ignore[arg-type]


def plant(*, rows: int, seed: int) -> dict[str, Floats]:
    """Return load, temperature, NOx and CO of a plant that follows its load, printed with three decimals."""
    dice = np.random.default_rng(seed)
    load = 12 + 1.5 * np.sin(np.arange(rows) / 3.8) + np.cumsum(dice.normal(0, 0.05, rows)) % 0.7
    temperature = 1080 + 8 * (load - 12) + dice.normal(0, 2, rows)
    nox = np.exp(4.2 + 0.06 * (load - 12) + dice.normal(0, 0.05, rows))
    co = np.exp(0.4 - 0.2 * (load - 12) + dice.normal(0, 0.2, rows))
    return {
        name: np.round(v, 3) for name, v in {"load": load, "temperature": temperature, "nox": nox, "co": co}.items()
    }


def turbine() -> dict[str, Floats]:
    """Return 3,000 real hours of a gas turbine (gas_turbine_uci), another stretch than that of cems_faults."""
    names = {"turbine_energy_yield_mwh": "load", "turbine_inlet_temp_c": "temperature", "co_mg_m3": "co"}
    names["nox_mg_m3"] = "nox"
    file = SHARED / "data" / "gas_turbine_uci" / "hourly.csv"
    if not file.exists():
        pytest.skip(f"{file} is not here: set QINGTIAN_SHARED to the folder of the shared facts")
    with open(file, encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {short: np.array([float(row[name]) for row in rows]) for name, short in names.items()}


REAL_FLAT_LINE = Label(kind="flatline", factor="nox", start=START + 336 * HOUR, end=START + 438 * HOUR)
"""102 equal hours of NOx in `turbine`: nobody put them there."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """``factors`` it may hit, ``hours`` it lasts (from, to, exclusive), what it does to the values."""

    factors: tuple[str, ...]
    hours: tuple[int, int]
    change: Callable[[Floats, np.random.Generator], Floats]


def _clip(x: Floats, dice: np.random.Generator) -> Floats:
    cap = np.quantile(x, dice.uniform(0.3, 0.5))
    return np.where(x > cap, cap * (1 - dice.uniform(0, 6e-4, len(x))), x)


def _smooth(x: Floats, dice: np.random.Generator) -> Floats:
    return np.median(x) + (x - np.median(x)) * dice.uniform(0.03, 0.08)


def _drift(x: Floats, dice: np.random.Generator) -> Floats:
    return x * np.linspace(1, dice.choice([dice.uniform(0.65, 0.75), dice.uniform(1.35, 1.45)]), len(x))


BOTH = ("nox", "co")
FAULTS: Mapping[str, Fault] = {
    "clipped": Fault(factors=("nox",), hours=(72, 110), change=_clip),
    "offline": Fault(factors=(EVERY_FACTOR,), hours=(6, 25), change=lambda x, dice: np.full(len(x), np.nan)),
    "load_contradiction": Fault(factors=("load",), hours=(12, 40), change=lambda x, dice: np.zeros(len(x))),
    "smoothed": Fault(factors=("nox",), hours=(48, 73), change=_smooth),
    "zero": Fault(factors=("nox",), hours=(4, 10), change=lambda x, dice: np.zeros(len(x))),
    "negative": Fault(factors=("nox",), hours=(2, 5), change=lambda x, dice: -x * dice.uniform(0.05, 0.2)),
    "exceedance": Fault(factors=BOTH, hours=(2, 8), change=lambda x, dice: x * dice.uniform(1.7, 2.5)),
    "spike": Fault(factors=("nox",), hours=(1, 2), change=lambda x, dice: x * dice.uniform(3, 6)),
    "step_after_maintenance": Fault(
        factors=("nox",), hours=(48, 90), change=lambda x, dice: x * dice.uniform(0.5, 0.66)
    ),
    "drift": Fault(factors=BOTH, hours=(72, 130), change=_drift),
    "flatline": Fault(factors=("nox",), hours=(12, 48), change=lambda x, dice: np.full(len(x), x[0])),
    "replay": Fault(factors=("nox",), hours=(24, 48), change=lambda x, dice: x),
}


def with_faults(clean: Columns, *, seed: int, kinds: tuple[str, ...] = tuple(FAULTS)) -> tuple[Series, list[Label]]:
    """Put faults of every kind into a copy, one after the other with gaps between; printed as the device prints.

    The values keep five significant digits, as the real ones have, so that no digit gives a fault away.
    """
    dice = np.random.default_rng(seed)
    columns = {name: values.copy() for name, values in clean.items()}
    rows = len(columns["nox"])
    order = [kind for kind in kinds for _ in range(3)]
    dice.shuffle(order)
    labels, first = [], 250
    for kind in order:
        first += int(dice.integers(30, 110))
        hours = int(dice.integers(*FAULTS[kind].hours))
        if first + hours + 30 > rows:
            break
        factor = str(dice.choice(FAULTS[kind].factors))
        _put(columns, kind, factor, first, hours, dice)
        labels.append(Label(kind=kind, factor=factor, start=START + first * HOUR, end=START + (first + hours) * HOUR))
        first += hours
    return series_of(columns), labels


def _put(columns: dict[str, Floats], kind: str, factor: str, first: int, hours: int, dice: np.random.Generator) -> None:
    lag = hours + int(dice.integers(20, 80))
    for name in BOTH if factor == EVERY_FACTOR else (factor,):
        from_ = first - lag if kind == "replay" else first
        changed = FAULTS[kind].change(columns[name][from_ : from_ + hours].copy(), dice)
        columns[name][first : first + hours] = [float(f"{value:.5g}") for value in changed]
