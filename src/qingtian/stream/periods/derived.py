"""Factors made of others 合成因子, where a device sends them in parts: NOx of NO and NO2, the furnace's temperature of
its thermocouples. Pure; the rules are ``rules/periods/derived.yaml``.

A made reading stands for the instant that its parts have in common. It arrived when the last of them did, and carries
a valid flag only if every part has a valid one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingtian.stream.periods.cells import DAY_US
from qingtian.stream.periods.conversion import from_ppm
from qingtian.stream.periods.parameters import VALID, Parameters, Part, Recipe
from qingtian.stream.periods.plan import PeriodPlan
from qingtian.stream.periods.rows import TOTALS, Rows

INSTANT = ["mn", "channel", "time"]
ORDER = ["received", "sequence", "index", "value", "flag"]
"""By what it is told which of two records of one instant came last; the same whatever their order."""
WEIGHTS = {"mn": pl.Int32, "factor": pl.Int32, "part": pl.Int32, "weight": pl.Float64}


@dataclass(frozen=True, kw_only=True)
class _Part:
    """The factors of one part, by their places in the rows' names, each with what its values are multiplied by."""

    number: int
    weights: dict[int, float]


def with_derived(rows: Rows, plan: PeriodPlan, parameters: Parameters, *, day_start: int) -> Rows:
    """Return the rows, and behind them what is made of them on the day that begins at ``day_start`` (µs)."""
    for recipe in parameters.derived:
        parts = [_part(number, one, rows) for number, one in enumerate(recipe.parts)]
        if all(part.weights for part in parts):
            rows = _with_one(rows, recipe, parts, plan, parameters, day_start)
    return rows


def _part(number: int, part: Part, rows: Rows) -> _Part:
    fitting = [place for place, code in enumerate(rows.factors) if part.names(code)]
    return _Part(number=number, weights=dict.fromkeys(fitting, part.weight))


def _with_one(
    rows: Rows, recipe: Recipe, parts: Sequence[_Part], plan: PeriodPlan, parameters: Parameters, day_start: int
) -> Rows:
    today = (rows.time >= day_start) & (rows.time < day_start + DAY_US) & (rows.channel >= 0)
    wanted = _lacking(rows, recipe.factor, today, plan)
    sources = [place for part in parts for place in part.weights]
    chosen = today & wanted[rows.mn] & np.isin(rows.factor, sources) & ~np.isin(rows.channel, TOTALS)
    if not chosen.any():
        return rows
    return _appended(rows, recipe.factor, _made(_records(rows, chosen, parts, plan, parameters), len(parts)))


def _lacking(rows: Rows, factor: str, today: NDArray[np.bool_], plan: PeriodPlan) -> NDArray[np.bool_]:
    """Return which devices belong to an outlet of gas that sends none of the factor itself."""
    outlets = [plan.place_of.get(mn, -1) for mn in rows.mns]
    known = rows.factors.index(factor) if factor in rows.factors else len(rows.factors)
    sending = {outlets[mn] for mn in np.unique(rows.mn[today & (rows.factor == known)]).tolist()}
    told = [place >= 0 and place not in sending and plan.outlets[place].medium == "gas" for place in outlets]
    # the last is that of rows without a device
    return np.array([*told, False], np.bool_)


def _records(
    rows: Rows, chosen: NDArray[np.bool_], parts: Sequence[_Part], plan: PeriodPlan, parameters: Parameters
) -> pl.DataFrame:
    """Return the last record of each instant and factor: weighted, with its part and whether its flag is valid."""
    columns = {name: getattr(rows, name)[chosen] for name in (*INSTANT, "factor", *ORDER)}
    last = pl.DataFrame(columns).sort(*INSTANT, "factor", *ORDER).unique([*INSTANT, "factor"], keep="last")
    weighed = [one for part in parts for one in _weights(rows, part, plan, parameters)]
    weights = pl.DataFrame(weighed, schema=WEIGHTS, orient="row")
    effect = pl.Series("effect", parameters.effect[last["flag"].to_numpy()])
    return last.with_columns(counts=(effect == VALID) & last["value"].is_not_nan()).join(weights, on=["mn", "factor"])


def _weights(
    rows: Rows, part: _Part, plan: PeriodPlan, parameters: Parameters
) -> Iterator[tuple[int, int, int, float]]:
    """Yield the columns of `WEIGHTS`; a part that the device measures in ppm is brought to mg/m³ here."""
    for mn, name in enumerate(rows.mns):
        outlet = plan.place_of.get(name, -1)
        in_ppm = plan.outlets[outlet].operating.ppm if outlet >= 0 else ()
        for place, weight in part.weights.items():
            code = rows.factors[place]
            mass = parameters.constants.get(code, np.nan)
            scale = from_ppm(1.0, molar_mass=mass, constants=parameters.constants) if code in in_ppm else 1.0
            yield mn, place, part.number, weight * float(scale)


def _made(records: pl.DataFrame, parts: int) -> pl.DataFrame:
    """Return what is made of each instant at which every part is there."""
    best = records.filter(pl.col("counts") | ~pl.col("counts").any().over(*INSTANT, "part"))
    of_part = best.group_by(*INSTANT, "part").agg(
        value=(pl.col("value") * pl.col("weight")).median(),
        counts=pl.col("counts").any(),
        flag=pl.col("flag").min(),
        **{name: pl.col(name).max() for name in ("received", "sequence", "index")},
    )
    whole = (
        of_part.sort(*INSTANT, "part")
        .group_by(INSTANT, maintain_order=True)
        .agg(
            parts=pl.len(),
            value=pl.col("value").sum(),
            # the flag of what does not count, if anything does not
            flag=pl.col("flag").sort_by("counts", "part").first(),
            **{name: pl.col(name).max() for name in ("received", "sequence", "index")},
        )
    )
    return whole.filter(pl.col("parts") == parts)


def _appended(rows: Rows, factor: str, made: pl.DataFrame) -> Rows:
    """Put readings of the factor behind the rows; the names stay in order."""
    names = tuple(sorted({*rows.factors, factor}))
    moved = np.array([*(names.index(name) for name in rows.factors), -1], np.int32)
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(rows, name), made[name].to_numpy().astype(getattr(rows, name).dtype)])
        for name in ("mn", "channel", "time", "value", "flag", "received", "sequence", "index")
    }
    added = np.full(len(made), names.index(factor), np.int32)
    return replace(rows, **columns, factor=np.concatenate([moved[rows.factor], added]), factors=names)
