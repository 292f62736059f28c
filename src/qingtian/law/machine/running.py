"""What acts do to the clocks of a matter: start, stop, pause, resume, extend. The counting is `qingtian.law.deadlines`.

The day of the pausing act is the first that is not counted; the day of the resuming act counts again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from qingtian.law import clocks, deadlines
from qingtian.law.calendar import Calendar
from qingtian.law.clocks import Words
from qingtian.law.machine.conditions import View
from qingtian.law.machine.definition import Act, ClockMove, Definition
from qingtian.law.machine.state import ClockRun, Effect, Refusal, day_of
from qingtian.law.pauses import Pause
from qingtian.law.terms import Grant

Runs = tuple[ClockRun, ...]


class ClockDoesNotRun(Refusal):
    code = "machine.clock_does_not_run"
    zh = "“{act.zh}”要{move.zh}期限 {clock}，但该期限{now.zh}。请核对此前的行为。"
    en = "“{act.en}” would {move.en} clock {clock}, but it {now.en}. Look at what was done before."


class ClockHasRunOut(Refusal):
    code = "machine.clock_has_run_out"
    zh = "期限 {clock} 已于 {due} 届满，不能再{move.zh}（{basis}）。延长和中止须在届满前办理。"
    en = (
        "Clock {clock} ran out on {due} and can no longer be {done} "
        "({basis}). That has to be done before the time is up."
    )


class TooLateForNotice(Refusal):
    code = "machine.too_late_for_notice"
    zh = "{day} 之前须留足期限 {clock}（{basis}），最迟应在 {due} 办理。请另定日期。"
    en = (
        "Before {day} the whole of clock {clock} has to be left "
        "({basis}): the last day for this was {due}. Choose a later day."
    )


class StartsBeforeTheMatter(Refusal):
    code = "machine.starts_before_the_matter"
    zh = "“{fact.zh}”为 {start}，早于事项开启之日 {opened}，期限 {clock}（{basis}）不能从那天起算。请核对日期。"
    en = (
        "“{fact.en}” is {start}, before the matter was opened on {opened}; "
        "clock {clock} ({basis}) cannot run from that day. Check the date."
    )


MOVED = {
    "pause": (Words(zh="中止", en="pause"), "paused"),
    "resume": (Words(zh="恢复", en="resume"), "resumed"),
    "extend": (Words(zh="延长", en="extend"), "extended"),
}


def moved(
    definition: Definition, act: Act, runs: Runs, view: View, *, calendar: Calendar
) -> tuple[Runs, tuple[Effect, ...]]:
    """Return the clocks after an act, and what happened to them.

    :raises Refusal: if a clock is not in the state that its move needs.
    :raises QingtianError: as `qingtian.law.deadlines.deadline` does.
    """
    effects: list[Effect] = []
    for move in act.clocks:
        if move.when and not definition.guards[move.when].when.holds(view):
            continue
        if move.move == "start":
            # started again (notice served anew): the former run ends there
            _begins_within(definition, act, move, view)
            runs, ended = _stop(runs, move, view)
            runs, begun = _start(runs, move, view, calendar)
            effects += [*ended, begun]
        elif move.move == "stop":
            runs, ended = _stop(runs, move, view)
            effects += ended
        else:
            runs, changed = _change(definition, act, runs, move, view, calendar)
            effects.append(changed)
    return runs, tuple(effects)


def _begins_within(definition: Definition, act: Act, move: ClockMove, view: View) -> None:
    """What an act says of its own time, such as the day a notice was received, is not older than the matter.

    A wrong year would let the party's time be over before it began. What was known at the opening may be older.

    :raises StartsBeforeTheMatter: if it is.
    """
    since = view.facts.get(move.since)
    if view.state is None or not isinstance(since, date) or move.since not in act.takes:
        return
    opened = day_of(view.state.history[0].at)
    if day_of(since) < opened and move.since not in view.state.history[0].facts:
        basis = clocks.named(move.clock, day=opened).basis
        name = definition.words.of("facts", move.since)
        raise StartsBeforeTheMatter(fact=name, start=day_of(since), opened=opened, clock=move.clock, basis=basis)


def _start(runs: Runs, move: ClockMove, view: View, calendar: Calendar) -> tuple[Runs, Effect]:
    since = view.facts.get(move.since) if move.since else view.at
    start = since if isinstance(since, date) else view.at
    run = counted(ClockRun(clock=move.clock, start=start, due=None, variant=move.variant), calendar)
    clock = clocks.named(run.clock, day=day_of(start))
    if clock.direction == "before" and run.over(view.at):
        raise TooLateForNotice(day=day_of(start), clock=run.clock, basis=clock.basis, due=run.due)
    return (*runs, run), Effect(kind="clock_started", name=move.clock, at=view.at, due=run.due)


def _stop(runs: Runs, move: ClockMove, view: View) -> tuple[Runs, list[Effect]]:
    run = _open(runs, move.clock)
    if run is None:
        return runs, []
    effects = [Effect(kind="clock_stopped", name=run.clock, at=view.at, due=run.due)]
    if run.over(view.at) and not move.runs_out and clocks.named(run.clock, day=day_of(view.at)).means == "by":
        effects.append(Effect(kind="clock_missed", name=run.clock, at=view.at, due=run.due))
    return _put(runs, run, replace(run, stopped=view.at)), effects


def _change(
    definition: Definition, act: Act, runs: Runs, move: ClockMove, view: View, calendar: Calendar
) -> tuple[Runs, Effect]:
    run = _open(runs, move.clock)
    paused = run is not None and run.paused_on is not None
    if run is None or paused != (move.move == "resume"):
        now = _now(run, paused=paused)
        said = definition.words.of("acts", act.name)
        raise ClockDoesNotRun(act=said, move=MOVED[move.move][0], clock=move.clock, now=now)
    if move.move != "resume" and run.over(view.at):
        verb, done = MOVED[move.move]
        basis = clocks.named(run.clock, day=day_of(run.start)).basis
        raise ClockHasRunOut(clock=run.clock, due=run.due, move=verb, done=done, basis=basis)
    changed = {"pause": _pause, "resume": _resume, "extend": _extend}[move.move](run, move, view, act, calendar)
    kind = {"pause": "clock_paused", "resume": "clock_resumed", "extend": "clock_extended"}[move.move]
    return _put(runs, run, changed), Effect(kind=kind, name=run.clock, at=view.at, due=changed.due)


def _paper(act: Act) -> str:
    """Return the paper that an act stands on: the first that it makes, or that is brought with it."""
    return next(iter((*act.makes, *act.brings)), "")


def _pause(run: ClockRun, move: ClockMove, view: View, act: Act, _: Calendar) -> ClockRun:
    return replace(run, paused_on=day_of(view.at), pause_reason=move.reason, pause_paper=_paper(act), due=None)


def _resume(run: ClockRun, _: ClockMove, view: View, _act: Act, calendar: Calendar) -> ClockRun:
    last = day_of(view.at) - timedelta(days=1)
    pauses = run.pauses
    if run.paused_on is not None and run.paused_on <= last:
        pauses = (*pauses, Pause(first=run.paused_on, last=last, reason=run.pause_reason, paper=run.pause_paper))
    return counted(replace(run, paused_on=None, pause_reason="", pause_paper="", pauses=pauses), calendar)


def _extend(run: ClockRun, move: ClockMove, view: View, act: Act, calendar: Calendar) -> ClockRun:
    given = view.facts.get(move.count) if move.count else None
    count = int(given) if isinstance(given, int | Decimal) else None
    return counted(replace(run, grants=(*run.grants, Grant(count=count, paper=_paper(act)))), calendar)


def counted(run: ClockRun, calendar: Calendar) -> ClockRun:
    """Return a run with its due day, as its clock is counted."""
    clock = clocks.named(run.clock, day=day_of(run.start))
    hourly = "hour" in (clock.unit, *(variant.unit for variant in clock.variants))
    start = run.start if hourly else day_of(run.start)
    due, provisional = _due(run.clock, start, run.variant, run.pauses, run.grants, calendar)
    return replace(run, due=due, provisional=provisional)


@lru_cache(4096)
def _due(
    name: str,
    start: date | datetime,
    variant: str,
    pauses: tuple[Pause, ...],
    grants: tuple[Grant, ...],
    calendar: Calendar,
) -> tuple[date | datetime, bool]:
    """Count once what many matters of a day have in common."""
    found = deadlines.deadline(
        clocks.named(name, day=day_of(start)),
        start=start,
        calendar=calendar,
        pauses=pauses,
        grants=grants,
        variant=variant or None,
    )
    return found.due, found.provisional


def _now(run: ClockRun | None, *, paused: bool) -> Words:
    if run is None:
        return Words(zh="未启动或已停止", en="has not been started, or has stopped")
    return Words(zh="已中止", en="is paused") if paused else Words(zh="正在计算，没有中止", en="runs and is not paused")


def _open(runs: Runs, clock: str) -> ClockRun | None:
    return next((run for run in reversed(runs) if run.clock == clock and run.stopped is None), None)


def _put(runs: Runs, old: ClockRun, new: ClockRun) -> Runs:
    return tuple(new if run is old else run for run in runs)
