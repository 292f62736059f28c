"""What a finding makes of an episode (预警): it opens one or brings one up to it. Nothing is asked or written here."""

from __future__ import annotations

from datetime import datetime

from qingtian.office import statements
from qingtian.office.alerts import grading
from qingtian.office.alerts.finding import Finding
from qingtian.office.alerts.models import Episode, EpisodeState
from qingtian.office.alerts.register import Runs
from qingtian.office.sites.api import Place


def opened(finding: Finding, place: Place, *, key: int, number: str, lead: int | None, at: datetime) -> Episode:
    """Return a new episode; ``lead`` is the key of the first of its group."""
    return statements.made(
        Episode,
        id=key,
        number=number,
        lead_id=lead,
        outlet_id=place.code,
        enterprise_id=place.enterprise,
        district_id=place.district,
        grid_id=place.grid,
        detector=finding.detector,
        factor=finding.factor,
        severity=_severity(finding, at),
        level=finding.level,
        period=finding.period,
        limit=dict(finding.limit),
        unit=str(finding.limit.get("unit") or ""),
        value=finding.value,
        peak=finding.peak,
        times_over=finding.times_over,
        weight=finding.weight,
        support=finding.support,
        sentence_zh=finding.sentence_zh,
        sentence_en=finding.sentence_en,
        since=finding.since,
        opened_at=at,
        last_at=finding.data_time,
        received_us=finding.received_us,
    )


def reopen(episode: Episode) -> None:
    """Let an episode go on that had ended a short while ago."""
    episode.state, episode.recovered_at, episode.superseded = EpisodeState.OPEN, None, False


def goes_on(episode: Episode, finding: Finding, *, at: datetime) -> bool:
    """Say whether the finding is about an episode that ended so short a while ago that it is still the same."""
    ended = episode.recovered_at
    return bool(ended and finding.since <= ended + grading.manners(at=at).merge)


def bring_up(episode: Episode, finding: Finding, runs: Runs, *, at: datetime) -> bool:
    """Bring the episode up to the finding; return whether it got louder."""
    severity = _severity(finding, at)
    louder = severity > episode.severity
    if louder:
        episode.severity = severity
        episode.level, episode.period, episode.limit = finding.level, finding.period, dict(finding.limit)
        episode.sentence_zh, episode.sentence_en = finding.sentence_zh, finding.sentence_en
        episode.support = finding.support
    if finding.weight is not None:
        episode.weight = max(episode.weight or 0.0, finding.weight)
    if abs(finding.times_over or 0) > abs(episode.times_over or 0):
        episode.times_over, episode.peak = finding.times_over, finding.peak
    episode.value = finding.value
    episode.since = min(episode.since, finding.since)
    episode.last_at = max(episode.last_at, finding.data_time)
    episode.received_us = finding.received_us
    # a finding that takes the place of another is told right behind it
    may_end = episode.state == EpisodeState.OPEN or finding.event == "closed"
    if may_end and not finding.superseded_by and not runs.go_on:
        _recover(episode, finding, runs)
    return louder


def _severity(finding: Finding, at: datetime) -> int:
    return grading.severity(
        level=finding.level, times_over=finding.times_over, band=finding.band, support=finding.support, at=at
    )


def _recover(episode: Episode, finding: Finding, runs: Runs) -> None:
    """End the episode; if nothing of it is left, its sentence says why. What was found stays among its findings.

    An end that later data moved is told again: then only its time changes.
    """
    if episode.state == EpisodeState.CLOSED:
        return
    episode.state, episode.recovered_at = EpisodeState.RECOVERED, finding.ended
    episode.superseded = finding.superseded and not runs.recovered
    if episode.superseded:
        episode.sentence_zh, episode.sentence_en = finding.sentence_zh, finding.sentence_en


def change(episode: Episode, *, was_open: bool, louder: bool) -> str:
    """Return what became of an episode that goes on: recovered, superseded, worsened or continued."""
    if was_open and episode.state == EpisodeState.RECOVERED:
        return "superseded" if episode.superseded else "recovered"
    return "worsened" if louder else "continued"
