"""Lake readings as columns of numbers: what the kernels of the windows go through. No Python object a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from qingtian.stream.hj212.quantities import canonical
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
    mn, mns = _coded(table["mn"])
    name, names = _coded(table["factor"])
    places, factors, scale = _canonical(names)
    measure, measures = _coded(table["measure"])
    channel = _channels(_numbers(table["cn"], np.int32), measure, measures)
    value = _numbers(table["value"], np.float64)
    if scale is not None:
        # a total of such a factor is in a unit nobody has read
        by = scale[name]
        value = value * np.where(np.isin(channel, TOTALS) & (by != 1), np.nan, by)
    return Rows(
        mn=mn,
        factor=places[name],
        channel=channel,
        time=_times(table["data_time"]),
        value=value,
        flag=_flags(table["flag"]),
        received=_times(table["received"]),
        sequence=_numbers(table["sequence"], np.int64),
        index=_numbers(table["index"], np.int32),
        mns=mns,
        factors=factors,
    )


def _coded(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Return each text's place in the sorted list of texts; -1 for null."""
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    column = column.unify_dictionaries()
    if column.num_chunks == 0:
        return np.zeros(0, np.int32), ()
    texts = column.chunk(0).dictionary.to_pylist()
    order = sorted(range(len(texts)), key=lambda place: texts[place])
    places = np.full(len(texts) + 1, -1, np.int32)
    places[order] = np.arange(len(texts), dtype=np.int32)
    # the last place is that of null
    parts = [places[_indices(chunk)] for chunk in column.chunks]
    return np.concatenate(parts), tuple(texts[place] for place in order)


def _canonical(names: tuple[str, ...]) -> tuple[NDArray[np.int32], tuple[str, ...], NDArray[np.float64] | None]:
    """Return, by place in ``names``: the place among the codes of 2017, these codes, and what a value of 2005 is
    multiplied by, if any differs. The last place is that of null.
    """
    codes = [canonical(name) for name in names]
    factors = tuple(sorted(set(codes)))
    places = np.array([*(factors.index(code) for code in codes), -1], np.int32)
    scale = np.array([*(1.0 if name == code else scale_2005(name) for name, code in zip(names, codes, strict=True)), 1])
    return places, factors, None if (scale == 1).all() else scale


def _indices(chunk: pa.DictionaryArray) -> NDArray[Any]:
    indices = chunk.indices
    found: NDArray[Any] = (indices.fill_null(-1) if indices.null_count else indices).to_numpy(zero_copy_only=False)
    return found


def _channels(cn: NDArray[np.int32], measure: NDArray[np.int32], measures: tuple[str, ...]) -> NDArray[np.int8]:
    known = np.full((max(int(cn.max(initial=0)), 2061) + 2, len(measures) + 1), NO_CHANNEL, np.int8)
    for (command, name), channel in CHANNELS.items():
        if name in measures:
            known[command, measures.index(name)] = channel
    # a command of -1 (none) reads the last row, a measure of -1 the last column: both are no channel
    found: NDArray[np.int8] = known[cn, measure]
    return found


def _flags(column: pa.ChunkedArray) -> NDArray[np.uint8]:
    place, texts = _coded(column)
    codes = np.zeros(len(texts) + 1, np.uint8)
    for number, text in enumerate(texts):
        codes[number] = ord(text) if len(text) == 1 and ord(text) < 256 else ord("?")
    return codes[place]


def _times(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return _numbers(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()), np.int64, missing=NO_TIME)


def _numbers(column: pa.ChunkedArray, kind: Any, *, missing: float = -1) -> NDArray[Any]:
    if column.null_count:
        column = column.fill_null(float("nan") if kind is np.float64 else int(missing))
    found: NDArray[Any] = column.to_numpy().astype(kind, copy=False)
    return found
