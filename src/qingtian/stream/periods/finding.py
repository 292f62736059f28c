"""A confirmed exceedance as an event on the log; the message is described in docs/architecture.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qingtian.base import times
from qingtian.base.identifiers import deterministic
from qingtian.stream.periods import wording

DETECTOR, VERSION = "confirmed_exceedance", "1"
LEVEL = "confirmed"


@dataclass(frozen=True, kw_only=True)
class PeriodFinding:
    """A window that exceeds a limit. Times µs. ``over``: above the upper bound, else below the lower; ``support``: warn
    or penalty; ``count``: windows, where several make one finding, and how many are ``wanted`` for it; ``window``: what
    of the window the sentence tells.
    """

    outlet: str
    mn: str
    factor: str
    medium: str
    measure: str
    period: str
    cn: int
    data_time: int
    received: int
    value: float
    over: bool
    is_distance: bool
    times_over: float
    count: int
    support: str
    wanted: int
    limit: Mapping[str, Any]
    plan: int
    revision: int
    window: Mapping[str, Any]

    @property
    def is_early(self) -> bool:
        """There are fewer of them than the criterion asks for: it only warns that it may come to that."""
        return self.count < self.wanted

    @property
    def finding(self) -> str:
        """What is found, the same in every replay: this value of this window against this limit."""
        limit = self.limit
        bound = (limit["standard"], limit["period"], limit["lower"], limit["upper"])
        series = (self.outlet, self.mn, self.factor, self.measure, self.period)
        return deterministic(DETECTOR, VERSION, *series, self.data_time, self.value, self.count, *bound, self.support)

    def message(self) -> dict[str, Any]:
        """Return its ``opened`` event."""
        at = times.from_microseconds(self.data_time).isoformat()
        return {
            "id": event_id(self.finding, "opened", self.revision, self.plan),
            "finding": self.finding,
            "event": "opened",
            "detector": DETECTOR,
            "detector_version": VERSION,
            "level": LEVEL,
            "cn": self.cn,
            "outlet": self.outlet,
            "mn": self.mn,
            "factor": self.factor,
            "measure": self.measure,
            "period": self.period,
            "plan": self.plan,
            "revision": self.revision,
            "limit": dict(self.limit),
            "value": self.value,
            "peak": self.value,
            "times_over": self.times_over,
            "band": 1,
            "since": at,
            "data_time": at,
            "received": times.from_microseconds(self.received).isoformat(),
            "received_us": self.received,
            "count": self.count,
            "support": self.support,
            **({"early": True} if self.is_early else {}),
            "evidence": {"packets": [], "zh": wording.opened(self, "zh"), "en": wording.opened(self, "en")},
        }


def event_id(finding: str, event: str, revision: int, plan: int) -> str:
    """Name an event: a window that goes wrong, is corrected and goes wrong again tells each of it once."""
    return deterministic(finding, event, revision, plan)
