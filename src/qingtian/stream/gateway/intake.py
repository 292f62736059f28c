"""The middle of the gateway: takes turns at what all connections sent, and answers when the log has it.

While the log is idle a turn comes at the next tick of the event loop, so a lone packet does not wait; while deliveries
are under way packets gather, so that under load one kernel call and one disk write serve hundreds of packets.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qingtian.stream.gateway import deliveries, turns
from qingtian.stream.gateway.answers import Answers
from qingtian.stream.gateway.counters import GatewayCounters
from qingtian.stream.gateway.deadletters import DeadLetter
from qingtian.stream.gateway.deliveries import Delivery
from qingtian.stream.gateway.door import Door
from qingtian.stream.gateway.limits import GatewayLimits
from qingtian.stream.gateway.lockout import Lockout
from qingtian.stream.gateway.pace import Pace
from qingtian.stream.gateway.registry import Registry
from qingtian.stream.gateway.session import Session
from qingtian.stream.gateway.standing import Standings
from qingtian.stream.gateway.storing import LogKeeper
from qingtian.stream.gateway.turns import Refusal, Turn, seems_whole
from qingtian.stream.hj212.status import OK

log = logging.getLogger(__name__)

FIRST_SLOWING = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many frames of each session of a turn were accepted, and how many refused."""

    accepted: Sequence[int]
    refused: Sequence[int]


def _share(turn: Turn) -> Share:
    good = turn.frames.chunk[turn.frames.status == OK]
    refused = Counter(id(refusal.session) for refusal in turn.refusals)
    return Share(
        accepted=np.bincount(good, minlength=len(turn.sessions)).tolist(),
        refused=[refused[id(session)] for session in turn.sessions] if refused else [0] * len(turn.sessions),
    )


class Intake:
    """The desk of all sessions. ``take_letter`` gets the refused packets, and what to do when one is stored; ``broken``
    fails if a turn does."""

    def __init__(
        self,
        keeper: LogKeeper,
        *,
        take_letter: Callable[[DeadLetter, Callable[[], object] | None], None],
        counters: GatewayCounters,
        limits: GatewayLimits,
        standings: Standings,
        answers: Answers,
        lockout: Lockout,
    ) -> None:
        self._keeper = keeper
        self._take_letter = take_letter
        self._counters = counters
        self._limits = limits
        self._standings = standings
        self._answers = answers
        self._lockout = lockout
        self._door = Door(standings)
        self._loop = asyncio.get_running_loop()
        self._registry: Registry | None = None
        self._sessions: set[Session] = set()
        self._queue: deque[Session] = deque()
        self._held = 0
        self._pace = Pace(self._take_turns, gather=limits.gather, enough=limits.enough)
        self._under_way: set[asyncio.Task[None]] = set()
        self.broken: asyncio.Future[None] = self._loop.create_future()
        self._run = secrets.token_hex(8)
        self._numbers = itertools.count(1)

    # -- the plan

    def know(self, registry: Registry) -> None:
        """Know the devices by this plan from now on. Until the first one nothing is read."""
        first = self._registry is None
        self.fold()
        self._registry = registry
        self._standings.keep_only(registry.index)
        for session in self._sessions:
            # devices have other numbers now: who speaks where is noted anew
            session.device = -1
        self._counters.plan = registry.number
        if first:
            for session in self._sessions:
                session.read_on()
            self._take_turns()

    def fold(self) -> None:
        """Bring the standings up to date with the deviations noted since the last time."""
        if self._registry is not None:
            self._door.fold(self._registry)

    # -- what sessions report

    def opened(self, session: Session) -> bool:
        locked = self._lockout.is_locked(session.address, now=time.monotonic())
        if locked or len(self._sessions) >= self._limits.connections:
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
            self._pace.ask(self._held)
        if session.held > self._limits.held_per_connection or self._held > self._limits.held:
            session.hold_back()

    def closed(self, session: Session) -> None:
        self._sessions.discard(session)
        self._counters.connections = len(self._sessions)
        if session.mns:
            self._standings.left(session, at_us=time.time_ns() // 1000)
        if session.held:
            # what it sent before it went is as good as the rest
            self.arrived(session, 0)

    # -- turns

    def _take_turns(self) -> None:
        try:
            while self._queue and self._registry is not None and len(self._under_way) < self._limits.deliveries:
                self._take_turn(self._registry)
        except Exception as error:
            self._break(error)

    def _take_turn(self, known: Registry) -> None:
        sessions, chunks = self._draw()
        ended = np.array([session.complete() for session in sessions], np.uint8)
        turn = turns.framed(sessions, chunks, ended=ended, known=known)
        self._put_back(turn, chunks)
        if (turn.frames.status != OK).any():
            turn = turns.mended(turn, known=known)
        self._door.admit(turn, known=known)
        share = _share(turn)
        if turn.refusals:
            self._refuse(turn, known)
        delivery = deliveries.of_turn(
            turn,
            known=known,
            next_id=self._next_id,
            answers=self._answers,
            vendor_login=self._limits.vendor_login,
        )
        if not delivery.messages:
            self._tell(delivery)
            self._settle(sessions, share)
            return
        self._counters.unconfirmed += sum(message.packets for message in delivery.messages)
        task = self._loop.create_task(self._deliver(delivery, share))
        self._under_way.add(task)
        task.add_done_callback(self._delivered)

    def _next_id(self) -> str:
        return f"{self._run}-{next(self._numbers)}"

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

    def _put_back(self, turn: Turn, chunks: Sequence[bytes]) -> None:
        consumed = turn.frames.consumed
        for index in np.flatnonzero(consumed < [len(chunk) for chunk in chunks]).tolist():
            rest, session = chunks[index][consumed[index] :], turn.sessions[index]
            session.put_back(rest)
            self._held += len(rest)
            if seems_whole(rest):
                session.overdue = session.fresh = True

    def _refuse(self, turn: Turn, known: Registry) -> None:
        for refusal in turn.refusals:
            letter = DeadLetter(
                reason=refusal.reason,
                received_us=refusal.session.arrived_us,
                address=refusal.session.address,
                mn=refusal.mn,
                raw=refusal.raw,
                plan=known.number,
                deviations=refusal.deviations,
            )
            self._take_letter(letter, refusal.then)
            if refusal.mn is not None and refusal.mn in known.index:
                self._standings.refused(refusal.mn, refusal.reason)
            self._count_failure(refusal)

    def _count_failure(self, refusal: Refusal) -> None:
        """Keep an address out that fails to log in too often; where a device is logged in, only this connection."""
        session, now = refusal.session, time.monotonic()
        if not self._lockout.failed(session.address, refusal.reason, now=now):
            return
        self._counters.lockouts += 1
        if refusal.mn is not None:
            self._standings.locked_out(refusal.mn)
        log.warning("%s: too many packets refused (%s); kept out for a while", session.address, refusal.reason)
        there = [each for each in self._sessions if each.address == session.address]
        if not any(each.known for each in there):
            self._lockout.lock(session.address, refusal.reason, now=now)
            for each in there:
                each.close()
        elif not session.known:
            session.close()

    async def _deliver(self, delivery: Delivery, share: Share) -> None:
        stored = await self._keeper.store(delivery)
        self._counters.unconfirmed -= sum(message.packets for message in delivery.messages)
        if stored:
            self._counters.replies += len(delivery.replies)
            for session, answers in delivery.replies:
                session.send(answers)
            self._tell(delivery)
        self._settle(delivery.sessions, share)

    def _tell(self, delivery: Delivery) -> None:
        """Hand over what whoever commands devices waits for."""
        for mn in delivery.time_asked:
            self._answers.time_sync_wanted(mn, offset_s=None)
        for packet, session in delivery.heard:
            self._answers.heard(packet, session)

    def _delivered(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._break(error)
        if self._queue:
            self._pace.ask(self._held)

    def _break(self, error: BaseException) -> None:
        """Let the process end by an error nobody expected, rather than go on with connections that wait for ever."""
        if not self.broken.done():
            self.broken.set_exception(error)

    # -- the standing of a session

    def _settle(self, sessions: Sequence[Session], share: Share) -> None:
        """Let the sessions queue again; those that send nothing but refusals only after a pause that grows."""
        now = time.monotonic()
        for session, accepted, refused in zip(sessions, share.accepted, share.refused, strict=True):
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
