"""The measures of a factor (HJ 212-2017 table 5): what a number in a packet is of its period."""

from __future__ import annotations

from enum import IntEnum


class Measure(IntEnum):
    """The tag behind the dash of ``w01018-Avg``; the number is the code in `columns.ReadingColumns.measure`.

    ``Rtd`` is the instant 实时值; ``Min``, ``Avg``, ``Max`` are of the period; ``Cou`` is its total
    累计值; ``Zs…`` 折算 is converted to the reference oxygen of the emission standard.
    """

    Rtd = 0
    Min = 1
    Avg = 2
    Max = 3
    Cou = 4
    ZsRtd = 5
    ZsMin = 6
    ZsAvg = 7
    ZsMax = 8


MEASURES = tuple(measure.name for measure in Measure)
"""Names by code."""
