"""A suspicion of a closed period as a finding event; the message is described in docs/architecture.md."""

from __future__ import annotations

from typing import Any

from qingtian.base import times
from qingtian.base.identifiers import deterministic
from qingtian.stream.confirming.ground import DAY, HOUR, Ground, band_of, day_floor
from qingtian.stream.suspicions.series import MINUTE
from qingtian.stream.suspicions.suspicion import Suspicion

LEVEL = "suspicion"
HOUR_DATA = 2061
DAY_DATA = 2031
STEPS = {"minute": (2051, MINUTE), "hour": (HOUR_DATA, HOUR), "day": (DAY_DATA, DAY)}
"""The command that a series of a step is made of, and the length of its rows (µs)."""


def message(told: Suspicion, ground: Ground, *, mn: str, step: str = "hour") -> dict[str, Any]:
    """Return the finding; ``id`` and ``event`` are given by `difference`, which knows what was said before.

    ``data_time``: the last row of the ``step`` that it covers; ``end``: where it ends, or has come so far if it is
    ``running``. ``factor`` is empty if it is about the device and no factor.
    """
    # what is usual of a young device is not asked where a day tells of itself, nor where many days do
    since = ground.since.get(mn) if step == "hour" else None
    finding = deterministic(LEVEL, told.detector, told.version, told.outlet, mn, step, *told.factors, told.start)
    told_as = told.message()
    cn, row = STEPS[step]
    received = min(max(told.end, told.start + row), ground.horizon)
    return {
        "finding": finding,
        "detector": told.detector,
        "detector_version": told.version,
        "level": LEVEL,
        "cn": cn,
        "outlet": told.outlet,
        "mn": mn,
        "factor": told.factors[0] if told.factors else "",
        "factors": list(told.factors),
        "measure": "Avg",
        "period": step,
        "plan": ground.plan.number,
        "limit": None,
        "value": None,
        "peak": None,
        "times_over": None,
        "band": band_of(told.weight, at=told.start, since=since),
        "weight": told.weight,
        "since": told_as["start"],
        "data_time": times.from_microseconds(max(told.end - row, told.start)).isoformat(),
        "end": told_as["end"],
        "running": told.end >= (day_floor(ground.horizon) if step == "day" else ground.horizon),
        "received": times.from_microseconds(received).isoformat(),
        "received_us": received,
        "count": (told.end - told.start) // row,
        "evidence": {"packets": [], **told_as["evidence"]},  # type: ignore[dict-item]
    }
