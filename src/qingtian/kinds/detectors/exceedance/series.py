"""The series that are watched: one per device, factor, CN, measure and period, with its limits over time.

Built anew from each plan; `kernel` reads the arrays, the state goes along by key.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingtian.kinds.detectors.exceedance import slots
from qingtian.law.rounding import decimals_of, lower_edge, upper_edge
from qingtian.law.rules import Rule
from qingtian.stream.findings.detectors import Manifest
from qingtian.stream.findings.plan import JudgePlan, Limit
from qingtian.stream.hj212.factor_codes import MAX_CODE, pack_code
from qingtian.stream.hj212.measures import Measure

PERIODS = ("instant", "hour", "day")
LEVELS = ("screening", "period")
SCREENING, PERIOD = 0, 1
UNMARKED = 0
MOST_STEPS = 4
NEVER = 1 << 30

KEY = np.dtype([("device", "i4"), ("code", "u8"), ("cn", "i2"), ("measure", "u1"), ("period", "u1")])

SERIES = np.dtype(
    [
        *KEY.descr,
        ("level", "u1"),
        ("first_limit", "i4"),
        ("limits", "i4"),
        ("trigger", "i4"),
        ("recovery", "i4"),
        ("gap", "i8"),
        ("unmarked", "?"),
        ("distance", "?"),
    ]
)

LIMIT = np.dtype(
    [
        ("start", "i8"),
        ("end", "i8"),
        ("lower", "f8"),
        ("upper", "f8"),
        ("lower_edge", "f8"),
        ("upper_edge", "f8"),
        ("lower_tie", "?"),
        ("upper_tie", "?"),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """``series`` (`SERIES`), sorted by key; ``limits`` (`LIMIT`) of each by start; ``steps`` of severity.

    ``times`` float64[series, MOST_STEPS], ``runs`` int32 likewise: reaching either climbs a step. ``documents`` are the
    limits as in the plan, row by row; ``slots`` finds the first series of (device, code, cn, measure).
    """

    series: NDArray[Any]
    limits: NDArray[Any]
    times: NDArray[np.float64]
    runs: NDArray[np.int32]
    documents: tuple[Mapping[str, Any], ...]
    slots: NDArray[np.int32]


class _Line(NamedTuple):
    """A series before it becomes a row."""

    key: tuple[int, int, int, int, int]
    rule: Rule
    limits: tuple[Limit, ...]


def watch(manifest: Manifest, plan: JudgePlan, register: Mapping[str, int]) -> Watched:
    """Lay out the series of a plan, by the detector's rules in force on the day the plan was made."""
    lines = sorted(_lines(manifest, plan, register), key=lambda line: line.key)
    special = {rule["factor"]: rule for rule in manifest.rules["factors"].at(plan.day)}
    series = np.zeros(len(lines), SERIES)
    limits: list[Limit] = []
    for row, line in enumerate(lines):
        rule = line.rule
        series[row] = (
            *line.key,
            LEVELS.index(rule["level"]),
            len(limits),
            len(line.limits),
            rule["trigger"],
            rule["recovery"],
            rule["gap_s"] * 1_000_000,
            "" in rule["flags"],
            _is_distance(special.get(line.limits[0].factor)),
        )
        limits += line.limits
    times, runs = _steps(manifest, plan.day, series["cn"])
    return Watched(
        series=series,
        limits=_limit_rows(limits, special),
        times=times,
        runs=runs,
        documents=tuple(limit.document for limit in limits),
        slots=slots.build(series),
    )


def _lines(manifest: Manifest, plan: JudgePlan, register: Mapping[str, int]) -> Iterator[_Line]:
    comparisons = manifest.rules["comparisons"].at(plan.day)
    # many outlets stand under the same limits
    known: dict[tuple[Limit, ...], list[tuple[_Line, ...]]] = {}
    for outlet in plan.outlets:
        templates = known.get(outlet.limits)
        if templates is None:
            templates = known[outlet.limits] = [tuple(_compared(rule, outlet.limits)) for rule in comparisons]
        for template in itertools.chain.from_iterable(templates):
            for mn in outlet.mns:
                yield _Line((register[mn], *template.key[1:]), template.rule, template.limits)


def _compared(rule: Rule, limits: tuple[Limit, ...]) -> Iterator[_Line]:
    """Yield, without a device, the series of each factor that this rule compares."""
    factors = dict.fromkeys(limit.factor for limit in limits if _has_code(limit.factor))
    for factor in factors:
        of_factor = [limit for limit in limits if limit.factor == factor]
        period = next((name for name in rule["against"] if any(limit.period == name for limit in of_factor)), None)
        if period is None:
            continue
        for zs in ("", "Zs"):
            chosen = [
                limit for limit in of_factor if limit.period == period and limit.measure.startswith("Zs") == bool(zs)
            ]
            if chosen:
                measure = int(Measure[zs + rule["prefix"]])
                key = (-1, pack_code(factor), int(rule["cn"]), measure, PERIODS.index(period))
                yield _Line(key, rule, tuple(sorted(chosen, key=_strictest_first)))


def _has_code(factor: str) -> bool:
    return factor.isascii() and 1 <= len(factor) <= MAX_CODE


def _strictest_first(limit: Limit) -> tuple[float, int]:
    """Where two limits are in force at once, the kernel takes the first, the stricter."""
    return (np.inf if limit.upper is None else limit.upper, limit.start)


def _is_distance(special: Rule | None) -> bool:
    return special is not None and bool(special["distance"])


def _limit_rows(limits: Sequence[Limit], special: Mapping[str, Rule]) -> NDArray[Any]:
    rows = np.zeros(len(limits), LIMIT)
    known: dict[int, Any] = {}
    for row, limit in enumerate(limits):
        if id(limit) in known:
            rows[row] = known[id(limit)]
            continue
        least = int(special[limit.factor]["decimals"]) if limit.factor in special else -99
        upper = upper_edge(limit.upper, _decimals(limit.upper, limit.printed, least))
        lower = lower_edge(limit.lower, _decimals(limit.lower, limit.printed, least))
        rows[row] = (
            limit.start,
            limit.end,
            -np.inf if limit.lower is None else limit.lower,
            np.inf if limit.upper is None else limit.upper,
            lower.at,
            upper.at,
            lower.tie_is_out,
            upper.tie_is_out,
        )
        known[id(limit)] = rows[row]
    return rows


def _decimals(bound: float | None, printed: str, least: int) -> int:
    return 0 if bound is None else max(least, decimals_of(bound, printed))


def _steps(manifest: Manifest, day: date, cns: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    times = np.full((len(cns), MOST_STEPS), np.inf)
    runs = np.full((len(cns), MOST_STEPS), NEVER, np.int32)
    rules = manifest.rules["bands"].at(day)
    for cn in np.unique(cns):
        for step, rule in enumerate([rule for rule in rules if rule["cn"] == cn][:MOST_STEPS]):
            times[cns == cn, step] = rule["times_over"]
            runs[cns == cn, step] = rule["consecutive"] or NEVER
    return times, runs
