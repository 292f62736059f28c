"""What the interface asks and answers about matters (接口字段); the words of OpenAPI are made from these."""

from __future__ import annotations

import binascii
from base64 import b64decode
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from ninja import Schema
from pydantic import Field, field_validator

from qingtian.office.objects.api import Upload

Value = bool | int | Decimal | str | list[str]
"""A fact: text, number (amounts as text or number with at most two decimals), yes or no, list; days as 2026-11-23,
moments as ISO 8601 with their zone."""


class Matter(Schema):
    """A matter 事项 in a list. `revision` counts its acts: give it back with the next one. `taken_over`: it was begun
    elsewhere, as `old_number`."""

    id: int
    number: str
    old_number: str
    taken_over: bool
    kind: str
    version: int
    title: str
    stage: str
    closed: bool
    revision: int
    secrecy: str
    source: str
    reference: str
    district: str | None
    enterprise: str | None
    outlet: str | None
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    next_due: datetime | None
    next_clock: str | None
    provisional: bool


class Matters(Schema):
    """A page of matters; `next`: the `start` of the page after it, null at the end."""

    rows: list[Matter]
    next: int | None


class Clock(Schema):
    """A run of a statutory clock and how its due day was counted; `duty`: somebody has to act until then."""

    clock: str
    start: date | datetime
    due: date | datetime | None
    duty: bool
    paused_on: date | None
    stopped: datetime | None
    missed: bool
    provisional: bool
    basis: str
    steps: list[dict[str, object]]


class PaperFile(Schema):
    """A file of a paper that was brought; every `sha256` stands in the ledger."""

    sha256: str
    name: str
    media_type: str
    bytes: int


class Paper(Schema):
    """A paper 文书 of the file; `digest` (SHA-256) stands in the ledger: of what it says, of its only file, or of the
    list of its `files`."""

    id: int
    paper: str
    version: int
    origin: str
    number: str
    at: datetime
    digest: str
    files: list[PaperFile]
    published_at: datetime | None
    withdrawn_at: datetime | None


class Reason(Schema):
    """Why an act is not possible now: a code, and a sentence that says what to do."""

    code: str
    message: str


class Allowed(Schema):
    """An act that the stage knows, and every reason why it is not possible now for the token's owner."""

    act: str
    possible: bool
    reasons: list[Reason]


class Part(Schema):
    role: str
    name: str
    assigned: bool


class Link(Schema):
    """How the matter stands to another; `direction`: `to` it, or `from` it."""

    kind: str
    direction: str
    id: int
    number: str


class Moment(Schema):
    """An entry of the matter's ledger; its proof: `matters/{id}/proof/{sequence}`."""

    act: str
    at: datetime
    by: str
    sequence: int
    hash: str


class WholeMatter(Matter):
    """A matter with all that its owner may see. `hidden`: facts that are known and not for them;
    `settings`: the figures of the authority 本机关设定 that it was opened under."""

    facts: dict[str, object]
    settings: dict[str, Decimal]
    hidden: list[str]
    people: list[Part]
    clocks: list[Clock]
    papers: list[Paper]
    links: list[Link]
    acts: list[Allowed]
    timeline: list[Moment]


class File(Schema):
    """A file that is brought: JPEG, PNG, WebP or PDF, at most 20 MB."""

    name: str
    content: Annotated[str, Field(description="base64")]

    @field_validator("content")
    @classmethod
    def _is_base64(cls, told: str) -> str:
        try:
            b64decode(told, validate=True)
        except binascii.Error as error:
            raise ValueError("no base64") from error
        return told

    def upload(self) -> Upload:
        return Upload(name=self.name, content=b64decode(self.content))


class Doing(Schema):
    """What an act takes: facts, papers that are brought (one file or several in their order; null: on paper only), who
    is present, whom it names by role.

    People are usernames. `kinds/{code}` says what each act asks for; a refusal names what is missing.
    """

    facts: dict[str, Value] = {}
    papers: dict[str, File | list[File] | None] = {}
    present: list[str] = []
    people: dict[str, list[str]] = {}

    def uploads(self) -> dict[str, list[Upload] | None]:
        return {name: None if given is None else _files(given) for name, given in self.papers.items()}


def _files(given: File | list[File]) -> list[Upload]:
    return [each.upload() for each in (given if isinstance(given, list) else [given])]


class Act(Doing):
    """An act on a matter. `revision`: of the matter as you saw it; null: however it is now."""

    revision: int | None


class Opening(Doing):
    """A matter to be opened: its kind, and from what: an alert, a task, another matter's offer, or only a place."""

    kind: str
    act: str = ""
    title: str = ""
    source: str = ""
    reference: str = ""
    alert: int | None = None
    task: int | None = None
    offer: str = ""
    district: str = ""
    enterprise: str = ""
    outlet: str = ""
