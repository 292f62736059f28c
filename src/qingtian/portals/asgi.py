"""The application that Granian serves: Django, and the life of the web process around it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

from qingtian.base import settings as base_settings
from qingtian.bus import health
from qingtian.bus.client import LogUnreachable, connect
from qingtian.bus.ending import end
from qingtian.office.start import start

log = logging.getLogger(__name__)

start()
django_application = get_asgi_application()

# after Django's apps are there
from qingtian.portals.events import hall  # noqa: E402
from qingtian.portals.ready import make_ready  # noqa: E402

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Serve a request; start and stop the heartbeat with the process (ASGI lifespan)."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    else:
        await django_application(scope, receive, send)  # type: ignore[arg-type]


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    make_ready()
    heart = asyncio.create_task(_beat())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await end([heart])
    await hall.close()
    await send({"type": "lifespan.shutdown.complete"})


async def _beat() -> None:
    """Beat into HEALTH; pages are served also while the log is away."""
    while True:
        try:
            bus = await connect(base_settings.from_environment().require_nats_url(), name="web")
        except LogUnreachable as unreachable:
            log.warning("web: %s", unreachable)
            await asyncio.sleep(5)
            continue
        try:
            await health.beat(bus, "web", lambda: {"open_pages": len(hall)})
        finally:
            await bus.close()
