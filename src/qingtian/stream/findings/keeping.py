"""What the judge puts into the lake: stretches are gathered, then stored together with the state that follows them.

Order is everything: rows into the lake (one commit a table, naming the last log sequence), then the checkpoint. A kill
between the two only means that the rows are offered again, and left out.
"""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

from qingtian.lake.tables import LakeUnreachable
from qingtian.lake.writer import LakeWriter
from qingtian.stream.findings import checkpoint
from qingtian.stream.findings.judge import Judge
from qingtian.stream.readings.rows import JudgedStretch, join, packet_rows, reading_rows

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between flushes at the most, while there is something to flush."""

ENOUGH_PACKETS = 150_000
"""Packets that are flushed without waiting."""

TOO_MANY_BYTES = 384 * 1024 * 1024
"""Raw bytes in memory at which the judge stops reading until the lake takes some."""

PAUSE = 1.0
"""Seconds before a lake that refused is asked again."""


class Keeper:
    """Holds what is judged and not yet stored. ``stored`` is the last log sequence in lake and checkpoint."""

    def __init__(self, *, writer: LakeWriter, file: Path, judge: Judge) -> None:
        self._writer = writer
        self._file = file
        self._judge = judge
        self._held: list[JudgedStretch] = []
        self._bytes = self._packets = 0
        self._since = time.monotonic()
        self._running: asyncio.Task[None] | None = None
        self.stored = judge.position
        self.flush_ms = 0.0
        self.refusal = ""

    def hold(self, stretch: JudgedStretch) -> None:
        if not self._held:
            self._since = time.monotonic()
        self._held.append(stretch)
        self._bytes += len(stretch.arrivals.raw)
        self._packets += len(stretch.arrivals)

    @property
    def is_full(self) -> bool:
        return self._bytes >= TOO_MANY_BYTES

    def tend(self) -> None:
        """Start a flush if one is due and none is running. Call it often.

        :raises OSError: if the checkpoint could not be written by the last one.
        """
        if self._running is not None and self._running.done():
            self._running.result()
            self._running = None
        due = self._packets >= ENOUGH_PACKETS or time.monotonic() - self._since >= EVERY
        if self._running is None and due and self._judge.position > self.stored:
            self._running = asyncio.create_task(self._flush(*self._hand_over()))

    async def finish(self) -> None:
        """Store all that is held; returns when it is stored."""
        if self._running is not None:
            await self._running
            self._running = None
        if self._judge.position > self.stored:
            await self._flush(*self._hand_over())

    def _hand_over(self) -> tuple[list[JudgedStretch], checkpoint.State, int]:
        """Return what is held and the state that follows it, of one instant: the caller is between two messages."""
        held, self._held, self._bytes, self._packets = self._held, [], 0, 0
        self._since = time.monotonic()
        return held, self._judge.dump(), self._judge.position

    async def _flush(self, held: list[JudgedStretch], state: checkpoint.State, position: int) -> None:
        while True:
            started = time.perf_counter()
            try:
                # judging goes on meanwhile; the codec, Parquet and the disk all let go of the interpreter
                await asyncio.to_thread(self._store, held, state, position)
            except (LakeUnreachable, OSError) as error:
                self.refusal = str(error)
                log.warning("%s", error)
                await asyncio.sleep(PAUSE)
                continue
            self.flush_ms, self.refusal = (time.perf_counter() - started) * 1000, ""
            self.stored = position
            return

    def _store(self, held: list[JudgedStretch], state: checkpoint.State, position: int) -> None:
        if held:
            together = join(held)
            rows = {"packets": packet_rows(together), "readings": reading_rows(together)}
            self._writer.append(rows, last_sequence=position)
        checkpoint.write(self._file, state)
