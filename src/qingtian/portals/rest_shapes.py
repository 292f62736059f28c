"""What the interface for programs answers (接口字段); the words of OpenAPI are made from these."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema


class Problem(Schema):
    """Something that was not done (RFC 9457): a code to quote, a sentence that says why and what to do."""

    title: str
    status: int
    code: str
    message: str


class Alert(Schema):
    id: int
    number: str
    outlet_id: str
    enterprise_id: str
    district_id: str
    detector: str
    factor: str
    state: str
    severity: int
    level: str
    period: str
    value: float | None
    peak: float | None
    times_over: float | None
    unit: str
    since: datetime
    opened_at: datetime
    sentence_zh: str
    sentence_en: str


class Task(Schema):
    id: int
    number: str
    title: str
    outlet_id: str
    enterprise_id: str
    district_id: str
    episode_id: int | None
    state: str
    severity: int
    urgent: bool
    made_at: datetime
    changed_at: datetime
    closed_at: datetime | None


class Outlet(Schema):
    code: str
    name: str
    enterprise_id: str
    district_id: str
    grid_id: str
    medium: str
    standard: str
    lon: float
    lat: float


class Act(Schema):
    """What an act says; which of it is needed depends on the act, and a refusal tells."""

    opinion: str = ""
    reason: str = ""
    conclusion: str = ""
    cause: str = ""
    situation: str = ""
    measures: str = ""
    to: str = ""
    into: int = 0
    lon: float | None = None
    lat: float | None = None


class Checkpoint(Schema):
    size: int
    last_id: int
    root: str
    at: datetime
    public: str
    signature: str


class Inclusion(Schema):
    """A leaf, its place, and the path of hashes to the root of the checkpoint, lowest first (all hex).

    The leaf is SHA-256 over 0x00 and `entry_id:entry_hash`; a node over 0x01 and its two children.
    """

    entry_id: int
    entry_hash: str
    leaf: str
    index: int
    path: list[str]
    checkpoint: Checkpoint


class Consistency(Schema):
    """The path that proves that the checkpoint's tree begins with the first `size` entries, whose root is `root`."""

    size: int
    root: str
    path: list[str]
    checkpoint: Checkpoint


class Erasure(Schema):
    chain: str
    sequence: int
    reason: str
    fields: list[str] = []


class Erased(Schema):
    fields: list[str]
