"""A connection to the log that comes back by itself, and the few calls the stages need of it."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from qingtian.base.errors import QingtianError
from qingtian.bus.streams import STREAMS, StreamSpec

log = logging.getLogger(__name__)

REPEAT = 5.0
FAREWELL = 3.0


@dataclass(frozen=True, kw_only=True)
class Bus:
    """A named connection (``nc``) and its JetStream context (``js``)."""

    nc: Client
    js: JetStreamContext

    async def close(self) -> None:
        """Leave; what waits to be sent is sent if the server still listens. Never raises."""
        # a server that died this instant makes the client's own farewell fail (OSError, or RuntimeError of uvloop)
        # and one that hangs never reads what waits to be sent
        with suppress(NatsError, OSError, RuntimeError, TimeoutError):
            async with asyncio.timeout(FAREWELL):
                await self.nc.close()


class LogUnreachable(QingtianError):
    code = "bus.unreachable"
    zh = "{wait:g} 秒内连不上 NATS（{host}）：{why}。请检查它是否在运行，以及 QINGTIAN_NATS_URL 是否正确。"
    en = (
        "NATS at {host} did not answer within {wait:g} s: {why}. "
        "Check that it runs and that QINGTIAN_NATS_URL is right."
    )


@dataclass(kw_only=True)
class _Reporter:
    """Says what happens to a connection, the same sentence at most once in `REPEAT` seconds."""

    name: str
    nc: Client
    last: str = ""
    said: float = float("-inf")

    async def error(self, error: Exception) -> None:
        text = str(error) or type(error).__name__
        now = time.monotonic()
        if text != self.last or now - self.said > REPEAT:
            log.warning("bus %s: %s", self.name, text)
            self.said = now
        self.last = text

    async def lost(self) -> None:
        if not self.nc.is_closed:
            log.warning("bus %s: connection lost, trying again until it is back", self.name)

    async def back(self) -> None:
        log.info("bus %s: connection is back", self.name)


async def connect(url: str, *, name: str, wait: float = 30.0) -> Bus:
    """Connect to ``url``, trying for ``wait`` seconds, and keep reconnecting for ever afterwards.

    :raises LogUnreachable: if no server answered in that time.
    """
    nc = Client()
    reporter = _Reporter(name=name, nc=nc)
    try:
        async with asyncio.timeout(wait):
            await nc.connect(
                url,
                name=name,
                connect_timeout=2,
                reconnect_time_wait=0.2,
                max_reconnect_attempts=-1,
                allow_reconnect=True,
                ping_interval=10,
                pending_size=64 * 1024 * 1024,
                error_cb=reporter.error,
                disconnected_cb=reporter.lost,
                reconnected_cb=reporter.back,
            )
            await nc.flush()
    except TimeoutError as late:
        host = urlsplit(url).hostname
        raise LogUnreachable(host=host, wait=wait, why=reporter.last or "no answer") from late
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
