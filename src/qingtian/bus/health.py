"""Every process says every two seconds that it lives and what it has done; whoever asks sees all of them.

Heartbeats are a key-value bucket whose keys expire, so a dead process disappears by itself.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import orjson
from nats.errors import Error as NatsError
from nats.js.api import ConsumerInfo, KeyValueConfig
from nats.js.errors import BucketNotFoundError, NoKeysError, NotFoundError
from nats.js.kv import KeyValue

from qingtian.base import times
from qingtian.bus.client import Bus, LogUnreachable, connect

BUCKET = "HEALTH"
INTERVAL = 2.0
EXPIRY = 8.0


async def _bucket(bus: Bus) -> KeyValue:
    try:
        return await bus.js.key_value(BUCKET)
    except (BucketNotFoundError, NotFoundError):
        return await bus.js.create_key_value(KeyValueConfig(bucket=BUCKET, ttl=EXPIRY, history=1))


async def beat(bus: Bus, process: str, counters: Callable[[], Mapping[str, object]]) -> None:
    """Say "alive" until cancelled, then take the heartbeat back. A log that is down is no reason to die."""
    key = f"{process}.{socket.gethostname().replace('.', '_')}.{os.getpid()}"
    started = times.now().isoformat()
    try:
        while True:
            with suppress(NatsError, TimeoutError):
                value = {
                    "process": process,
                    "pid": os.getpid(),
                    "started": started,
                    "at": times.now().isoformat(),
                    "counters": dict(counters()),
                }
                await (await _bucket(bus)).put(key, orjson.dumps(value))
            await asyncio.sleep(INTERVAL)
    finally:
        with suppress(NatsError, TimeoutError):
            async with asyncio.timeout(1):
                await (await _bucket(bus)).delete(key)


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


PROCESSES = ("gateway", "judge", "confirmer", "relay", "dispatcher", "worker")
"""Those that beat; whoever asks over the web already knows that the web is up."""


async def _streams(bus: Bus) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for info in await bus.js.streams_info():
        name = info.config.name or ""
        if name.startswith("KV_"):
            continue
        consumers = await bus.js.consumers_info(name)
        found[name] = {
            "messages": info.state.messages,
            "bytes": info.state.bytes,
            "max_bytes": info.config.max_bytes,
            "last_sequence": info.state.last_seq,
            "lag": dict(_lag(consumers)),
        }
    return found


def _lag(consumers: Sequence[ConsumerInfo]) -> Counter[str]:
    """Messages that wait, by reader: what a consumer says it is, for a short-lived one has a name of chance."""
    found: Counter[str] = Counter()
    for one in consumers:
        found[one.config.description or one.name] += (one.num_pending or 0) + (one.num_ack_pending or 0)
    return found


async def _ask(url: str, wait: float) -> tuple[list[dict[str, object]], dict[str, dict[str, object]]]:
    bus = await connect(url, name="health", wait=wait)
    try:
        async with asyncio.timeout(wait):
            return await living(bus), await _streams(bus)
    finally:
        await bus.close()


async def report(url: str, *, expected: Sequence[str] = PROCESSES, wait: float = 2.0) -> dict[str, object]:
    """Say what is up, within about ``2 * wait`` seconds, whether the log answers or not.

    The answer: ``ok`` (bool), ``log`` (``{"up": bool, "why": str | null}``), ``processes`` (the heartbeats, see
    `beat`), ``missing`` (names of ``expected`` without one), ``streams`` (by name: messages, bytes, max_bytes,
    last_sequence, lag by reader in messages).
    """
    beats: list[dict[str, object]] = []
    streams: dict[str, dict[str, object]] = {}
    why: str | None = None
    try:
        beats, streams = await _ask(url, wait)
    except LogUnreachable as unreachable:
        why = str(unreachable)
    except (NatsError, TimeoutError, OSError) as error:
        why = str(error) or "no answer"
    missing = [name for name in expected if name not in {beat["process"] for beat in beats}]
    return {
        "ok": why is None and not missing,
        "log": {"up": why is None, "why": why},
        "processes": beats,
        "missing": missing,
        "streams": streams,
    }
