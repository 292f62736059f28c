"""Commands of the targets on their way to the devices and back: through COMMANDS, and what ANSWERS says of them."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from qingtian.base import times
from qingtian.base.identifiers import deterministic
from qingtian.bus import answers, commands
from qingtian.bus.answers import RELAY, Answer, BrokenAnswer, State
from qingtian.bus.client import Bus
from qingtian.bus.commands import Command
from qingtian.bus.relays import Record
from qingtian.bus.streams import ANSWERS
from qingtian.stream.hj212.messages.message import Message, write_frame
from qingtian.stream.relay import answering
from qingtian.stream.relay.patience import Patience
from qingtian.stream.relay.targets import Leg, Target

log = logging.getLogger(__name__)

REMEMBERED = 1000
"""Commands whose answers are kept for a target that asks again."""
LOOK_BACK = timedelta(minutes=5)


class AnswerBook:
    """What ANSWERS said lately, by command; whoever waits for a command is called for each."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._said: OrderedDict[str, list[Answer]] = OrderedDict()
        self._waiting: dict[str, Callable[[Answer], None]] = {}

    async def open(self, now: datetime) -> None:
        """Listen, from a few minutes ago on: a restart forgets nothing that a target still waits for."""
        config = ConsumerConfig(
            description="relay",
            deliver_policy=DeliverPolicy.BY_START_TIME,
            opt_start_time=(now - LOOK_BACK).astimezone(None),
            ack_policy=AckPolicy.NONE,
            mem_storage=True,
            num_replicas=1,
        )
        await self._bus.js.subscribe(
            ANSWERS.subjects[0],
            stream=ANSWERS.name,
            config=config,
            cb=self._hear,
            manual_ack=True,
            ordered_consumer=False,
        )

    async def _hear(self, message: Msg) -> None:
        try:
            answer = answers.read(message.data)
        except BrokenAnswer as error:
            log.error("%s", error)
            return
        self._said.setdefault(answer.command, []).append(answer)
        if len(self._said) > REMEMBERED:
            self._waiting.pop(self._said.popitem(last=False)[0], None)
        if answer.command in self._waiting:
            self._waiting[answer.command](answer)

    def wait_for(self, command: str, take: Callable[[Answer], None]) -> None:
        """Call ``take`` with what was said of the command already, and with each state to come."""
        self._waiting[command] = take
        for answer in self._said.get(command, ()):
            take(answer)


@dataclass(kw_only=True)
class Asked:
    """A command under way. ``told``: what the target was answered, sent again if it asks again."""

    request: Message
    leg: Leg
    accepted: bool = False
    told: list[bytes] = field(default_factory=list)


class Returning:
    """The commands of one target. ``send`` writes to it if it is connected; ``keep`` takes records."""

    def __init__(
        self,
        bus: Bus,
        book: AnswerBook,
        target: Target,
        patience: Patience,
        *,
        send: Callable[[Sequence[bytes]], None],
        keep: Callable[[Record], None],
    ) -> None:
        self._bus, self._book, self._target, self._patience = bus, book, target, patience
        self._send, self._keep = send, keep
        self._asked: OrderedDict[str, Asked] = OrderedDict()

    async def take(self, request: Message, *, now: datetime) -> None:
        """Answer a request of the target, or hand it to the device.

        :raises nats.errors.Error: if the log does not take it; the target asks again.
        """
        head = request.head
        identity = deterministic("relay", self._target.code, head.mn, head.qn, head.cn)
        if identity in self._asked:
            self._send(self._asked[identity].told)
            return
        verdict = answering.judge(request, self._target)
        if verdict.leg is None:
            self._send([answering.request_answer(request, verdict.qn_rtn)])
            self._note(request, verdict.reason, mn="", now=now)
            return
        await commands.publish(self._bus, self._command(identity, request, verdict.leg, now))
        self._note(request, verdict.reason, mn=verdict.leg.mn, now=now)
        self._asked[identity] = Asked(request=request, leg=verdict.leg)
        if len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        self._book.wait_for(identity, self._heard)

    def _command(self, identity: str, request: Message, leg: Leg, now: datetime) -> Command:
        return Command(
            id=identity,
            mn=leg.mn,
            qn=_stamped(request.head.qn, now),
            cn=request.head.cn,
            parameters=answering.parameters(request),
            created=now,
            expires=now + timedelta(seconds=self._patience.command_s),
            answer_s=self._patience.answer_s,
            execute_s=self._patience.execute_s,
            retries=self._patience.retries,
            actor=RELAY,
            why=self._target.code,
        )

    def _heard(self, answer: Answer) -> None:
        asked = self._asked.get(answer.command)
        if asked is None:
            return
        frames = answering.frames(asked.request, answer, accepted=asked.accepted)
        asked.accepted = asked.accepted or answer.state in (State.ACCEPTED, State.EXECUTING, State.DONE)
        asked.told += frames
        if frames:
            self._send(frames)
        reason = REASONS.get(answer.state)
        if reason:
            self._note(asked.request, reason, mn=asked.leg.mn, now=answer.at, detail=_detail(answer))

    def _note(self, request: Message, reason: str, *, mn: str, now: datetime, detail: str = "") -> None:
        head, target = request.head, self._target
        self._keep(
            Record(
                id=deterministic("command", target.code, head.mn, head.qn, head.cn, reason),
                code=target.code,
                kind="command",
                reason=reason,
                at=now,
                mn=mn,
                as_mn=head.mn or "",
                qn=head.qn or "",
                cn=head.cn,
                detail=detail,
                frame=answering.hidden(write_frame(request)),
            )
        )


REASONS = {
    State.ACCEPTED: "command_accepted",
    State.DONE: "command_done",
    State.REFUSED: "command_refused",
    State.TIMED_OUT: "command_timed_out",
    State.EXPIRED: "command_timed_out",
}


def _detail(answer: Answer) -> str:
    returned = (("QnRtn", answer.qn_rtn), ("ExeRtn", answer.exe_rtn))
    return " ".join(f"{name}={value}" for name, value in returned if value is not None)


def _stamped(qn: str | None, now: datetime) -> str:
    """Return the target's QN, so that its repeats stay one command here; one that is no QN gets another."""
    try:
        times.parse_stamp(qn or "")
    except ValueError:
        return times.stamp_milliseconds(now)
    return qn if qn and len(qn) == 17 else times.stamp_milliseconds(now)
