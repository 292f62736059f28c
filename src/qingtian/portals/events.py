"""Live events for open pages (``/events/``, Server-Sent Events).

One connection a process listens to PostgreSQL, outside Django's pool; what it hears goes to each open page whose
person may see the place. A page that was away, or too slow, is told to catch up: it then reads its lists again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
import psycopg
from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse

from qingtian.base import settings as base_settings
from qingtian.bus.ending import end
from qingtian.office.ledger.api import CHANNEL
from qingtian.office.people.api import Role, Scope
from qingtian.office.reverse_control import api as reverse_control
from qingtian.portals.page import EVERYONE, me, page

HEARTBEAT = 15.0
"""Seconds between comments that keep proxies from closing a quiet stream."""
LIFETIME = 600.0
"""Seconds after which a stream ends and the browser comes back, so that who lost a right loses the stream."""
WAITING_MOST = 500
CATCH_UP = {"kind": "catch_up"}
FLEETING = frozenset({"catch_up", "device.changed"})
"""Events that say no more than a page reads for itself when it catches up: many devices may come back at once."""
UNHEARD_OUTSIDE = frozenset({reverse_control.CHANGED, reverse_control.BACKFILL_CHANGED})
"""Events for those alone who may see commands to devices."""

log = logging.getLogger(__name__)


class Fleeting(bytes):
    """The frame of one of the `FLEETING` events."""


@dataclass(eq=False, kw_only=True)
class Seat:
    """One open page: what it may hear, and what waits to be sent to it."""

    scope: Scope
    city: bool
    commands: bool = False
    waiting: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(WAITING_MOST))

    def may_hear(self, event: Mapping[str, Any]) -> bool:
        if event.get("outlet") is None and event.get("district") is None:
            # a dead letter of an unknown device belongs to no place: only those of the whole city hear it
            return self.city
        if event["kind"] == "deadletter.new" and not self.city:
            return False
        # that a sampler will start is not for the firm to know beforehand
        if event["kind"] in UNHEARD_OUTSIDE and not self.commands:
            return False
        return self.scope.contains(
            district=event.get("district"), grid=event.get("grid"), enterprise=event.get("enterprise")
        )

    def give(self, frame: bytes) -> None:
        """Put a frame in line; a page that does not read is told to catch up, and keeps the alerts and tasks in line.

        One that is so far behind that they fill half its line loses these, too.
        """
        if not self.waiting.full():
            self.waiting.put_nowait(frame)
            return
        held = [self.waiting.get_nowait() for _ in range(self.waiting.qsize())]
        lasting = [each for each in (*held, frame) if not isinstance(each, Fleeting)]
        for each in (framed(CATCH_UP), *(lasting if len(lasting) <= WAITING_MOST // 2 else ())):
            self.waiting.put_nowait(each)


def framed(event: Mapping[str, Any]) -> bytes:
    """Return the event as a frame of the stream."""
    head = f"id: {event['id']}\n".encode() if event.get("id") else b""
    frame = head + b"data: " + orjson.dumps(dict(event)) + b"\n\n"
    return Fleeting(frame) if event["kind"] in FLEETING else frame


class Hall:
    """All open pages of this process, and the one listener that serves them."""

    def __init__(self) -> None:
        self._seats: set[Seat] = set()
        self._listener: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._seats)

    def enter(self, seat: Seat) -> None:
        self._seats.add(seat)
        if self._listener is None or self._listener.done():
            self._listener = asyncio.get_running_loop().create_task(self._listen_for_ever())

    def leave(self, seat: Seat) -> None:
        self._seats.discard(seat)

    def tell(self, event: Mapping[str, Any]) -> None:
        frame = framed(event)
        for seat in self._seats:
            if event["kind"] == CATCH_UP["kind"] or seat.may_hear(event):
                seat.give(frame)

    async def close(self) -> None:
        if self._listener is not None:
            await end([self._listener])

    async def _listen_for_ever(self) -> None:
        url = base_settings.from_environment().require_database_url()
        while True:
            try:
                await self._listen(url)
            except (psycopg.Error, OSError) as error:
                log.warning("events: %s; listening again in a second", str(error).strip() or type(error).__name__)
            await asyncio.sleep(1.0)

    async def _listen(self, url: str) -> None:
        async with await psycopg.AsyncConnection.connect(
            url, autocommit=True, application_name="qingtian-events"
        ) as db:
            await db.execute(f"LISTEN {CHANNEL}")
            # what was told between two connections was not heard
            self.tell(CATCH_UP)
            async for notice in db.notifies():
                with suppress(ValueError, KeyError):
                    self.tell(orjson.loads(notice.payload))


hall = Hall()


async def stream(seat: Seat) -> AsyncIterator[bytes]:
    """Yield frames for one page until its time is over."""
    loop = asyncio.get_running_loop()
    end = loop.time() + LIFETIME
    hall.enter(seat)
    try:
        yield b"retry: 1000\n: here\n\n"
        while loop.time() < end:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    frame = await seat.waiting.get()
            except TimeoutError:
                frame = b": still here\n\n"
            yield frame
    finally:
        hall.leave(seat)


@page(roles=EVERYONE)
async def events(request: HttpRequest) -> StreamingHttpResponse:
    """Open the stream of this person. ``Last-Event-ID`` needs no memory of ours: the page is told to catch up."""
    user = me(request)
    scope = Scope.of(user)
    seat = Seat(
        scope=scope, city=scope.everything and user.role != Role.REVIEWER, commands=reverse_control.may_watch(user)
    )
    if request.headers.get("Last-Event-ID"):
        seat.give(framed(CATCH_UP))
    # the session was read with a pooled connection; a stream may last for minutes, so give it back now
    await sync_to_async(connections.close_all)()
    answer = StreamingHttpResponse(stream(seat), content_type="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer
