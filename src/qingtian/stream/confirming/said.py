"""What closed periods show besides exceedances, as finding events; the message is described in docs/architecture.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A finding that is about no limit. Times in µs: where it ``begins``, where its ``last`` row begins, its ``end``.

    ``factor`` is empty if it is about the device, or about several ``factors``. ``known``: since when it can be told.
    """

    finding: str
    detector: str
    version: str
    level: str = LEVEL
    cn: int
    outlet: str
    mn: str
    factor: str
    factors: Sequence[str]
    measure: str = "Avg"
    period: str
    band: int
    weight: float
    begins: int
    last: int
    end: int
    running: bool
    known: int
    count: int
    evidence: Mapping[str, Any]

    def message(self, ground: Ground) -> dict[str, Any]:
        """Return the finding; ``id`` and ``event`` are given by `difference`, which knows what was said before."""
        return {
            "finding": self.finding,
            "detector": self.detector,
            "detector_version": self.version,
            "level": self.level,
            "cn": self.cn,
            "outlet": self.outlet,
            "mn": self.mn,
            "factor": self.factor,
            "factors": list(self.factors),
            "measure": self.measure,
            "period": self.period,
            "plan": ground.plan.number,
            "limit": None,
            "value": None,
            "peak": None,
            "times_over": None,
            "band": self.band,
            "weight": self.weight,
            "since": _iso(self.begins),
            "data_time": _iso(self.last),
            "end": _iso(self.end),
            "running": self.running,
            "received": _iso(self.known),
            "received_us": self.known,
            "count": self.count,
            "evidence": {"packets": [], **self.evidence},
        }


def _iso(instant: int) -> str:
    return times.from_microseconds(instant).isoformat()


def message(told: Suspicion, ground: Ground, *, mn: str, step: str = "hour") -> dict[str, Any]:
    """Return a suspicion as a finding.

    ``data_time``: the last row of the ``step`` that it covers; ``end``: where it ends, or has come so far if it is
    ``running``.
    """
    # what is usual of a young device is not asked where a day tells of itself, nor where many days do
    since = ground.since.get(mn) if step == "hour" else None
    cn, row = STEPS[step]
    return Shown(
        finding=deterministic(LEVEL, told.detector, told.version, told.outlet, mn, step, *told.factors, told.start),
        detector=told.detector,
        version=told.version,
        cn=cn,
        outlet=told.outlet,
        mn=mn,
        factor=told.factors[0] if told.factors else "",
        factors=told.factors,
        period=step,
        band=band_of(told.weight, at=told.start, since=since),
        weight=told.weight,
        begins=told.start,
        last=max(told.end - row, told.start),
        end=told.end,
        running=told.end >= (day_floor(ground.horizon) if step == "day" else ground.horizon),
        known=min(max(told.end, told.start + row), ground.horizon),
        count=(told.end - told.start) // row,
        evidence=told.message()["evidence"],  # type: ignore[arg-type]
    ).message(ground)
