"""Columns: what the kernels hand out. Arrays of one length per class, read-only by agreement, no Python objects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MISSING_TIME = int(np.iinfo(np.int64).min)
"""The DataTime of a packet that has none, or none that is a time. Equal to NumPy's NaT."""


@dataclass(frozen=True, kw_only=True)
class FrameColumns:
    """The frames found in a buffer of chunks, in order; *n* frames. Places are byte offsets in that buffer.

    ``start``, ``end``: the frame from ``##`` to the line end, if that had arrived. ``chunk``: index of its chunk.
    ``status``: see `status`. ``device``: index in the `DeviceTable`, -1 none. ``qn``, ``mn``, ``pw`` and their
    ``_length``: the header texts, -1 and 0 if absent. ``cn``, ``st``, ``flag``: -1 if absent or no number.
    ``consumed``: per chunk, the bytes that are done with; the rest must be offered again, before what comes next.

    ``table`` holds all but ``consumed`` as rows of one int32 array, with room behind, as `write_replies` wants it.
    """

    table: NDArray[np.int32]
    consumed: NDArray[np.int64]

    start: NDArray[np.int32]
    end: NDArray[np.int32]
    chunk: NDArray[np.int32]
    status: NDArray[np.int32]
    device: NDArray[np.int32]
    qn: NDArray[np.int32]
    qn_length: NDArray[np.int32]
    mn: NDArray[np.int32]
    mn_length: NDArray[np.int32]
    pw: NDArray[np.int32]
    pw_length: NDArray[np.int32]
    cn: NDArray[np.int32]
    st: NDArray[np.int32]
    flag: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, kw_only=True)
class Replies:
    """The answers, end to end: ``raw[offsets[i]:offsets[i + 1]]`` is that to frame *i*, empty if none is due.

    ``raw`` uint8; ``offsets`` int64, one more than frames. Frames of one chunk stand together, so
    a connection's answers are one slice.
    """

    raw: NDArray[np.uint8]
    offsets: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PacketColumns:
    """One row a packet, *n* packets.

    ``whole`` bool: length, checksum and shape are right, else the packet has no readings. ``device`` int32: index in
    the `DeviceTable`, -1 unknown. ``qn`` int64: its 17 digits as a number, 0 if absent or another form. ``st``, ``cn``,
    ``flag`` int16: -1 if absent or no number. ``data_time`` int64: µs since 1970 UTC, or `MISSING_TIME`.
    ``content`` uint64: MurmurHash64A of the data segment (a packet sent again has the same). ``unreadable`` int32:
    values of readings that are no number.
    """

    whole: NDArray[np.bool_]
    device: NDArray[np.int32]
    qn: NDArray[np.int64]
    st: NDArray[np.int16]
    cn: NDArray[np.int16]
    flag: NDArray[np.int16]
    data_time: NDArray[np.int64]
    content: NDArray[np.uint64]
    unreadable: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.whole)


@dataclass(frozen=True, kw_only=True)
class ReadingColumns:
    """One row a number in a packet, *m* readings, in the order of the packets and within them as written.

    ``packet`` int32: row in `PacketColumns`. ``code`` uint64: packed factor code (`factor_codes`). ``measure`` uint8:
    `measures.Measure`. ``value`` float64, in the unit of the factor, correctly rounded. ``flag`` uint8: the ASCII
    character of the factor's data flag, 0 without one, ``?`` if it is no single ASCII character.
    """

    packet: NDArray[np.int32]
    code: NDArray[np.uint64]
    measure: NDArray[np.uint8]
    value: NDArray[np.float64]
    flag: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.packet)
