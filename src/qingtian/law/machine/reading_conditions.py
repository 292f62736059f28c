"""The conditions of ``machine.yaml`` → `Condition`: each form is a mapping with one leading key."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from qingtian.law.machine.conditions import (
    CLOCK_STATUSES,
    OPERATORS,
    ClockIs,
    Compare,
    Condition,
    Every,
    Guarded,
    Happened,
    HasPaper,
    Known,
    Not,
    OneOf,
    Some,
    Value,
)
from qingtian.law.machine.documents import Cursor
from qingtian.law.machine.state import FactValue

NEVER = Some(parts=())
LEADING = ("all", "any", "not", "guard", "clock", "done", "paper", "fact", "product", "days", "today")
VALUES = ("fact", "setting", "product", "days", "today")


def condition(place: Cursor) -> Condition:
    """Read the condition that stands here; what cannot be read is noted and never holds."""
    found = place.value
    leading = next((key for key in LEADING if isinstance(found, dict) and key in found), None)
    if leading is None:
        place.report(
            "key_unknown",
            key=next(iter(found), "") if isinstance(found, dict) else str(found),
            known=", ".join(LEADING),
        )
        return NEVER
    if leading in ("all", "any"):
        place.keys(leading)
        parts = tuple(condition(each) for each in place.rows(leading))
        return Every(parts=parts) if leading == "all" else Some(parts=parts)
    if leading == "not":
        place.keys("not")
        return Not(part=condition(place.at("not")))
    return _simple(place, leading)


def _simple(place: Cursor, leading: str) -> Condition:
    if leading == "guard":
        return Guarded(guard=place.keys("guard").text("guard"))
    if leading == "clock":
        place.keys("clock", "is")
        return ClockIs(clock=place.text("clock"), status=place.one_of("is", CLOCK_STATUSES, default="started"))
    if leading == "done":
        return Happened(act=place.keys("done", optional=("after",)).text("done"), after=place.text("after"))
    if leading == "paper":
        return HasPaper(paper=place.keys("paper").text("paper"))
    if leading == "fact" and place.has("known"):
        place.keys("fact", "known")
        known = Known(fact=place.text("fact"))
        return known if place.flag("known") else Not(part=known)
    if leading == "fact" and place.has("in"):
        return OneOf(fact=place.keys("fact", "in").text("fact"), options=place.texts("in"))
    return _compare(place, leading)


def _compare(place: Cursor, leading: str) -> Condition:
    operator = next((key for key in OPERATORS if key in place.value), None)
    if operator is None:
        known = ", ".join((*OPERATORS, "in", "known"))
        place.report("none_of_keys", known=known)
        return NEVER
    place.keys(leading, operator)
    return Compare(left=_value(place, leading), operator=operator, right=right(place.at(operator)))


def right(place: Cursor) -> Value:
    """Read the value that stands here: a literal, or a mapping such as ``{fact: fine}``."""
    found = place.value
    if isinstance(found, dict):
        leading = next((key for key in VALUES if key in found), None)
        if leading is None:
            place.report("key_unknown", key=next(iter(found), ""), known=", ".join(VALUES))
            return Value(kind="literal")
        return _value(place.keys(leading), leading)
    if isinstance(found, list) or found is None:
        place.wrong("一个值", "one value")
        return Value(kind="literal")
    return Value(kind="literal", literal=literal(found))


def _value(place: Cursor, leading: str) -> Value:
    if leading in ("product", "days"):
        parts = tuple(right(each) for each in place.rows(leading))
        if len(parts) != 2:
            place.at(leading).wrong("两个值的列表", "a list of two values")
            return Value(kind="literal")
        return Value(kind=leading, parts=parts)
    return Value(kind=leading, name=place.text(leading))


def literal(found: FactValue | float) -> FactValue:
    """Return a YAML scalar as facts have it: numbers are exact."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return found
    return Decimal(str(found))


def decimal(place: Cursor, key: str) -> Decimal | None:
    """Return the number under ``key``, exact."""
    if not place.has(key):
        return None
    try:
        return Decimal(str(place.at(key).value))
    except InvalidOperation:
        place.at(key).wrong("数字", "a number")
        return None
