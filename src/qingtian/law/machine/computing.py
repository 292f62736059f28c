"""Facts that follow from others (由其他事实算出): typed by nobody, computed by the acts that say so. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from qingtian.law import file_review
from qingtian.law.clocks import Words
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.state import FactValue, Refusal

CENT = Decimal("0.01")
Found = Mapping[str, FactValue]
"""What comes out, by part; empty part: it has only one. Nothing at all where it cannot be told yet."""
Inputs = Sequence[FactValue | None]


class ComputedByItself(Refusal):
    code = "machine.computed_by_itself"
    zh = "“{fact.zh}”由其他事实自动计算，不需填写。请去掉它后重试。"
    en = "“{fact.en}” is computed from other facts. Leave it out, and try again."


class NotComputed(Refusal):
    code = "machine.not_computed"
    zh = "“{fact.zh}”不能计算。{why.zh}"
    en = "“{fact.en}” cannot be computed. {why.en}"


def _apart(inputs: Inputs, day: date) -> Found:
    """The difference of two numbers, without its sign."""
    numbers = _numbers(inputs)
    return {"": abs(numbers[0] - numbers[1])} if len(numbers) == 2 else {}


def _mean(inputs: Inputs, day: date) -> Found:
    """The mean of numbers that are all known, to the cent, half to even."""
    numbers = _numbers(inputs)
    if len(numbers) < len(inputs):
        return {}
    return {"": (sum(numbers, Decimal(0)) / len(numbers)).quantize(CENT, ROUND_HALF_EVEN)}


def _first(inputs: Inputs, day: date) -> Found:
    """The first that is known."""
    return next(({"": value} for value in inputs if value is not None), {})


def _numbers(inputs: Inputs) -> list[Decimal]:
    return [Decimal(each) for each in inputs if isinstance(each, int | Decimal)]


def _file_review(inputs: Inputs, day: date) -> Found:
    """The score of a case file: of its sort, the points by item, the basic deductions, the major problems."""
    sort, points, deductions, major = inputs
    if sort is None or points is None:
        return {}
    found = file_review.scored(str(sort), _lines(points), _lines(deductions), _lines(major), day=day)
    return {
        "standard": found.standard,
        "points": found.points,
        "deducted": found.deducted,
        "major": found.major,
        "score": found.score,
        "steps": found.steps,
    }


def _lines(value: FactValue | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


KNOWN: Mapping[str, Callable[[Inputs, date], Found]] = {
    "apart": _apart,
    "mean": _mean,
    "first": _first,
    "file_review": _file_review,
}
PARTS = {"file_review": ("standard", "points", "deducted", "major", "score", "steps")}
INPUTS = {"apart": 2, "file_review": 4}
"""Of computations that take a certain number of facts."""


def computed(definition: Definition, act: Act, known: Mapping[str, FactValue], *, day: date) -> dict[str, FactValue]:
    """Return what an act computes, in the order it says; ``known``: facts of the matter with those of the act.

    :raises NotComputed: if what was given for it cannot be reckoned with.
    """
    found: dict[str, FactValue] = {}
    for name in act.computes:
        rule = definition.facts[name].computed
        assert rule is not None, "qingtian check lets an act compute only what can be"
        inputs = [{**known, **found}.get(each) for each in rule.of]
        try:
            value = KNOWN[rule.how](inputs, day).get(rule.part)
        except file_review.SheetRefused as error:
            # the second of its inputs is the sheet that somebody has filled in
            fact = definition.words.of("facts", rule.of[1])
            raise NotComputed(fact=fact, why=Words(zh=error.sentence("zh"), en=error.sentence("en"))) from error
        if value is not None:
            found[name] = value
    return found
