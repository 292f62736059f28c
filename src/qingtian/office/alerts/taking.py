"""Take findings from the log: each opens an episode or continues one. Idempotent by the event's id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.office import statements
from qingtian.office.alerts import episodes, events, grading, notices, register, writing
from qingtian.office.alerts.finding import Finding, read
from qingtian.office.alerts.models import EnterpriseAnswer, Episode, EpisodeState, Notice, NoticeKind
from qingtian.office.ledger import api as ledger
from qingtian.office.sites.api import Place, factor, hold_outlets

JUDGE = ledger.System("judge")
SERIES = "预警"


class OutletUnknown(QingtianError):
    code = "alerts.outlet_unknown"
    zh = "发现所指的排放口 {outlet} 未登记，已单独保存该消息。请核对监测方案与登记表。"
    en = (
        "The finding names outlet {outlet}, which is not registered; the message was set aside. "
        "Compare plan and register."
    )


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a finding did to its episode: ``change`` is opened, reopened, worsened, continued, recovered or
    superseded."""

    episode: Episode
    change: str
    entry: int


def take_findings(*, messages: Sequence[Mapping[str, Any]], at: datetime) -> list[Taken | None]:
    """Take finding events in their order, all or none; None for one that was taken before.

    Each that opens an episode is five queries: what is known, a number, who hears of it, the chain, the rows.

    :raises NoFinding: if a message is none.
    :raises OutletUnknown: if an outlet is not in the register.
    """
    findings = [read(message) for message in messages]
    with transaction.atomic():
        # the outlet's row is the lock: two findings of one outlet wait for each other
        places = hold_outlets({finding.outlet for finding in findings})
        return [_take(finding, places, at) for finding in findings]


def route(episode: Episode, *, medium: str, at: datetime) -> grading.Route:
    """Return who hears of an episode as it stands, and the role that gets its task."""
    return grading.route(medium=medium, factor=episode.factor, severity=episode.severity, level=episode.level, at=at)


def _take(finding: Finding, places: Mapping[str, Place], at: datetime) -> Taken | None:
    if finding.outlet not in places:
        raise OutletUnknown(outlet=finding.outlet)
    place = places[finding.outlet]
    known = register.known(finding, grouped=at - grading.manners(at=at).group)
    if known.taken:
        return None
    episode, change = _find(finding, known, at) or (_open(finding, place, known, at), "opened")
    # a new episode holds its finding already; only one that begins with an end has more to learn
    if change != "opened" or finding.event == "closed":
        was_open = episode.state == EpisodeState.OPEN
        louder = episodes.bring_up(episode, finding, register.runs(episode, finding), at=at)
        if change == "continued":
            change = episodes.change(episode, was_open=was_open, louder=louder)
    return Taken(episode=episode, change=change, entry=_write(episode, finding, place, change, at))


def _find(finding: Finding, known: register.Known, at: datetime) -> tuple[Episode, str] | None:
    """Return the episode that the finding goes on in, if any."""
    # a finding that was closed may open again: then it is taken like a new one
    if known.of_run and finding.event != "opened":
        return register.hold(known.of_run).episode, "continued"
    if known.current is None:
        return None
    episode = register.hold(known.current).episode
    if episode.state == EpisodeState.OPEN:
        return episode, "continued"
    # somebody may have closed it just now
    if episode.state == EpisodeState.CLOSED or not episodes.goes_on(episode, finding, at=at):
        return None
    episodes.reopen(episode)
    return episode, "reopened"


def _open(finding: Finding, place: Place, known: register.Known, at: datetime) -> Episode:
    return episodes.opened(
        finding, place, key=known.next, number=ledger.next_number(kind=SERIES, at=at), lead=known.lead, at=at
    )


def _write(episode: Episode, finding: Finding, place: Place, change: str, at: datetime) -> int:
    """Write what the finding changed, tell the pages, return the entry's id."""
    rows = writing.Rows(
        episode=episode,
        event=writing.event(finding, episode, at=at),
        answers=[] if change == "continued" else _answers(episode, at),
        notices=_notices(episode, place, change, at),
    )
    telling = events.OPENED if change in ("opened", "reopened") else events.CHANGED
    return writing.write(rows, _entry(episode, finding, change, at), acting_user=JUDGE, telling=telling)


def _entry(episode: Episode, finding: Finding, change: str, at: datetime) -> ledger.Draft:
    content = {
        "finding": finding.finding,
        "event": finding.id,
        "plan": finding.plan,
        "value": finding.value,
        "peak": finding.peak,
        "times_over": finding.times_over,
        "severity": episode.severity,
        "data_time": finding.data_time,
    }
    return events.draft(episode, act=f"episode_{change}", at=at, content=content)


def _answers(episode: Episode, at: datetime) -> list[EnterpriseAnswer]:
    """Return what the enterprise owes, if the episode is loud enough."""
    manners = grading.manners(at=at)
    if episode.severity < manners.answer_severity or episode.state != EpisodeState.OPEN:
        return []
    due = {"confirm_due": at + manners.confirm, "explain_due": at + manners.explain}
    return [statements.made(EnterpriseAnswer, episode_id=episode.pk, **due)]


_KINDS = {
    "opened": NoticeKind.OPENED,
    "reopened": NoticeKind.OPENED,
    "worsened": NoticeKind.WORSENED,
    "recovered": NoticeKind.RECOVERED,
    "superseded": NoticeKind.SUPERSEDED,
}


def _notices(episode: Episode, place: Place, change: str, at: datetime) -> list[Notice]:
    if change not in _KINDS:
        return []
    roles = route(episode, medium=place.medium, at=at).notify
    # a suspicion about a device's clock has no factor
    subject = f"{episode.number} {place.name} {factor(episode.factor).zh}".rstrip()
    return notices.of_episode(episode, roles=roles, kind=_KINDS[change], subject=subject, at=at)
