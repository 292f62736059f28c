"""End tasks for certain: a cancellation may be lost where a wait ends at the same instant, so it is asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any


async def end(tasks: Iterable[asyncio.Task[Any]], *, again: float = 0.5) -> None:
    """Cancel tasks and wait until all are over, asking again every ``again`` seconds. What they raise is dropped."""
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        over, waiting = await asyncio.wait(waiting, timeout=again)
        for task in over:
            if not task.cancelled():
                # looked at, so that nobody complains of it
                task.exception()
