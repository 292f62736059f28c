"""What became of a command: each state the gateway saw it take, one JSON message of stream ANSWERS each.

Answers to commands that are not the office's are there too, with their ``actor`` and ``why``: of the gateway itself
(time sync 校时, settings after the first connect) and of other platforms. Whoever keeps a ledger of commands makes the
entry of such a command from its first answer, for the answers carry all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from qingtian.base.errors import QingtianError
from qingtian.base.identifiers import deterministic


class BrokenAnswer(QingtianError):
    code = "bus.broken_answer"
    zh = "日志上的反控状态无法读取（{why}），已跳过。请检查写入该流的程序版本。"
    en = (
        "A state of a command on the log cannot be read ({why}); it was skipped. "
        "Check the version of the program that writes this stream."
    )


class State(StrEnum):
    """A command's life: sent, accepted, executing, and one of the ends."""

    SENT = "sent"
    ACCEPTED = "accepted"
    EXECUTING = "executing"
    DONE = "done"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    EXPIRED = "expired"

    @property
    def ended(self) -> bool:
        return self in ENDS


ENDS = frozenset({State.DONE, State.REFUSED, State.TIMED_OUT, State.EXPIRED})

OFFICE, GATEWAY, RELAY = "office", "gateway", "relay"
"""Whose command it is: a person's or the office's own, the gateway's own, or another platform's that we pass on to."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One message of the device that answers the command.

    ``cp``: its pairs of no factor, as text. ``factors``: code → tag → text; of measured data (2xxx) only the codes,
    with empty tags, because the values go to PACKETS as those of any packet.
    """

    cn: int
    qn: str | None
    cp: Mapping[str, str]
    factors: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A state a command took.

    ``number`` counts the answers of the same state: the attempt of ``sent``, the reports of ``executing``, else 1.
    ``at``: when the gateway saw it. ``attempt``: how often the frame was sent so far. ``frame``: as sent with this
    answer, passwords as ``******``. ``qn_rtn``, ``exe_rtn``: what the device returned (HJ 212-2017 tables 7, 8).
    ``items``: what it answered since the last answer; ``parts``: how many messages in all. ``error``: why the gateway
    ended it by itself, ``{"code", "zh", "en"}``. ``actor``, ``why``: as in `bus.commands.Command`.
    """

    command: str
    mn: str
    qn: str
    cn: int
    parameters: Sequence[Mapping[str, str]]
    state: State
    number: int = 1
    at: datetime
    attempt: int
    frame: str | None = None
    qn_rtn: int | None = None
    exe_rtn: int | None = None
    items: Sequence[Item] = ()
    parts: int = 0
    error: Mapping[str, str] | None = None
    actor: str = OFFICE
    why: str | None = None

    @property
    def id(self) -> str:
        """The same for the same state of the same command, however often it is told."""
        return deterministic(self.command, self.state.value, self.number)

    def message(self) -> bytes:
        """Return the JSON of the stream ANSWERS."""
        return orjson.dumps({"id": self.id, **vars(self), "at": self.at.isoformat(), "state": self.state.value})


def read(message: bytes) -> Answer:
    """Read a message.

    :raises BrokenAnswer: if a field is missing or is not what it must be.
    """
    try:
        found: dict[str, Any] = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise BrokenAnswer(why=str(error)) from error
    return of(found)


def of(found: Mapping[str, Any]) -> Answer:
    """Return the answer that a message says, once its JSON was read.

    :raises BrokenAnswer: if a field is missing or is not what it must be.
    """
    try:
        return Answer(
            **{
                **{name: value for name, value in found.items() if name != "id"},
                "state": State(found["state"]),
                "at": datetime.fromisoformat(found["at"]),
                "parameters": tuple(found["parameters"]),
                "items": tuple(Item(**each) for each in found["items"]),
            }
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BrokenAnswer(why=f"{type(error).__name__}: {error}") from error
