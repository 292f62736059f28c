"""Lake readings as columns of numbers: what the kernels of the windows go through. No Python object a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

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
    batches = [_Texts.of(batch) for batch in table.to_batches()]
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
        time=_times(table["data_time"]),
        value=_scaled(_numbers(table["value"], np.float64), channel, batches),
        flag=flag,
        received=_times(table["received"]),
        sequence=_numbers(table["sequence"], np.int64),
        index=_numbers(table["index"], np.int32),
        mns=mns,
        factors=factors,
    )


@dataclass(frozen=True, kw_only=True)
class _Coded:
    """A column of texts: ``places`` int32 in ``texts``, -1 for null."""

    places: NDArray[np.int32]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, column: pa.Array) -> _Coded:
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        return cls(places=_fixed(column.indices, np.int32), texts=tuple(column.dictionary.to_pylist()))

    def table(self, number: Callable[[str], int], kind: Any, *, missing: int) -> NDArray[Any]:
        """Return the number of each text; the last place, which -1 reads too, is that of null."""
        return np.array([*map(number, self.texts), missing], kind)


@dataclass(frozen=True, kw_only=True)
class _Texts:
    """What of a batch of rows are texts, and its commands."""

    mn: _Coded
    factor: _Coded
    measure: _Coded
    flag: _Coded
    cn: NDArray[np.int16]

    @classmethod
    def of(cls, batch: pa.RecordBatch) -> _Texts:
        texts = {name: _Coded.of(batch[name]) for name in ("mn", "factor", "measure", "flag")}
        return cls(**texts, cn=_fixed(batch["cn"], np.int16))

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


def _scaled(value: NDArray[np.float64], channel: NDArray[np.int8], batches: Sequence[_Texts]) -> NDArray[np.float64]:
    """Return values in the units of 2017; those of the codes of 2005 may differ by a factor."""
    tables = [np.array([*(_scale(name) for name in batch.factor.texts), 1.0]) for batch in batches]
    if all((table == 1).all() for table in tables):
        return value
    by = np.concatenate([table[batch.factor.places] for table, batch in zip(tables, batches, strict=True)])
    # a total of such a factor is in a unit nobody has read
    return np.asarray(value * np.where(np.isin(channel, TOTALS) & (by != 1), np.nan, by))


def _scale(name: str) -> float:
    return 1.0 if canonical(name) == name else scale_2005(name)


def _times(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return _numbers(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()), np.int64, missing=NO_TIME)


def _numbers(column: pa.ChunkedArray, kind: Any, *, missing: float = -1) -> NDArray[Any]:
    if column.null_count:
        column = column.fill_null(float("nan") if kind is np.float64 else int(missing))
    found: NDArray[Any] = column.to_numpy().astype(kind, copy=False)
    return found


def _fixed(column: pa.Array, kind: Any) -> NDArray[Any]:
    """Return numbers as the kernel is compiled for them: not to be written to, as those of Arrow are; -1 for null."""
    whole = column.fill_null(-1) if column.null_count else column
    found: NDArray[Any] = whole.to_numpy(zero_copy_only=False).astype(kind, copy=False)
    found.flags.writeable = False
    return found
