"""What goes to the log together: messages of packets, and the replies that wait for their confirmation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qingtian.bus.batches import encode
from qingtian.bus.streams import packets_subject
from qingtian.stream.gateway.answering import replies
from qingtian.stream.gateway.answers import Answers, Heard
from qingtian.stream.gateway.batching import AsCame, batches
from qingtian.stream.gateway.kernel_door import FIRST_ANSWER, LAST_ANSWER
from qingtian.stream.gateway.registry import Registry
from qingtian.stream.gateway.session import Session
from qingtian.stream.gateway.turns import Turn, exchange_of
from qingtian.stream.hj212.status import OK

ASKS_FOR_TIME = 1013


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMessage:
    """A batch of packets for one partition. ``id`` is the same however often it is published."""

    subject: str
    id: str
    payload: bytes
    packets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The packets of a turn. A session of ``sessions`` has no other delivery under way.

    ``heard``: packets that whoever commands devices waits for; ``time_asked``: devices that asked for the time.
    """

    sessions: Sequence[Session]
    messages: Sequence[LogMessage]
    replies: Sequence[tuple[Session, bytes]]
    heard: Sequence[tuple[Heard, Session]] = ()
    time_asked: Sequence[str] = ()

    def wanted(self) -> bool:
        """Say whether anybody is still there to whom the confirmation matters."""
        return any(not session.gone for session in self.sessions)


def of_turn(
    turn: Turn, *, known: Registry, next_id: Callable[[], str], answers: Answers, vendor_login: str
) -> Delivery:
    """Return what goes to the log of a turn; without messages nothing needs to be confirmed.

    ``next_id``: a new name for a message. ``answers``: who waits for what devices say.
    """
    messages = list(_messages(turn, known, next_id))
    heard, asked = _heard(turn, known, answers), turn.frames.cn == ASKS_FOR_TIME
    return Delivery(
        sessions=turn.sessions,
        messages=messages,
        replies=replies(turn, known=known, vendor_login=vendor_login) if messages else (),
        heard=[*turn.nameless, *heard],
        time_asked=[turn.mn(index) or "" for index in np.flatnonzero(asked & (turn.frames.status == OK)).tolist()],
    )


def _messages(turn: Turn, known: Registry, next_id: Callable[[], str]) -> Iterator[LogMessage]:
    came = AsCame(
        buffer=turn.came,
        start=turn.came_start,
        end=turn.came_end,
        repaired=np.array(sorted(turn.repaired), np.int64),
    )
    arrived = np.array([session.arrived_us for session in turn.sessions], np.int64)
    addresses = [session.address for session in turn.sessions]
    for partition, batch in batches(
        turn.buffer, turn.frames, arrived=arrived, addresses=addresses, registry=known, came=came
    ):
        yield LogMessage(subject=packets_subject(partition), id=next_id(), payload=encode(batch), packets=len(batch))


def _heard(turn: Turn, known: Registry, answers: Answers) -> Iterator[tuple[Heard, Session]]:
    for index in _wanted(turn, known, answers):
        segment, session = turn.segment(index), turn.session(index)
        packet = Heard(
            mn=known.devices.mns[turn.frames.device[index]],
            cn=int(turn.frames.cn[index]),
            qn=exchange_of(segment),
            flag=int(turn.frames.flag[index]),
            segment=segment,
            arrived_us=session.arrived_us,
        )
        yield packet, session


def _wanted(turn: Turn, known: Registry, answers: Answers) -> Iterator[int]:
    """Yield the frames that whoever commands devices is to hear: each answer, and the uploads that he waits for."""
    frames, awaiting = turn.frames, answers.awaiting
    sound = frames.status == OK
    answer = (frames.cn >= FIRST_ANSWER) & (frames.cn <= LAST_ANSWER)
    some = np.flatnonzero(sound if awaiting else sound & answer)
    rows = (some.tolist(), answer[some].tolist(), frames.device[some].tolist(), frames.cn[some].tolist())
    for index, answers_us, device, cn in zip(*rows, strict=True):
        mn = known.devices.mns[device]
        if answers_us or (mn in awaiting and answers.concerns(mn, cn)):
            yield index
