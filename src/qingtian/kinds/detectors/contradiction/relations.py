"""The relations: each a function of the series that gives the rows where it is broken (monitoring.md §3.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from qingtian.stream.suspicions import windows
from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run, widened
from qingtian.stream.suspicions.series import Column, Floats, Mask, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn

PRODUCTION, PUMP = "production", "pump"
GAS = "a"
"""How codes of waste gas begin."""


@dataclass(frozen=True, kw_only=True)
class Broken:
    """``columns``: the first is drawn largest; ``said``: a key of the words; ``alarm`` False: no more than a clue.

    ``involved``: by code the rows in which a column takes part, one that is not here does in all; ``other``: what else
    the words name; ``drawn``: curves beside the values of the first column.
    """

    columns: list[Column]
    mask: Mask
    said: str
    least: int
    alarm: bool = True
    involved: Mapping[str, Mask] = field(default_factory=dict)
    other: str = ""
    drawn: tuple[Drawn, ...] = ()

    def within(self, run: Run) -> list[Column]:
        """Return the columns that take part in a run."""
        masks = self.involved
        return [one for one in self.columns if one.code not in masks or masks[one.code][run.rows].any()]


Relation = Callable[[Series, Rules], Iterator[Broken]]


def usual(series: Series, column: Column, rules: Rules) -> Floats:
    """Return the median of the window before each row, of what was above zero: the level of a running plant."""
    running = np.where(column.values > 0, column.values, np.nan)
    return windows.usual(series, running, rules["usual_rows"], least=rules["usual_least"])


def idle_but_emitting(series: Series, rules: Rules) -> Iterator[Broken]:
    """Load at zero, or all production without power, while a pollutant stays as on any running day."""
    for loads in _loads(series):
        idle = _all_below(series, loads, rules, rules["idle_share"])
        pollutants = _pollutants_of(series, loads)
        emitting = {one.code: idle & _as_usual(series, one, rules) for one in pollutants}
        if emitting:
            mask = np.logical_or.reduce(list(emitting.values()))
            columns = [*loads, *pollutants]
            yield Broken(columns=columns, mask=mask, said="idle", least=rules["least_rows"], involved=emitting)


def _loads(series: Series) -> list[list[Column]]:
    """Return what tells that the plant runs: each load by itself, and the power of all production units together."""
    production = [column for column in series.of(Role.POWER) if column.drives == PRODUCTION]
    return [[load] for load in series.of(Role.LOAD)] + ([production] if production else [])


def _pollutants_of(series: Series, loads: list[Column]) -> list[Column]:
    """Return what follows a load at once: where production power tells of it, waste gas; water comes hours later."""
    is_power = loads[0].role is Role.POWER
    return [one for one in series.of(Role.POLLUTANT) if not is_power or one.code.startswith(GAS)]


def _all_below(series: Series, columns: list[Column], rules: Rules, share: float) -> Mask:
    """Tell where all of these are known and below a share of what they draw when they run."""
    below = [column.values < share * _full(series, column, rules) for column in columns]
    return np.asarray(np.logical_and.reduce(below))


def _full(series: Series, column: Column, rules: Rules) -> Floats:
    return usual(series, column, rules) if column.rated is None else np.full(series.rows, column.rated)


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
        for loads in _loads(series):
            running = np.logical_or.reduce(
                [load.values > rules["running_share"] * _full(series, load, rules) for load in loads]
            )
            normally = usual(series, oxygen, rules) < rules["normal_oxygen"]
            mask = (oxygen.values > rules["air_oxygen"]) & running & normally
            yield Broken(columns=[oxygen, *loads], mask=mask, said="air", least=rules["least_rows"])


def constant_after_conversion(series: Series, rules: Rules) -> Iterator[Broken]:
    """The converted value stands still while the measured value and the oxygen it is made of both move."""
    rows = rules["constant_rows"]
    for column in series.of(Role.POLLUTANT):
        if column.converted is None:
            continue
        still = _variation(column.converted, rows) < rules["constant_variation"]
        moves = _variation(column.values, rows) > rules["moving_variation"]
        mask = _whole_windows(still & moves, rows)
        yield Broken(columns=[column, *series.of(Role.OXYGEN)], mask=mask, said="converted", least=rows)


def _variation(values: Floats, rows: int) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(windows.sigma(values, rows, least=rows) / windows.median(np.abs(values), rows, least=rows))


def unmoved_by_load(series: Series, rules: Rules) -> Iterator[Broken]:
    """A concentration stands still through a change of load, though it usually moves as much as that."""
    rows = rules["still_rows"]
    for loads in _loads(series):
        changes = np.logical_or.reduce([_swept(series, load, rows, rules) for load in loads])
        for column in _pollutants_of(series, loads):
            moved = _variation(column.values, rows)
            usually = windows.usual(series, moved, rules["usual_rows"], least=rules["usual_least"])
            still = (moved < rules["still_variation"]) & (usually > rules["still_usual"]) & changes
            still &= windows.median(column.values, rows, least=rows) > 0
            mask = _whole_windows(still, rows)
            yield Broken(columns=[column, *loads], mask=mask, said="unmoved", least=rows)


def _swept(series: Series, load: Column, rows: int, rules: Rules) -> Mask:
    """Tell where the load went through a good part of what is usual within the window, running all the time."""
    low, high = windows.extreme(load.values, rows)
    full = _full(series, load, rules)
    return np.asarray((high - low > rules["still_load"] * full) & (low > rules["idle_share"] * full))


def _whole_windows(last_rows: Mask, rows: int) -> Mask:
    """Return all rows of the windows that end in these."""
    return widened(last_rows, before=rows - 1)


def flow_without_pump(series: Series, rules: Rules) -> Iterator[Broken]:
    """Water flows although none of its pumps draws power."""
    pumps = [column for column in series.of(Role.POWER) if column.drives == PUMP]
    if not pumps:
        return
    off = _all_below(series, pumps, rules, rules["idle_share"])
    for flow in series.of(Role.FLOW):
        mask = off & (flow.values > rules["running_share"] * usual(series, flow, rules))
        yield Broken(columns=[flow, *pumps], mask=mask, said="pump", least=rules["least_rows"])


def twins(series: Series, rules: Rules) -> Iterator[Broken]:
    """Two outlets of one firm that move as one: the same analyser or the same file may stand behind both."""
    rows = rules["twin_rows"]
    for column in series.of(Role.POLLUTANT):
        told = np.zeros(series.rows, np.bool_)
        for code, values in column.beside.items():
            alike = _in_step(column.values, values, rows) >= rules["twin_steps"]
            if not alike.any():
                continue
            alike &= _correlation(column.values, values, rows) > rules["twin_correlation"]
            mask = _whole_windows(alike, rows) & ~told
            told |= mask
            drawn = Drawn(zh=f"排放口 {code}", en=f"outlet {code}", values=values)
            yield Broken(columns=[column], mask=mask, said="twins", least=rows, other=code, drawn=(drawn,))


def _correlation(one: Floats, other: Floats, rows: int) -> Floats:
    """Return the rolling correlation; NaN where a value is missing or nothing moves."""
    a, b = windows.windows(one, rows), windows.windows(other, rows)
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1)))


def _in_step(one: Floats, other: Floats, rows: int) -> Floats:
    """Return which part of the rows both rise or both fall in: plants that start and stop together do less often."""
    same = np.concatenate(([False], np.sign(np.diff(one)) * np.sign(np.diff(other)) > 0))
    return windows.share(same[: len(one)], rows)


def all_swing_but_flow(series: Series, rules: Rules) -> Iterator[Broken]:
    """Several pollutants swing at once while flow and pH lie still (a real case in Bao'an). A clue only."""
    quiet, calm_too = series.of(Role.FLOW), rules["calm_factors"]
    pollutants = [column for column in series.of(Role.POLLUTANT) if column.code not in calm_too]
    if not quiet or len(pollutants) < rules["swing_factors"]:
        return
    quiet += [series.columns[code] for code in calm_too if code in series.columns]
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
    unmoved_by_load,
    flow_without_pump,
    twins,
    all_swing_but_flow,
)
