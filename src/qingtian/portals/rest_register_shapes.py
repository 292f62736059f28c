"""What the interface says of marks 标记 and checks of quality control 质控记录, and what it takes to enter one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import AwareDatetime, Field

from qingtian.portals.rest_matter_shapes import File

MarkState = Literal["filed", "to_review", "accepted", "rejected", "superseded", "withdrawn"]
MarkKind = Literal["condition", "device"]
CheckState = Literal["standing", "to_review", "rejected", "superseded", "withdrawn"]
Verdict = Literal["passed", "adjust", "out_of_control"]
Live = Literal["", "live"]
"""All, or those in force: neither rejected, nor corrected, nor withdrawn."""


class Mark(Schema):
    """A mark on a stretch of an outlet's time; `end` is not in it. `factors` empty: all; `mn` empty: all devices."""

    id: int
    outlet_id: str
    kind: MarkKind
    label: str
    factors: list[str]
    mn: str
    start: datetime
    end: datetime
    reason: str
    state: MarkState
    suspicions: list[str]
    made_by: Annotated[str, Field(validation_alias="made_by.name")]
    made_at: datetime
    supersedes_id: int | None
    reviewed_at: datetime | None
    opinion: str


class Marking(Schema):
    """A mark to be filed: kind and label as rules/periods/mark_effects names them, times with their zone."""

    outlet: str
    kind: MarkKind
    label: str
    start: AwareDatetime
    end: AwareDatetime
    reason: str
    factors: list[str] = []
    mn: str = ""


class Judged(Schema):
    """What the rule said: the error in `unit`, what it may be, from what on data are out of control, and its source."""

    figure: str
    error: float
    unit: str
    passes: float
    out: float | None
    zh: str
    en: str
    source: str
    certainty: str


class KeptFile(Schema):
    name: str
    sha256: str
    media_type: str
    bytes: int


class Check(Schema):
    """A check of an analyser. `pairs`: reference and measured values in the unit of the factor; `judged` null: who did
    it said the verdict."""

    id: int
    outlet_id: str
    mn: str
    factor: str
    kind: str
    at: datetime
    pairs: list[tuple[float, float]]
    span: float | None
    verdict: Verdict
    judged: Judged | None
    technician: str
    note: str
    state: CheckState
    made_by: Annotated[str, Field(validation_alias="made_by.name")]
    made_at: datetime
    supersedes_id: int | None
    reviewed_at: datetime | None
    opinion: str
    files: list[KeptFile]

    @staticmethod
    def resolve_judged(row: object) -> object:
        return getattr(row, "judged", None) or None

    @staticmethod
    def resolve_files(row: object) -> object:
        return row.files.all()  # type: ignore[attr-defined]


class Checking(Schema):
    """A check to be entered. Without pairs that a rule judges, `verdict` says how it was; `mn` may be left out where
    the outlet has one device. `span`: the measuring range, in the unit of the factor."""

    outlet: str
    factor: str
    kind: str
    at: AwareDatetime
    technician: str
    mn: str = ""
    pairs: list[tuple[float, float]] = []
    span: float | None = None
    verdict: Literal["", "passed", "adjust", "out_of_control"] = ""
    note: str = ""
    files: list[File] = []
