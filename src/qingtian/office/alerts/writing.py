"""All rows that a finding leaves, in one statement with its entry in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import models

from qingtian.office import statements
from qingtian.office.alerts import events
from qingtian.office.alerts.finding import Finding
from qingtian.office.alerts.models import EnterpriseAnswer, Episode, FindingRecord, Notice
from qingtian.office.ledger import api as ledger

OF_AN_EPISODE = (
    *("state", "severity", "level", "period", "limit", "value", "peak", "times_over", "weight", "support"),
    *("superseded", "sentence_zh", "sentence_en", "since", "last_at", "recovered_at", "received_us"),
)
"""The columns that findings change; the others are those of people's acts."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The episode as it now stands, the event that brought it there, who owes an answer, who is told."""

    episode: Episode
    event: FindingRecord
    answers: Sequence[EnterpriseAnswer]
    notices: Sequence[Notice]


def event(finding: Finding, episode: Episode, *, at: datetime) -> FindingRecord:
    """Return the row of a finding event."""
    return statements.made(
        FindingRecord,
        id=finding.id,
        finding=finding.finding,
        event=finding.event,
        episode_id=episode.pk,
        plan=finding.plan,
        cn=finding.cn,
        value=finding.value,
        data_time=finding.data_time,
        received_us=finding.received_us,
        taken_at=at,
        payload=dict(finding.payload),
    )


def write(rows: Rows, entry: ledger.Draft, *, acting_user: ledger.Actor, telling: str) -> int:
    """Write all of it, inside the caller's transaction; return the entry's id. Two queries.

    ``telling``: the kind of the event that is heard when the transaction commits.
    """
    found: dict[type[models.Model], Sequence[models.Model]] = {
        Episode: [rows.episode],
        FindingRecord: [rows.event],
        EnterpriseAnswer: rows.answers,
        Notice: rows.notices,
    }
    tables = {
        model._meta.db_table: [statements.values(row, _columns(model)) for row in each] for model, each in found.items()
    }
    (made,) = ledger.append_all(
        [entry],
        acting_user=acting_user,
        beside=statements.Batch(parts=_parts(), tables=tables),
        telling=lambda made: events.event(rows.episode, entry=made.pk, kind=telling),
    )
    return made.pk


@cache
def _columns(model: type[models.Model]) -> list[str]:
    """Return the columns that are written; notices and answers get their keys from the table."""
    return statements.columns(model, without=("id",) if model in (EnterpriseAnswer, Notice) else ())


@cache
def _parts() -> tuple[str, ...]:
    return (
        statements.upsert(Episode, _columns(Episode), unique=("id",), changed=OF_AN_EPISODE),
        statements.upsert(FindingRecord, _columns(FindingRecord)),
        # one answer an episode: it was asked for when the episode first was loud enough
        statements.upsert(EnterpriseAnswer, _columns(EnterpriseAnswer), unique=("episode_id",)),
        statements.upsert(Notice, _columns(Notice)),
    )
