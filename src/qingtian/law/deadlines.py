"""The due day of a clock in one case, with the explanation of how it was counted.

Order: length (variant, extensions) → counting with pauses → roll-forward last. Sources: 民法典 201-203 for counting,
行政处罚法 85, 行政强制法 69 and 行政复议法 88 for working days; each clock says itself which unit and whether it rolls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.law import counting, steps
from qingtian.law.calendar import Calendar, DayOutOfCalendar, add_months
from qingtian.law.clocks import Clock, Variant, Words
from qingtian.law.counting import Count
from qingtian.law.pauses import Pause, in_order
from qingtian.law.rules import Rule
from qingtian.law.steps import Step, step
from qingtian.law.terms import Grant, Term, term


class PauseNotPossible(QingtianError):
    code = "deadlines.pause_not_possible"
    zh = "期限 {clock} 不能中止：它{why.zh}。请去掉中止期间，或改给起算日期。"
    en = "Clock {clock} cannot be paused: it {why.en}. Leave the pause out, or give another start."


UNPAUSED = {
    "hour": Words(zh="按小时连续计算", en="runs on by the hour"),
    "before": Words(zh="自事件日向前倒数", en="is counted back from its event"),
    "fixed": Words(zh="是按日历确定的日期", en="is a fixed day of the calendar"),
}


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """A due day (a moment in Beijing time, of an hour clock), how it came about, and how far it can be relied on.

    ``provisional``: a year concerned has no holiday notice. ``in_force``: the rule was law on the start day.
    """

    clock: Clock
    start: date | datetime
    due: date | datetime
    basis: str
    provisional: bool
    in_force: bool
    steps: tuple[Step, ...]

    def as_dict(self) -> dict[str, Any]:
        clock = self.clock
        return {
            "clock": clock.name,
            "zh": clock.words.zh,
            "en": clock.words.en,
            "matter": clock.matter,
            "start": self.start.isoformat(),
            "due": self.due.isoformat(),
            "means": clock.means,
            "steps": [each.as_dict() for each in self.steps],
            "basis": self.basis,
            "certainty": clock.rule.certainty,
            "in_force": self.in_force,
            "provisional": self.provisional,
        }


def deadline(
    clock: Clock,
    *,
    start: date | datetime,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
    grants: Sequence[Grant] = (),
    variant: str | None = None,
) -> Deadline:
    """Count a clock from the day (or moment, with zone) of its start event.

    A clock of days, months or years uses the Beijing day of a moment. An hour clock that gets a day only is counted
    from that day's midnight. A pause adds the days it holds, from the day after the start event until the time is up.

    :raises PauseNotPossible: for a pause of an hour clock, a clock counted back, or a fixed day.
    :raises QingtianError: as `qingtian.law.terms.term` does; or if the end leaves the calendar.
    """
    settled = term(clock, variant=variant, grants=grants)
    day = _day(start)
    _refuse_pauses(clock, settled, pauses)
    due: date | datetime
    if settled.unit == "hour":
        (due, told), provisional = _hours(clock, settled, start), False
    else:
        due, told, provisional = _days(clock, settled, day, calendar, pauses)
    in_force = clock.rule.in_force(day) and (settled.variant is None or settled.variant.in_force(day))
    told = [*_warnings(clock, settled, day), *told]
    if provisional:
        told.append(step("provisional", due))
    return Deadline(
        clock=clock,
        start=start if settled.unit == "hour" else day,
        due=due,
        basis=settled.variant.source if settled.variant else clock.basis,
        provisional=provisional,
        in_force=in_force,
        steps=(*told, steps.means(clock, due)),
    )


def _day(start: date | datetime) -> date:
    if not isinstance(start, datetime):
        return start
    if start.tzinfo is None:
        raise ValueError("a time without a zone says nothing; give it one")
    return start.astimezone(BEIJING).date()


def _refuse_pauses(clock: Clock, settled: Term, pauses: Sequence[Pause]) -> None:
    why = UNPAUSED.get(settled.unit) or UNPAUSED.get(clock.direction)
    if pauses and why:
        raise PauseNotPossible(clock=clock.name, why=why)


def _warnings(clock: Clock, settled: Term, day: date) -> list[Step]:
    """Say first what limits the answer: a rule not in force, a basis not checked, a note of the editors."""
    found = []
    rules: list[Rule | Variant] = [clock.rule, settled.variant] if settled.variant else [clock.rule]
    for rule in rules:
        if not rule.in_force(day):
            until = rule.end - timedelta(days=1) if rule.end else "…"
            found.append(step("not_in_force", day, since=rule.start or "…", until=until))
    if clock.rule.certainty == "memory":
        found.append(step("memory", day, confidence=clock.confidence))
    if clock.note:
        found.append(step("note", day, words=clock.note))
    return found


def _hours(clock: Clock, settled: Term, start: date | datetime) -> tuple[datetime, list[Step]]:
    dated_only = not isinstance(start, datetime)
    moment = start.astimezone(BEIJING) if isinstance(start, datetime) else datetime.combine(start, time(), BEIJING)
    try:
        due = moment + timedelta(hours=settled.total)
    except OverflowError:
        raise DayOutOfCalendar(day=moment, count=settled.total, unit="hours", unit_zh="小时") from None
    told = steps.of_term(settled, clock, moment)
    told += [step("midnight", moment)] if dated_only else []
    told.append(step("start_hour", moment, event=clock.start_event))
    told.append(step("hours", moment, due, length=steps.length(settled.total, "hour")))
    return due, told


def _days(
    clock: Clock, settled: Term, day: date, calendar: Calendar, pauses: Sequence[Pause]
) -> tuple[date, list[Step], bool]:
    if clock.month_day:
        end, told, provisional = _fixed(clock.month_day, day), [step("fixed", day)], False
    else:
        count = _count(clock, settled, day, calendar, pauses)
        end, told, provisional = count.end, _told(clock, settled, day, count, pauses), count.provisional
    rolled = _roll(clock, end, calendar)
    told += _ending(clock, end, rolled, calendar)
    passed = calendar.is_provisional(end) or calendar.is_provisional(rolled)
    return rolled, told, provisional or (clock.roll and passed)


def _fixed(month_day: tuple[int, int], day: date) -> date:
    """Return that day of the year after ``day``'s."""
    month, number = month_day
    return add_months(day, 12).replace(month=month, day=number)


def _count(clock: Clock, settled: Term, day: date, calendar: Calendar, pauses: Sequence[Pause]) -> Count:
    backward = clock.direction == "before"
    if settled.unit in counting.MONTHS:
        total = settled.total * counting.MONTHS[settled.unit]
        return counting.months(start=day, count=-total if backward else total, pauses=pauses)
    return counting.days(
        start=day,
        count=settled.total,
        working=settled.unit == "working_day",
        calendar=calendar,
        pauses=pauses,
        backward=backward,
    )


def _told(clock: Clock, settled: Term, day: date, count: Count, pauses: Sequence[Pause]) -> list[Step]:
    told = steps.of_term(settled, clock, day)
    told.append(step("start_back" if clock.direction == "before" else "start", day, event=clock.start_event))
    if pauses and clock.excluded is None:
        told.append(step("no_ground", day))
    for stretch in count.stretches:
        if stretch.pause or stretch.kind:
            told.append(steps.of_stretch(stretch))
        else:
            said = steps.length(settled.total, settled.unit)
            told.append(step("months", stretch.first, stretch.last, length=said))
    idle = (pause for pause in in_order(pauses) if pause.last <= day or pause.first > count.end)
    return told + [step("idle_pause", each.first, each.last, detail=steps.of_pause(each)) for each in idle]


def _roll(clock: Clock, end: date, calendar: Calendar) -> date:
    if not clock.roll:
        return end
    return calendar.previous_working_day(end) if clock.direction == "before" else calendar.next_working_day(end)


def _ending(clock: Clock, end: date, rolled: date, calendar: Calendar) -> list[Step]:
    found = calendar.kind(end)
    kind = Words(zh=found.zh, en=found.en)
    if rolled != end:
        return [step("end", end), step("rolled_back" if rolled < end else "rolled", end, rolled, kind=kind)]
    if not found.working and not clock.roll:
        return [step("not_rolled", end, kind=kind)]
    return []
