"""Who is told at once and who later: silence, group, quiet hours, budget of the day. Pure; each decision says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.office.alerts.models import HeldBecause

BUDGETS = "notice_budgets"


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a role hears in a day, and from which severity on it is always told."""

    per_day: int
    always: int


@dataclass(frozen=True, kw_only=True)
class Hearer:
    """A person as a notice finds them: notices told on this Beijing day, quiet hours, whether the group's lead was."""

    role: str
    told_today: int = 0
    quiet: tuple[time, time] | None = None
    told_of_lead: bool = False


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is told: the episode's severity, the silence it falls under, the lead of its group and its severity."""

    severity: int
    silence: int | None = None
    lead: str | None = None
    lead_severity: int = 0


def budget(role: str, *, at: datetime) -> Budget:
    """Return the budget of a role by rules/notice_budgets.yaml of the day."""
    for rule in rules.table(BUDGETS).at(at.astimezone(BEIJING).date()):
        if rule["role"] == role:
            return Budget(per_day=rule["per_day"], always=rule["always"])
    # a role that the rule file does not name is told of everything
    return Budget(per_day=1 << 30, always=1)


def decide(hearer: Hearer, situation: Situation, *, at: datetime) -> tuple[str, Mapping[str, Any]]:
    """Return why the notice is held back (a `HeldBecause`; empty: it is told now), and the figures of that reason."""
    allowed = budget(hearer.role, at=at)
    if situation.severity >= allowed.always:
        return "", {"always": allowed.always}
    if situation.silence is not None:
        return HeldBecause.SILENCED, {"silence": situation.silence}
    if situation.lead and hearer.told_of_lead and situation.severity <= situation.lead_severity:
        return HeldBecause.GROUPED, {"lead": situation.lead}
    if hearer.quiet and within(hearer.quiet, at):
        begins, ends = hearer.quiet
        return HeldBecause.QUIET, {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}"}
    if hearer.told_today >= allowed.per_day:
        return HeldBecause.BUDGET, {"per_day": allowed.per_day}
    return "", {"told_today": hearer.told_today, "per_day": allowed.per_day}


def within(quiet: tuple[time, time], at: datetime) -> bool:
    """Say whether an instant is in hours that may go over midnight. The end is not part of them."""
    begins, ends = quiet
    now = at.astimezone(BEIJING).time()
    return begins <= now < ends if begins <= ends else now >= begins or now < ends
