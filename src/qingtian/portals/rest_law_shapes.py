"""What the interface answers about kinds and clocks (接口字段); the words of OpenAPI are made from these."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class Said(Schema):
    """One thing in both languages."""

    zh: str
    en: str


class Kind(Schema):
    """A version of a kind of matter. `valid_to` is exclusive, null: open; `clocks`: identifiers of statutory clocks."""

    code: str
    version: int
    zh: str
    en: str
    group: str
    valid_from: date
    valid_to: date | None
    secrecy: str
    opened_by: list[str]
    opened_from: list[str]
    stages: int
    acts: int
    papers: int
    clocks: list[str]


class Clock(Schema):
    """A statutory clock; `certainty`: `read` in its source, from `memory` (to be checked), or a `default` of ours."""

    clock: str
    zh: str
    en: str
    count: int | None
    unit: str
    direction: str
    month_day: list[int] | None
    means: str
    roll: bool
    start: Said
    actor: Said
    extension: str
    variants: list[dict[str, Any]]
    if_missed: Said | None
    basis: str
    certainty: str


class Paused(Schema):
    """Days that are not counted, both included."""

    first: date
    last: date
    reason: str = ""
    paper: str = ""


class Granted(Schema):
    """An extension, of `count` in the clock's unit, or of all that the rule allows (null)."""

    count: int | None = Field(default=None, ge=1, le=99_999)


class Asked(Schema):
    """A clock to be counted. `start`: the day of the start event, of an hour clock the moment (Beijing, if no zone)."""

    clock: str
    start: date | datetime
    pauses: list[Paused] = []
    extensions: list[Granted] = []
    variant: str = ""


class Deadline(Schema):
    """The due day (a moment, of an hour clock), how it came about, and how far it can be relied on."""

    clock: str
    zh: str
    en: str
    due: date | datetime
    means: str
    basis: str
    certainty: str
    in_force: bool
    provisional: bool
    steps: list[dict[str, Any]]
