"""The middle of the gateway: takes turns at what all connections sent, and answers when the log has it.

While the log is idle a turn comes at the next tick of the event loop, so a lone packet does not wait; while deliveries
are under way packets gather, so that under load one kernel call and one disk write serve hundreds of packets.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qingtian.bus.batches import encode
from qingtian.bus.streams import packets_subject
from qingtian.stream.gateway.batching import batches
from qingtian.stream.gateway.counters import GatewayCounters
from qingtian.stream.gateway.deadletters import DeadLetter
from qingtian.stream.gateway.deliveries import Delivery, LogMessage
from qingtian.stream.gateway.limits import GatewayLimits
from qingtian.stream.gateway.registry import Registry
from qingtian.stream.gateway.session import Session
from qingtian.stream.gateway.storing import LogKeeper
from qingtian.stream.hj212.columns import FrameColumns
from qingtian.stream.hj212.kernels import frame_chunks, write_replies
from qingtian.stream.hj212.status import NAMES, OK

FIRST_SLOWING = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many frames of each session of a turn were accepted, and how many refused."""

    accepted: Sequence[int]
    refused: Sequence[int]


class Intake:
    """The desk of all sessions. ``take_letter`` gets the refused packets; ``broken`` fails if a turn does."""

    def __init__(
        self,
        keeper: LogKeeper,
        *,
        take_letter: Callable[[DeadLetter], None],
        counters: GatewayCounters,
        limits: GatewayLimits,
    ) -> None:
        self._keeper = keeper
        self._take_letter = take_letter
        self._counters = counters
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._registry: Registry | None = None
        self._sessions: set[Session] = set()
        self._queue: deque[Session] = deque()
        self._held = 0
        self._turn_comes = False
        self._under_way: set[asyncio.Task[None]] = set()
        self.broken: asyncio.Future[None] = self._loop.create_future()
        self._run = secrets.token_hex(8)
        self._numbers = itertools.count(1)

    # -- the plan

    def know(self, registry: Registry) -> None:
        """Know the devices by this plan from now on. Until the first one nothing is read."""
        first = self._registry is None
        self._registry = registry
        self._counters.plan = registry.number
        if first:
            for session in self._sessions:
                session.read_on()
            self._take_turns()

    # -- what sessions report

    def opened(self, session: Session) -> bool:
        if len(self._sessions) >= self._limits.connections:
            self._counters.turned_away += 1
            return False
        self._sessions.add(session)
        self._counters.connections = len(self._sessions)
        if self._registry is None:
            session.hold_back()
        return True

    def arrived(self, session: Session, size: int) -> None:
        self._held += size
        if not session.busy:
            session.busy = True
            self._queue.append(session)
            if not self._turn_comes:
                self._turn_comes = True
                self._loop.call_soon(self._take_turns)
        if session.held > self._limits.held_per_connection or self._held > self._limits.held:
            session.hold_back()

    def closed(self, session: Session) -> None:
        self._sessions.discard(session)
        self._counters.connections = len(self._sessions)
        if session.held:
            # what it sent before it went is as good as the rest
            self.arrived(session, 0)

    # -- turns

    def _take_turns(self) -> None:
        self._turn_comes = False
        try:
            while self._queue and self._registry is not None and len(self._under_way) < self._limits.deliveries:
                self._take_turn(self._registry)
        except Exception as error:
            self._break(error)

    def _take_turn(self, registry: Registry) -> None:
        sessions, chunks = self._draw()
        starts = np.zeros(len(chunks) + 1, np.int64)
        np.cumsum([len(chunk) for chunk in chunks], out=starts[1:])
        buffer = b"".join(chunks)
        ended = np.array([session.complete() for session in sessions], np.uint8)
        frames = frame_chunks(buffer, starts, registry.devices, ended=ended)
        self._put_back(sessions, chunks, frames)
        good = frames.status == OK
        standing = Standing(
            accepted=np.bincount(frames.chunk[good], minlength=len(sessions)).tolist(),
            refused=np.bincount(frames.chunk[~good], minlength=len(sessions)).tolist(),
        )
        if not good.all():
            self._refuse(buffer, frames, sessions, registry)
        delivery = self._delivery(buffer, frames, sessions, registry)
        if not delivery.messages:
            self._settle(sessions, standing)
            return
        self._counters.unconfirmed += sum(message.packets for message in delivery.messages)
        task = self._loop.create_task(self._deliver(delivery, standing))
        self._under_way.add(task)
        task.add_done_callback(self._delivered)

    def _draw(self) -> tuple[list[Session], list[bytes]]:
        """Take the bytes of the next sessions, up to the size of a delivery."""
        sessions: list[Session] = []
        chunks: list[bytes] = []
        size = 0
        queue, most = self._queue, self._limits.delivery
        while queue and size < most:
            session = queue.popleft()
            chunk = session.take()
            size += len(chunk)
            sessions.append(session)
            chunks.append(chunk)
        self._held -= size
        return sessions, chunks

    def _put_back(self, sessions: Sequence[Session], chunks: Sequence[bytes], frames: FrameColumns) -> None:
        for index in np.flatnonzero(frames.consumed < [len(chunk) for chunk in chunks]).tolist():
            rest = chunks[index][frames.consumed[index] :]
            sessions[index].put_back(rest)
            self._held += len(rest)

    def _refuse(self, buffer: bytes, frames: FrameColumns, sessions: Sequence[Session], registry: Registry) -> None:
        for index in np.flatnonzero(frames.status != OK).tolist():
            session = sessions[frames.chunk[index]]
            mn, length = int(frames.mn[index]), int(frames.mn_length[index])
            self._take_letter(
                DeadLetter(
                    reason=NAMES[frames.status[index]],
                    received_us=session.arrived_us,
                    address=session.address,
                    mn=buffer[mn : mn + length].decode("utf-8", "replace") if length else None,
                    raw=buffer[frames.start[index] : frames.end[index]],
                    plan=registry.number,
                )
            )

    def _delivery(
        self, buffer: bytes, frames: FrameColumns, sessions: Sequence[Session], registry: Registry
    ) -> Delivery:
        messages = [
            LogMessage(
                subject=packets_subject(partition),
                id=f"{self._run}-{next(self._numbers)}",
                payload=encode(batch),
                packets=len(batch),
            )
            for partition, batch in batches(
                buffer,
                frames,
                arrived=np.array([session.arrived_us for session in sessions], np.int64),
                addresses=[session.address for session in sessions],
                registry=registry,
            )
        ]
        return Delivery(
            sessions=sessions, messages=messages, replies=self._replies(buffer, frames, sessions) if messages else ()
        )

    def _replies(self, buffer: bytes, frames: FrameColumns, sessions: Sequence[Session]) -> list[tuple[Session, bytes]]:
        written = write_replies(buffer, frames)
        # frames stand chunk by chunk, so the replies of a session are one slice
        bounds = np.searchsorted(frames.chunk, np.arange(len(sessions) + 1))
        places = written.offsets[bounds].tolist()
        raw = written.raw.tobytes()
        return [
            (session, raw[start:end])
            for session, start, end in zip(sessions, places[:-1], places[1:], strict=True)
            if end > start
        ]

    async def _deliver(self, delivery: Delivery, standing: Standing) -> None:
        stored = await self._keeper.store(delivery)
        self._counters.unconfirmed -= sum(message.packets for message in delivery.messages)
        if stored:
            self._counters.replies += len(delivery.replies)
            for session, answers in delivery.replies:
                session.reply(answers)
        self._settle(delivery.sessions, standing)

    def _delivered(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._break(error)
        self._take_turns()

    def _break(self, error: BaseException) -> None:
        """Let the process end by an error nobody expected, rather than go on with connections that wait for ever."""
        if not self.broken.done():
            self.broken.set_exception(error)

    # -- the standing of a session

    def _settle(self, sessions: Sequence[Session], standing: Standing) -> None:
        """Let the sessions queue again; those that send nothing but refusals only after a pause that grows."""
        now = time.monotonic()
        for session, accepted, refused in zip(sessions, standing.accepted, standing.refused, strict=True):
            if accepted:
                session.heard, session.known, session.refusals = now, True, 0
            elif refused:
                session.refusals += refused
                if session.refusals > self._limits.refusals and not session.ended:
                    self._slow_down(session)
                    continue
            self._readmit(session)

    def _slow_down(self, session: Session) -> None:
        session.hold_back()
        over = session.refusals - self._limits.refusals
        pause = min(FIRST_SLOWING * 2 ** min(over, 20), self._limits.slowest)
        self._loop.call_later(pause, self._readmit, session)

    def _readmit(self, session: Session) -> None:
        session.busy = False
        if session.fresh or (session.ended and session.held):
            self.arrived(session, 0)
        elif session.ended:
            session.close()
        session.read_on()

    def sweep(self) -> None:
        """Close what has been silent for too long, and give up waiting for the rest of frames. Call it every second."""
        if self._registry is None:
            return
        now = time.monotonic()
        overdue_us = time.time_ns() // 1000 - int(self._limits.unfinished * 1e6)
        for session in [session for session in self._sessions if not session.busy]:
            if now - session.heard > (self._limits.idle if session.known else self._limits.stranger):
                session.close()
            elif session.held and session.arrived_us < overdue_us:
                session.overdue = True
                self.arrived(session, 0)

    async def finish(self, *, within: float) -> None:
        """Stop reading, then wait until what was taken is on the log and answered, at most ``within`` seconds."""
        for session in self._sessions:
            session.hold_back()
        deadline = self._loop.time() + within
        while self._under_way and self._loop.time() < deadline:
            await asyncio.wait(self._under_way, timeout=deadline - self._loop.time())
        for task in self._under_way:
            task.cancel()
        for session in tuple(self._sessions):
            session.close()
