"""Whose first settings were given, kept on the log: a key-value bucket with one key each (`automatic.settings_key`)."""

from __future__ import annotations

from nats.js.api import KeyValueConfig
from nats.js.errors import BucketNotFoundError, NoKeysError, NotFoundError
from nats.js.kv import KeyValue

from qingtian.bus.client import Bus

BUCKET = "SETTLED"


async def _bucket(bus: Bus) -> KeyValue:
    try:
        return await bus.js.key_value(BUCKET)
    except (BucketNotFoundError, NotFoundError):
        return await bus.js.create_key_value(KeyValueConfig(bucket=BUCKET, history=1))


async def load(bus: Bus) -> set[str]:
    """Return all keys."""
    try:
        return set(await (await _bucket(bus)).keys())
    except (NoKeysError, NotFoundError):
        return set()


async def keep(bus: Bus, key: str) -> None:
    await (await _bucket(bus)).put(key, b"")
