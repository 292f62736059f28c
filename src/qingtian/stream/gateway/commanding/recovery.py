"""How far the open commands had come when the gateway stopped: what their answers on the log say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from qingtian.bus import answers
from qingtian.bus.answers import Answer, State
from qingtian.bus.client import Bus
from qingtian.bus.commands import Command
from qingtian.bus.streams import ANSWERS
from qingtian.stream.gateway.commanding.exchange import Progress

ALIVE = (State.ACCEPTED, State.EXECUTING)
CLOCKS = timedelta(minutes=5)
"""How far the clocks of office, gateway and log may be apart."""


async def progress(bus: Bus, commands: Iterable[Command]) -> Mapping[str, Progress]:
    """Return the progress of those commands that had begun, by id."""
    wanted = {command.id: command for command in commands}
    if not wanted:
        return {}
    since = min(command.created for command in wanted.values()) - CLOCKS
    found: dict[str, Progress] = {}
    for answer in await _answers_since(bus, since):
        if answer.command in wanted:
            found[answer.command] = advanced(found.get(answer.command, Progress()), answer)
    return found


def advanced(progress: Progress, answer: Answer) -> Progress:
    """Return the progress after this answer."""
    alive = answer.state in ALIVE
    return replace(
        progress,
        attempt=max(progress.attempt, answer.attempt),
        reports=max(progress.reports, answer.number) if answer.state is State.EXECUTING else progress.reports,
        parts=max(progress.parts, answer.parts),
        qn_rtn=answer.qn_rtn if answer.qn_rtn is not None else progress.qn_rtn,
        alive_at=answer.at if alive else progress.alive_at,
        ended=progress.ended or answer.state.ended,
    )


async def _answers_since(bus: Bus, since: datetime) -> list[Answer]:
    """Return what stands on ANSWERS now from that time on, in order; what cannot be read is left out."""
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_TIME,
        opt_start_time=since,
        ack_policy=AckPolicy.NONE,
        mem_storage=True,
        num_replicas=1,
        inactive_threshold=30.0,
    )
    subscription = await bus.js.pull_subscribe(ANSWERS.subjects[0], stream=ANSWERS.name, config=config)
    try:
        left = (await subscription.consumer_info()).num_pending or 0
        found: list[Answer] = []
        while left > 0:
            messages = await subscription.fetch(min(left, 200), timeout=5)
            left -= len(messages)
            found += [answer for message in messages if (answer := _read(message.data)) is not None]
        return found
    finally:
        await subscription.unsubscribe()


def _read(message: bytes) -> Answer | None:
    try:
        return answers.read(message)
    except answers.BrokenAnswer:
        return None
