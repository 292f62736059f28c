"""A page that is open: listens to ``/events/`` and notes when each alert came, after its packet had been received."""

from __future__ import annotations

import asyncio
import time

import orjson

from qingtian.bus import client

OPENED = "alert.opened"
SESSION_COOKIE = "sessionid"


class Listener:
    """Server-Sent Events of one session. ``milliseconds`` by outlet: packet received → event here (same machine)."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self.ready = asyncio.Event()

    async def listen(self, *, port: int, session: str) -> None:
        """Read until cancelled.

        :raises ConnectionError: if the web process refuses or hangs up.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
            f"Cookie: {SESSION_COOKIE}={session}\r\n\r\n".encode()
        )
        status = await reader.readline()
        if b" 200" not in status:
            raise ConnectionError(status.decode(errors="replace").strip())
        try:
            while line := await reader.readline():
                self._take(line)
        finally:
            writer.close()
        raise ConnectionError("the stream of events ended")

    def _take(self, line: bytes) -> None:
        now = time.time_ns() // 1000
        if line.startswith(b": here"):
            self.ready.set()
        if not line.startswith(b"data: "):
            return
        event = orjson.loads(line[6:])
        if event.get("kind") == OPENED and event.get("received_us"):
            self.milliseconds[str(event["outlet"])] = (now - int(event["received_us"])) / 1000


async def hear_findings(*, nats_url: str, milliseconds: dict[str, float]) -> None:
    """Note by outlet when each first finding was on the log, after its packet had been received; until cancelled."""
    bus = await client.connect(nats_url, name="bench")
    try:
        async for message in (await bus.nc.subscribe("findings.*.opened")).messages:
            finding = orjson.loads(message.data)
            came = time.time_ns() // 1000 - int(finding["received_us"])
            milliseconds.setdefault(str(finding["outlet"]), came / 1000)
    finally:
        await bus.close()
