"""What makes a mark suspicious (可疑标记). Pure: words of suspicion for an officer to look at, never a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from qingtian.base.times import BEIJING
from qingtian.office.marks import labels
from qingtian.office.marks.labels import Budget
from qingtian.office.marks.models import Mark
from qingtian.office.marks.standing import budget_of, settle

LATE, OVER_EVENT, OVER_YEAR, COVERS_FINDING, CONTRADICTS, SHORT = (
    "late",
    "over_event",
    "over_year",
    "covers_finding",
    "contradicts",
    "short",
)


def suspicions(
    mark: Mark, *, source_type: str, others: Sequence[Mark], budgets: Sequence[Budget], found: Sequence[datetime]
) -> list[str]:
    """Return the codes of what is suspicious about ``mark``.

    ``others`` are the other marks of its outlet that stand or are to be reviewed; ``found`` the data times of findings
    over a limit that were there before the mark was made.
    """
    codes = []
    if mark.made_at > labels.due(start=mark.start, kind=mark.kind, source_type=source_type):
        codes.append(LATE)
    codes += _over(mark, others, budgets)
    if any(mark.start <= instant < mark.end for instant in found):
        codes.append(COVERS_FINDING)
    if any(_contradicts(mark, other) for other in others):
        codes.append(CONTRADICTS)
    if _is_short(mark):
        codes.append(SHORT)
    return codes


def _is_short(mark: Mark) -> bool:
    """An exempting mark that is much shorter than the clock hours it takes out of judgement."""
    day = mark.start.astimezone(BEIJING).date()
    effects = {(one.kind, one.label): one.effect for one in labels.labels(day=day)}
    first = mark.start.replace(minute=0, second=0, microsecond=0)
    touched = -(-(mark.end - first) // timedelta(hours=1))
    return (
        effects.get((mark.kind, mark.label)) == "exempt"
        and mark.end - mark.start < labels.least_share(day=day) * touched
    )


def _over(mark: Mark, others: Sequence[Mark], budgets: Sequence[Budget]) -> list[str]:
    budget = budget_of(mark, budgets)
    if budget is None:
        return []
    length = mark.end - mark.start
    codes = [OVER_EVENT] if budget.per_event is not None and length > budget.per_event else []
    if budget.per_year is None:
        return codes
    _, used = settle(others, [budget])
    year = mark.start.astimezone(BEIJING).year
    before = sum((pool.used for pool in used if pool.year == year), timedelta())
    asked = length if budget.per_event is None else min(length, budget.per_event)
    return [*codes, OVER_YEAR] if before + asked > budget.per_year else codes


def _contradicts(mark: Mark, other: Mark) -> bool:
    """Two conditions of the plant at one time of which one says that it runs and the other that it does not."""
    if mark.kind != "condition" or other.kind != "condition" or mark.pk == other.pk:
        return False
    if not (mark.start < other.end and other.start < mark.end):
        return False
    day = mark.start.astimezone(BEIJING).date()
    effects = {one.label: one.effect for one in labels.labels(day=day) if one.kind == "condition"}
    return (effects.get(mark.label) == "stopped") != (effects.get(other.label) == "stopped")
