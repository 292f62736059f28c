"""What an alert of closed periods rests on: what it can carry, how heavily it weighs, the detector's pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.base.times import BEIJING
from qingtian.office.alerts.api import SUSPICION, Episode, FindingRecord
from qingtian.portals import detectors, words
from qingtian.portals.sparks import Spark, sparks
from qingtian.portals.templatetags.parts import language
from qingtian.portals.words import State

CONFIRMED = "confirmed"
PICTURES = 3


@dataclass(frozen=True, kw_only=True)
class Ground:
    """For the part ``alerts/ground.html``. ``support`` of what is confirmed, ``unread``: the limit's figure is from
    memory; ``ended``: by which windows exceedances ended, ``taken_back``: the sentences of findings that were
    superseded; both newest first.
    """

    suspected: bool
    detector: str
    support: State | None
    unread: bool
    weight: float | None
    pictures: Sequence[Spark]
    first_day: str
    last_day: str
    ended: Sequence[tuple[datetime, str]]
    taken_back: Sequence[tuple[datetime, str]]


def ground(episode: Episode) -> Ground | None:
    """Return what the alert rests on; None if it comes from the packets as they arrive, held against a limit."""
    if episode.level != CONFIRMED and episode.limit:
        return None
    rows = sorted(episode.findings.all(), key=lambda row: (row.taken_at, row.data_time))
    newest = rows[-1]
    return Ground(
        suspected=episode.level == SUSPICION,
        detector=detectors.name(episode.detector),
        support=words.SUPPORTS.get(episode.support),
        unread=episode.support == "warn" and episode.limit.get("certainty") == "memory",
        weight=episode.weight,
        pictures=sparks(newest.payload["evidence"].get("charts", [])[:PICTURES]),
        first_day=_day(datetime.fromisoformat(newest.payload["since"])),
        last_day=_day(newest.data_time),
        ended=_ended(rows),
        taken_back=[(row.taken_at, _sentence(row)) for row in reversed(rows) if is_superseded(row)],
    )


def _ended(rows: Sequence[FindingRecord]) -> list[tuple[datetime, str]]:
    """Return when and how those exceedances ended whose last word that is."""
    last = {row.finding: row.payload for row in rows}
    closed = [each for each in last.values() if each["event"] == "closed" and each.get("recovery")]
    told = [(datetime.fromisoformat(each["end"]), _in_language(each["recovery"])) for each in closed]
    return sorted(told, reverse=True)


def is_superseded(row: FindingRecord) -> bool:
    """Say whether the event takes a finding back."""
    return bool(row.event == "closed" and row.payload.get("reason") == "superseded")


def event_word(row: FindingRecord) -> Any:
    """Return the word of an event of a finding."""
    return words.FINDING_EVENTS["superseded" if is_superseded(row) else row.event]


def state(episode: Episode) -> State:
    """Return the state of an episode as people see it: what was taken back has not recovered."""
    if episode.superseded and episode.state == "recovered":
        return words.SUPERSEDED
    return words.EPISODE_STATES[episode.state]


def _sentence(row: FindingRecord) -> str:
    return _in_language(row.payload["evidence"])


def _in_language(told: Mapping[str, Any]) -> str:
    return str(told["zh" if language().startswith("zh") else "en"])


def _day(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d}"
