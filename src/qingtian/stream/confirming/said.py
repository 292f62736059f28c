"""A suspicion of a closed period as a finding event; the message is described in docs/architecture.md."""

from __future__ import annotations

from typing import Any

from qingtian.base import times
from qingtian.base.identifiers import deterministic
from qingtian.stream.confirming.ground import HOUR, Ground, band_of
from qingtian.stream.suspicions.suspicion import Suspicion

LEVEL = "suspicion"
HOUR_DATA = 2061


def message(told: Suspicion, ground: Ground, *, mn: str) -> dict[str, Any]:
    """Return the finding; ``id`` and ``event`` are given by `difference`, which knows what was said before.

    ``data_time``: the last hour it covers; ``end``: where it ends, or has come so far if it is ``running``.
    """
    finding = deterministic(LEVEL, told.detector, told.version, told.outlet, mn, "hour", *told.factors, told.start)
    told_as = told.message()
    received = min(max(told.end, told.start + HOUR), ground.horizon)
    return {
        "finding": finding,
        "detector": told.detector,
        "detector_version": told.version,
        "level": LEVEL,
        "cn": HOUR_DATA,
        "outlet": told.outlet,
        "mn": mn,
        "factor": told.factors[0],
        "factors": list(told.factors),
        "measure": "Avg",
        "period": "hour",
        "plan": ground.plan.number,
        "limit": None,
        "value": None,
        "peak": None,
        "times_over": None,
        "band": band_of(told.weight, at=told.start, since=ground.since.get(mn)),
        "weight": told.weight,
        "since": told_as["start"],
        "data_time": times.from_microseconds(told.end - HOUR).isoformat(),
        "end": told_as["end"],
        "running": told.end >= ground.horizon,
        "received": times.from_microseconds(received).isoformat(),
        "received_us": received,
        "count": (told.end - told.start) // HOUR,
        "evidence": {"packets": [], **told_as["evidence"]},  # type: ignore[dict-item]
    }
