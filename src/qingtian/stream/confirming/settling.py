"""Stretches whose suspicions wait until their outlet's data settle: a back-fill half-way through looks like silence.

Waiting changes only when something is said, never what is said in the end. Pure: the time is given (seconds).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

Stretch = tuple[int, int]

QUIET_S = 60.0
"""An outlet of which nothing late came for so long has settled."""

LONGEST_S = 600.0
"""No outlet waits longer, however its data trickle in."""


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    stretch: Stretch
    first: float
    last: float


class Settling:
    """What waits, by outlet. With ``quiet_s`` 0 nothing waits."""

    def __init__(self, held: Mapping[str, Stretch], *, quiet_s: float = QUIET_S) -> None:
        """``held`` waited when the process ended: it has waited long enough."""
        never = float("-inf")
        self._quiet_s = quiet_s
        self._waiting = {
            outlet: _Waiting(stretch=(first, last), first=never, last=never) for outlet, (first, last) in held.items()
        }

    def add(self, stretches: Mapping[str, Stretch], *, now: float) -> None:
        """Let these wait; those that wait already wait on."""
        for outlet, (first, last) in stretches.items():
            known = self._waiting.get(outlet)
            if known is None:
                self._waiting[outlet] = _Waiting(stretch=(first, last), first=now, last=now)
            else:
                whole = min(first, known.stretch[0]), max(last, known.stretch[1])
                self._waiting[outlet] = replace(known, stretch=whole, last=now)

    def ripe(self, *, now: float) -> dict[str, Stretch]:
        """Return those that have settled, and let them go."""
        found = {
            outlet: one.stretch
            for outlet, one in sorted(self._waiting.items())
            if now - one.last >= self._quiet_s or now - one.first >= LONGEST_S
        }
        for outlet in found:
            del self._waiting[outlet]
        return found

    def held(self) -> dict[str, Stretch]:
        """Return what waits, for the standing."""
        return {outlet: one.stretch for outlet, one in sorted(self._waiting.items())}
