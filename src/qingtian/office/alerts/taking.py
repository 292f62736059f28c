"""Take a finding from the log: it opens an episode or continues one. Idempotent by the event's id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Greatest

from qingtian.base.errors import QingtianError
from qingtian.office.alerts import events, grading, notices, silences
from qingtian.office.alerts.finding import Finding, read
from qingtian.office.alerts.models import (
    EnterpriseAnswer,
    Episode,
    EpisodeState,
    FindingRecord,
    NoticeKind,
)
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import caring_for
from qingtian.office.sites.api import Outlet, factor

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


def take_finding(*, message: Mapping[str, Any], at: datetime) -> Taken | None:
    """Take one finding event; None if it was taken before.

    :raises NoFinding: if the message is none.
    :raises OutletUnknown: if its outlet is not in the register.
    """
    finding = read(message)
    with transaction.atomic():
        # the outlet's row is the lock: two findings of one outlet wait for each other
        outlet = Outlet.objects.select_for_update(of=("self",)).filter(pk=finding.outlet).first()
        if outlet is None:
            raise OutletUnknown(outlet=finding.outlet)
        # the run's events so far: an event that is among them was taken before
        run = list(FindingRecord.objects.select_related("episode__outlet").filter(finding=finding.finding))
        if any(event.pk == finding.id for event in run):
            return None
        # a finding that was closed may open again: then it is taken like a new one
        goes_on = bool(run) and finding.event != "opened"
        episode, change = (run[0].episode, "continued") if goes_on else _find_or_open(finding, outlet, at)
        _keep(finding, episode, at)
        # a new episode holds its finding already; only one that begins with an end has more to learn
        if change != "opened" or finding.event == "closed":
            was_open = episode.state == EpisodeState.OPEN
            louder = _update(episode, finding, at)
            change = _changed(change, episode, louder, was_open=was_open)
        entry = _record(episode, finding, change, at)
        if change != "continued":
            _ask_enterprise(episode, at)
        _notify(episode, outlet, change, at)
        return Taken(episode=episode, change=change, entry=entry)


def route(episode: Episode, *, at: datetime) -> grading.Route:
    """Return who hears of an episode as it stands, and the role that gets its task."""
    return grading.route(
        medium=episode.outlet.medium,
        factor=episode.factor,
        severity=episode.severity,
        level=episode.level,
        at=at,
    )


def hold(*, finding_id: str) -> Episode:
    """Return the episode of a taken finding event, its row locked until the caller's transaction ends."""
    episodes = Episode.objects.select_related("outlet").select_for_update(of=("self",))
    return episodes.get(findings__pk=finding_id)


def _find_or_open(finding: Finding, outlet: Outlet, at: datetime) -> tuple[Episode, str]:
    same = Episode.objects.filter(outlet=outlet, factor=finding.factor, detector=finding.detector).order_by("-pk")
    current = same.exclude(state=EpisodeState.CLOSED).first()
    if current and current.state == EpisodeState.OPEN:
        return current, "continued"
    merge = grading.manners(at=at).merge
    if current and current.recovered_at and finding.since <= current.recovered_at + merge:
        current.state, current.recovered_at, current.superseded = EpisodeState.OPEN, None, False
        return current, "reopened"
    return _open(finding, outlet, at), "opened"


def _open(finding: Finding, outlet: Outlet, at: datetime) -> Episode:
    return Episode.objects.create(
        number=ledger.next_number(kind=SERIES, at=at),
        lead=_lead(outlet, at),
        outlet=outlet,
        enterprise_id=outlet.enterprise_id,
        district_id=outlet.district_id,
        grid_id=outlet.grid_id,
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


def _lead(outlet: Outlet, at: datetime) -> Episode | None:
    """Return the first of the episodes that opened at this outlet a short while ago and still go on (归组)."""
    recent = Episode.objects.filter(outlet=outlet, lead=None, opened_at__gte=at - grading.manners(at=at).group)
    return recent.filter(state=EpisodeState.OPEN).order_by("pk").first()


def _keep(finding: Finding, episode: Episode, at: datetime) -> None:
    FindingRecord.objects.create(
        id=finding.id,
        finding=finding.finding,
        event=finding.event,
        episode=episode,
        plan=finding.plan,
        cn=finding.cn,
        value=finding.value,
        data_time=finding.data_time,
        received_us=finding.received_us,
        taken_at=at,
        payload=dict(finding.payload),
    )


def _severity(finding: Finding, at: datetime) -> int:
    return grading.severity(
        level=finding.level, times_over=finding.times_over, band=finding.band, support=finding.support, at=at
    )


def _update(episode: Episode, finding: Finding, at: datetime) -> bool:
    """Bring the episode up to the finding; return whether it got louder."""
    louder = _severity(finding, at) > episode.severity
    episode.severity = max(episode.severity, _severity(finding, at))
    if louder:
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
    if may_end and not finding.superseded_by and not _runs_on(episode):
        _recover(episode, finding)
    episode.save()
    return louder


def _recover(episode: Episode, finding: Finding) -> None:
    """End the episode; if nothing of it is left, its sentence says why. What was found stays among its findings.

    An end that later data moved is told again: then only its time changes.
    """
    if episode.state == EpisodeState.CLOSED:
        return
    episode.state, episode.recovered_at = EpisodeState.RECOVERED, finding.ended
    episode.superseded = finding.superseded and not episode.findings.filter(payload__reason="recovered").exists()
    if episode.superseded:
        episode.sentence_zh, episode.sentence_en = finding.sentence_zh, finding.sentence_en


def _runs_on(episode: Episode) -> bool:
    """Say whether a run of the episode has not been closed; one may be opened again after it was."""
    closed = Q(event="closed") & ~Q(payload__has_key="corrected")
    runs = episode.findings.values("finding").annotate(
        opened=Greatest(Count("pk", Q(event="opened")), 1), closed=Count("pk", closed)
    )
    return runs.filter(opened__gt=F("closed")).exists()


def _changed(change: str, episode: Episode, louder: bool, *, was_open: bool) -> str:
    if change != "continued":
        return change
    if was_open and episode.state == EpisodeState.RECOVERED:
        return "superseded" if episode.superseded else "recovered"
    return "worsened" if louder else "continued"


def _record(episode: Episode, finding: Finding, change: str, at: datetime) -> int:
    return events.record(
        episode,
        acting_user=JUDGE,
        act=f"episode_{change}",
        at=at,
        kind=events.OPENED if change in ("opened", "reopened") else events.CHANGED,
        content={
            "finding": finding.finding,
            "event": finding.id,
            "plan": finding.plan,
            "value": finding.value,
            "peak": finding.peak,
            "times_over": finding.times_over,
            "severity": episode.severity,
            "data_time": finding.data_time,
        },
    )


def _ask_enterprise(episode: Episode, at: datetime) -> None:
    manners = grading.manners(at=at)
    if episode.severity >= manners.answer_severity and episode.state == EpisodeState.OPEN:
        due = {"confirm_due": at + manners.confirm, "explain_due": at + manners.explain}
        EnterpriseAnswer.objects.bulk_create([EnterpriseAnswer(episode=episode, **due)], ignore_conflicts=True)


_KINDS = {
    "opened": NoticeKind.OPENED,
    "reopened": NoticeKind.OPENED,
    "worsened": NoticeKind.WORSENED,
    "recovered": NoticeKind.RECOVERED,
    "superseded": NoticeKind.SUPERSEDED,
}


def _notify(episode: Episode, outlet: Outlet, change: str, at: datetime) -> None:
    if change not in _KINDS:
        return
    sent = route(episode, at=at)
    people = caring_for(
        roles=sent.notify,
        district=outlet.district_id,
        grid=outlet.grid_id,
        enterprise=outlet.enterprise_id,
    )
    # a suspicion about a device's clock has no factor
    subject = f"{episode.number} {outlet.name} {factor(episode.factor).zh}".rstrip()
    notices.tell_of_episode(
        people,
        kind=_KINDS[change],
        subject=subject,
        at=at,
        episode=episode,
        silence=silences.over(episode, at=at),
        basis={"severity": episode.severity, "notify": list(sent.notify)},
    )
