"""The relations: each a function of the series that gives the rows where it is broken (monitoring.md §3.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.series import Column, Floats, Mask, Role, Series


@dataclass(frozen=True, kw_only=True)
class Broken:
    """``columns``: the first is drawn largest; ``said``: a key of the words; ``alarm`` False: no more than a clue."""

    columns: list[Column]
    mask: Mask
    said: str
    least: int
    alarm: bool = True


Relation = Callable[[Series, Rules], Iterator[Broken]]


def usual(series: Series, column: Column, rules: Rules) -> Floats:
    """Return the median of the window before each row, of what was above zero: the level of a running plant."""
    running = np.where(column.values > 0, column.values, np.nan)
    return windows.usual(series, running, rules["usual_rows"], least=rules["usual_least"])


def idle_but_emitting(series: Series, rules: Rules) -> Iterator[Broken]:
    """Load at zero while a pollutant stays as on any running day."""
    for load in series.of(Role.LOAD):
        idle = load.values < rules["idle_share"] * usual(series, load, rules)
        emitting = [c for c in series.of(Role.POLLUTANT) if np.any(idle & _as_usual(series, c, rules))]
        if emitting:
            mask = idle & np.logical_or.reduce([_as_usual(series, column, rules) for column in emitting])
            yield Broken(columns=[load, *emitting], mask=mask, said="idle", least=rules["least_rows"])


def _as_usual(series: Series, column: Column, rules: Rules) -> Mask:
    return np.asarray(column.values > rules["emitting_share"] * usual(series, column, rules))


def lesser_above_greater(series: Series, rules: Rules) -> Iterator[Broken]:
    """A part above its whole: ammonia above total nitrogen, BOD5 above COD, phosphate above total phosphorus."""
    for pair in rules.rows("pairs"):
        lesser, greater = series.columns.get(pair["lesser"]), series.columns.get(pair["greater"])
        if lesser is not None and greater is not None:
            mask = lesser.values > greater.values * (1 + rules["pair_tolerance"])
            yield Broken(
                columns=[lesser, greater], mask=mask & (greater.values > 0), said="part", least=rules["pair_rows"]
            )


def air_at_full_load(series: Series, rules: Rules) -> Iterator[Broken]:
    """Oxygen near that of air while the plant runs: the probe may breathe air."""
    for oxygen in series.of(Role.OXYGEN):
        for load in series.of(Role.LOAD):
            running = load.values > rules["running_share"] * usual(series, load, rules)
            normally = usual(series, oxygen, rules) < rules["normal_oxygen"]
            mask = (oxygen.values > rules["air_oxygen"]) & running & normally
            yield Broken(columns=[oxygen, load], mask=mask, said="air", least=rules["least_rows"])


def constant_after_conversion(series: Series, rules: Rules) -> Iterator[Broken]:
    """The converted value stands still while the measured value and the oxygen it is made of both move."""
    rows = rules["constant_rows"]
    for column in series.of(Role.POLLUTANT):
        if column.converted is None:
            continue
        still = _variation(column.converted, rows) < rules["constant_variation"]
        moves = _variation(column.values, rows) > rules["moving_variation"]
        mask = np.zeros(series.rows, np.bool_)
        for row in np.flatnonzero(still & moves):
            mask[max(row - rows + 1, 0) : row + 1] = True
        yield Broken(columns=[column, *series.of(Role.OXYGEN)], mask=mask, said="converted", least=rows)


def _variation(values: Floats, rows: int) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(windows.sigma(values, rows, least=rows) / windows.median(np.abs(values), rows, least=rows))


def flow_without_pump(series: Series, rules: Rules) -> Iterator[Broken]:
    """Water flows although the pump draws no power."""
    for pump in series.of(Role.POWER):
        if pump.facility != "pump":
            continue
        for flow in series.of(Role.FLOW):
            off = pump.values < rules["idle_share"] * usual(series, pump, rules)
            mask = off & (flow.values > rules["running_share"] * usual(series, flow, rules))
            yield Broken(columns=[flow, pump], mask=mask, said="pump", least=rules["least_rows"])


def twins(series: Series, rules: Rules) -> Iterator[Broken]:
    """Two outlets of one firm that move as one: the same analyser or the same file may stand behind both."""
    rows = rules["twin_rows"]
    for column in series.of(Role.POLLUTANT):
        if column.peer is None:
            continue
        alike = _correlation(column.values, column.peer, rows) > rules["twin_correlation"]
        mask = np.zeros(series.rows, np.bool_)
        for row in np.flatnonzero(alike):
            mask[max(row - rows + 1, 0) : row + 1] = True
        yield Broken(columns=[column], mask=mask, said="twins", least=rows)


def _correlation(one: Floats, other: Floats, rows: int) -> Floats:
    """Return the rolling correlation; NaN where a value is missing or nothing moves."""
    a, b = windows.windows(one, rows), windows.windows(other, rows)
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1)))


def all_swing_but_flow(series: Series, rules: Rules) -> Iterator[Broken]:
    """Several pollutants swing at once while flow and conditions lie still (a real case in Bao'an). A clue only."""
    quiet, pollutants = series.of(Role.FLOW), series.of(Role.POLLUTANT)
    if not quiet or len(pollutants) < rules["swing_factors"]:
        return
    wild = [_swing(series, column.values, rules) > rules["swing_times"] for column in pollutants]
    calm = np.logical_and.reduce([_swing(series, column.values, rules) < rules["calm_times"] for column in quiet])
    mask = (np.sum(wild, axis=0) >= rules["swing_factors"]) & calm
    yield Broken(columns=[*pollutants], mask=mask, said="swing", least=rules["swing_rows"] // 2, alarm=False)


def _swing(series: Series, values: Floats, rules: Rules) -> Floats:
    """Return the spread of the last window as a multiple of its usual size."""
    rows = rules["swing_rows"]
    spread = windows.sigma(values, rows, least=rows // 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return spread / windows.usual(series, spread, rules["usual_rows"], least=rules["usual_least"])


ALL: tuple[Relation, ...] = (
    idle_but_emitting,
    lesser_above_greater,
    air_at_full_load,
    constant_after_conversion,
    flow_without_pump,
    twins,
    all_swing_but_flow,
)
