"""Every process says every two seconds that it lives and what it has done; whoever asks sees all of them.

Heartbeats are a key-value bucket whose keys expire, so a dead process disappears by itself.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

import orjson
from nats.errors import Error as NatsError
from nats.js.api import KeyValueConfig
from nats.js.errors import BucketNotFoundError, NoKeysError, NotFoundError
from nats.js.kv import KeyValue

from qingtian.base import times
from qingtian.bus.client import Bus

BUCKET = "HEALTH"
INTERVAL = 2.0
EXPIRY = 8.0


async def _bucket(bus: Bus) -> KeyValue:
    try:
        return await bus.js.key_value(BUCKET)
    except (BucketNotFoundError, NotFoundError):
        return await bus.js.create_key_value(KeyValueConfig(bucket=BUCKET, ttl=EXPIRY, history=1))


async def beat(bus: Bus, process: str, counters: Callable[[], Mapping[str, object]]) -> None:
    """Say "alive" for ever. Run as a task; cancel to stop. A log that is down is no reason to die."""
    key = f"{process}.{socket.gethostname().replace('.', '_')}.{os.getpid()}"
    started = times.now().isoformat()
    while True:
        with suppress(NatsError, TimeoutError, asyncio.TimeoutError):
            value = {
                "process": process,
                "pid": os.getpid(),
                "started": started,
                "at": times.now().isoformat(),
                "counters": dict(counters()),
            }
            await (await _bucket(bus)).put(key, orjson.dumps(value))
        await asyncio.sleep(INTERVAL)


async def living(bus: Bus) -> list[dict[str, object]]:
    """Return the heartbeats that have not expired, one dictionary a process."""
    bucket = await _bucket(bus)
    try:
        keys = await bucket.keys()
    except (NoKeysError, NotFoundError):
        return []
    found: list[dict[str, object]] = []
    for key in keys:
        with suppress(NotFoundError):
            entry = await bucket.get(key)
            found.append(orjson.loads(entry.value or b"{}"))
    return found
