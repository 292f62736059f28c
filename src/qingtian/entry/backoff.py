"""How long to wait before a dead process is started again: longer each time, short again after a long life."""

from __future__ import annotations

from dataclasses import dataclass

FIRST = 0.2
LONGEST = 10.0
WORKED = 5.0
LONG_LIFE = 60.0


@dataclass(kw_only=True)
class Backoff:
    """Doubling delays in seconds from ``FIRST`` to ``LONGEST`` for what dies in its first ``WORKED`` seconds.

    Whoever lived longer was able to work and died of something else: the delay does not grow. A life of ``LONG_LIFE``
    seconds forgives the past.
    """

    deaths: int = 0

    def after(self, lived: float) -> float:
        """Return the delay before the next start of something that lived for ``lived`` seconds."""
        if lived >= LONG_LIFE:
            self.deaths = 0
        elif lived >= WORKED:
            self.deaths = max(0, self.deaths - 1)
        delay = min(LONGEST, FIRST * 2.0 ** min(self.deaths, 16))
        self.deaths += 1
        return delay
