"""Columns of the lake's tables as arrays of numbers, for compiled loops. No Python object a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Texts:
    """A column of texts: ``places`` int32 in ``texts``, -1 for null."""

    places: NDArray[np.int32]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, column: pa.Array) -> Texts:
        """Take a column; one that is a dictionary is taken as it is."""
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        return cls(places=fixed(column.indices, np.int32), texts=tuple(column.dictionary.to_pylist()))

    def table(self, number: Callable[[str], int], kind: Any, *, missing: int = 0) -> NDArray[Any]:
        """Return the number of each text; the last place, which -1 reads too, is that of null."""
        return np.array([*map(number, self.texts), missing], kind)


def coded(column: pa.ChunkedArray, number: Callable[[str], int], kind: Any, *, missing: int) -> NDArray[Any]:
    """Return the number of each row's text, ``missing`` for null. Each text of a dictionary is asked for once."""
    chunks = [Texts.of(chunk) for chunk in column.chunks]
    parts = [each.table(number, kind, missing=missing)[each.places] for each in chunks]
    return np.concatenate(parts) if parts else np.zeros(0, kind)


def times_of(column: pa.ChunkedArray, *, missing: int) -> NDArray[np.int64]:
    """Return µs since 1970 UTC, ``missing`` for null."""
    return numbers(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()), np.int64, missing=missing)


def numbers(column: pa.ChunkedArray, kind: Any, *, missing: float = -1) -> NDArray[Any]:
    """Return a column of numbers, with ``missing`` for null."""
    if column.null_count:
        column = column.fill_null(missing)
    found: NDArray[Any] = column.to_numpy().astype(kind, copy=False)
    return found


def fixed(column: pa.Array, kind: Any, *, missing: float = -1) -> NDArray[Any]:
    """Return numbers as the kernels are compiled for them: not to be written to, as those of Arrow are."""
    whole = column.fill_null(missing) if column.null_count else column
    found: NDArray[Any] = whole.to_numpy(zero_copy_only=False).astype(kind, copy=False)
    found.flags.writeable = False
    return found
