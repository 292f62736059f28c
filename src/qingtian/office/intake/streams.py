"""What is done with the messages of each stream: one function, idempotent by the messages' own ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

Take = Callable[[Sequence[Any], datetime], object]


@dataclass(frozen=True, kw_only=True)
class Intake:
    """A durable consumer: its stream, its name, how many messages it takes at once, what takes them, all or none.

    ``prompt``: somebody waits for what the messages say, so the first is taken as soon as it is there, with those that
    wait behind it; else it waits a little for company.
    """

    stream: str
    subjects: str
    durable: str
    at_once: int
    take: Take
    prompt: bool = False


def _each(take: Callable[[Any, datetime], object]) -> Take:
    """Return what takes messages one by one in one transaction."""

    def take_them(messages: Sequence[Any], at: datetime) -> None:
        with transaction.atomic():
            for message in messages:
                take(message, at)

    return take_them


def _findings(messages: Sequence[Any], at: datetime) -> object:
    return tasks.take_findings(messages=messages, at=at)


@_each
def _clues(message: Any, at: datetime) -> object:
    return suspicions.take_clue(message=message, at=at)


@_each
def _dead_letters(message: Any, at: datetime) -> object:
    return sites.take_dead_letter(letter=message)


@_each
def _devices(message: Any, at: datetime) -> object:
    return sites.take_device_states(devices=message["devices"])


@_each
def _relay_standings(message: Any, at: datetime) -> object:
    return relays.take_standing(message=message)


@_each
def _relay_records(message: Any, at: datetime) -> object:
    return relays.take_record(message=message)


@_each
def _sessions(message: Any, at: datetime) -> object:
    return sites.take_sessions(message=message)


@_each
def _answers(message: Any, at: datetime) -> object:
    return reverse_control.take_answer(message=message, at=at)


INTAKES = (
    # alerts are told before their tasks are made; few at once, so that the first waits for few others
    Intake(
        stream=streams.FINDINGS.name,
        subjects=streams.FINDINGS.subjects[0],
        durable="dispatcher-findings",
        at_once=16,
        take=_findings,
        prompt=True,
    ),
    Intake(
        stream=streams.CLUES.name,
        subjects=streams.CLUES.subjects[0],
        durable="dispatcher-clues",
        at_once=100,
        take=_clues,
    ),
    Intake(
        stream=streams.DEADLETTERS.name,
        subjects=streams.DEADLETTERS.subjects[0],
        durable="dispatcher-deadletters",
        at_once=200,
        take=_dead_letters,
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
        take=_answers,
        prompt=True,
    ),
    Intake(
        stream=streams.RELAYS.name,
        subjects=streams.RELAYS.subjects[0],
        durable="dispatcher-relays",
        at_once=50,
        take=_relay_standings,
    ),
    Intake(
        stream=streams.RELAYED.name,
        subjects=streams.RELAYED.subjects[0],
        durable="dispatcher-relayed",
        at_once=100,
        take=_relay_records,
    ),
)


def take_all(intake: Intake, raws: Sequence[bytes], at: datetime) -> None:
    """Take these messages.

    :raises Exception: whatever makes one of them impossible to take.
    """
    intake.take([orjson.loads(raw) for raw in raws], at)
