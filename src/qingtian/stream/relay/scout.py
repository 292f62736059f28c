"""How much still waits for a target: the same packets counted ahead of the sender, without holding any of them.

The sender reads only as far as it has room; the scout reads on to the end of the log, and in the lake, so that the lag
of a target that is away for days is a number and not a guess.
"""

from __future__ import annotations

import asyncio
import logging

from qingtian.base.errors import QingtianError
from qingtian.stream.relay.source import Source

log = logging.getLogger(__name__)

WAIT = 1.0


class Scout:
    """``seen``: packets of the target's devices behind the place it began at. ``behind``: messages not counted yet."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.seen = 0
        self.behind = 0

    async def run(self) -> None:
        """Count until cancelled."""
        try:
            while True:
                try:
                    stretch = await self._source.next(wait=WAIT)
                except QingtianError as error:
                    log.info("not counted now: %s", error)
                    await asyncio.sleep(WAIT * 5)
                    continue
                self.seen += len(stretch.packets)
                self.behind = stretch.behind
        finally:
            await self._source.close()
