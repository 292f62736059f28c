"""A progress bar on standard error: how far, how fast, how long still. Silent where nobody watches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

WIDTH = 30
EVERY = 0.1
"""Seconds between two pictures."""
MIB = 1 << 20


class Progress:
    """``total``: bytes, None if unknown. ``clock``: seconds, running forward. Draws only on a terminal.

    ``unit``: another name for what is counted, ``scale`` of them at a time.
    """

    def __init__(
        self, total: int | None, *, stream: TextIO, clock: Callable[[], float], unit: str = "MiB", scale: int = MIB
    ) -> None:
        self._unit, self._scale = unit, scale
        self._total = total
        self._stream = stream
        self._clock = clock
        self._start = self._drawn = clock()
        self._shown = stream.isatty()
        self._done = 0
        # the first word may be long in coming
        self._draw()

    def tell(self, done: int) -> None:
        """Take note that so much is done."""
        self._done = done
        now = self._clock()
        if now - self._drawn >= EVERY:
            self._drawn = now
            self._draw()

    def _draw(self) -> None:
        if self._shown:
            self._stream.write(f"\r{self.picture()}\x1b[K")
            self._stream.flush()

    def picture(self) -> str:
        """Return the bar as it stands."""
        seconds = max(self._clock() - self._start, 1e-9)
        speed = self._done / seconds
        rate = f"{self._done / self._scale:.1f} {self._unit}  {speed / self._scale:.1f} {self._unit}/s"
        if not self._total:
            return rate
        share = min(1.0, self._done / self._total)
        filled = round(WIDTH * share)
        left = (self._total - self._done) / speed if speed else 0.0
        bar = "█" * filled + "░" * (WIDTH - filled)
        return f"{bar} {share:4.0%}  {rate}  {int(left) // 60}:{int(left) % 60:02d}"

    def finish(self, sentence: str) -> None:
        """Clear the bar and say what came of it."""
        self._stream.write(f"\r\x1b[K{sentence}\n" if self._shown else f"{sentence}\n")
        self._stream.flush()
