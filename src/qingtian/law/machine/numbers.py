"""Facts that are the number of a paper 文号: known as soon as an act has made the paper, typed by nobody.

The machine does not number; whoever keeps the series does, once it has let the act through. Conditions of the act
itself are judged before that, and do not see the number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from qingtian.law.clocks import Words
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.state import FactValue, Refusal, State

SAMPLE = "示例〔2026〕1号"
"""The number of a paper where nobody keeps a series: in walks, and in papers that are made to be looked at."""


class NumberedByItself(Refusal):
    code = "machine.numbered_by_itself"
    zh = "“{fact.zh}”在办理时由“{paper.zh}”自动编号，不需填写。请去掉它后重试。"
    en = "“{fact.en}” is the number that “{paper.en}” gets by itself when the act is done. Leave it out, and try again."


def given_by(definition: Definition, act: Act) -> dict[str, str]:
    """Return the facts that an act gives by itself, each with the paper whose number it is."""
    return {
        fact.name: next(paper for paper in fact.number_of if paper in act.makes)
        for fact in definition.facts.values()
        if fact.number_of and not set(fact.number_of).isdisjoint(act.makes)
    }


def filled(definition: Definition, state: State, numbers: Mapping[str, str]) -> State:
    """Return the state with the facts that its last act gave by itself. ``numbers``: of the papers made, by name."""
    last = state.history[-1]
    given: dict[str, FactValue] = {
        fact: numbers[paper] for fact, paper in given_by(definition, definition.acts[last.act]).items()
    }
    if not given:
        return state
    done = replace(last, facts={**last.facts, **given})
    return replace(state, facts={**state.facts, **given}, history=(*state.history[:-1], done))


def sampled(definition: Definition, state: State) -> State:
    """Return the state with a `SAMPLE` for each number that its last act gave by itself."""
    return filled(definition, state, dict.fromkeys(definition.acts[state.history[-1].act].makes, SAMPLE))


def numbered_by_itself(definition: Definition, name: str) -> NumberedByItself:
    """Return the refusal of a number that somebody typed."""
    papers = [definition.papers[paper].title for paper in definition.facts[name].number_of]
    title = Words(zh="”或“".join(each.zh for each in papers), en="” or “".join(each.en for each in papers))
    return NumberedByItself(fact=definition.words.of("facts", name), paper=title)
