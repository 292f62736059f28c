"""When a turn comes: a lone packet does not wait, and a steady stream of single packets is gathered.

A turn costs about the same for one packet as for fifty. So after a rest it comes at the next tick of the event loop,
but not sooner than ``gather`` seconds after the one before, unless ``enough`` bytes wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Pace:
    """Calls ``act`` once for any number of askings before it."""

    def __init__(self, act: Callable[[], None], *, gather: float, enough: int) -> None:
        self._act = act
        self._gather = gather
        self._enough = enough
        self._loop = asyncio.get_running_loop()
        self._last = float("-inf")
        self._coming: asyncio.Handle | None = None
        self._at_once = False

    def ask(self, waiting: int) -> None:
        """Let a turn come; ``waiting`` is how many bytes it would find."""
        if self._at_once:
            return
        wait = self._last + self._gather - self._loop.time()
        if wait <= 0 or waiting >= self._enough:
            if self._coming is not None:
                self._coming.cancel()
            self._at_once = True
            self._coming = self._loop.call_soon(self._turn)
        elif self._coming is None:
            self._coming = self._loop.call_later(wait, self._turn)

    def _turn(self) -> None:
        self._coming = None
        self._at_once = False
        self._last = self._loop.time()
        self._act()
