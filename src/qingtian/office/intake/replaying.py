"""Carry replays of dead letters out: read them by the present plan, put on the log what is acceptable now, once.

Before a batch is sent, the replay says which letters it holds and behind which message of its subject it belongs
(`Replay.sending`). Only one replay runs at a time and nobody else publishes on the subject; so after a crash the same
batch is sent again, and if the log refuses it because something stands behind that message already, that was it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connections
from nats.errors import Error as NatsError
from nats.js.errors import APIError, NotFoundError

from qingtian.base import times
from qingtian.bus import batches, plans
from qingtian.bus.client import Bus
from qingtian.bus.ending import rest
from qingtian.bus.streams import PACKETS, REPLAYED
from qingtian.office.sites import replays
from qingtian.office.sites.models import DeadLetter, Replay
from qingtian.stream.gateway.rereading import Acceptable, batch_of, devices_of, reread

log = logging.getLogger(__name__)

T = TypeVar("T")
Run = Callable[[Callable[[], T]], Any]
Told = Callable[[int], None]

AT_ONCE = 200
LOOK_EVERY = 1.0
WRONG_LAST_SEQUENCE = 10071
"""JetStream's word for: something stands behind that message already."""


async def follow(bus: Bus, *, stop: asyncio.Event, counters: dict[str, Any]) -> None:
    """Carry out the replays that are asked for, until ``stop`` is set."""
    with ThreadPoolExecutor(1, thread_name_prefix="replays") as thread:
        loop = asyncio.get_running_loop()
        try:
            while not stop.is_set():
                try:
                    counters["replayed"] = counters.get("replayed", 0) + await carry_out(bus, thread, stop=stop)
                except (OperationalError, InterfaceError) as error:
                    log.warning("replays: the database does not answer (%s); waiting", str(error).split("\n", 1)[0])
                    await loop.run_in_executor(thread, connections.close_all)
                except (NatsError, TimeoutError, OSError) as error:
                    log.warning("replays: the log does not answer (%s); waiting", error)
                await rest(stop, seconds=LOOK_EVERY)
        finally:
            await loop.run_in_executor(thread, connections.close_all)


async def carry_out(
    bus: Bus, thread: ThreadPoolExecutor, *, stop: asyncio.Event | None = None, told: Told | None = None
) -> int:
    """Carry out what is asked for now; return how many letters are on the log since. Somebody else may be at it: 0.

    The database is used from ``thread`` alone: the lock hangs on its connection. ``told``: is called with the number of
    letters looked at, again and again.
    """

    async def run(work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(thread, work)

    taken = 0
    if await run(replays.open_replay) is None or not await run(replays.try_to_lock):
        return 0
    try:
        while (replay := await run(replays.open_replay)) is not None and not (stop and stop.is_set()):
            before = replay.taken
            await _go_on(bus, run, replay, told or (lambda looked: None))
            taken += replay.taken - before
    finally:
        await run(replays.unlock)
    return taken


async def _go_on(bus: Bus, run: Run[Any], replay: Replay, told: Told) -> None:
    """Look at the next letters of a replay; close it if there are none."""
    if replay.sending is not None:
        await _send(bus, run, replay, replay.sending)
        return
    letters = await run(lambda: replays.next_letters(replay, most=AT_ONCE))
    snapshot = await run(replays.published_plan)
    if not letters or snapshot is None:
        await run(lambda: replays.finish_replay(replay, at=times.now()))
        return
    devices = devices_of(plans.decode(bytes(snapshot.document)))
    chosen = [letter for letter in letters if reread(bytes(letter.raw), devices=devices).reason is None]
    sending = {
        "batch": f"replay-{replay.pk}-{replay.taken}-{replay.still_refused}",
        "plan": snapshot.number,
        "letters": [letter.pk for letter in chosen],
        "behind": await _last_replayed(bus),
        "last": replays.place_of(letters[-1]),
        "still_refused": len(letters) - len(chosen),
    }
    await run(lambda: replays.note_sending(replay, sending))
    await _send(bus, run, replay, sending)
    told(replay.taken + replay.still_refused)


async def _send(bus: Bus, run: Run[Any], replay: Replay, sending: dict[str, Any]) -> None:
    """Put a noted batch on the log, unless it is there, and mark its letters."""
    if sending["letters"]:
        letters = await run(lambda: replays.letters_of(sending["letters"]))
        snapshot = await run(lambda: replays.published_plan(sending["plan"]))
        await _publish(bus, payload=_payload(letters, snapshot), batch=sending["batch"], behind=sending["behind"])

    def mark() -> None:
        replays.note_looked_at(
            replay,
            last=sending["last"],
            taken=sending["letters"],
            still_refused=sending["still_refused"],
            at=times.now(),
        )

    await run(mark)


def _payload(letters: Sequence[DeadLetter], snapshot: Any) -> bytes:
    devices = devices_of(plans.decode(bytes(snapshot.document)))
    accepted = [
        Acceptable(
            raw=bytes(letter.raw),
            plain=reread(bytes(letter.raw), devices=devices).plain,
            received_us=_microseconds(letter.received),
            address=letter.address,
        )
        for letter in letters
    ]
    return batches.encode(batch_of(accepted, plan=snapshot.number))


def _microseconds(moment: datetime) -> int:
    return times.to_microseconds(moment)


async def _publish(bus: Bus, *, payload: bytes, batch: str, behind: int) -> None:
    headers = {"Nats-Msg-Id": batch, "Nats-Expected-Last-Subject-Sequence": str(behind)}
    try:
        await bus.js.publish(REPLAYED, payload, headers=headers)
    except APIError as error:
        if error.err_code != WRONG_LAST_SEQUENCE:
            raise
        log.info("replays: %s was on the log already", batch)


async def _last_replayed(bus: Bus) -> int:
    """Return the last message of the subject of replays, 0 if the log has none."""
    try:
        return int((await bus.js.get_last_msg(PACKETS.name, REPLAYED)).seq or 0)
    except NotFoundError:
        return 0
