"""Alerts (预警): the list of episodes, and the page of one: what, over which limit, by which packets, who does what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.office.alerts import api
from qingtian.office.alerts.api import Episode
from qingtian.office.people.api import Role, User
from qingtian.office.sites import api as sites
from qingtian.portals import confirmed, detectors, packets, timeline, typed, words
from qingtian.portals.listing import Choice, Column, Empty, Listing, answer
from qingtian.portals.page import EVERYONE, me, page, wants
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import language

MOST = 1000
EVIDENCE_SHOWN = 12
REFRESH = "qtalert from:body throttle:1s, qttask from:body throttle:2s, qtcatchup from:body"
STATES = [("live", _("Not closed")), *((key, state.word) for key, state in words.EPISODE_STATES.items())]
DESK_ACTS = (Role.DUTY_DESK, Role.LEADER)


def _what(row: Episode) -> SafeString | str:
    """The factor; of what is held against no limit also what was found, since it has no value."""
    factor = parts.factor_name(row.factor)
    if row.limit:
        return factor
    return format_html('<span>{}<span class="sub">{}</span></span>', factor, detectors.name(row.detector))


COLUMNS: tuple[Column[Episode], ...] = (
    Column(name="number", title=_("Alert"), value=lambda row: row.number),
    Column(
        name="severity",
        title=_("Severity"),
        value=lambda row: row.severity,
        show=lambda row: parts.severity(row.severity, row),
    ),
    Column(
        name="state",
        title=_("State"),
        value=lambda row: row.state,
        show=lambda row: parts.badge(confirmed.state(row)),
    ),
    Column(
        name="outlet",
        title=_("Outlet"),
        value=lambda row: row.outlet.name,
        show=lambda row: parts.place_of(row.outlet, row.enterprise),
    ),
    Column(name="level", title=_("Level"), value=lambda row: row.level, hidden=True),
    Column(name="detector", title=_("Detector"), value=lambda row: row.detector, hidden=True),
    Column(name="outlet_code", title=_("Code"), value=lambda row: row.outlet_id, hidden=True),
    Column(
        name="factor",
        title=_("Factor"),
        value=lambda row: row.factor,
        show=_what,
    ),
    Column(
        name="peak",
        title=_("Peak"),
        value=lambda row: row.peak,
        show=lambda row: parts.quantity(row.peak, row.unit),
        number=True,
    ),
    Column(
        name="times_over",
        title=_("Beyond the limit"),
        value=lambda row: row.times_over,
        show=lambda row: parts.over(row) or "—",
        number=True,
    ),
    Column(
        name="opened_at",
        title=_("Opened"),
        value=lambda row: row.opened_at,
        show=lambda row: parts.instant(row.opened_at),
        number=True,
    ),
    Column(name="last_at", title=_("Last word"), value=lambda row: row.last_at, hidden=True),
)


def listing(user: User) -> Listing[Episode]:
    """Return how episodes are listed; where there is none, the way goes to the outlets of this person."""
    return Listing(
        name="alerts",
        columns=COLUMNS,
        link=lambda row: f"/alerts/{row.pk}/",
        choices=(
            Choice(name="state", title=_("State"), options=STATES),
            Choice(
                name="severity",
                title=_("At least"),
                options=[(str(key), state.word) for key, state in words.SEVERITIES.items()],
            ),
            Choice(name="level", title=_("Level"), options=_levels(user)),
        ),
        searched=_("Number, outlet or firm"),
        empty=Empty(
            title=_("No alert"),
            why=_("No value has gone over a limit often enough. An alert appears here by itself, within a second."),
            path="/enterprise/" if user.role == Role.ENTERPRISE else "/outlets/",
            act=_("See the outlets"),
        ),
    )


def _levels(user: User) -> list[tuple[str, words.Word]]:
    return [(key, word) for key, word in words.LEVELS.items() if key != api.SUSPICION or user.role != Role.ENTERPRISE]


@page(roles=EVERYONE)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the episodes of the scope, newest first."""
    severity = request.GET.get("severity", "")
    user = me(request)
    rows = api.episode_pages(
        user,
        state=request.GET.get("state", ""),
        severity=int(severity) if severity in map(str, words.SEVERITIES) else None,
        outlet=request.GET.get("outlet", ""),
        level=request.GET.get("level", ""),
        search=request.GET.get("q", "").strip(),
        most=MOST,
    )
    return answer(request, listing(user), rows, template="alerts/list.html", refresh=REFRESH)


def of_outlet(user: User, code: str) -> list[Episode]:
    """Return the newest episodes of an outlet."""
    return api.episodes(user, outlet=code, limit=20)


def places(episode: Episode) -> list[tuple[int, int]]:
    """Return where the packets of the findings stand on the log, newest first, each once."""
    found: dict[tuple[int, int], None] = {}
    for finding in sorted(episode.findings.all(), key=lambda one: one.data_time, reverse=True):
        for packet in reversed(finding.payload["evidence"]["packets"]):
            found[(int(packet["sequence"]), int(packet["index"]))] = None
    return list(found)[:EVIDENCE_SHOWN]


def may(user: User, episode: Episode) -> dict[str, bool]:
    """Return what this person can do now; the actions check again."""
    answer = getattr(episode, "answer", None)
    live = episode.state != "closed"
    firm = user.role == Role.ENTERPRISE and answer is not None and live
    desk = user.role in DESK_ACTS
    return {
        "acknowledge": desk and episode.acknowledged_at is None and live,
        "close": desk and episode.state == "recovered" and not episode.tasked,
        "confirm": bool(firm and answer and answer.confirmed_at is None),
        "explain": bool(firm and answer),
    }


@page(roles=EVERYONE)
@require_GET
def show(request: HttpRequest, episode_id: int) -> HttpResponse:
    """Show one episode with its evidence and its history."""
    user = me(request)
    episode = api.episode(user, episode_id)
    if wants(request) == "json":
        return JsonResponse(record(episode))
    task = getattr(episode, "task", None)
    can = may(user, episode)
    unit = episode.unit or sites.factor(episode.factor).unit
    context = {
        "episode": episode,
        "sentence": episode.sentence_zh if language().startswith("zh") else episode.sentence_en,
        "answer": getattr(episode, "answer", None),
        "task": task if user.role != Role.ENTERPRISE else None,
        "can": can,
        "can_anything": any(can.values()),
        "packets": packets.of_evidence(places(episode)),
        "expected": len(places(episode)),
        "findings": [
            (finding, confirmed.event_word(finding))
            for finding in sorted(episode.findings.all(), key=lambda one: (one.data_time, one.taken_at), reverse=True)
        ],
        "state": confirmed.state(episode),
        "ground": confirmed.ground(episode),
        "moments": timeline.moments(api.timeline(user, episode_id), measured_in=unit),
        "causes": api.causes(at=times.now(), language=language()),
        **_told(user, episode),
        "unit": unit,
        "range": _range(episode.since),
        "refresh": REFRESH,
    }
    return render(request, "alerts/show.html", context)


def _told(user: User, episode: Episode) -> dict[str, object]:
    """Return why this person was told, whom else, and what silences the outlet now."""
    running = api.silences(user, outlet=episode.outlet_id, state="running", at=times.now())
    told = api.everybody(user, episode)
    return {
        "why": api.why(user, episode),
        "told": told,
        "told_count": sum(line.outcome in ("told", "held") for line in told),
        "running": [one for one in running if one.concerns(episode)],
        "may_silence": user.role in api.MAY_SILENCE,
    }


def _range(since: datetime) -> str:
    """The shortest stretch of the outlet's chart that still shows the beginning."""
    hours = (times.now() - since).total_seconds() / 3600
    steps = ((0.9, "1h"), (5.5, "6h"), (23, "24h"), (160, "7d"))
    return next((name for most, name in steps if hours < most), "30d")


def record(episode: Episode) -> dict[str, Any]:
    """Return the episode as a machine reads it."""
    return {
        "number": episode.number,
        "state": episode.state,
        "severity": episode.severity,
        "outlet": episode.outlet_id,
        "enterprise": episode.enterprise_id,
        "factor": episode.factor,
        "level": episode.level,
        "detector": episode.detector,
        "support": episode.support,
        "weight": episode.weight,
        "superseded": episode.superseded,
        "limit": episode.limit or None,
        "value": episode.value,
        "peak": episode.peak,
        "times_over": episode.times_over,
        "since": episode.since.astimezone(BEIJING).isoformat(),
        "opened_at": episode.opened_at.astimezone(BEIJING).isoformat(),
        "ended_at": episode.recovered_at and episode.recovered_at.astimezone(BEIJING).isoformat(),
        "findings": [finding.payload for finding in episode.findings.all()],
    }


def _acknowledge(user: User, episode_id: int, form: QueryDict) -> None:
    api.acknowledge(acting_user=user, episode_id=episode_id, at=times.now())


def _confirm(user: User, episode_id: int, form: QueryDict) -> None:
    api.confirm(acting_user=user, episode_id=episode_id, at=times.now())


def _explain(user: User, episode_id: int, form: QueryDict) -> None:
    api.explain(
        acting_user=user,
        episode_id=episode_id,
        cause=form.get("cause", ""),
        text=form.get("text", ""),
        planned_repair=typed.day(form, "planned_repair"),
        at=times.now(),
    )


def _close(user: User, episode_id: int, form: QueryDict) -> None:
    api.close_episode(
        acting_user=user,
        episode_id=episode_id,
        cause=form.get("cause", ""),
        conclusion=form.get("conclusion", ""),
        at=times.now(),
    )


ACTS: dict[str, Callable[[User, int, QueryDict], None]] = {
    "acknowledge": _acknowledge,
    "confirm": _confirm,
    "explain": _explain,
    "close": _close,
}


@page(roles=EVERYONE)
@require_POST
def act(request: HttpRequest, episode_id: int, name: str) -> HttpResponse:
    """Do one act on an episode, then show it."""
    typed.one_of(ACTS, name)(me(request), episode_id, request.POST)
    return HttpResponseRedirect(f"/alerts/{episode_id}/")
