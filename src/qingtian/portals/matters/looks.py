"""What a matter is, as its page shows it: the stage line, the facts, the clocks with their counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as say

from qingtian.base.times import BEIJING
from qingtian.law.clocks import Words
from qingtian.law.machine import way
from qingtian.law.machine.state import day_of
from qingtian.office.matters.api import OneMatter, RunningClock
from qingtian.portals.matters import clocks, naming
from qingtian.portals.words import State


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A stage of the line: ``done``, ``here`` or empty (usually still to come)."""

    word: str
    mark: str


def stage_line(one: OneMatter) -> list[Mark]:
    """Return the way of the matter: where it has been, where it is, what usually comes."""
    been = way.been(one.state)
    here = "done" if one.state.closed else "here"
    passed = [Mark(word=naming.stage(one.definition, name), mark="done") for name in been[:-1]]
    now = Mark(word=naming.stage(one.definition, one.state.stage), mark=here)
    rest = () if one.matter.merged_into_id else way.ahead(one.definition, one.state.stage)
    return [*passed, now, *(Mark(word=naming.stage(one.definition, name), mark="") for name in rest)]


def also_possible(one: OneMatter) -> list[str]:
    """Return the stages besides the usual one that acts of this stage lead to."""
    if one.state.closed or one.matter.merged_into_id:
        return []
    usual = way.ahead(one.definition, one.state.stage)[:1]
    return [naming.stage(one.definition, n) for n in way.onward(one.definition, one.state.stage) if n not in usual]


@dataclass(frozen=True, kw_only=True)
class FactRow:
    """A fact that is known: its value in lines, what it rests on, and when it was given last."""

    name: str
    title: str
    lines: Sequence[str]
    help: str
    law: str
    at: datetime | None


def facts(one: OneMatter, names: Mapping[str, str]) -> list[FactRow]:
    """Return the facts this person may see, in the order of the kind's file."""
    given = {name: done.at for done in one.state.history for name in done.facts}
    known = [fact for name, fact in one.definition.facts.items() if name in one.facts]
    return [
        FactRow(
            name=fact.name,
            title=naming.fact(one.definition, fact.name),
            lines=lines(one, fact.name, names),
            help=naming.said(fact.help),
            law=fact.law,
            at=given.get(fact.name),
        )
        for fact in known
    ]


def lines(one: OneMatter, name: str, names: Mapping[str, str]) -> list[str]:
    """Return a fact's value as lines: a list has one for each of its texts."""
    value = one.facts[name]
    if isinstance(value, tuple):
        return list(value)
    return [naming.value(one.definition, name, value, people=names)]


@dataclass(frozen=True, kw_only=True)
class ClockShown:
    """A run of a clock with all that its badge says when one asks."""

    running: RunningClock
    title: str
    due: str
    state: State
    steps: Sequence[tuple[str, str]]
    pauses: Sequence[str]
    doubtful: bool
    missed: str


def shown_clocks(one: OneMatter) -> list[ClockShown]:
    """Return the clocks, those that run first."""
    return [_clock(one, each) for each in one.clocks]


def next_clock(one: OneMatter) -> ClockShown | None:
    """Return the clock that matters now: the first duty that runs, else the first that runs and is not over."""
    if one.state.closed or one.matter.merged_into_id:
        return None
    running = [each for each in one.clocks if each.run.running and each.row.due]
    duties = [each for each in running if each.row.duty]
    ahead = [each for each in running if not each.run.over(one.at)]
    first = next(iter(duties or ahead or running), None)
    return _clock(one, first) if first else None


def _clock(one: OneMatter, each: RunningClock) -> ClockShown:
    return ClockShown(
        running=each,
        title=naming.clock(each.run.clock, day=day_of(each.run.start)),
        due=clocks.due_text(each.row.due),
        state=clocks.run_state(each.row, at=one.at),
        steps=[(span(step.first, step.last), naming.said(step)) for step in each.steps],
        pauses=[
            say("%(days)s: %(why)s") % {"days": span(pause.first, pause.last), "why": _reason(one, pause.reason)}
            for pause in each.run.pauses
        ],
        doubtful=each.clock.rule.certainty == "memory",
        missed=naming.said(each.clock.if_missed) if each.clock.if_missed else "",
    )


def _reason(one: OneMatter, reason: str | Words) -> str:
    if isinstance(reason, Words):
        return naming.said(reason)
    return naming.word(one.definition, "reasons", reason) if reason else "—"


def span(first: date | datetime, last: date | datetime) -> str:
    """Return days (or moments) from first to last, once if they are the same."""
    one, other = _when(first), _when(last)
    return one if one == other else f"{one} – {other}"


def _when(each: date | datetime) -> str:
    if isinstance(each, datetime):
        return each.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    return each.isoformat()
