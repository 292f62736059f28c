"""What the alerts write when a task takes an episode over (转办): rows for the task's own statement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache

from qingtian.office import statements
from qingtian.office.alerts.models import Episode, Notice, NoticeKind

HANDED = "episodes_handed_over"
"""The table of the document that names the episodes: none of the database."""


def handing_over(
    episode: Episode, *, task: int, people: Collection[int], subject: str, at: datetime
) -> statements.Batch:
    """Return the rows that note that a task has the episode from now on, and that tell these people of it, by key."""
    told = [
        statements.made(
            Notice,
            user_id=key,
            episode_id=episode.pk,
            task=task,
            kind=NoticeKind.TASK,
            subject=subject[:160],
            at=at,
            basis={},
        )
        for key in people
    ]
    tables = {
        HANDED: [{"id": episode.pk}],
        Notice._meta.db_table: [statements.values(notice, _columns()) for notice in told],
    }
    return statements.Batch(parts=_parts(), tables=tables)


@cache
def _columns() -> list[str]:
    return statements.columns(Notice, without=("id",))


@cache
def _parts() -> tuple[str, ...]:
    handed = statements.rows_of(Episode, key=HANDED)
    return (
        f"UPDATE alerts_episode e SET tasked = true FROM {handed} WHERE e.id = r.id",  # noqa: S608 - a name of ours
        statements.upsert(Notice, _columns()),
    )
