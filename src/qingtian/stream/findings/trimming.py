"""Cuts the beginning of the log: what the lake holds and is older than the hours to keep.

Only the judge knows what the lake holds. A log more than half full is cut to the checkpoint whatever its age: a full
one would stop the gateway.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from nats.js.errors import NotFoundError

from qingtian.base import times
from qingtian.bus import batches
from qingtian.bus.batches import BrokenBatch
from qingtian.bus.client import Bus
from qingtian.bus.streams import PACKETS

EVERY = 60.0
"""Seconds between looks."""


async def trim(bus: Bus, *, stored: int, keep: timedelta, now: datetime) -> int:
    """Cut the log up to ``stored`` at the most; return the first sequence that stays.

    :raises nats.errors.Error: if the log is not there.
    """
    state = (await bus.js.stream_info(PACKETS.name)).state
    # a stream that has never held a message says that it begins with 0
    first = max(state.first_seq, 1)
    if state.bytes > PACKETS.max_bytes // 2:
        keep_from = stored + 1
    else:
        keep_from = await _first_younger(bus, first, stored + 1, times.to_microseconds(now - keep))
    if keep_from > first:
        await bus.js.purge_stream(PACKETS.name, seq=keep_from)
    return keep_from


async def _first_younger(bus: Bus, low: int, high: int, edge: int) -> int:
    """Find by halving the first message in ``[low, high)`` that arrived at ``edge`` (µs) or later."""
    while low < high:
        middle = (low + high) // 2
        if await _arrived(bus, middle) < edge:
            low = middle + 1
        else:
            high = middle
    return low


async def _arrived(bus: Bus, sequence: int) -> int:
    try:
        message = await bus.js.get_msg(PACKETS.name, seq=sequence)
        batch = batches.decode(message.data or b"")
    except (NotFoundError, BrokenBatch):
        return 0
    return int(batch.received[-1]) if len(batch) else 0
