"""What is due of an instrument and when 质控日历: last, next, and how it stands at an instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from qingtian.base.times import BEIJING
from qingtian.law.quality.judging import ADJUST, OUT, PASSED
from qingtian.law.quality.kinds import Due, due, kind
from qingtian.law.quality.stretches import Check, Duty

KEPT, SOON, OVERDUE, TO_ADJUST, FAILED = "kept", "soon", "overdue", "adjust", "failed"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One kind of check of an instrument. ``last``: made last, ``passed``: passed last; ``next``: due, with its time.

    ``failed``: the first of those that were failed since one was passed.
    """

    duty: Duty
    kind: str
    last: Check | None
    passed: Check | None
    failed: Check | None
    next: datetime
    state: str


def standings(duties: Iterable[Duty], checks: Sequence[Check], *, medium: str, at: datetime) -> list[Standing]:
    """Return how every check that is due of these instruments stands at an instant, in the order of the rules."""
    day = at.astimezone(BEIJING).date()
    return [
        _standing(duty, rule, checks, medium, at)
        for duty in duties
        if duty.since <= at and (duty.until is None or at < duty.until)
        for rule in due(duty.regime, day=day)
    ]


def _standing(duty: Duty, rule: Due, checks: Sequence[Check], medium: str, at: datetime) -> Standing:
    known = kind(rule.kind, medium=medium, day=at.astimezone(BEIJING).date())
    also = known.also_ended_by if known else ()
    mine = [one for one in checks if (one.mn, one.factor) == (duty.mn, duty.factor) and one.at <= at]
    ordered = sorted(mine, key=lambda one: (one.at, one.number))
    made = [one for one in ordered if one.kind == rule.kind]
    ends = [one for one in ordered if one.verdict == PASSED and one.kind in (rule.kind, *also)]
    passed = next((one for one in reversed(made) if one.verdict == PASSED), None)
    since = [one for one in made if not ends or (one.at, one.number) > (ends[-1].at, ends[-1].number)]
    failed = next((one for one in since if one.verdict == OUT), None)
    following = (passed.at if passed and passed.at >= duty.since else duty.since) + rule.every
    return Standing(
        duty=duty,
        kind=rule.kind,
        last=made[-1] if made else None,
        passed=passed,
        failed=failed,
        next=following,
        state=_state(rule, failed, since, following, at),
    )


def _state(rule: Due, failed: Check | None, since: Sequence[Check], following: datetime, at: datetime) -> str:
    if failed is not None:
        return FAILED
    if at >= following:
        return OVERDUE
    if any(one.verdict == ADJUST for one in since):
        return TO_ADJUST
    return SOON if at >= following - rule.soon else KEPT
