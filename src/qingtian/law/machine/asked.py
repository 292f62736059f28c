"""What an act asks for: the facts and papers that are given with it, and those that have to be there already."""

from __future__ import annotations

from qingtian.law.machine import computing
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.documents import near
from qingtian.law.machine.numbers import numbered_by_itself
from qingtian.law.machine.state import Event, FactValue, Refusal, State
from qingtian.law.machine.values import FactMissing, FactNotAsked, MayNotFill, UnknownFact, settled


class PaperMissing(Refusal):
    code = "machine.paper_missing"
    zh = "“{act.zh}”缺少文书“{paper.zh}”（{basis}）。请先制作或附上。"
    en = "“{act.en}” needs the paper “{paper.en}” ({basis}). Make it or attach it first."


class PaperNotAsked(Refusal):
    code = "machine.paper_not_asked"
    zh = "“{act.zh}”不收文书“{paper}”。可以附的有：{known}。"
    en = "“{act.en}” does not take the paper {paper!r}. It takes: {known}."


def facts(definition: Definition, act: Act, state: State | None, event: Event, *, role: str) -> dict[str, FactValue]:
    """Return the facts given with the act by somebody in ``role``, as the matter keeps them.

    :raises UnknownFact, FactNotAsked, FactMissing, MayNotFill: if they are not those that the act asks for.
    :raises NumberedByItself, ComputedByItself: if one is a number that comes with its paper, or follows from others.
    :raises Refusal: as `qingtian.law.machine.values.settled` does.
    """
    given: dict[str, FactValue] = {}
    for name, found in event.facts.items():
        if name not in definition.facts:
            raise UnknownFact(kind=definition.manifest.words, fact=name, near=near(name, definition.facts))
        if definition.facts[name].number_of:
            raise numbered_by_itself(definition, name)
        if definition.facts[name].computed:
            raise computing.ComputedByItself(fact=definition.words.of("facts", name))
        if name not in act.takes:
            raise _not_asked(definition, act, name)
        if definition.facts[name].filled_by and role not in definition.facts[name].filled_by:
            raise _may_not_fill(definition, name, event, role)
        given[name] = settled(definition, definition.facts[name], found, day=event.day)
    for name in act.asks:
        if name not in given:
            raise missing_fact(definition, act, name)
    for name in act.needs:
        if name not in given and (state is None or name not in state.facts):
            raise missing_fact(definition, act, name)
    known = {**(state.facts if state else {}), **given}
    return {**given, **computing.computed(definition, act, known, day=event.day)}


def _may_not_fill(definition: Definition, name: str, event: Event, role: str) -> MayNotFill:
    fact = definition.facts[name]
    said = [definition.words.of("roles", each) for each in fact.filled_by]
    return MayNotFill(
        fact=definition.words.of("facts", name),
        fillers_zh="、".join(each.zh for each in said),
        fillers_en=", ".join(each.en for each in said),
        law=fact.law or "-",
        person=event.by.name,
        role=definition.words.of("roles", role),
    )


def _not_asked(definition: Definition, act: Act, name: str) -> FactNotAsked:
    known = "、".join(definition.words.of("facts", each).zh for each in act.takes) or "-"
    return FactNotAsked(act=definition.words.of("acts", act.name), fact=definition.words.of("facts", name), known=known)


def missing_fact(definition: Definition, act: Act, name: str) -> FactMissing:
    fact = definition.facts[name]
    return FactMissing(
        act=definition.words.of("acts", act.name),
        fact=definition.words.of("facts", name),
        law=fact.law or "-",
        help=fact.help,
    )


def papers(definition: Definition, act: Act, state: State | None, event: Event, *, citation: str) -> None:
    """:raises PaperMissing, PaperNotAsked: if a paper is lacking, or is none of the act's."""
    for name in sorted(event.papers):
        if name not in act.brings + act.may_bring:
            known = "、".join(definition.papers[each].title.zh for each in act.brings + act.may_bring) or "-"
            raise PaperNotAsked(act=definition.words.of("acts", act.name), paper=name, known=known)
    for name in act.brings:
        if name not in event.papers:
            raise missing_paper(definition, act, name, citation)
    for name in act.needs_papers:
        if name not in event.papers and not (state and state.has_paper(name)):
            raise missing_paper(definition, act, name, citation)


def missing_paper(definition: Definition, act: Act, name: str, citation: str) -> PaperMissing:
    return PaperMissing(act=definition.words.of("acts", act.name), paper=definition.papers[name].title, basis=citation)
