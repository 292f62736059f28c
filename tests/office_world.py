"""Findings as the judge would write them, and the days they happen on, for tests of the office."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from qingtian.base.identifiers import deterministic
from qingtian.base.times import BEIJING, to_microseconds

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=BEIJING)
OUTLET = "SZ-W-0001"
OTHER_OUTLET = "SZ-W-0002"
LIMIT = {
    "factor": "w01018", "period": "day", "lower": None, "upper": 100.0, "unit": "mg/L", "measure": "Avg",
    "standard": "GB 39731-2020", "source": "test", "certainty": "read", "from": None, "to": None,
    "printed": "<= 100 mg/L",
}  # fmt: skip


def finding(
    event: str = "opened",
    *,
    run: str = "a",
    outlet: str = OUTLET,
    factor: str = "w01018",
    value: float = 150.0,
    level: str = "screening",
    band: int = 1,
    at: datetime = MONDAY,
) -> dict[str, Any]:
    """Return a finding message of architecture.md; ``run`` names the run it belongs to."""
    upper = 100.0
    named = deterministic("test", run, outlet, factor)
    return {
        "id": deterministic(named, event, band),
        "finding": named,
        "event": event,
        "detector": "exceedance",
        "detector_version": "1",
        "level": level,
        "cn": 2011 if level == "screening" else 2031,
        "outlet": outlet,
        "mn": "0" * 24,
        "factor": factor,
        "measure": "Rtd",
        "period": "day",
        "plan": 1,
        "limit": {**LIMIT, "factor": factor},
        "value": value,
        "peak": value,
        "times_over": (value - upper) / upper,
        "band": band,
        "since": (at - timedelta(minutes=1)).isoformat(),
        "data_time": at.isoformat(),
        "received": at.isoformat(),
        "received_us": to_microseconds(at),
        "count": 3,
        "evidence": {"packets": [], "zh": "化学需氧量连续3次超过限值", "en": "COD over its limit 3 times in a row"},
    }
