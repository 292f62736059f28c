"""The life of one request 请求: sent → 9011 → data → 9012, with time-outs and retries. No socket, no clock, no log.

HJ 212-2017 §6.5 and §6.6: without a 9011 in time the same frame is sent again; after the last retry the request has
timed out. After the 9011 the device may be silent for the time of execution; then the request has timed out, and is not
sent again. A notice (2012, 2022) ends by 9013. HJ/T 212-2005 is the same with the QN inside CP.

A line that breaks before the 9011 puts the request back: it is sent again on the next line. One that breaks later
changes nothing: the device may still finish and say so on its next line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from qingtian.base.errors import QingtianError
from qingtian.bus.answers import Answer, Item, State
from qingtian.bus.commands import Command
from qingtian.stream.gateway.commanding import matching
from qingtian.stream.gateway.commanding.steps import SendFrame, Step, Write
from qingtian.stream.hj212.messages.bodies import ExecutionResult, RequestAnswer
from qingtian.stream.hj212.messages.message import Message
from qingtian.stream.hj212.messages.returns import DONE, NO_DATA, READY
from qingtian.stream.hj212.reassembly import Assembled, Reassembly, Window
from qingtian.stream.hj212.replies import ANSWERS
from qingtian.stream.requests.secrets import masked, masked_items

NOTICES = frozenset({2012, 2022})
REPORT_EVERY = timedelta(seconds=1)
MOST_BYTES = 100_000
"""Of the items of one report: more are told at once, so that a message fits any log (1 MiB by default)."""
PARTS = Window(size=256 * 1024)


class Phase(Enum):
    """Where a request stands. ``WAITING``: for its turn, or for a line to be sent again on."""

    WAITING = "waiting"
    SENT = "sent"
    ACCEPTED = "accepted"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a request had come when an earlier gateway stopped, as the log tells.

    ``alive_at``: the last sign of a device that had accepted it; None if it had not.
    """

    attempt: int = 0
    reports: int = 0
    parts: int = 0
    qn_rtn: int | None = None
    alive_at: datetime | None = None
    ended: bool = False


@dataclass(kw_only=True)
class Exchange:
    """One request and how far it is. ``deadline``: when `tick` has something to do; None if only an event can."""

    command: Command
    phase: Phase = Phase.WAITING
    attempt: int = 0
    deadline: datetime | None = None
    _reports: int = 0
    _parts: int = 0
    _qn_rtn: int | None = None
    _items: list[Item] = field(default_factory=list)
    _report_due: datetime | None = None
    _silence: datetime | None = None
    _write: Write | None = None
    _together: Reassembly = field(default_factory=lambda: Reassembly(PARTS))

    @classmethod
    def resumed(cls, command: Command, progress: Progress) -> Exchange:
        """Return the exchange of a request that an earlier gateway had begun."""
        exchange = cls(command=command, attempt=progress.attempt)
        exchange._reports, exchange._parts = progress.reports, progress.parts
        exchange._qn_rtn = progress.qn_rtn
        if progress.alive_at is not None:
            exchange._executing(progress.alive_at)
        return exchange

    @property
    def open(self) -> bool:
        """Whether the device may answer."""
        return self.phase in (Phase.SENT, Phase.ACCEPTED)

    # -- what the queue does with it

    def send(self, write: Write, *, now: datetime) -> list[Step]:
        """Send it, for the first time or again on a new line."""
        if self.attempt > self.command.retries:
            return self._end(State.TIMED_OUT, now=now)
        try:
            frame = write(now)
        except QingtianError as error:
            return self.refuse(error, now=now)
        self._write = write
        self.attempt += 1
        self.phase = Phase.SENT
        self._silence = now + timedelta(seconds=self.command.answer_s)
        self._set_deadline()
        told = self._answer(State.SENT, number=self.attempt, frame=masked(frame), now=now)
        return [SendFrame(frame=frame), told]

    def refuse(self, error: QingtianError, *, now: datetime) -> list[Step]:
        """End it because the gateway itself cannot carry it out."""
        said = {"code": error.code, "zh": error.sentence("zh"), "en": error.sentence("en")}
        return self._end(State.REFUSED, error=said, now=now)

    def line_lost(self) -> None:
        """The device is gone: what it has not accepted waits for it to come back."""
        if self.phase is Phase.SENT:
            self.phase, self._silence = Phase.WAITING, None
            self._set_deadline()

    def expire(self, *, now: datetime) -> list[Step]:
        """End it if it waits beyond its time."""
        if self.phase is not Phase.WAITING or now < self.command.expires:
            return []
        return self._end(State.EXPIRED if self.attempt == 0 else State.TIMED_OUT, now=now)

    def tick(self, *, now: datetime) -> list[Step]:
        """Do what is due: tell what was gathered, send again, give up."""
        steps: list[Step] = []
        if self._report_due is not None and now >= self._report_due:
            self._report_due = None
            steps += self._report(now) if self._items else []
            self._set_deadline()
        if self._silence is None or now < self._silence:
            return steps
        if self.phase is Phase.SENT and self._write is not None:
            return [*steps, *self.send(self._write, now=now)]
        return [*steps, *self._end(State.TIMED_OUT, now=now)]

    # -- what the device says

    def take(self, message: Message, *, now: datetime) -> list[Step]:
        """Return what a message of the device changes: nothing, if it does not belong to this request."""
        if not self.open and not (self.phase is Phase.WAITING and self.attempt):
            return []
        if message.head.cn not in ANSWERS:
            accepted = self.phase is Phase.ACCEPTED
            return self._data(message, now) if matching.answers(self.command, message, accepted=accepted) else []
        if message.exchange != self.command.qn:
            return []
        body = message.body
        if isinstance(body, RequestAnswer):
            return self._answered(body.returned, now)
        if isinstance(body, ExecutionResult):
            state = State.DONE if body.returned in (DONE, NO_DATA) else State.REFUSED
            return self._end(state, exe_rtn=body.returned, now=now)
        if message.head.cn == 9013 and self.command.cn in NOTICES:
            return self._end(State.DONE, now=now)
        return []

    def _answered(self, returned: int, now: datetime) -> list[Step]:
        if self.phase is Phase.ACCEPTED:
            # it was sent twice: the answer to the second copy, perhaps "busy", does not undo the first
            return []
        self._qn_rtn = returned
        if returned != READY:
            return self._end(State.REFUSED, now=now)
        self._executing(now)
        return [self._answer(State.ACCEPTED, now=now)]

    def _data(self, message: Message, now: datetime) -> list[Step]:
        self._executing(now)
        self._gather(self._together.take(message, now=now.timestamp()))
        news = self._items and self._report_due is None
        much = sum(map(matching.size, self._items)) > MOST_BYTES
        return self._report(now) if news or much or not self._reports else []

    def _gather(self, assembled: Sequence[Assembled]) -> None:
        self._items += [matching.item(each.message) for each in assembled]
        self._parts += len(assembled)

    def _executing(self, now: datetime) -> None:
        """The device has accepted it, and gives signs of it."""
        self.phase = Phase.ACCEPTED
        self._silence = now + timedelta(seconds=self.command.execute_s)
        self._set_deadline()

    # -- telling

    def _report(self, now: datetime) -> list[Step]:
        """Tell what was gathered; then nothing for a second."""
        self._reports += 1
        items, self._items = self._items, []
        self._report_due = now + REPORT_EVERY
        self._set_deadline()
        return [self._answer(State.EXECUTING, number=self._reports, items=items, now=now)]

    def _end(
        self, state: State, *, exe_rtn: int | None = None, error: dict[str, str] | None = None, now: datetime
    ) -> list[Step]:
        self._gather(self._together.finish())
        items, self._items = self._items, []
        self.phase = Phase.ENDED
        self._silence = self._report_due = None
        self._set_deadline()
        return [self._answer(state, items=items, exe_rtn=exe_rtn, error=error, now=now)]

    def _set_deadline(self) -> None:
        due = [each for each in (self._silence, self._report_due) if each is not None]
        self.deadline = min(due, default=None)

    def _answer(
        self,
        state: State,
        *,
        now: datetime,
        number: int = 1,
        frame: str | None = None,
        items: Sequence[Item] = (),
        exe_rtn: int | None = None,
        error: dict[str, str] | None = None,
    ) -> Answer:
        return Answer(
            command=self.command.id,
            mn=self.command.mn,
            qn=self.command.qn,
            cn=self.command.cn,
            parameters=masked_items(self.command.parameters),
            state=state,
            number=number,
            at=now,
            attempt=self.attempt,
            frame=frame,
            qn_rtn=self._qn_rtn,
            exe_rtn=exe_rtn,
            items=tuple(items),
            parts=self._parts,
            error=error,
            actor=self.command.actor,
            why=self.command.why,
        )
