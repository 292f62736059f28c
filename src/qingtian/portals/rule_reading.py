"""A row of a rule file as people read it (规则解读): headings, units and codes in words.

What fields are called, and what their codes mean, is data: ``rule_words/fields.yaml`` and ``values.yaml``. A field that
is not there shows its own name, so nothing of a rule is ever hidden by a missing word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from django.utils.translation import gettext as say

from qingtian.law import rules
from qingtian.law.rules import Rule
from qingtian.portals import detectors, words
from qingtian.portals.matters import naming
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import in_language

SPOKEN = ("zh", "en")
LENGTHS = (("h", 3600), ("min", 60))
"""Units in which a whole number of seconds is easier to read."""
Field = Mapping[str, Any]


@cache
def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(
        files("qingtian.portals").joinpath("rule_words", f"{name}.yaml").read_text(encoding="utf-8")
    )
    return found


@cache
def _values() -> dict[str, dict[str, Field]]:
    return {name: {str(code): word for code, word in table.items()} for name, table in _read("values").items()}


@cache
def field(table: str, name: str) -> Field:
    """Return what is known of a field: by its table, by the folder of it, or anywhere."""
    known = _read("fields")
    keys = (f"{table}/{name}", f"{table.partition('/')[0]}/{name}", name)
    return next((known[key] for key in keys if key in known), {"zh": name, "en": name})


def heading(table: str, name: str) -> str:
    """Return what a field is called, as the head of a column."""
    word = _said(field(table, name))
    return word[:1].upper() + word[1:]


def fields(rows: Iterable[Rule], table: str) -> list[str]:
    """Return the fields of a table that a page shows, in the order in which they are first met."""
    met = dict.fromkeys(name for rule in rows for name in rule.values if name not in SPOKEN)
    units = {field(table, name).get("in") for name in met}
    return [name for name in met if name not in units and not field(table, name).get("hidden")]


def meaning(rule: Rule) -> str:
    """Return what a row says of itself in the language of the page; empty if it says nothing."""
    zh, en = str(rule.get("zh") or ""), str(rule.get("en") or "")
    return in_language(zh, en) or zh


def value(table: str, name: str, given: object, *, rule: Rule | None = None) -> str:
    """Return the value of a field in words, with its unit; missing is a dash, zero is zero."""
    known = field(table, name)
    if rule is not None and "pair" in known:
        return in_language(str(given or ""), str(rule.get(known["pair"]) or "")) or "—"
    if given in ("", None) and "all" in known:
        return _said(known["all"])
    if given is None or given == "":
        return "—"
    if isinstance(given, list):
        return say(", ").join(_one(known, each, rule) for each in given) or "—"
    return _one(known, given, rule)


def _one(known: Field, given: object, rule: Rule | None) -> str:
    if isinstance(given, bool):
        return say("yes") if given else say("no")
    if isinstance(given, Mapping):
        return _shaped(given, rule)
    if given == "" and "all" in known:
        return _said(known["all"])
    coded = _coded(known, str(given))
    if coded is not None:
        return coded
    if isinstance(given, int | float) and not known.get("plain"):
        return _figure(known, given, rule)
    return str(given)


def _figure(known: Field, given: float, rule: Rule | None) -> str:
    if known.get("percent"):
        return f"{parts.number(given * 100)} %"
    measured_in = str(rule.get(known["in"]) or "") if rule and "in" in known else known.get("unit", "")
    for larger, seconds in LENGTHS if measured_in == "s" else ():
        if given and given % seconds == 0:
            return duration(parts.number(given // seconds), larger)
    return duration(parts.number(given), measured_in)


def _coded(known: Field, code: str) -> str | None:
    """Return the word of a code, None if the field holds no codes or not this one."""
    if known.get("factor"):
        return _factor(code)
    if known.get("detector"):
        return detectors.name(code)
    if known.get("kind"):
        return naming.kind(code)
    if known.get("post"):
        return naming.post(code, day=date.max)
    of = known.get("of", "")
    if of == "command":
        return _command(code)
    if of.isupper():
        found = getattr(words, of).get(code)
        return None if found is None else str(found)
    word = _values().get(of, {}).get(code)
    if word is None:
        return parts.unit(code) if of == "unit" else None
    return _said(word)


def _factor(code: str) -> str:
    """A factor by name and code; the beginning of codes, or one that is in no table, stays as it is."""
    name = parts.factor_name(code)
    return f"{name} {code}" if name != code else code


@cache
def _commands() -> dict[str, tuple[str, str]]:
    passed = {str(rule["first"]): rule for rule in rules.table("relay/passing") if rule["first"] == rule["last"]}
    asked = {str(rule["cn"]): rule for rule in rules.table("hj212/requests")}
    return {code: (str(rule["zh"]), str(rule["en"])) for code, rule in (passed | asked).items()}


def _command(code: str) -> str:
    if code.isdigit() and int(code) in words.COMMANDS:
        return f"{code} {words.COMMANDS[int(code)]}"
    return f"{code} {in_language(*_commands()[code])}" if code in _commands() else code


def _shaped(given: Mapping[Any, Any], rule: Rule | None) -> str:
    """Return a value with parts: words, a length with its condition, codes with their meaning."""
    if "count" in given:
        return _length(given, rule)
    if "zh" in given:
        return _said(given)
    return say(", ").join(f"{code} {_pair(word)}" for code, word in given.items())


def _pair(word: object) -> str:
    return in_language(str(word[0]), str(word[1])) if isinstance(word, Sequence) and len(word) == 2 else str(word)


def _length(given: Mapping[str, Any], rule: Rule | None) -> str:
    """Return a variant or an extension of a clock: how long, in which case, who approves it."""
    measured_in = str(given.get("unit") or (rule.get("unit") if rule else "") or "")
    length = duration(given["count"], measured_in)
    said = [
        _said(each) for each in (given if "zh" in given else None, given.get("when"), given.get("approver")) if each
    ]
    return f"{length}{in_language('（', ' (')}{say('; ').join(said)}{in_language('）', ')')}" if said else length


def duration(count: object, measured_in: str) -> str:
    """Return how long something lasts, in days, working days, hours, months or years."""
    if count is None:
        return say("not stated in figures")
    word = _values()["unit"].get(measured_in)
    return f"{count} {_said(word) if word else parts.unit(measured_in)}".strip()


def _said(word: Field) -> str:
    return in_language(str(word.get("zh", "")), str(word.get("en", "")))
