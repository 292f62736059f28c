"""Lake readings as columns of numbers: what the kernels of the windows go through. No Python object a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from qingtian.lake.columns import Texts, fixed, numbers, times_of
from qingtian.stream.hj212.quantities import canonical
from qingtian.stream.periods import coding
from qingtian.stream.periods.units import scale_2005

CHANNELS = {
    (2051, "Avg"): 0,
    (2061, "Avg"): 1,
    (2061, "Cou"): 2,
    (2061, "ZsAvg"): 3,
    (2031, "Avg"): 4,
    (2031, "Cou"): 5,
    (2031, "ZsAvg"): 6,
}
"""Which readings a window is made of, by command and measure: minute means; hour and day as the device reports them."""

TOTALS = (2, 5)
NO_CHANNEL = -1
NO_TIME = int(np.iinfo(np.int64).min)
BEIJING_MICROSECONDS = 8 * 3600 * 1_000_000
DAY_MICROSECONDS = 24 * 3600 * 1_000_000
COLUMNS = ("mn", "factor", "cn", "measure", "value", "flag", "data_time", "received", "sequence", "index")


@dataclass(frozen=True, kw_only=True)
class Rows:
    """*n* readings, in any order. ``mn`` and ``factor`` int32: places in ``mns`` and ``factors``; ``channel`` int8, see
    `CHANNELS`; ``time``, ``received`` int64: µs since 1970 UTC; ``value`` float64, NaN: no number; ``flag`` uint8: its
    ASCII code, 0 without one; ``sequence`` int64 and ``index`` int32: where it stands on the log.
    """

    mn: NDArray[np.int32]
    factor: NDArray[np.int32]
    channel: NDArray[np.int8]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    flag: NDArray[np.uint8]
    received: NDArray[np.int64]
    sequence: NDArray[np.int64]
    index: NDArray[np.int32]
    mns: tuple[str, ...]
    factors: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: NDArray[Any]) -> Rows:
        """Return the rows at these places (or under this mask); the names stay."""
        columns = {
            name: column[chosen] if isinstance(column, np.ndarray) else column for name, column in vars(self).items()
        }
        return Rows(**columns)

    @property
    def day(self) -> NDArray[np.int64]:
        """The Beijing day of each DataTime, as days since 1970-01-01."""
        return (self.time + BEIJING_MICROSECONDS) // DAY_MICROSECONDS


def of_lake(readings: pa.Table | pl.DataFrame) -> Rows:
    """Turn rows of the lake's ``readings`` into columns of numbers. Dictionary columns are taken as they are.

    Readings without a DataTime and of no channel stay in, with `NO_TIME` or `NO_CHANNEL`; the kernels leave them out.
    """
    table = readings.select(COLUMNS).to_arrow() if isinstance(readings, pl.DataFrame) else readings.select(COLUMNS)
    batches = [_Batch.of(batch) for batch in table.to_batches()]
    mns = tuple(sorted({text for batch in batches for text in batch.mn.texts}))
    factors = tuple(sorted({canonical(name) for batch in batches for name in batch.factor.texts}))
    size = len(table)
    mn, factor = np.empty(size, np.int32), np.empty(size, np.int32)
    channel, flag = np.empty(size, np.int8), np.empty(size, np.uint8)
    start = 0
    for batch in batches:
        given: tuple[Any, ...] = (*batch.coded(mns, factors), start, mn, factor, channel, flag)
        coding.code(*given)
        start += len(batch.cn)
    return Rows(
        mn=mn,
        factor=factor,
        channel=channel,
        time=times_of(table["data_time"], missing=NO_TIME),
        value=_scaled(numbers(table["value"], np.float64, missing=float("nan")), channel, batches),
        flag=flag,
        received=times_of(table["received"], missing=NO_TIME),
        sequence=numbers(table["sequence"], np.int64),
        index=numbers(table["index"], np.int32),
        mns=mns,
        factors=factors,
    )


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """What of a batch of rows are texts, and its commands."""

    mn: Texts
    factor: Texts
    measure: Texts
    flag: Texts
    cn: NDArray[np.int16]

    @classmethod
    def of(cls, batch: pa.RecordBatch) -> _Batch:
        texts = {name: Texts.of(batch[name]) for name in ("mn", "factor", "measure", "flag")}
        return cls(**texts, cn=fixed(batch["cn"], np.int16))

    def coded(self, mns: tuple[str, ...], factors: tuple[str, ...]) -> tuple[NDArray[Any], ...]:
        """Return what `coding.code` goes through."""
        mn_of = {text: place for place, text in enumerate(mns)}
        factor_of = {text: place for place, text in enumerate(factors)}
        return (
            *(self.mn.places, self.mn.table(mn_of.__getitem__, np.int32, missing=-1)),
            *(self.factor.places, self.factor.table(lambda name: factor_of[canonical(name)], np.int32, missing=-1)),
            *(self.measure.places, self.cn, _channels(self.measure.texts)),
            *(self.flag.places, self.flag.table(_flag, np.uint8, missing=0)),
        )


def _channels(measures: tuple[str, ...]) -> NDArray[np.int8]:
    """Return the channels by command and measure; the last row and the last column are those of none."""
    known = np.full((max(command for command, _ in CHANNELS) + 2, len(measures) + 1), NO_CHANNEL, np.int8)
    for (command, name), channel in CHANNELS.items():
        if name in measures:
            known[command, measures.index(name)] = channel
    return known


def _flag(text: str) -> int:
    return ord(text) if len(text) == 1 and ord(text) < 256 else ord("?")


def _scaled(value: NDArray[np.float64], channel: NDArray[np.int8], batches: Sequence[_Batch]) -> NDArray[np.float64]:
    """Return values in the units of 2017; those of the codes of 2005 may differ by a factor."""
    tables = [np.array([*(_scale(name) for name in batch.factor.texts), 1.0]) for batch in batches]
    if all((table == 1).all() for table in tables):
        return value
    by = np.concatenate([table[batch.factor.places] for table, batch in zip(tables, batches, strict=True)])
    # a total of such a factor is in a unit nobody has read
    return np.asarray(value * np.where(np.isin(channel, TOTALS) & (by != 1), np.nan, by))


def _scale(name: str) -> float:
    return 1.0 if canonical(name) == name else scale_2005(name)
