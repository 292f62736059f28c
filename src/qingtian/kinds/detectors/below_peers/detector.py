"""Values far below those of outlets of the same kind that scatter far less: a clue, never an alarm by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.suspicions.manifest import Rules
from qingtian.stream.suspicions.runs import Run
from qingtian.stream.suspicions.series import Column, Floats, Peers, Role, Series
from qingtian.stream.suspicions.suspicion import Drawn, Suspicion, suspect
from qingtian.stream.suspicions.windows import MAD_TO_SIGMA

PER_CENT = 100.0


def detect(series: Series, rules: Rules) -> list[Suspicion]:
    """Return at most one suspicion a factor, over the whole series: the days that peers are given for."""
    return [
        found
        for column in series.of(Role.POLLUTANT)
        if column.peers is not None
        for found in _of(series, rules, column, column.peers)
    ]


def _of(series: Series, rules: Rules, column: Column, peers: Peers) -> list[Suspicion]:
    known = np.isfinite(peers.level).sum(axis=1) >= rules["least_days"]
    others = known.copy()
    others[peers.own] = False
    if not known[peers.own] or others.sum() < rules["least_peers"]:
        return []
    level = _medians(peers.level[known])
    own, rest = int(known[: peers.own].sum()), others[known]
    usual = float(np.median(level[rest]))
    if not 0 < level[own] < rules["level_share"] * usual or not _is_far(level, own, rest, rules):
        return []
    scatter = _scatter(peers.level[known], level)
    part = scatter[own] / max(float(np.median(scatter[rest])), 1e-9)
    if part >= rules["scatter_share"]:
        return []
    weight = rules["weight"] + (rules["swing_weight"] if _is_even(peers.swing[known], own, rest, rules) else 0.0)
    return [
        suspect(
            series,
            rules,
            run=Run(first=0, last=series.rows),
            columns=[column],
            weight=weight,
            said="below",
            numbers={
                "percent": PER_CENT * float(level[own]),
                "usual": round(PER_CENT * usual),
                "scatter": round(PER_CENT * float(part)),
                "peers": int(others.sum()),
            },
            drawn=_band(peers, others),
        )
    ]


def _medians(rows: NDArray[np.float64]) -> Floats:
    return np.asarray(np.nanmedian(rows, axis=1))


def _is_far(level: Floats, own: int, rest: NDArray[np.bool_], rules: Rules) -> bool:
    """Say whether it lies beyond what outlets of the kind differ by; those that are always zero tell nothing."""
    logs = np.log(np.maximum(level, 1e-6))
    middle = np.median(logs[rest])
    spread = MAD_TO_SIGMA * float(np.median(np.abs(logs[rest] - middle)))
    return bool(logs[own] < middle - rules["level_sigma"] * max(spread, rules["least_spread"]))


def _scatter(rows: NDArray[np.float64], level: Floats) -> Floats:
    """Return the robust spread from day to day as a part of the level."""
    off = np.abs(rows - level[:, None])
    return np.asarray(MAD_TO_SIGMA * np.nanmedian(off, axis=1) / np.maximum(level, 1e-9))


def _is_even(swing: NDArray[np.float64], own: int, rest: NDArray[np.bool_], rules: Rules) -> bool:
    """Say whether it swings far less within a day than its peers do; unknown swings are not small."""
    known = np.isfinite(swing).sum(axis=1) >= rules["least_days"]
    if not known[own] or (known & rest).sum() < rules["least_peers"]:
        return False
    return bool(np.nanmedian(swing[own]) < rules["swing_share"] * np.median(_medians(swing[known & rest])))


def _band(peers: Peers, others: NDArray[np.bool_]) -> list[Drawn]:
    """Return where eight in ten of the others lie on each day, in the outlet's own unit."""
    level = peers.level[others]
    there = np.isfinite(level).any(axis=0)
    low, middle, high = (np.full(level.shape[1], np.nan) for _ in range(3))
    for curve, part in ((low, 10), (middle, 50), (high, 90)):
        curve[there] = np.nanpercentile(level[:, there], part, axis=0) * peers.limit[there]
    return [
        Drawn(zh="同类10–90%范围", en="8 in 10 of its peers", values=low, upper=high),
        Drawn(zh="同类中位", en="median of its peers", values=middle),
    ]
