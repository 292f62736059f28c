"""The board as people of the authority may see it: per outlet its suspicions, what speaks for and against each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from qingtian.base.errors import Term
from qingtian.base.times import BEIJING
from qingtian.office.alerts import api as alerts
from qingtian.office.alerts.api import Episode, FindingRecord
from qingtian.office.marks import api as marks
from qingtian.office.marks.api import Mark
from qingtian.office.people.api import Role, User
from qingtian.office.sites.api import NotFoundHere, Outlet
from qingtian.office.suspicions.clues import charts_of, clues
from qingtian.office.suspicions.models import Clue, Explanation
from qingtian.office.suspicions.weighing import (
    Stretch,
    Weighing,
    near,
    share_covered,
    together,
    weighing,
    weight_now,
)
from qingtian.office.tasks.api import Task


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a detector saw, as it was told last. ``episode``: its alert, none of a clue; ``event``: the last one.

    ``key`` is what its pictures are kept under (`charts`); ``payload`` is without them.
    """

    finding: str
    key: str
    outlet: Outlet
    payload: Mapping[str, Any]
    event: str
    episode: Episode | None

    @property
    def is_clue(self) -> bool:
        return self.episode is None

    @property
    def detector(self) -> str:
        return str(self.payload["detector"])

    @property
    def factors(self) -> list[str]:
        return list(self.payload.get("factors") or [self.payload["factor"]])

    @property
    def weight(self) -> float:
        return float(self.payload.get("weight") or 0.0)


@dataclass(frozen=True, kw_only=True)
class Suspected:
    """One suspicion, or a clue. ``now``: what is left of its weight; ``others`` that come near in time."""

    seen: Seen
    start: datetime
    end: datetime
    now: float
    others: Sequence[Seen]
    marks: Sequence[Mark]
    covered: float
    said: str
    explanation: Explanation | None
    task: Task | None

    @property
    def payload(self) -> Mapping[str, Any]:
        return self.seen.payload

    @property
    def finding(self) -> str:
        return self.seen.finding

    @property
    def detector(self) -> str:
        return self.seen.detector

    @property
    def factors(self) -> list[str]:
        return self.seen.factors

    @property
    def weight(self) -> float:
        """As it was found."""
        return self.seen.weight

    @property
    def state(self) -> str:
        """``explained``, ``tasked`` or ``open``."""
        return "explained" if self.explanation else "tasked" if self.task else "open"


@dataclass(frozen=True, kw_only=True)
class Board:
    """All suspicions of one outlet, the heaviest first; ``weight`` of all together (no probability)."""

    outlet: Outlet
    weight: float
    suspicions: Sequence[Suspected]


def may_see(user: User) -> bool:
    """Say whether suspicions are shown to this person: to the authority, never to the firm."""
    return user.role != Role.ENTERPRISE and user.is_active


def board(user: User, *, at: datetime, outlet: str = "") -> list[Board]:
    """Return the outlets in scope with suspicions or clues of the last days, the heaviest first. Six queries."""
    if not may_see(user):
        return []
    figures = weighing(day=at.astimezone(BEIJING).date())
    since = at - timedelta(days=figures.days)
    told = [_of_record(one) for one in alerts.suspicions(user, since=since, outlet=outlet) if not _superseded(one)]
    seen = told + [_of_clue(one) for one in clues(user, since=since, outlet=outlet)]
    stood: dict[str, list[Mark]] = {}
    for mark in marks.standing_between(user, start=since, end=at + timedelta(days=1)) if seen else []:
        stood.setdefault(mark.outlet_id, []).append(mark)
    explained = _explanations([one.finding for one in seen])
    boards = [_board(mine, stood.get(code, ()), explained, figures) for code, mine in _by_outlet(seen).items()]
    return sorted(boards, key=lambda one: (-one.weight, one.outlet.pk))


def suspicion(user: User, finding: str, *, at: datetime) -> Suspected:
    """Return one suspicion of the board.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    outlet = _outlet_of(finding)
    for one in board(user, at=at, outlet=outlet) if outlet else ():
        for each in one.suspicions:
            if each.finding == finding:
                return each
    raise NotFoundHere(what=Term(zh="疑点", en="suspicion"), code=finding)


def _outlet_of(finding: str) -> str:
    """Return the outlet that a suspicion or a clue is about; empty if there is none."""
    of_alert = FindingRecord.objects.filter(finding=finding).values_list("episode__outlet_id", flat=True).first()
    return of_alert or Clue.objects.filter(pk=finding).values_list("outlet_id", flat=True).first() or ""


def charts(suspected: Iterable[Suspected]) -> dict[str, list[Any]]:
    """Return the pictures of these suspicions, by finding. Two queries."""
    asked = [one.seen for one in suspected]
    kept = alerts.charts_of([one.key for one in asked if not one.is_clue])
    kept |= charts_of([one.key for one in asked if one.is_clue])
    return {one.finding: kept.get(one.key, []) for one in asked}


def _superseded(record: FindingRecord) -> bool:
    return record.event == "closed" and _brief(record).get("reason") == "superseded"


def _brief(row: FindingRecord | Clue) -> Mapping[str, Any]:
    """Return the message without its pictures, as the query made it."""
    found: Mapping[str, Any] = row.brief  # type: ignore[union-attr]
    return found


def _of_record(record: FindingRecord) -> Seen:
    return Seen(
        finding=record.finding,
        key=record.pk,
        outlet=record.episode.outlet,
        payload=_brief(record),
        event=record.event,
        episode=record.episode,
    )


def _of_clue(clue: Clue) -> Seen:
    payload = _brief(clue)
    return Seen(
        finding=clue.finding,
        key=clue.pk,
        outlet=clue.outlet,
        payload=payload,
        event=payload["event"],
        episode=None,
    )


def _by_outlet(seen: Sequence[Seen]) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = {}
    for one in seen:
        found.setdefault(one.outlet.pk, []).append(one)
    return found


def _explanations(findings: Sequence[str]) -> dict[str, Explanation]:
    rows = Explanation.objects.filter(finding__in=findings).select_related("by").order_by("at", "pk")
    return {row.finding: row for row in rows}


def _board(
    seen: Sequence[Seen], stood: Sequence[Mark], explained: Mapping[str, Explanation], figures: Weighing
) -> Board:
    stretches = [_stretch(one) for one in seen]
    suspected = [_suspected(one, stretches, stood, explained, figures) for one in stretches]
    suspected.sort(key=lambda one: (-one.now, -one.weight, one.start, one.finding))
    weight = together([(one.detector, one.now) for one in suspected])
    return Board(outlet=seen[0].outlet, weight=weight, suspicions=suspected)


def _suspected(
    stretch: Stretch,
    stretches: Sequence[Stretch],
    stood: Sequence[Mark],
    explained: Mapping[str, Explanation],
    figures: Weighing,
) -> Suspected:
    one: Seen = stretch.key  # type: ignore[assignment]
    factors = set(one.factors)
    others = [other for other in stretches if other.key.detector != one.detector]  # type: ignore[attr-defined]
    about = [mark for mark in stood if not mark.factors or factors & set(mark.factors)]
    under = near(stretch, [Stretch(start=mark.start, end=mark.end, key=mark) for mark in about], within=timedelta())
    covered = share_covered(stretch, under)
    explanation = explained.get(one.finding)
    return Suspected(
        seen=one,
        start=stretch.start,
        end=stretch.end,
        now=weight_now(
            one.weight, explained=explanation is not None, covered=covered, figures=figures, is_clue=one.is_clue
        ),
        others=[each.key for each in near(stretch, others, within=figures.near)],  # type: ignore[misc]
        marks=[each.key for each in under],  # type: ignore[misc]
        covered=covered,
        said=_answer(one.episode),
        explanation=explanation,
        task=getattr(one.episode, "task", None),
    )


def _stretch(seen: Seen) -> Stretch:
    start = datetime.fromisoformat(seen.payload["since"])
    end = datetime.fromisoformat(seen.payload.get("end") or seen.payload["data_time"])
    return Stretch(start=start, end=max(end, start), key=seen)


def _answer(episode: Episode | None) -> str:
    """Return what the firm said to the alert, if it said anything."""
    answer = getattr(episode, "answer", None)
    return str(answer.text) if answer and answer.explained_at else ""
