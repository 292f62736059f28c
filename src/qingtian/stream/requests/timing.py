"""How long a device may take, from ``rules/hj212/timing.yaml`` (HJ 212-2017 §6.5, table 1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from qingtian.law import rules

WAY_BACK = 300.0
"""Seconds added to a known Stime 出样时间: for the sample itself and the line."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds and counts, as in `bus.commands.Command`."""

    answer_s: float
    execute_s: float
    retries: int


@dataclass(frozen=True, kw_only=True)
class TimeSync:
    """When a clock is set without being asked: off by ``drift_s``, and at most once in ``at_most_every_s``."""

    drift_s: float
    at_most_every_s: float
    expires_s: float


def timing(cn: int, *, result_minutes: int | None = None) -> Timing:
    """Return the time-outs of a request. ``result_minutes``: Stime of the analyser, if it is known (3018)."""
    usual, special = _table()
    found = special.get(cn, usual)
    if result_minutes is not None and cn in SAMPLING:
        return Timing(answer_s=found.answer_s, retries=found.retries, execute_s=result_minutes * 60 + WAY_BACK)
    return found


SAMPLING = frozenset({3012, 3014, 3015, 3022, 3024})


@cache
def _table() -> tuple[Timing, dict[int, Timing]]:
    usual: Timing | None = None
    special: dict[int, Timing] = {}
    for rule in rules.table("hj212/timing"):
        if rule["what"] != "request":
            continue
        found = Timing(answer_s=rule["answer_s"], execute_s=rule["execute_s"], retries=rule["retries"])
        if rule["cn"] is None:
            usual = found
        else:
            special.update(dict.fromkeys(rule["cn"], found))
    assert usual is not None, "rules/hj212/timing.yaml needs a row for all other requests"
    return usual, special


@cache
def time_sync() -> TimeSync:
    (rule,) = (rule for rule in rules.table("hj212/timing") if rule["what"] == "time_sync")
    return TimeSync(drift_s=rule["drift_s"], at_most_every_s=rule["at_most_every_s"], expires_s=rule["expires_s"])
