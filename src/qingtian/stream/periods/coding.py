"""The compiled loop that turns the texts of lake readings into numbers, all of them in one pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.hj212.words import kernel

Ints = NDArray[np.int32]


@kernel
def code(
    mn: Ints, mns: Ints, factor: Ints, factors: Ints, measure: Ints, cn: NDArray[np.int16], channels: NDArray[np.int8],
    flag: Ints, flags: NDArray[np.uint8], start: int, mn_out: Ints, factor_out: Ints, channel_out: NDArray[np.int8],
    flag_out: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Write the rows of one batch behind ``start``. ``mn``, ``factor``, ``measure``, ``flag``: places in the tables
    ``mns``, ``factors``, ``channels`` [command, measure] and ``flags``; the last place of each is that of null (-1).
    """
    commands = len(channels)
    for row in range(len(mn)):
        place = start + row
        mn_out[place] = mns[mn[row]]
        factor_out[place] = factors[factor[row]]
        flag_out[place] = flags[flag[row]]
        command = cn[row] if 0 <= cn[row] < commands else commands - 1
        channel_out[place] = channels[command, measure[row]]


def warm() -> None:
    """Compile for the types that are used: columns of Arrow are not to be written to."""
    place, command = np.zeros(1, np.int32), np.zeros(1, np.int16)
    place.flags.writeable = command.flags.writeable = False
    ints, small, flags = np.zeros(1, np.int32), np.zeros(1, np.int8), np.zeros(1, np.uint8)
    code(
        *(place, ints, place, ints, place, command, np.zeros((1, 1), np.int8), place, flags, 0),
        *(ints.copy(), ints.copy(), small, flags.copy()),
    )
