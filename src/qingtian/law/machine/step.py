"""One act 行为: (definition, state, event) → (new state, effects), or a refusal. Pure: time and calendar are passed in.

The order of the questions is the order in which a clerk would ask them: does the act exist, is the matter open, is it
in the right stage, is the time possible, may this person, are the facts and papers there, do guards and gates let it
pass. Nothing is half done: a refusal leaves the state as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from itertools import chain

from qingtian.law.calendar import Calendar
from qingtian.law.clocks import Words
from qingtian.law.machine import asked, people, running
from qingtian.law.machine import gates as gating
from qingtian.law.machine.conditions import View
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.documents import near
from qingtian.law.machine.state import Done, Effect, Event, FactValue, Outcome, PaperKept, Refusal, State, day_of


class UnknownAct(Refusal):
    code = "machine.unknown_act"
    zh = "事项“{kind.zh}”没有名为“{act}”的行为。相近的有：{near}。请改用其中之一。"
    en = "“{kind.en}” has no act named {act!r}. The nearest are: {near}. Use one of them."


class OtherDefinition(Refusal):
    code = "machine.other_definition"
    zh = (
        "该事项是按 {code} 第 {version} 版开启的，不能按 {other} 第 "
        "{other_version} 版办理。请按原版本办理，或先明确迁移版本。"
    )
    en = (
        "The matter was opened under {code} version {version}, and cannot go on "
        "under {other} version {other_version}. Use its own, or migrate it first."
    )


class VersionNotInForce(Refusal):
    code = "machine.version_not_in_force"
    zh = (
        "“{kind.zh}”第 {version} 版只适用于 {start} 起{until.zh}开启的事项，"
        "行为当日为 {day}（{basis}）。请选用当日有效的版本。"
    )
    en = (
        "Version {version} of “{kind.en}” is for matters opened from {start} "
        "on{until.en}; the act is of {day} ({basis}). Use the version in force."
    )


class UnknownSource(Refusal):
    code = "machine.unknown_source"
    zh = "“{kind.zh}”不能从“{source}”开启。可以从：{known}。"
    en = "“{kind.en}” is not opened from {source!r}. It is opened from: {known}."


class NotOpened(Refusal):
    code = "machine.not_opened"
    zh = "事项尚未开启，不能“{act.zh}”。请先办理：{known}。"
    en = "The matter is not open yet, so “{act.en}” is not possible. First: {known}."


class AlreadyOpen(Refusal):
    code = "machine.already_open"
    zh = "事项已于 {since} 开启，不能再次“{act.zh}”。如为另一件事，请另开事项。"
    en = (
        "The matter has been open since {since}; “{act.en}” cannot "
        "open it again. Open another matter for another affair."
    )


class MatterClosed(Refusal):
    code = "machine.closed"
    zh = "事项已于 {since} 以“{stage.zh}”终结，不能再“{act.zh}”。如有新的事实，请另开事项并与本事项关联。"
    en = (
        "The matter ended on {since} with “{stage.en}”; “{act.en}” is "
        "no longer possible. For new facts open a new matter and link it."
    )


class NotInThisStage(Refusal):
    code = "machine.not_in_this_stage"
    zh = "事项现处于“{stage.zh}”，“{act.zh}”须在以下阶段办理：{stages}（{basis}）。请先完成前面的步骤。"
    en = "The matter is in “{stage.en}”; “{act.en}” belongs to: {stages_en} ({basis}). Do what comes before it first."


class BeforeTheLastAct(Refusal):
    code = "machine.before_last_act"
    zh = "“{act.zh}”的时间 {at} 早于上一行为“{last.zh}”的 {since}。请核对时间；较早的事实请填在日期事实中。"
    en = (
        "“{act.en}” is dated {at}, before the last act “{last.en}” of "
        "{since}. Check the time; earlier facts belong in date facts."
    )


def step(definition: Definition, state: State | None, event: Event, *, calendar: Calendar) -> Outcome:
    """Do an act. ``state`` None: the act opens the matter.

    :raises Refusal: if it is not possible; its class says why.
    :raises ValueError: if the event's time has no zone.
    """
    if event.at.tzinfo is None:
        raise ValueError("a time without a zone says nothing; give it one")
    act = find(definition, event.act)
    citation = cited(definition, act, event.at)
    check_place(definition, act, state, at=event.at, citation=citation)
    _check_opening(definition, act, event)
    role = people.role_for(definition, act, state, event.by, citation=citation)
    named = people.assignments(definition, act, state, event)
    given = asked.facts(definition, act, state, event, role=role.name)
    asked.papers(definition, act, state, event, citation=citation)
    view = view_of(definition, state, given, at=event.at)
    shut = chain(
        gating.guards(definition, act, view, citation=citation), gating.gates(definition, act, view, event=event)
    )
    for refusal in shut:
        raise refusal
    runs, moves = running.moved(definition, act, state.clocks if state else (), view, calendar=calendar)
    after = _after(definition, act, state, event, role=role.name, given=given)
    acted = _acted(after, [(role.name, (event.by.name,)), *_present(definition, act, event), *named.items()])
    people.apart(definition, acted, day=event.day)
    after = replace(after, clocks=runs, assigned={**after.assigned, **named}, acted=acted)
    return Outcome(state=after, effects=(*_paper_effects(act, event), *moves, *_effects(definition, act, view, after)))


def find(definition: Definition, name: str) -> Act:
    """:raises UnknownAct: with the nearest names."""
    if name not in definition.acts:
        raise UnknownAct(kind=definition.manifest.words, act=name, near=near(name, definition.acts))
    return definition.acts[name]


def cited(definition: Definition, act: Act, at: datetime) -> str:
    """Return the article that an act stands on, of its day."""
    day = day_of(at)
    return act.basis.on(day) or definition.manifest.basis.on(day)


def check_place(definition: Definition, act: Act, state: State | None, *, at: datetime, citation: str) -> None:
    """:raises Refusal: if the matter is not where the act can happen, or the time is before the last act."""
    said = definition.words.of("acts", act.name)
    if state is None:
        if not act.opens:
            known = "、".join(
                definition.words.of("acts", each.name).zh for each in definition.acts.values() if each.opens
            )
            raise NotOpened(act=said, known=known)
        return
    _check_version(definition, state)
    last = state.history[-1]
    if state.closed:
        raise MatterClosed(act=said, stage=definition.words.of("stages", state.stage), since=day_of(last.at))
    if act.opens:
        raise AlreadyOpen(act=said, since=day_of(state.history[0].at))
    if state.stage not in definition.stages_of(act):
        raise _elsewhere(definition, act, state, citation)
    if at < last.at:
        raise BeforeTheLastAct(act=said, at=at, last=definition.words.of("acts", last.act), since=last.at)


def _check_version(definition: Definition, state: State) -> None:
    mine = definition.manifest
    if (state.code, state.version) != (mine.code, mine.version):
        raise OtherDefinition(code=state.code, version=state.version, other=mine.code, other_version=mine.version)


def _elsewhere(definition: Definition, act: Act, state: State, citation: str) -> NotInThisStage:
    stages = [definition.words.of("stages", name) for name in definition.stages_of(act)]
    return NotInThisStage(
        act=definition.words.of("acts", act.name),
        stage=definition.words.of("stages", state.stage),
        stages="、".join(each.zh for each in stages),
        stages_en=", ".join(each.en for each in stages),
        basis=citation,
    )


def _check_opening(definition: Definition, act: Act, event: Event) -> None:
    if not act.opens:
        return
    manifest = definition.manifest
    if not manifest.in_force(event.day):
        raise VersionNotInForce(
            kind=manifest.words,
            version=manifest.version,
            start=manifest.start,
            until=_until(manifest.end),
            day=event.day,
            basis=cited(definition, act, event.at) or "-",
        )
    if event.source not in manifest.opened_from:
        raise UnknownSource(kind=manifest.words, source=event.source, known=", ".join(manifest.opened_from))


def _until(end: date | None) -> Words:
    return Words(zh=f"至 {end} 前", en=f" and before {end}") if end else Words(zh="", en="")


def view_of(definition: Definition, state: State | None, given: Mapping[str, FactValue], *, at: datetime) -> View:
    """Return what conditions see: the matter, with the facts of the act on top, and the figures that it keeps."""
    return View(
        state=state,
        facts={**(state.facts if state else {}), **given},
        settings={**definition.figures, **(state.settings if state else {})},
        guards={name: guard.when for name, guard in definition.guards.items()},
        at=at,
    )


def _after(
    definition: Definition, act: Act, state: State | None, event: Event, *, role: str, given: Mapping[str, FactValue]
) -> State:
    source = state.stage if state else ""
    target = definition.target_of(act, stage=source)
    done = Done(
        act=act.name,
        at=event.at,
        by=event.by.name,
        role=role,
        present=tuple(person.name for person in event.present),
        source=source,
        target=target,
        facts=given,
    )
    before = state or _nothing(definition, event)
    kept = tuple(PaperKept(name=name, at=event.at, act=act.name) for name in (*sorted(event.papers), *act.makes))
    return replace(
        before,
        stage=target,
        closed=definition.stages[target].end,
        facts={**before.facts, **given},
        papers=before.papers + kept,
        history=(*before.history, done),
    )


def _nothing(definition: Definition, event: Event) -> State:
    return State(
        code=definition.manifest.code,
        version=definition.manifest.version,
        stage="",
        closed=False,
        source=event.source,
        reference=event.reference,
        facts={},
        assigned={},
        acted={},
        papers=(),
        clocks=(),
        history=(),
        settings=definition.figures,
    )


def _present(definition: Definition, act: Act, event: Event) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Who is present where the law asks for several officers has acted in that role, too."""
    for gate in (definition.gates[name] for name in act.gates):
        if gate.kind == "officers":
            office = definition.roles[gate.role].office
            yield gate.role, tuple(each.name for each in event.present if each.roles & set(office))


def _acted(state: State, roles: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, frozenset[str]]:
    found = dict(state.acted)
    for role, names in roles:
        found[role] = found.get(role, frozenset()) | frozenset(names)
    return found


def _paper_effects(act: Act, event: Event) -> tuple[Effect, ...]:
    return tuple(Effect(kind="paper", name=name, at=event.at) for name in (*sorted(event.papers), *act.makes))


def _effects(definition: Definition, act: Act, view: View, after: State) -> Iterator[Effect]:
    for rule in act.effects:
        if not rule.when or definition.guards[rule.when].when.holds(view):
            yield Effect(kind=rule.kind, name=rule.name, at=view.at)
    if after.closed:
        yield Effect(kind="closed", name=after.stage, at=view.at)
