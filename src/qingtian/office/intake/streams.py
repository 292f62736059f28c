"""What is done with a message of each stream: one function, idempotent by the message's own ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from qingtian.bus import streams
from qingtian.office.relays import api as relays
from qingtian.office.reverse_control import api as reverse_control
from qingtian.office.sites import api as sites
from qingtian.office.suspicions import api as suspicions
from qingtian.office.tasks import api as tasks

Take = Callable[[Any, datetime], object]


@dataclass(frozen=True, kw_only=True)
class Intake:
    """A durable consumer: its stream, its name, how many messages it takes at once, what takes one of them.

    ``together``: the messages taken at once are one transaction. Else ``take`` has transactions of its own.
    """

    stream: str
    subjects: str
    durable: str
    at_once: int
    take: Take
    together: bool = True


def _finding(message: Any, at: datetime) -> object:
    return tasks.take_finding(message=message, at=at)


def _clue(message: Any, at: datetime) -> object:
    return suspicions.take_clue(message=message, at=at)


def _dead_letter(message: Any, at: datetime) -> object:
    return sites.take_dead_letter(letter=message)


def _devices(message: Any, at: datetime) -> object:
    return sites.take_device_states(devices=message["devices"])


def _relay_standing(message: Any, at: datetime) -> object:
    return relays.take_standing(message=message)


def _relay_record(message: Any, at: datetime) -> object:
    return relays.take_record(message=message)


def _sessions(message: Any, at: datetime) -> object:
    return sites.take_sessions(message=message)


def _answer(message: Any, at: datetime) -> object:
    return reverse_control.take_answer(message=message, at=at)


INTAKES = (
    # a finding goes alone, and its alert is told before its task is made: somebody waits for it
    Intake(
        stream=streams.FINDINGS.name,
        subjects=streams.FINDINGS.subjects[0],
        durable="dispatcher-findings",
        at_once=1,
        take=_finding,
        together=False,
    ),
    Intake(
        stream=streams.CLUES.name,
        subjects=streams.CLUES.subjects[0],
        durable="dispatcher-clues",
        at_once=100,
        take=_clue,
    ),
    Intake(
        stream=streams.DEADLETTERS.name,
        subjects=streams.DEADLETTERS.subjects[0],
        durable="dispatcher-deadletters",
        at_once=200,
        take=_dead_letter,
    ),
    Intake(
        stream=streams.DEVICES.name,
        subjects=streams.DEVICES.subjects[0],
        durable="dispatcher-devices",
        at_once=20,
        take=_devices,
    ),
    Intake(
        stream=streams.SESSIONS.name,
        subjects=streams.SESSIONS.subjects[0],
        durable="dispatcher-sessions",
        at_once=20,
        take=_sessions,
    ),
    # somebody may be looking at the page of the command
    Intake(
        stream=streams.ANSWERS.name,
        subjects=streams.ANSWERS.subjects[0],
        durable="dispatcher-answers",
        at_once=50,
        take=_answer,
    ),
    Intake(
        stream=streams.RELAYS.name,
        subjects=streams.RELAYS.subjects[0],
        durable="dispatcher-relays",
        at_once=50,
        take=_relay_standing,
    ),
    Intake(
        stream=streams.RELAYED.name,
        subjects=streams.RELAYED.subjects[0],
        durable="dispatcher-relayed",
        at_once=100,
        take=_relay_record,
    ),
)


def take_all(intake: Intake, raws: Sequence[bytes], at: datetime) -> None:
    """Take these messages; ``together`` means all or none.

    :raises Exception: whatever makes one of them impossible to take.
    """
    with transaction.atomic() if intake.together else nullcontext():
        for raw in raws:
            intake.take(orjson.loads(raw), at)
