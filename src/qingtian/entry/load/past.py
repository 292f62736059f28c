"""Hours that lie behind some devices, made up: so that suspicions are looked for in a history and not in one day."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingtian.base import times
from qingtian.entry.load import city_day, packets

HOUR_US = 3600 * times.MICROSECONDS
DAILY, STEADY, NOISE = 0.2, 0.85, 0.03
"""How far a value swings in a day, how much of an hour's excess the next one keeps, and what is new in it."""

SEED = 212


def hours(*, devices: int, first: int, last: int) -> pl.DataFrame:
    """Return hours of the bench's devices that begin in ``[first, last)`` µs: `lake.windows.OF_A_SERIES`, all valid.

    Each factor swings by day, wanders, and is printed with two decimals.
    """
    dice = np.random.default_rng(SEED)
    at = np.arange(first, last, HOUR_US)
    return pl.concat([_series(place, factor, at, dice) for place in range(devices) for factor in city_day.FACTORS])


def _series(place: int, factor: str, at: NDArray[np.int64], dice: np.random.Generator) -> pl.DataFrame:
    excess = np.zeros(len(at))
    for hour, news in enumerate(dice.normal(0, NOISE, len(at))):
        excess[hour] = STEADY * excess[hour - 1] + news
    value = np.round(30 * (1 + DAILY * np.sin(at / HOUR_US * np.pi / 12 + place)) * np.exp(excess), 2)
    texts = {
        "outlet": f"B-{place:05d}",
        "mn": packets.device_mn(place),
        "factor": factor,
        "period": "hour",
        "reason": "",
    }
    moments = {"data_time": at, "received": at + HOUR_US}
    return pl.select(
        *(pl.lit(text).alias(name) for name, text in texts.items()),
        *(pl.Series(name, moment).cast(pl.Datetime("us", "UTC")) for name, moment in moments.items()),
        pl.Series("own", value),
        pl.lit(None, pl.Float64).alias("reported"),
        pl.lit(None, pl.Float64).alias("converted"),
        pl.lit(60, pl.Int16).alias("covered"),
    )
