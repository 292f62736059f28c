"""The hours of a day: validity, the device's value and ours, conversion, flow and emission. Arrays [series, 24]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.periods import cells, kernels
from qingtian.stream.periods.cells import CELLS, EMPTY, HOUR_AVG, HOUR_COU, HOUR_ZS, HOURS
from qingtian.stream.periods.conversion import to_reference_oxygen
from qingtian.stream.periods.layout import Layout
from qingtian.stream.periods.marks import max_dust
from qingtian.stream.periods.parameters import FLOW, POLLUTANT, STOPPED, VALID, Parameters
from qingtian.stream.periods.plan import PeriodPlan
from qingtian.stream.periods.rows import Rows
from qingtian.stream.periods.states import multiplier, volumes

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

REASONS = (
    "",
    "missing",
    "flag",
    "minutes",
    "stopped",
    "marked",
    "zero_flow",
    "out_of_control",
    "hours",
    "few_converted",
)
"""Why a value is not valid, by code; the first is a valid one."""

MISSING, FLAG, TOO_FEW_MINUTES, STANDING, MARKED, ZERO_FLOW, OUT_OF_CONTROL, TOO_FEW_HOURS = 1, 2, 3, 4, 5, 6, 7, 8


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Which row of the readings won each cell of each series (`cells`), and whether arrivals contradicted another."""

    rows: Rows
    winner: NDArray[np.int32]
    corrected: NDArray[np.uint8]

    def of(self, series: NDArray[np.int32]) -> Chosen:
        """Return what was chosen for some of the series."""
        return Chosen(rows=self.rows, winner=self.winner[series], corrected=self.corrected[series])

    def values(self, first: int, count: int = HOURS) -> Floats:
        """Return the values of ``count`` cells from ``first``, NaN where nothing came."""
        return self._taken(self.rows.value, np.nan, first, count)

    def flags(self, first: int, count: int = HOURS) -> NDArray[np.uint8]:
        return self._taken(self.rows.flag, 0, first, count)

    def received(self, first: int, count: int = HOURS) -> NDArray[np.int64]:
        """Return when the winners arrived, µs; 0 where nothing came."""
        return self._taken(self.rows.received, 0, first, count)

    def _taken(self, column: NDArray[Any], missing: float, first: int, count: int) -> NDArray[Any]:
        place = self.winner[:, first : first + count]
        if not len(column):
            return np.full(place.shape, missing, column.dtype)
        found: NDArray[Any] = np.where(place == EMPTY, np.asarray(missing, column.dtype), column[place])
        return found


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Arrays [series, 24]. ``made`` is `kernels.HOUR`. ``value`` is what counts, NaN unless valid: standard dry, in the
    unit of the factor; ``own`` and ``reported`` are what it was chosen from. ``oxygen`` %; ``volume`` m³; ``amount``
    kg. ``reason``: see `REASONS`; ``exempt``: valid, but not judged; ``standing``: not running, so not due.
    """

    made: NDArray[Any]
    value: Floats
    own: Floats
    reported: Floats
    converted: Floats
    own_converted: Floats
    reported_converted: Floats
    oxygen: Floats
    volume: Floats
    amount: Floats
    reported_amount: Floats
    reason: NDArray[np.int8]
    exempt: Flags
    standing: Flags
    corrected: Flags
    heard: Flags
    received: NDArray[np.int64]

    @property
    def low(self) -> Floats:
        """The lowest value of the hour that counts; of an hour without minutes, its value."""
        return np.where(self.made["n"] > 0, self.made["low"], self.value)

    @property
    def high(self) -> Floats:
        return np.where(self.made["n"] > 0, self.made["high"], self.value)

    @property
    def valid(self) -> Flags:
        found: Flags = self.reason == 0
        return found


def choose(rows: Rows, layout: Layout, *, day_start: int) -> Chosen:
    """Let the last arrival of each cell win."""
    winner = np.full((len(layout), CELLS), EMPTY, np.int32)
    corrected = np.zeros((len(layout), CELLS), np.uint8)
    cells.choose(
        *(rows.mn, rows.factor, rows.channel, rows.time, rows.value, rows.flag, rows.received, rows.sequence),
        *(rows.index, day_start, layout.series_of, winner, corrected),
    )
    return Chosen(rows=rows, winner=winner, corrected=corrected)


def make(chosen: Chosen, layout: Layout, plan: PeriodPlan, parameters: Parameters) -> Hours:
    """Make the hours of every series from what was chosen."""
    made = _from_minutes(chosen, layout, parameters)
    reported, flag = _reported(chosen, layout)
    corrected, received = _history(chosen, made)
    reason, standing = _verdicts(chosen, made, reported, flag, layout, parameters)
    made["excluded"] += _flagged(made, reason, flag, parameters)
    raw = _floored(_judged(made["own"], reported, layout, parameters), layout, parameters)
    volume = volumes(raw, reason == 0, chosen.values(HOUR_COU), layout, plan, parameters)
    scale = multiplier(raw, chosen.rows.factors, layout, plan, parameters)
    own, reported, value = (np.round(part * scale, 9) for part in (made["own"], reported, raw))
    reason, standing = _without_flow(reason, standing, volume, layout)
    oxygen = _of_servant(np.where(reason == 0, value, np.nan), layout.servants["oxygen"])
    converted = _converted(value, oxygen, layout, parameters)
    given = _floored(chosen.values(HOUR_ZS), layout, parameters)
    told = np.where(oxygen >= parameters.constants["oxygen_guard"], np.nan, given)
    valid = reason == 0
    return Hours(
        made=made,
        value=np.where(valid, value, np.nan),
        own=own,
        reported=reported,
        converted=np.where(valid, np.where(np.isnan(told), converted, told), np.nan),
        own_converted=converted,
        reported_converted=chosen.values(HOUR_ZS),
        oxygen=oxygen,
        volume=volume,
        amount=np.where(valid, _amounts(value, volume, layout), np.nan),
        reported_amount=chosen.values(HOUR_COU) * layout.kilograms[:, None],
        reason=reason,
        exempt=_exempt(made, value, converted, valid, layout, parameters),
        standing=standing,
        corrected=corrected,
        # an hour under a mark of standing still is told of, though nothing was heard
        heard=(received > 0) | (made["stopped"] > 0),
        received=received,
    )


def _from_minutes(chosen: Chosen, layout: Layout, parameters: Parameters) -> NDArray[Any]:
    made = np.zeros((len(layout), HOURS), kernels.HOUR)
    rows = chosen.rows
    dissolved = layout.water & (layout.role == POLLUTANT)
    kernels.hours(
        *(chosen.winner, chosen.corrected, rows.value, rows.flag, rows.received, layout.role),
        *(layout.servants["flow"], dissolved & ~np.isnan(layout.milligrams), dissolved, layout.step, layout.mask_of),
        *(layout.masks, parameters.effect, parameters.counter, np.zeros(4), np.zeros(60), made),
    )
    return made


def _reported(chosen: Chosen, layout: Layout) -> tuple[Floats, NDArray[np.uint8]]:
    """Return the device's hour means and their flags; of a flow that sends its total alone, the total's mean."""
    mean, flag, total = chosen.values(HOUR_AVG), chosen.flags(HOUR_AVG), chosen.values(HOUR_COU)
    alone = np.isnan(mean) & ~np.isnan(total) & (layout.role == FLOW)[:, None]
    rate = total / layout.cubic_metres[:, None]
    return np.where(alone, rate, mean), np.where(alone, chosen.flags(HOUR_COU), flag)


def _history(chosen: Chosen, made: NDArray[Any]) -> tuple[Flags, NDArray[np.int64]]:
    corrected, received = made["corrected"].copy(), made["received"].copy()
    for first in (HOUR_AVG, HOUR_COU, HOUR_ZS):
        corrected |= chosen.corrected[:, first : first + HOURS] != 0
        received = np.maximum(received, chosen.received(first))
    return corrected, received


def _least(layout: Layout, parameters: Parameters) -> NDArray[np.int16]:
    """Return the valid minutes that an hour of each series needs."""
    water, gas = (parameters.means[medium, "hour"].min_minutes for medium in ("water", "gas"))
    return np.where(layout.water, water, gas).astype(np.int16)[:, None]


def _verdicts(
    chosen: Chosen,
    made: NDArray[Any],
    reported: Floats,
    flag: NDArray[np.uint8],
    layout: Layout,
    parameters: Parameters,
) -> tuple[NDArray[np.int8], Flags]:
    """Return why each hour is not valid, and whether the source stood so long that none could be.

    Where minutes are to be had their number decides, else the flag. A reported hour must be flagged valid in any case.
    """
    least = _least(layout, parameters)
    by_minutes = _by_minutes(chosen, parameters)
    has_report = ~np.isnan(reported)
    effect = parameters.effect[flag]
    reason = np.zeros(made.shape, np.int8)
    # the hour of water is one analysis: minutes only stand in for a report that did not come
    reason[(made["covered"] < least) & by_minutes & (~has_report | ~layout.water[:, None])] = TOO_FEW_MINUTES
    reason[~has_report & (made["n"] == 0) & (made["excluded"] == 0)] = MISSING
    reason[has_report & (effect != VALID)] = FLAG
    reason[60 - made["marked"] < least] = MARKED
    reason[60 - _out_of_control(layout) < least] = OUT_OF_CONTROL
    standing = (60 - made["stopped"] < least) | (has_report & (effect == STOPPED) & (made["n"] == 0))
    reason[standing] = STANDING
    return reason, standing


def _flagged(
    made: NDArray[Any], reason: NDArray[np.int8], flag: NDArray[np.uint8], parameters: Parameters
) -> NDArray[np.int64]:
    """Return the counter of the flag that took out the hour's own record, where no minutes were left out."""
    counters = np.int64(1) << (kernels.BITS * parameters.counter[flag].astype(np.int64))
    return np.where((reason == FLAG) & (made["n"] == 0) & (made["excluded"] == 0), counters, 0)


def _by_minutes(chosen: Chosen, parameters: Parameters) -> Flags:
    """Return the hours of which minutes decide: from the day's first on, and before it if the rule says so."""
    came = (chosen.winner[:, : cells.MINUTES] != EMPTY).reshape(len(chosen.winner), cells.HOURS, -1).any(axis=2)
    begun = np.logical_or.accumulate(came, axis=1)
    any_came = came.any(axis=1)[:, None]
    case_is_open = np.where(any_came, not parameters.by_flag["before"], not parameters.by_flag["day"])
    found: Flags = begun | case_is_open
    return found


def _out_of_control(layout: Layout) -> NDArray[np.int64]:
    """Return the minutes of each hour [series, 24] that a failed check of quality control takes out."""
    under = (layout.masks & kernels.MARK_OUT_OF_CONTROL) != 0
    found: NDArray[np.int64] = under.reshape(len(under), HOURS, -1).sum(axis=2)[layout.mask_of]
    return found


def _judged(own: Floats, reported: Floats, layout: Layout, parameters: Parameters) -> Floats:
    """Return the value that counts, by the rule's order."""
    value = np.empty_like(own)
    for medium, ours in (("water", layout.water), ("gas", ~layout.water)):
        first, second = (reported, own) if parameters.means[medium, "hour"].reported_first else (own, reported)
        value[ours] = np.where(np.isnan(first[ours]), second[ours], first[ours])
    return value


def _floored(value: Floats, layout: Layout, parameters: Parameters) -> Floats:
    """Let no concentration and no flow count as less than nothing: one hour could hide a day's exceedance."""
    floor = np.full(len(layout), -np.inf)
    for name, role in (("pollutant", POLLUTANT), ("flow", FLOW)):
        floor[layout.role == role] = parameters.floors.get(name, -np.inf)
    found: Floats = np.maximum(value, floor[:, None])
    return found


def _without_flow(
    reason: NDArray[np.int8], standing: Flags, volume: Floats, layout: Layout
) -> tuple[NDArray[np.int8], Flags]:
    """Take out the hours of water in which nothing flowed: there was no discharge to measure."""
    dissolved = layout.water & (layout.role != FLOW) & ~layout.metered
    dry = (volume == 0) & dissolved[:, None]
    return np.where(dry, np.int8(ZERO_FLOW), reason), standing | dry


def _of_servant(values: Floats, servant: NDArray[np.int32]) -> Floats:
    """Return the values of the series that serves each series, NaN where none does."""
    return np.where((servant >= 0)[:, None], values[servant], np.nan) if len(values) else values


def _converted(value: Floats, oxygen: Floats, layout: Layout, parameters: Parameters) -> Floats:
    reference = layout.reference[:, None]
    found: Floats = to_reference_oxygen(value, oxygen=oxygen, reference=reference, constants=parameters.constants)
    return np.round(found, 9)


def _amounts(value: Floats, volume: Floats, layout: Layout) -> Floats:
    """Return kg: mg/L · m³ · 10⁻³ for water, mg/m³ · m³ · 10⁻⁶ for gas. Never from the converted concentration."""
    scale = layout.milligrams * np.where(layout.water, 1e-3, 1e-6)
    return np.round(value * volume * scale[:, None], 9)


def _exempt(
    made: NDArray[Any], value: Floats, converted: Floats, valid: Flags, layout: Layout, parameters: Parameters
) -> Flags:
    """Return the hours under a mark that exempts; start-up, stop, fault and accident only while the dust is low."""
    best = np.where(valid, np.where(np.isnan(converted), value, converted), np.nan)
    dusty = _of_servant(best, layout.servants["dust"]) > max_dust(parameters)
    found: Flags = (made["exempt"] > 0) | ((made["exempt_if_clean"] > 0) & ~dusty)
    return found
