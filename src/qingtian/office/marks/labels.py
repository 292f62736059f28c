"""The words of the field: which labels there are, by when a mark is due, how many hours marks may take. Dated rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.law.rules import Rule
from qingtian.office.marks.models import Kind


class NoSuchLabel(QingtianError):
    code = "marks.no_such_label"
    zh = "没有标记“{label}”。请从列出的标记中选择。"
    en = "There is no mark {label!r}. Choose one of those listed."


@dataclass(frozen=True, kw_only=True)
class Label:
    """A mark one may set; ``effect``: exempt, stopped or invalid (rules/periods/mark_effects.yaml)."""

    kind: str
    label: str
    en: str
    effect: str

    def name(self, language: str) -> str:
        return self.label if language.startswith("zh") else self.en


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A pool of hours that marks of some labels share; None is no bound.

    ``warn`` is a part of the year's hours, ``told`` the roles that hear when it is reached, and when all are used.
    """

    pool: str
    zh: str
    en: str
    kind: str
    labels: frozenset[str]
    per_event: timedelta | None
    per_year: timedelta | None
    warn: float
    told: tuple[str, ...]

    def name(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


def _at(name: str, day: date) -> tuple[Rule, ...]:
    return rules.table(name).at(day)


def labels(*, day: date) -> list[Label]:
    """Return the labels in force on a day that a mark may have; what quality control says nobody marks."""
    return [
        Label(kind=rule["class"], label=rule["label"], en=rule["en"], effect=rule["effect"])
        for rule in _at("periods/mark_effects", day)
        if rule["class"] in Kind.values
    ]


def label(kind: str, name: str, *, day: date) -> Label:
    """Return one label.

    :raises NoSuchLabel: if there is none on that day.
    """
    for one in labels(day=day):
        if (one.kind, one.label) == (kind, name):
            return one
    raise NoSuchLabel(label=name)


def due(*, start: datetime, kind: str, source_type: str) -> datetime:
    """Return by when the mark of an event that began at ``start`` must be filed."""
    day = start.astimezone(BEIJING).date()
    fitting = [rule for rule in _at("marks/filing", day) if rule["source_type"] in source_type and rule["kind"] == kind]
    rule = fitting[-1]
    return datetime.combine(day + timedelta(days=rule["days"]), time(rule["hour"]), tzinfo=BEIJING)


def budgets(*, source_type: str, day: date) -> list[Budget]:
    """Return the pools of hours of an outlet of this source type."""
    return [
        Budget(
            pool=rule["pool"],
            zh=rule["zh"],
            en=rule["en"],
            kind=rule["kind"],
            labels=frozenset(rule["labels"]),
            per_event=_hours(rule["hours_per_event"]),
            per_year=_hours(rule["hours_per_year"]),
            warn=rule["warn"],
            told=tuple(rule["told"]),
        )
        for rule in _at("marks/budgets", day)
        if rule["source_type"] in source_type
    ]


def suspicion_words(*, language: str, day: date) -> Mapping[str, str]:
    """Return what each suspicion is called."""
    key = "zh" if language.startswith("zh") else "en"
    return {rule["code"]: rule[key] for rule in _at("marks/suspicions", day)}


def suspicion_weights(*, day: date) -> Mapping[str, int]:
    """Return how much each suspicion counts."""
    return {rule["code"]: rule["weight"] for rule in _at("marks/suspicions", day)}


def reviewers(codes: Iterable[str], *, day: date) -> tuple[str, ...]:
    """Return the roles that hear of a mark that waits because of these suspicions."""
    roles = [role for rule in _at("marks/suspicions", day) if rule["code"] in codes for role in rule.get("told") or ()]
    return tuple(dict.fromkeys(roles))


def least_share(*, day: date) -> timedelta:
    """Return how long an exempting mark must be for each clock hour that it touches, else it is suspicious."""
    (rule,) = [rule for rule in _at("marks/suspicions", day) if rule["code"] == "short"]
    return timedelta(minutes=rule["minutes_an_hour"])


def _hours(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(hours=number)
