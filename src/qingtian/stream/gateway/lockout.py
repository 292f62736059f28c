"""Addresses that fail to log in again and again are kept out for a while, by rule (``rules/device_login.yaml``)."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from qingtian.law import rules

MOST_ADDRESSES = 10_000
"""Addresses remembered; beyond it the one that failed longest ago is forgotten."""


@dataclass(frozen=True, kw_only=True)
class LockRule:
    """``failures`` within ``window_s`` seconds lock an address for ``locked_s`` seconds."""

    failures: int
    window_s: float
    locked_s: float


def lock_rules(day: date) -> dict[str, LockRule]:
    """Return the rules in force, by reason of refusal."""
    return {
        row["reason"]: LockRule(failures=row["failures"], window_s=row["window_s"], locked_s=row["locked_s"])
        for row in rules.table("device_login").at(day)
    }


class Lockout:
    """Failures by address and reason. Times are monotonic seconds, handed in."""

    def __init__(self, locks: Mapping[str, LockRule]) -> None:
        self._locks = locks
        self._failures: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._until: dict[str, float] = {}

    def failed(self, address: str, reason: str, *, now: float) -> bool:
        """Count a failure; True if there were too many of them (the count then begins anew)."""
        rule = self._locks.get(reason)
        if rule is None:
            return False
        times = self._failures.pop((address, reason), None) or deque(maxlen=rule.failures)
        times.append(now)
        if len(times) == rule.failures and now - times[0] <= rule.window_s:
            return True
        self._failures[address, reason] = times
        if len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)
        return False

    def lock(self, address: str, reason: str, *, now: float) -> None:
        self._until = {each: until for each, until in self._until.items() if until > now}
        self._until[address] = now + self._locks[reason].locked_s

    def is_locked(self, address: str, *, now: float) -> bool:
        return bool(self._until) and self._until.get(address, 0.0) > now
