"""The arrays that the column kernel fills, as the kernels see them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from qingtian.stream.hj212.kernel_header import Ints, Longs
from qingtian.stream.hj212.kernel_runs import Codes
from qingtian.stream.hj212.words import Bytes, inner

Numbers = NDArray[np.float64]


class PacketArrays(NamedTuple):
    """Where the kernel writes packet columns; see `columns.PacketColumns`."""

    whole: NDArray[np.bool_]
    device: Ints
    qn: Longs
    st: NDArray[np.int16]
    cn: NDArray[np.int16]
    flag: NDArray[np.int16]
    data_time: Longs
    content: Codes
    unreadable: Ints


class ReadingArrays(NamedTuple):
    """Where the kernel writes reading columns; a `NUMBER_IN_PYTHON` is NaN, and stands at ``start:end``.

    ``start`` and ``end`` are set for no other.
    """

    packet: Ints
    code: Codes
    measure: Bytes
    value: Numbers
    flag: Bytes
    start: Ints
    end: Ints


@inner
def put_reading(out: ReadingArrays, count: int, packet: int, packed: int, kind: int, number: float, mark: int) -> None:
    # an index without a sign needs no look at whether it counts from the end
    row = types.uint64(count)
    out.packet[row] = packet
    out.code[row] = packed
    out.measure[row] = kind
    out.value[row] = number
    out.flag[row] = mark
