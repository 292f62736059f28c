"""The day of each series, from its hours: arithmetic for gas, weighted by flow for water, the median for pH."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.periods.cells import DAY_AVG, DAY_COU, DAY_ZS
from qingtian.stream.periods.hours import MARKED, OUT_OF_CONTROL, REASONS, TOO_FEW_HOURS, Chosen, Hours
from qingtian.stream.periods.kernels import BITS
from qingtian.stream.periods.layout import Layout
from qingtian.stream.periods.parameters import MEDIAN, POLLUTANT, VALID, Mean, Parameters

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Days:
    """Arrays [series]; fields as in `hours.Hours`. ``n``: valid hours that are judged; ``due``: hours neither standing
    nor exempt; ``needed``: how many valid ones the day wants; ``weighted``: by flow; ``left_out`` int64: hours that do
    not count by why, packed as `kernels.HOUR` packs records, in the order of `LEFT_OUT`.
    """

    value: Floats
    own: Floats
    reported: Floats
    converted: Floats
    reported_converted: Floats
    low: Floats
    high: Floats
    volume: Floats
    amount: Floats
    reported_amount: Floats
    n: NDArray[np.int16]
    due: NDArray[np.int16]
    needed: NDArray[np.int16]
    weighted: NDArray[np.bool_]
    left_out: NDArray[np.int64]
    reason: NDArray[np.int8]
    corrected: NDArray[np.bool_]
    heard: NDArray[np.bool_]
    received: NDArray[np.int64]


LEFT_OUT = (*REASONS[1:TOO_FEW_HOURS], "exempt")
"""Why an hour does not count in its day, in the order of the counters."""


def make(hours: Hours, chosen: Chosen, layout: Layout, parameters: Parameters) -> Days:
    """Make the day of every series."""
    counts = hours.valid & ~hours.exempt
    reported, flag = chosen.values(DAY_AVG, 1)[:, 0], chosen.flags(DAY_AVG, 1)[:, 0]
    own, weighted = _mean(hours.value, counts, hours.volume, layout, parameters)
    converted, _ = _mean(hours.converted, counts & ~np.isnan(hours.converted), hours.volume, layout, parameters)
    due = (~hours.standing & ~hours.exempt).sum(axis=1).astype(np.int16)
    needed = _needed(due, layout, parameters)
    n = counts.sum(axis=1).astype(np.int16)
    enough = (n >= needed) & (n > 0)
    # a device that sends days alone is taken at its flag, unless marks and failed checks leave too little of the day
    alone = (hours.received == 0).all(axis=1) & ~np.isnan(reported) & (parameters.effect[flag] == VALID)
    alone &= due - _undone(hours) >= needed
    converted_enough = (~np.isnan(hours.converted) & counts).sum(axis=1) >= np.maximum(needed, 1)
    received = np.maximum(hours.received.max(axis=1, initial=0), chosen.received(DAY_AVG, 1)[:, 0])
    each = np.where(counts, hours.low, np.nan), np.where(counts, hours.high, np.nan)
    return Days(
        value=np.where(enough, own, np.where(alone, reported, np.nan)),
        own=own,
        reported=reported,
        converted=np.where(
            enough & converted_enough, converted, np.where(alone, chosen.values(DAY_ZS, 1)[:, 0], np.nan)
        ),
        reported_converted=chosen.values(DAY_ZS, 1)[:, 0],
        low=_extreme(np.fmin, each[0]),
        high=_extreme(np.fmax, each[1]),
        volume=_sum(hours.volume),
        amount=_sum(hours.amount),
        reported_amount=chosen.values(DAY_COU, 1)[:, 0] * layout.kilograms,
        n=n,
        due=due,
        needed=needed,
        weighted=weighted,
        left_out=_left_out(hours),
        reason=np.where(enough | alone, 0, TOO_FEW_HOURS).astype(np.int8),
        corrected=hours.corrected.any(axis=1) | (chosen.corrected[:, DAY_AVG : DAY_ZS + 1] != 0).any(axis=1),
        heard=hours.heard.any(axis=1) | ~np.isnan(reported),
        received=received,
    )


def _undone(hours: Hours) -> NDArray[np.int64]:
    """Return how many of the hours due no value can count in, whatever the device says of the day."""
    found: NDArray[np.int64] = (np.isin(hours.reason, (MARKED, OUT_OF_CONTROL)) & ~hours.exempt).sum(axis=1)
    return found


def _left_out(hours: Hours) -> NDArray[np.int64]:
    packed: NDArray[np.int64] = np.zeros(len(hours.reason), np.int64)
    for place in range(len(LEFT_OUT) - 1):
        packed += (hours.reason == place + 1).sum(axis=1) << (BITS * place)
    packed += (hours.valid & hours.exempt).sum(axis=1) << (BITS * (len(LEFT_OUT) - 1))
    return packed


def _mean(
    values: Floats, counts: NDArray[np.bool_], volume: Floats, layout: Layout, parameters: Parameters
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the mean of the hours that count, and whether it is weighted by flow."""
    n = counts.sum(axis=1)
    plain = np.where(counts, values, 0.0).sum(axis=1) / np.where(n > 0, n, np.nan)
    flowing = counts & ~np.isnan(volume)
    weight = np.where(flowing, volume, 0.0)
    total = weight.sum(axis=1)
    by_flow = _weighs(layout, parameters) & (flowing.sum(axis=1) == n) & (total > 0)
    heavy = (np.where(flowing, values, 0.0) * weight).sum(axis=1) / np.where(total > 0, total, np.nan)
    found = np.where(by_flow, heavy, plain)
    medians = np.flatnonzero(layout.role == MEDIAN)
    for series in medians[n[medians] > 0]:
        found[series] = np.median(values[series][counts[series]])
    return np.round(found, 9), by_flow


def _weighs(layout: Layout, parameters: Parameters) -> NDArray[np.bool_]:
    weighted = {medium: parameters.means[medium, "day"].weighted for medium in ("water", "gas")}
    asked = np.where(layout.water, weighted["water"], weighted["gas"])
    found: NDArray[np.bool_] = asked & (layout.role == POLLUTANT) & ~np.isnan(layout.milligrams)
    return found


def _needed(due: NDArray[np.int16], layout: Layout, parameters: Parameters) -> NDArray[np.int16]:
    water, gas = (_least(due, parameters.means[medium, "day"]) for medium in ("water", "gas"))
    return np.where(layout.water, water, gas).astype(np.int16)


def _least(due: NDArray[np.int16], mean: Mean) -> Floats:
    """Return ``min_hours`` or the share of the hours due, whichever is fewer; at least one."""
    found: Floats = np.maximum(np.minimum(mean.min_hours, np.ceil(due * mean.min_share - 1e-9)), 1)
    return found


def _sum(values: Floats) -> Floats:
    """Return the sum of what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    found: Floats = np.where(known.any(axis=1), np.where(known, values, 0.0).sum(axis=1), np.nan)
    return np.round(found, 9)


def _extreme(choose: np.ufunc, values: Floats) -> Floats:
    found: Floats = choose.reduce(values, axis=1) if values.size else np.zeros(len(values))
    return found
