"""The minutes of a day as they were chosen for its windows, for who looks at minutes themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qingtian.stream.periods.cells import MINUTES
from qingtian.stream.periods.hours import Chosen
from qingtian.stream.periods.layout import Layout
from qingtian.stream.periods.parameters import VALID, Parameters

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Minutes:
    """A day of waste gas, and of facilities anywhere, that begins at ``day_start`` (µs): ``factors`` by MN, each with
    its row in `values`."""

    day_start: int
    factors: dict[str, dict[str, int]]
    _chosen: Chosen
    _parameters: Parameters

    @cached_property
    def values(self) -> Floats:
        """Means [series, 1440] that carry a valid flag, as they arrived last; NaN else."""
        counts = self._parameters.effect[self._chosen.flags(0, MINUTES)] == VALID
        return np.where(counts, self._chosen.values(0, MINUTES), np.nan)


def of_day(chosen: Chosen, layout: Layout, parameters: Parameters, *, day_start: int) -> Minutes:
    """Return the minutes of the series of gas, and of the channels of facilities, that have any."""
    came = (chosen.winner[:, :MINUTES] >= 0).any(axis=1)
    series = np.flatnonzero((~layout.water | layout.metered) & came).astype(np.int32)
    rows = chosen.rows
    factors: dict[str, dict[str, int]] = {}
    for row, (mn, factor) in enumerate(zip(layout.mn[series], layout.factor[series], strict=True)):
        factors.setdefault(rows.mns[mn], {})[rows.factors[factor]] = row
    return Minutes(day_start=day_start, factors=factors, _chosen=chosen.of(series), _parameters=parameters)
