"""From which instant to which data are out of control 失控时段: a function of the checks of an outlet, in any order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.law.quality.judging import OUT, PASSED
from qingtian.law.quality.kinds import Due, Kind, due_ever, kind

FAILED, OVERDUE = "失控", "超期未校准"
"""Labels of rules/periods/mark_effects, class quality."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check that stands: ``verdict`` is one of `judging`'s, ``mn`` the device, ``at`` carries a zone."""

    number: int
    mn: str
    factor: str
    kind: str
    at: datetime
    verdict: str


@dataclass(frozen=True, kw_only=True)
class Duty:
    """An instrument that is under a regime from ``since`` to ``until`` (None: on)."""

    mn: str
    factor: str
    regime: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Data of an instrument out of control in ``[start, end)``, None: it lasts. ``check`` began it (0: none was ever
    made); ``passed``: when one was passed before, None: never."""

    check: int
    label: str
    mn: str
    factor: str
    kind: str
    start: datetime
    end: datetime | None
    passed: datetime | None


def out_of_control(checks: Iterable[Check], *, medium: str, duties: Sequence[Duty] = ()) -> list[Stretch]:
    """Return what failed checks undo, and overdue ones where rules/quality/due says that they do, in order of time."""
    by_instrument: dict[tuple[str, str], list[Check]] = {}
    for check in sorted(checks, key=lambda one: (one.at, one.number)):
        by_instrument.setdefault((check.mn, check.factor), []).append(check)
    found = [one for mine in by_instrument.values() for one in _failed(mine, medium)]
    for duty in duties:
        found += _overdue(by_instrument.get((duty.mn, duty.factor), []), duty)
    return sorted(found, key=lambda one: (one.start, one.mn, one.factor, one.kind, one.check))


def _failed(checks: Sequence[Check], medium: str) -> Iterator[Stretch]:
    for code in dict.fromkeys(check.kind for check in checks):
        yield from _of_kind([*checks], code, medium)


def _of_kind(checks: Sequence[Check], code: str, medium: str) -> Iterator[Stretch]:
    """Yield what failed checks of one kind undo: each until the next that is passed."""
    passed: datetime | None = None
    begun: tuple[Check, datetime, datetime | None] | None = None
    for check in checks:
        known = kind(code, medium=medium, day=check.at.astimezone(BEIJING).date())
        if known is None or check.kind not in (code, *known.also_ended_by):
            continue
        if check.verdict == PASSED:
            if begun:
                yield _stretch(*begun, end=check.at)
            begun, passed = None, check.at
        elif check.verdict == OUT and check.kind == code and begun is None:
            begun = check, _start(known, check, passed), passed
    if begun:
        yield _stretch(*begun, end=None)


def _start(known: Kind, check: Check, passed: datetime | None) -> datetime:
    return passed if known.back and passed is not None else check.at


def _stretch(check: Check, start: datetime, passed: datetime | None, *, end: datetime | None) -> Stretch:
    return Stretch(
        check=check.number,
        label=FAILED,
        mn=check.mn,
        factor=check.factor,
        kind=check.kind,
        start=start,
        end=end,
        passed=passed,
    )


def _overdue(checks: Sequence[Check], duty: Duty) -> Iterator[Stretch]:
    for rule in due_ever(duty.regime):
        if rule.undoes:
            yield from _late(checks, duty, rule)


def _late(checks: Sequence[Check], duty: Duty, rule: Due) -> Iterator[Stretch]:
    """Yield the time from when a check was due until one was passed, while instrument and rule stand so."""
    passed = [one for one in checks if one.kind == rule.kind and one.verdict == PASSED and one.at >= duty.since]
    last, number, before = duty.since, 0, None
    for check in [*passed, None]:
        start, end = _within(rule, last + rule.every, _first(check.at if check else None, duty.until))
        if end is None or start < end:
            yield Stretch(
                check=number,
                label=OVERDUE,
                mn=duty.mn,
                factor=duty.factor,
                kind=rule.kind,
                start=start,
                end=end,
                passed=before,
            )
        if check:
            last, number, before = check.at, check.number, check.at


def _within(rule: Due, start: datetime, end: datetime | None) -> tuple[datetime, datetime | None]:
    """Return the part of a time in which the rule is in force."""
    began, ended = (datetime.combine(day, time(), BEIJING) if day else None for day in (rule.start, rule.end))
    return (max(start, began) if began else start), _first(end, ended)


def _first(*instants: datetime | None) -> datetime | None:
    """Return the earliest; None, where all are open."""
    return min((one for one in instants if one is not None), default=None)


def factors_undone(factor: str, *, at: datetime) -> tuple[str, ...]:
    """Return the factor and those that are made of it (rules/periods/derived): NOx is undone with its NO."""
    day = at.astimezone(BEIJING).date()
    made = [rule["factor"] for rule in rules.table("periods/derived").at(day) if _is_part(rule["codes"], factor)]
    return (factor, *(one for one in made if one != factor))


def _is_part(codes: str, factor: str) -> bool:
    """Say whether a factor is named by codes in which ``x`` is any digit."""
    return len(codes) == len(factor) and all(
        one == other or (one == "x" and other.isdigit()) for one, other in zip(codes, factor, strict=True)
    )
