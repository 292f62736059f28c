"""Five-minute means of the furnace temperature 炉膛温度五分钟均值 (MEE order 10 of 2019): 288 a day and furnace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.periods import kernels
from qingtian.stream.periods.cells import MINUTES
from qingtian.stream.periods.hours import Chosen
from qingtian.stream.periods.layout import Layout
from qingtian.stream.periods.parameters import FURNACE, Parameters

WINDOWS = 288


@dataclass(frozen=True, kw_only=True)
class FiveMinutes:
    """Of the ``series`` that are furnace temperatures, arrays [k, 288]: ``value`` °C, NaN unless valid; ``own`` the
    mean of what there was; ``covered`` minutes; ``exempt``: under any mark, so neither counted nor due; ``received``
    µs.
    """

    series: NDArray[np.int32]
    value: NDArray[np.float64]
    own: NDArray[np.float64]
    covered: NDArray[np.int16]
    exempt: NDArray[np.bool_]
    corrected: NDArray[np.bool_]
    received: NDArray[np.int64]


def make(chosen: Chosen, layout: Layout, parameters: Parameters) -> FiveMinutes:
    """Make the five-minute means of every furnace series of the day."""
    series = np.flatnonzero(layout.role == FURNACE).astype(np.int32)
    own = np.full((len(series), WINDOWS), np.nan)
    covered = np.zeros(own.shape, np.int16)
    exempt = np.zeros(own.shape, np.bool_)
    rows = chosen.rows
    kernels.five_minutes(
        *(series, chosen.winner, rows.value, rows.flag, layout.step, layout.mask_of, layout.masks),
        *(parameters.effect, own, covered, exempt),
    )
    own = np.round(own, 9)
    enough = covered >= parameters.means["gas", "5min"].min_minutes
    received = chosen.of(series).received(0, MINUTES).reshape(len(series), WINDOWS, 5).max(axis=2, initial=0)
    return FiveMinutes(
        series=series,
        value=np.where(enough & ~exempt, own, np.nan),
        own=own,
        covered=covered,
        exempt=exempt,
        corrected=(chosen.corrected[series, :MINUTES] != 0).reshape(len(series), WINDOWS, 5).any(axis=2),
        received=received,
    )
