"""Rules of episodes, read at a day: severity, factor class, routing, hours of the enterprise, causes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.law.rules import Rule
from qingtian.office.alerts.finding import SUSPICION
from qingtian.office.alerts.models import Severity

ORDINARY = "ordinary"
QUALITY = "quality"
"""The level of what quality control is overdue or failed (office/quality)."""
CAPTURE = "capture"
"""The level of too few valid data in a month or quarter (stream/confirming/capture)."""
OF_THEIR_OWN = (SUSPICION, QUALITY, CAPTURE)


class NoSuchCause(QingtianError):
    code = "alerts.no_such_cause"
    zh = "没有原因代码“{cause}”。请从列出的原因中选择。"
    en = "There is no cause {cause!r}. Choose one of those listed."


def _at(name: str, at: datetime) -> tuple[Rule, ...]:
    return rules.table(name).at(at.astimezone(BEIJING).date())


def severity(*, level: str, times_over: float | None, band: int, at: datetime, support: str = "") -> Severity:
    """Return how loud a finding is: the last row of rules/severity.yaml that fits."""
    over = abs(times_over or 0.0)
    found = Severity.ATTENTION
    for rule in _at("severity", at):
        of_kind = rule["level"] == level and rule.get("support", support) == support
        if of_kind and over >= rule["times_over"] and band >= rule["band"]:
            found = Severity(rule["severity"])
    return found


def factor_class(factor: str, *, at: datetime) -> str:
    """Return the class of a factor (toxic_metal) or ``ordinary``."""
    for rule in _at("factor_classes", at):
        if rule["factor"] == factor:
            return str(rule["class"])
    return ORDINARY


@dataclass(frozen=True, kw_only=True)
class Route:
    """Who hears of it (roles), and the role that gets the task (None: no task)."""

    notify: tuple[str, ...]
    task: str | None


def route(*, medium: str, factor: str, severity: int, at: datetime, level: str = "") -> Route:
    """Return the route of an episode by rules/routing.yaml. Those `OF_THEIR_OWN` go by rows of their own."""
    of_class = factor_class(factor, at=at)
    notify: dict[str, None] = {}
    task = None
    for rule in _at("routing", at):
        fits = rule["medium"] in ("any", medium) and rule["factor_class"] in ("any", of_class)
        same_kind = rule.get("level", "") == (level if level in OF_THEIR_OWN else "")
        if fits and same_kind and severity >= rule["severity"]:
            notify.update(dict.fromkeys(rule["notify"]))
            task = rule["task"] or task
    return Route(notify=tuple(notify), task=task)


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How findings merge and group, how long a silence may be, when digests come; when the enterprise answers."""

    merge: timedelta
    group: timedelta
    silence_hours: int
    digest_hours: tuple[int, ...]
    answer_severity: int
    confirm: timedelta
    explain: timedelta


def manners(*, at: datetime) -> Manners:
    """Return rules/episodes.yaml of the day."""
    (rule,) = _at("episodes", at)
    return Manners(
        merge=timedelta(minutes=rule["merge_minutes"]),
        group=timedelta(minutes=rule["group_minutes"]),
        silence_hours=rule["silence_hours"],
        digest_hours=tuple(rule["digest_hours"]),
        answer_severity=rule["answer_severity"],
        confirm=timedelta(hours=rule["confirm_hours"]),
        explain=timedelta(hours=rule["explain_hours"]),
    )


def causes(*, at: datetime, language: str = "zh") -> dict[str, str]:
    """Return the causes one may name: code → words."""
    key = "zh" if language.startswith("zh") else "en"
    return {rule["code"]: rule[key] for rule in _at("causes", at)}


def require_cause(cause: str, *, at: datetime) -> None:
    """:raises NoSuchCause: if the code is none of those in force."""
    if cause not in causes(at=at):
        raise NoSuchCause(cause=cause)
