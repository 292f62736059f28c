"""Reads stream PACKETS from a position on, each message once and in order, through cuts of the connection.

A push consumer without acknowledgements is fast but may lose messages when the server dies or the reader is slow; so
the stream's own sequence is checked, and after any doubt the reading begins again behind the last message heard.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from contextlib import suppress

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from qingtian.base.errors import QingtianError
from qingtian.bus.client import Bus
from qingtian.bus.streams import PACKETS

log = logging.getLogger(__name__)

SILENCE = 1.0
"""Seconds without a message after which it is checked whether there should have been one."""

AT_ONCE = 1024 * 1024
"""Bytes handed out at once: some thousand packets, a few milliseconds of judging."""

MOST_WAITING = 64 * 1024 * 1024
"""Bytes heard and not handed out at which no more are heard: the server then waits, and a backlog stays on its disk."""

DOWN = (NatsError, TimeoutError, asyncio.TimeoutError)


class LogTooShort(QingtianError):
    code = "judge.log_too_short"
    zh = (
        "日志只到第{last}条，而判定状态已到第{position}条：日志可能被清空过。请恢复日志，"
        "或移走 <data>/judge 和数据湖后重新开始。"
    )
    en = (
        "The log ends at message {last}, but the judge has seen {position}: the log was replaced. Restore it, "
        "or move <data>/judge and the lake away and begin anew."
    )


def answer_flow_control(subscription: JetStreamContext.PushSubscription) -> None:
    """Let the client tell the server, a little later, that it has caught up: it does so by itself only when ordered."""
    inner = subscription._sub._jsi
    inner._fctask = asyncio.create_task(inner.check_flow_control_response())


class Follower:
    """``position`` is the last message handed out."""

    def __init__(self, bus: Bus, *, position: int) -> None:
        self._bus = bus
        self.position = position
        self.pending = 0
        self._subscription: JetStreamContext.PushSubscription | None = None
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._waiting_bytes = 0
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._heard_at = time.monotonic()

    async def next(self, *, wait: float) -> list[tuple[int, bytes]]:
        """Return the messages (sequence, bytes) that follow, none if none come within ``wait`` seconds.

        :raises LogTooShort: if the log ends before the position.
        """
        try:
            if self._subscription is None:
                await self._open()
            if not self._waiting:
                await self._listen(wait)
            return await self._take()
        except DOWN as error:
            log.info("the log is not there (%s), trying again", error or type(error).__name__)
            await self.close()
            await asyncio.sleep(min(wait, 0.2))
            return []

    async def close(self) -> None:
        """Stop listening; the next call of `next` begins again behind the position."""
        subscription, self._subscription = self._subscription, None
        self._forget()
        self._arrived.clear()
        if subscription is not None:
            with suppress(*DOWN):
                await subscription.unsubscribe()

    async def _open(self) -> None:
        state = (await self._bus.js.stream_info(PACKETS.name)).state
        if state.last_seq < self.position:
            raise LogTooShort(last=state.last_seq, position=self.position)
        self._skip_cut_beginning(state.first_seq)
        self._forget()
        config = ConsumerConfig(
            description="judge",
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self.position + 1,
            ack_policy=AckPolicy.NONE,
            max_deliver=1,
            idle_heartbeat=2.0,
            mem_storage=True,
            num_replicas=1,
        )
        # only messages of this subscription may enter: an older one may still deliver
        waiting: deque[tuple[int, bytes]] = deque()

        async def hear(message: Msg) -> None:
            meta = message.metadata
            waiting.append((meta.sequence.stream, message.data))
            self.pending = meta.num_pending
            if waiting is self._waiting:
                self._waiting_bytes += len(message.data)
                self._arrived.set()
            while waiting is self._waiting and self._waiting_bytes > MOST_WAITING:
                # while this waits, the client does not ask the server for more (flow control)
                self._room.clear()
                await self._room.wait()

        self._waiting = waiting
        self._subscription = await self._bus.js.subscribe(
            PACKETS.subjects[0], stream=PACKETS.name, config=config, cb=hear, manual_ack=True, flow_control=True
        )
        answer_flow_control(self._subscription)
        self._heard_at = time.monotonic()

    def _forget(self) -> None:
        """Drop what was heard and not handed out."""
        self._waiting = deque()
        self._waiting_bytes = 0
        self._room.set()

    def _skip_cut_beginning(self, first: int) -> None:
        if first > self.position + 1:
            if self.position:
                log.warning(
                    "messages %d to %d were cut from the log before they were judged", self.position + 1, first - 1
                )
            self.position = first - 1

    async def _listen(self, wait: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._arrived.wait()
        self._arrived.clear()
        if self._waiting:
            self._heard_at = time.monotonic()
        elif time.monotonic() - self._heard_at > SILENCE:
            await self._doubt()

    async def _doubt(self) -> None:
        """Nothing was heard for a while: begin again if the server has more, or has forgotten us."""
        self._heard_at = time.monotonic()
        subscription = self._subscription
        assert subscription is not None
        state = (await self._bus.js.stream_info(PACKETS.name)).state
        try:
            await subscription.consumer_info()
        except NotFoundError:
            await self.close()
            return
        if state.last_seq > self.position and not self._waiting:
            await self.close()

    async def _take(self) -> list[tuple[int, bytes]]:
        taken: list[tuple[int, bytes]] = []
        size = 0
        while self._waiting and size < AT_ONCE:
            sequence, data = self._waiting[0]
            if sequence > self.position + 1 and not await self._hole_is_real(sequence):
                await self.close()
                break
            if self._waiting:
                self._waiting.popleft()
                self._waiting_bytes -= len(data)
            if sequence > self.position:
                taken.append((sequence, data))
                size += len(data)
                self.position = sequence
        if self._waiting_bytes <= MOST_WAITING:
            self._room.set()
        return taken

    async def _hole_is_real(self, sequence: int) -> bool:
        """Say whether the log has nothing between the position and ``sequence``; if not, we missed messages."""
        found = await self._bus.js.get_msg(PACKETS.name, seq=self.position + 1, subject=PACKETS.subjects[0], next=True)
        if found.seq is not None and found.seq < sequence:
            return False
        log.warning("the log has no messages %d to %d", self.position + 1, sequence - 1)
        return True
