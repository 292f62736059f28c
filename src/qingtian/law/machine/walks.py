"""Walks 走查: worked histories that stand beside a kind as its tests. A clerk can read and write one.

A walk says who is there, how the matter is opened, and act by act what is expected: the stage, due days, papers,
amounts, or a refusal by its code (``refused: notice_runs``). Times are Beijing time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.law.calendar import Calendar
from qingtian.law.clocks import Words
from qingtian.law.machine import documents, numbers
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.documents import Cursor
from qingtian.law.machine.problems import Problem
from qingtian.law.machine.reading import Folder
from qingtian.law.machine.reading_conditions import literal
from qingtian.law.machine.state import Event, Outcome, Person, State
from qingtian.law.machine.step import step

SORTS = ("plain", "longest", "stopped", "branch")
ACT = ("at", "by", "act")
ACT_MORE = ("with", "facts", "papers", "people", "source", "reference", "expect", "refused")
EXPECT = ("stage", "due", "papers", "paused", "effects", "numbered")
NUMBERED = "numbered by itself"


class Unexpected(QingtianError):
    """What a walk expects and what came do not agree."""

    code = "walks.unexpected"
    zh = "{what_zh}应为 {should}，实为 {found}。请改正走查，或改正定义。"
    en = "{what_en} should be {should}, and is {found}. Correct the walk, or the definition."


@dataclass(frozen=True, kw_only=True)
class Walked:
    """One act of a walk: done, refused as the walk expects (``expected``), or not as it expects (``refusal``)."""

    number: int
    place: Cursor
    source: str
    act: str
    outcome: Outcome | None
    refusal: QingtianError | None
    expected: QingtianError | None = None


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A walk as it was read."""

    name: str
    title: Words
    sort: str
    settings: Mapping[str, Decimal]
    people: Mapping[str, Person]
    place: Cursor


def read(folder: Folder, problems: list[Problem]) -> list[Walk]:
    """Read all walks of a kind's folder, in the order of their names."""
    walks = folder.joinpath("walks")
    files = sorted(walks.iterdir(), key=lambda each: each.name) if walks.is_dir() else []
    found = []
    for file in files:
        if file.name.endswith(".yaml"):
            name = f"{folder.name}/walks/{file.name}"
            document = documents.read(file, name=name, problems=problems)
            if document.value:
                found.append(_walk(Cursor(document=document, problems=problems)))
    return found


def _walk(place: Cursor) -> Walk:
    place.keys("zh", "en", "sort", "people", "acts", optional=("settings",))
    return Walk(
        name=place.document.name,
        title=Words(zh=place.text("zh"), en=place.text("en")),
        sort=place.one_of("sort", SORTS, default="branch"),
        settings={name: Decimal(str(row.value)) for name, row in place.named("settings")},
        people={name: _person(name, row) for name, row in place.named("people")},
        place=place,
    )


def _person(name: str, row: Cursor) -> Person:
    row.keys("roles", optional=("qualifications",))
    return Person(name=name, roles=frozenset(row.texts("roles")), qualifications=frozenset(row.texts("qualifications")))


def run(walk: Walk, definition: Definition, *, calendar: Calendar) -> Iterator[Walked]:
    """Do the acts of a walk one after the other; what disagrees with it is the refusal of the last `Walked`."""
    definition = definition.with_settings(walk.settings)
    state: State | None = None
    for number, row in enumerate(walk.place.rows("acts"), start=1):
        if not _whole(row):
            return
        outcome, error = _done(walk, definition, state, row, calendar)
        expected = error is not None and error.code in _codes(row)
        yield Walked(
            number=number,
            place=row,
            source=state.stage if state else "",
            act=row.text("act"),
            outcome=outcome,
            refusal=None if expected else error,
            expected=error if expected else None,
        )
        if error and not expected:
            return
        state = outcome.state if outcome else state


def _whole(row: Cursor) -> bool:
    """Whether an act of a walk says when, who and what; what it lacks is noted."""
    row.keys(*ACT, optional=ACT_MORE)
    return isinstance(row.value, dict) and all(row.has(key) for key in ACT)


def _codes(row: Cursor) -> tuple[str, ...]:
    """Return the codes of the refusal that an entry expects."""
    refused = row.text("refused")
    return (refused, f"machine.{refused}") if refused else ()


def _done(
    walk: Walk, definition: Definition, state: State | None, row: Cursor, calendar: Calendar
) -> tuple[Outcome | None, QingtianError | None]:
    refused = row.text("refused")
    try:
        outcome = step(definition, state, event(walk, row), calendar=calendar)
        outcome = replace(outcome, state=numbers.sampled(definition, outcome.state))
        if refused:
            said = {"what_zh": "结果", "what_en": "The result"}
            raise Unexpected(should=f"a refusal, {refused}", found=outcome.state.stage, **said)
        compare(row, outcome)
    except QingtianError as error:
        return None, error
    return outcome, None


def event(walk: Walk, row: Cursor) -> Event:
    """Return the event that an entry of ``acts`` describes.

    :raises Unexpected: if it names somebody who is not among the walk's people.
    """
    people = {name: tuple(_somebody(walk, each) for each in inner.value) for name, inner in row.named("people")}
    return Event(
        act=row.text("act"),
        at=moment(row.at("at").value),
        by=_somebody(walk, row.text("by")),
        present=tuple(_somebody(walk, name) for name in row.texts("with")),
        facts={name: _given(inner.value) for name, inner in row.named("facts")},
        papers=frozenset(row.texts("papers")),
        people=people,
        source=row.text("source"),
        reference=row.text("reference"),
    )


def _somebody(walk: Walk, name: str) -> Person:
    if name not in walk.people:
        raise Unexpected(what_zh="人员", what_en="The person", should=", ".join(walk.people), found=name)
    return walk.people[name]


def _given(value: Any) -> object:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=BEIJING)
    return value if isinstance(value, list) else literal(value)


def moment(value: object) -> datetime:
    """Return a day (its midnight) or a time without zone as a moment in Beijing.

    :raises Unexpected: if it is neither.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=BEIJING)
    if isinstance(value, date):
        return datetime.combine(value, time(), BEIJING)
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=BEIJING)
    except ValueError:
        said = {"what_zh": "时间", "what_en": "The time"}
        raise Unexpected(should="2026-03-02 or 2026-03-02T09:30", found=value, **said) from None


def compare(row: Cursor, outcome: Outcome) -> None:
    """:raises Unexpected: if the outcome is not what the entry expects."""
    if not row.has("expect"):
        return
    expect, state = row.at("expect").keys(optional=EXPECT), outcome.state
    if expect.has("stage"):
        _same("阶段", "The stage", expect.text("stage"), state.stage)
    for clock, inner in expect.named("due"):
        run_ = state.clock(clock)
        found = run_.due if run_ else None
        should = moment(inner.value) if isinstance(found, datetime) else inner.value
        _same(f"期限 {clock} 的届满日", f"The due day of {clock}", should, found)
    for name in expect.texts("papers"):
        _same(f"文书 {name}", f"The paper {name}", "in the file", "in the file" if state.has_paper(name) else "missing")
    for name in expect.texts("paused"):
        clock_run = state.clock(name)
        paused = clock_run is not None and clock_run.paused_on is not None
        _same(f"期限 {name}", f"Clock {name}", "paused", "paused" if paused else "not paused")
    for name in expect.texts("numbered"):
        known = state.history[-1].facts.get(name) == numbers.SAMPLE
        _same(f"事实 {name}", f"The fact {name}", NUMBERED, NUMBERED if known else "not given")
    found_effects = [f"{effect.kind} {effect.name}" for effect in outcome.effects]
    for name in expect.texts("effects"):
        _same("后果", "The effects", name, name if name in found_effects else ", ".join(found_effects) or "none")


def _same(what_zh: str, what_en: str, should: object, found: object) -> None:
    if should != found:
        raise Unexpected(what_zh=what_zh, what_en=what_en, should=should, found=found)
