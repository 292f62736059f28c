"""A connection to the log that comes back by itself, and the few calls the stages need of it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from qingtian.bus.streams import STREAMS, StreamSpec

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Bus:
    """A named connection (``nc``) and its JetStream context (``js``)."""

    nc: Client
    js: JetStreamContext

    async def close(self) -> None:
        await self.nc.close()


async def connect(url: str, *, name: str, wait: float = 30.0) -> Bus:
    """Connect to ``url``, trying for ``wait`` seconds, and keep reconnecting for ever afterwards.

    :raises nats.errors.NoServersError: if no server answered in that time.
    """

    async def on_error(error: Exception) -> None:
        log.warning("bus %s: %s", name, error or type(error).__name__)

    nc = await nats.connect(
        url,
        name=name,
        connect_timeout=2,
        reconnect_time_wait=0.2,
        max_reconnect_attempts=-1,
        allow_reconnect=True,
        ping_interval=10,
        pending_size=64 * 1024 * 1024,
        error_cb=on_error,
    )
    async with asyncio.timeout(wait):
        await nc.flush()
    return Bus(nc=nc, js=nc.jetstream(timeout=10, publish_async_max_pending=4096))


def _config(spec: StreamSpec, replicas: int) -> StreamConfig:
    return StreamConfig(
        name=spec.name,
        subjects=list(spec.subjects),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy(spec.discard),
        max_bytes=spec.max_bytes,
        max_age=spec.max_age,
        max_msgs_per_subject=spec.max_per_subject,
        duplicate_window=spec.duplicate_window,
        num_replicas=replicas,
        allow_direct=True,
    )


async def ensure_streams(bus: Bus, *, replicas: int = 1) -> None:
    """Create the streams that are missing; leave those alone that an operator has tuned."""
    for spec in STREAMS:
        try:
            await bus.js.stream_info(spec.name)
        except NotFoundError:
            await bus.js.add_stream(_config(spec, replicas))
