"""The board as people of the authority may see it: per outlet its suspicions, what speaks for and against each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from qingtian.base.errors import Term
from qingtian.base.times import BEIJING
from qingtian.office.alerts import api as alerts
from qingtian.office.alerts.api import FindingRecord
from qingtian.office.marks import api as marks
from qingtian.office.marks.api import Mark
from qingtian.office.people.api import Role, User
from qingtian.office.sites.api import NotFoundHere, Outlet
from qingtian.office.suspicions.models import Explanation
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
class Suspected:
    """One suspicion. ``weight`` as found; ``now`` what is left of it; ``others`` that come near in time."""

    record: FindingRecord
    start: datetime
    end: datetime
    weight: float
    now: float
    others: Sequence[FindingRecord]
    marks: Sequence[Mark]
    covered: float
    said: str
    explanation: Explanation | None
    task: Task | None

    @property
    def payload(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.record.payload
        return found

    @property
    def finding(self) -> str:
        return str(self.record.finding)

    @property
    def detector(self) -> str:
        return str(self.payload["detector"])

    @property
    def factors(self) -> list[str]:
        return list(self.payload.get("factors") or [self.payload["factor"]])

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
    """Return the outlets in scope with suspicions of the last days, the heaviest first. Five queries."""
    if not may_see(user):
        return []
    figures = weighing(day=at.astimezone(BEIJING).date())
    since = at - timedelta(days=figures.days)
    records = [one for one in alerts.suspicions(user, since=since, outlet=outlet) if not _superseded(one)]
    stood = marks.standing_between(user, start=since, end=at + timedelta(days=1)) if records else []
    explained = _explanations([one.finding for one in records])
    boards = [
        _board(mine, [mark for mark in stood if mark.outlet_id == code], explained, figures)
        for code, mine in _by_outlet(records).items()
    ]
    return sorted(boards, key=lambda one: (-one.weight, one.outlet.pk))


def suspicion(user: User, finding: str, *, at: datetime) -> Suspected:
    """Return one suspicion of the board.

    :raises NotFoundHere: if there is none in the user's scope.
    """
    for one in board(user, at=at):
        for each in one.suspicions:
            if each.finding == finding:
                return each
    raise NotFoundHere(what=Term(zh="疑点", en="suspicion"), code=finding)


def _superseded(record: FindingRecord) -> bool:
    return record.event == "closed" and record.payload.get("reason") == "superseded"


def _by_outlet(records: Sequence[FindingRecord]) -> dict[str, list[FindingRecord]]:
    found: dict[str, list[FindingRecord]] = {}
    for record in records:
        found.setdefault(record.episode.outlet_id, []).append(record)
    return found


def _explanations(findings: Sequence[str]) -> dict[str, Explanation]:
    rows = Explanation.objects.filter(finding__in=findings).select_related("by").order_by("at", "pk")
    return {row.finding: row for row in rows}


def _board(
    records: Sequence[FindingRecord], stood: Sequence[Mark], explained: Mapping[str, Explanation], figures: Weighing
) -> Board:
    suspected = [_suspected(one, records, stood, explained, figures) for one in records]
    suspected.sort(key=lambda one: (-one.now, -one.weight, one.start))
    weight = together([(one.detector, one.now) for one in suspected])
    return Board(outlet=records[0].episode.outlet, weight=weight, suspicions=suspected)


def _suspected(
    record: FindingRecord,
    records: Sequence[FindingRecord],
    stood: Sequence[Mark],
    explained: Mapping[str, Explanation],
    figures: Weighing,
) -> Suspected:
    stretch = _stretch(record)
    factors = set(record.payload.get("factors") or [record.payload["factor"]])
    others = [_stretch(one) for one in records if one.payload["detector"] != record.payload["detector"]]
    about = [mark for mark in stood if not mark.factors or factors & set(mark.factors)]
    under = near(stretch, [Stretch(start=mark.start, end=mark.end, key=mark) for mark in about], within=timedelta())
    covered = share_covered(stretch, under)
    explanation = explained.get(record.finding)
    weight = float(record.payload.get("weight") or 0.0)
    return Suspected(
        record=record,
        start=stretch.start,
        end=stretch.end,
        weight=weight,
        now=weight_now(weight, explained=explanation is not None, covered=covered, figures=figures),
        others=[one.key for one in near(stretch, others, within=figures.near)],  # type: ignore[misc]
        marks=[one.key for one in under],  # type: ignore[misc]
        covered=covered,
        said=_answer(record),
        explanation=explanation,
        task=getattr(record.episode, "task", None),
    )


def _stretch(record: FindingRecord) -> Stretch:
    start = datetime.fromisoformat(record.payload["since"])
    end = datetime.fromisoformat(record.payload.get("end") or record.payload["data_time"])
    return Stretch(start=start, end=max(end, start), key=record)


def _answer(record: FindingRecord) -> str:
    """Return what the firm said to the alert, if it said anything."""
    answer = getattr(record.episode, "answer", None)
    return str(answer.text) if answer and answer.explained_at else ""
