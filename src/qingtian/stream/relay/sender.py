"""One target: what is meant for it is read, made ready, sent and settled; at its own pace, over its own line."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from nats.errors import Error as NatsError

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.base.identifiers import deterministic
from qingtian.bus.client import Bus
from qingtian.bus.ending import end
from qingtian.bus.relays import Place, Position, Record
from qingtian.lake.passage import Passage
from qingtian.stream.hj212.messages.message import Message
from qingtian.stream.hj212.replies import ANSWERS
from qingtian.stream.relay.answering import hidden
from qingtian.stream.relay.line import Line, LineLost, dial
from qingtian.stream.relay.memory import Memory
from qingtian.stream.relay.packets import Packet
from qingtian.stream.relay.patience import Patience
from qingtian.stream.relay.returning import AnswerBook, Returning
from qingtian.stream.relay.shipping import NotSent, Shipment, prepare
from qingtian.stream.relay.source import Source
from qingtian.stream.relay.targets import Target
from qingtian.stream.relay.window import Settled, Window

log = logging.getLogger(__name__)

WAIT = 1.0
MOST_REQUESTS = 100
"""Requests of a target looked at together; more are not heard, and it asks again."""
AT_ONCE = 32
"""Packets made ready in one go: some ten milliseconds of work."""
TO_DATA = frozenset({9013, 9014})
"""Answers to what we sent; the others are to requests of the target."""


class Sender:
    """``keep`` takes what is worth a record. ``state``: ``connecting``, ``up`` or ``waiting``; ``why``: last error."""

    def __init__(
        self,
        bus: Bus,
        passage: Passage,
        book: AnswerBook,
        target: Target,
        patience: Patience,
        *,
        position: Position,
        keep: Callable[[Record], None],
        clock: Callable[[], datetime] = times.now,
    ) -> None:
        self._target, self._patience, self._keep, self._clock = target, patience, keep, clock
        self._source = Source(bus, passage, mns=target.legs, place=position.place)
        self._memory = Memory()
        self._base = position
        self._totals = position
        self.window = Window(patience, place=position.place, ahead=position.ahead)
        self._returning = Returning(bus, book, target, patience, send=self._tell, keep=keep)
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._line: Line | None = None
        self._requests: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._mentioned: set[str] = set()
        self.settled = 0
        self.state = "connecting"
        self.since = clock()
        self.why = ""
        self._said = ""

    @property
    def position(self) -> Position:
        """Where this target is now."""
        repeated = self._base.repeated + self.window.repeated
        return replace(self._totals, place=self.window.position, ahead=self.window.ahead(), repeated=repeated)

    async def run(self) -> None:
        """Send until cancelled."""
        reading = asyncio.create_task(self._read())
        shipping = asyncio.create_task(self._ship())
        try:
            # neither ends by itself
            done, _ = await asyncio.wait({reading, shipping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await end((reading, shipping, *self._requests))
            await self._source.close()

    # -- reading

    async def _read(self) -> None:
        while True:
            try:
                stretch = await self._source.next(wait=WAIT)
            except QingtianError as error:
                self._turn(self.state, str(error))
                await asyncio.sleep(WAIT * 5)
                continue
            for number, packet in enumerate(stretch.packets):
                if number % AT_ONCE == 0:
                    await self._turn_taken()
                if self.window.is_done(packet):
                    self.settled += 1
                else:
                    self._load(packet)
            self.window.reach(stretch.reached)
            self._wake.set()

    async def _turn_taken(self) -> None:
        """Let answers and other targets have their turn; wait while enough is held ready."""
        self._wake.set()
        await asyncio.sleep(0)
        while self.window.held >= self._patience.ahead:
            self._room.clear()
            await self._room.wait()

    def _load(self, packet: Packet) -> None:
        age = times.to_microseconds(self._clock()) - packet.received_us
        late = age > self._patience.late_s * times.MICROSECONDS
        try:
            made = prepare(packet, self._target, self._target.legs[packet.mn], late=late)
        except (QingtianError, ValueError, ArithmeticError) as error:
            # one packet must not stop the others
            made = NotSent(packet=packet, reason="unreadable", detail=str(error))
        if isinstance(made, NotSent):
            self._pass_by(made)
        elif self._memory.is_new(packet.mn, packet.frame):
            self.window.take(made)
            if made.left_out:
                self._mention(
                    packet, "unit_unknown", qn=made.pieces[0].qn, cn=made.pieces[0].cn, detail=" ".join(made.left_out)
                )
        else:
            self._count(left_out=1)

    def _pass_by(self, made: NotSent) -> None:
        self._count(left_out=1)
        if made.reason == "edition":
            self._mention(made.packet, made.reason, qn=made.qn, cn=made.cn, detail=f"CN={made.cn}")
        elif made.reason != "not_meant":
            self._keep(self._entry(made.packet, made.reason, qn=made.qn, cn=made.cn, detail=made.detail))

    def _count(self, *, acknowledged: int = 0, refused: int = 0, left_out: int = 0) -> None:
        was = self._totals
        self._totals = replace(
            was,
            acknowledged=was.acknowledged + acknowledged,
            refused=was.refused + refused,
            left_out=was.left_out + left_out,
        )
        self.settled += acknowledged + refused + left_out

    # -- sending

    async def _ship(self) -> None:
        while True:
            heard = self.window.answers
            try:
                await self._session()
            except LineLost as lost:
                self._turn("waiting", str(lost))
            self._failures = 1 if self.window.answers > heard else self._failures + 1
            await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        first, longest = self._patience.reconnect_first_s, self._patience.reconnect_longest_s
        return min(first * 2.0 ** min(self._failures - 1, 20), longest)

    async def _session(self) -> None:
        """Ship over one line until it is lost.

        :raises LineLost: always.
        """
        line = await dial(self._target.host, self._target.port, hear=self._hear)
        self._turn("up", "")
        self._line = line
        over = asyncio.create_task(self._when_over(line))
        try:
            while not line.over.is_set():
                self._wake.clear()
                await line.send(self.window.due(time.monotonic()))
                self._settle()
                if self.window.silent:
                    raise LineLost("connected, but it answers nothing")
                await self._until_next()
            raise LineLost("closed by the target")
        finally:
            self._line = None
            over.cancel()
            self.window.line_lost()
            await line.close()

    async def _when_over(self, line: Line) -> None:
        await line.over.wait()
        self._wake.set()

    async def _until_next(self) -> None:
        due = self.window.next_due()
        with suppress(TimeoutError):
            async with asyncio.timeout(None if due is None else max(due - time.monotonic(), 0.0)):
                await self._wake.wait()

    def _settle(self) -> None:
        for one in self.window.settled():
            if one.answered:
                self._count(acknowledged=1)
            else:
                self._refused(one)
        if self.window.held < self._patience.ahead:
            self._room.set()

    def _refused(self, one: Settled) -> None:
        self._count(refused=1)
        self._record(one.shipment, "unanswered", f"{one.sends} sends")

    # -- hearing

    def _hear(self, message: Message) -> None:
        cn = message.head.cn
        if cn in TO_DATA:
            self.window.answered(qn=message.exchange, mn=message.head.mn)
            self._settle()
            self._wake.set()
        elif cn not in ANSWERS and len(self._requests) < MOST_REQUESTS:
            task = asyncio.create_task(self._take(message))
            self._requests.add(task)
            task.add_done_callback(self._requests.discard)

    async def _take(self, request: Message) -> None:
        try:
            await self._returning.take(request, now=self._clock())
        except (NatsError, TimeoutError) as error:
            log.warning("%s: a command was not taken: %s", self._target.code, error or type(error).__name__)

    def _tell(self, frames: Sequence[bytes]) -> None:
        if self._line is not None and frames:
            task = asyncio.create_task(self._answer(self._line, tuple(frames)))
            self._requests.add(task)
            task.add_done_callback(self._requests.discard)

    async def _answer(self, line: Line, frames: Sequence[bytes]) -> None:
        with suppress(LineLost):
            await line.send(frames)

    # -- telling

    def _turn(self, state: str, why: str) -> None:
        if state != self.state:
            self.state, self.since = state, self._clock()
        if why and why != self._said:
            log.warning("%s: %s", self._target.code, why)
            self._said = why
        self.why = why

    def _record(self, shipment: Shipment, reason: str, detail: str) -> None:
        piece = shipment.pieces[0]
        entry = self._entry(shipment.packet, reason, qn=piece.qn, cn=piece.cn, detail=detail)
        self._keep(replace(entry, frame=hidden(piece.frame)))

    def _mention(self, packet: Packet, reason: str, *, qn: str, cn: int, detail: str) -> None:
        """Keep a record of what every packet of this kind meets: one a device and day."""
        day = times.from_microseconds(packet.received_us).date()
        identity = deterministic("mention", self._target.code, packet.mn, reason, detail, day)
        if identity not in self._mentioned:
            self._mentioned.add(identity)
            self._keep(replace(self._entry(packet, reason, qn=qn, cn=cn, detail=detail), id=identity))

    def _entry(self, packet: Packet, reason: str, *, qn: str, cn: int, detail: str) -> Record:
        place: Place = packet.place
        return Record(
            id=deterministic("refusal", self._target.code, place.sequence, place.index, reason),
            code=self._target.code,
            kind="refusal",
            reason=reason,
            at=self._clock(),
            mn=packet.mn,
            as_mn=self._target.legs[packet.mn].as_mn,
            qn=qn,
            cn=cn,
            detail=detail[:255],
            sequence=place.sequence,
            index=place.index,
        )
