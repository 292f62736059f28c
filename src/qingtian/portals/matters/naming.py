"""What the parts of a kind are called, in the language of the page: kind, stage, act, fact, value, paper, role, clock.

A kind says its own words (`words.yaml`). What has none shows its code, never nothing; of a kind whose folder is gone
the code stands for itself, so that a list never fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Protocol

from django.utils.functional import lazy
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from qingtian.base.times import BEIJING
from qingtian.law import clocks as law_clocks
from qingtian.law import rules
from qingtian.law.clocks import Words
from qingtian.law.machine import shelf
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.people import QUALIFICATIONS
from qingtian.law.machine.shelf import UnknownKind
from qingtian.law.machine.state import FactValue
from qingtian.law.machine.values import READ
from qingtian.office.matters.api import Matter
from qingtian.office.people.api import post_names
from qingtian.portals.templatetags.parts import language
from qingtian.portals.words import State, Word

UNITS: dict[str, Word] = {
    "CNY": _("yuan"),
    "day": _("days"),
    "hour": _("hours"),
    "人": _("people"),
    "日": _("days"),
    "s": _("seconds"),
    "%": "%",
}
LINKS: dict[str, tuple[Word, Word]] = {
    "opened_from": (_("Opened from"), _("Gave rise to")),
    "reconsiders": (_("Reconsiders"), _("Reconsidered in")),
    "repairs": (_("Repairs"), _("Repaired in")),
    "merged_into": (_("Merged into"), _("Took in")),
    "follows": (_("Follows"), _("Followed by")),
}
"""What a link is called as seen from its beginning, and from its other end."""
SECRECIES: dict[str, Word] = {"public": _("Public"), "internal": _("Internal"), "confidential": _("Confidential")}
VOLUMES: dict[str, Word] = {"main": _("Main volume"), "side": _("Side volume")}
MOVES: dict[str, Word] = {
    "clock_started": _("starts"),
    "clock_stopped": _("stops"),
    "clock_paused": _("is paused"),
    "clock_resumed": _("runs on"),
    "clock_extended": _("is extended"),
    "clock_missed": _("was missed"),
}


class Spoken(Protocol):
    """What is said in both languages."""

    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


def said(words: Spoken) -> str:
    """Return the words in the language of the page."""
    return words.zh if language().startswith("zh") else words.en


def joined(words: Iterable[str]) -> str:
    """Return words one after the other, as the language of the page separates them."""
    return say(", ").join(words)


def definition_of(code: str, version: int) -> Definition | None:
    """Return the kind in a version; None if its folder is gone."""
    try:
        return shelf.discover().version(code, version)
    except UnknownKind:
        return None


def kind(code: str) -> str:
    """Return what a kind is called in its newest version."""
    versions = [each for (found, _number), each in sorted(shelf.discover().kinds.items()) if found == code]
    return said(versions[-1].manifest.words) if versions else code


def kinds() -> list[tuple[str, str]]:
    """Return every kind as (code, name), by name, for filters."""
    newest = {code: each for (code, _version), each in sorted(shelf.discover().kinds.items())}
    return sorted(((code, said(each.manifest.words)) for code, each in newest.items()), key=lambda pair: pair[1])


def word(definition: Definition | None, section: str, name: str) -> str:
    """Return the word of a kind for a stage, act, fact, role, guard, gate, reason, source or setting."""
    return said(definition.words.of(section, name)) if definition else name


def stage(definition: Definition | None, name: str) -> str:
    return word(definition, "stages", name)


def act(definition: Definition | None, name: str) -> str:
    return word(definition, "acts", name)


def fact(definition: Definition | None, name: str) -> str:
    return word(definition, "facts", name)


def choice(definition: Definition | None, name: str, option: str) -> str:
    """Return the word of an option of the fact ``name``."""
    return word(definition, "choices", f"{name}.{option}") if definition else option


def role(definition: Definition | None, name: str) -> str:
    return word(definition, "roles", name)


def source(definition: Definition | None, name: str) -> str:
    """Return what a matter was opened from: the kind's own word, else that of the kind which gave rise to it."""
    own = word(definition, "sources", name)
    return own if own != name else kind(name)


def paper(definition: Definition | None, name: str) -> str:
    """Return the title of a paper."""
    known = definition.papers.get(name) if definition else None
    return said(known.title) if known else name


def clock(name: str, *, day: date) -> str:
    """Return what a statutory clock is called by the rule of a day; its identifier where there is none."""
    try:
        return said(law_clocks.named(name, day=day).words)
    except law_clocks.UnknownClock:
        return name


def post(name: str, *, day: date) -> str:
    """Return what a post of the office is called."""
    known = post_names(day=day).get(name)
    return said(known) if known else name


def affected(definition: Definition, effect: str, name: str, *, day: date) -> str:
    """Return what an effect is about: a paper, a role (or post), a statistic, or another kind."""
    match effect:
        case "open":
            return kind(name)
        case "tell":
            return role(definition, name) if name in definition.roles else post(name, day=day)
        case "count":
            statistic = definition.manifest.statistics.get(name)
            return said(statistic) if statistic else name
    return paper(definition, name)


def certificate(name: str) -> str:
    """Return what a qualification is called."""
    known = QUALIFICATIONS.get(name)
    return said(known) if known else name


def stage_state(matter: Matter) -> State:
    """Return the stage of a matter as a badge: at an end it is calm, merged ones say so."""
    definition = definition_of(matter.code, matter.version)
    here = stage(definition, matter.stage)
    if matter.merged_into_id:
        return State(word=_("Merged"), shape="done")
    return State(word=here, shape="done") if matter.closed else State(word=here, tone="brand")


def unit(name: str) -> str:
    """Return a unit as it is read."""
    return str(UNITS.get(name, name))


def figure(value: Decimal | int, *, decimals: int | None = None) -> str:
    """Return a number exactly as it is kept, with commas."""
    return f"{value:,}" if decimals is None else f"{value:,.{decimals}f}"


def value(
    definition: Definition | None, name: str, found: FactValue, *, people: Mapping[str, str] | None = None
) -> str:
    """Return a fact's value as a person reads it, with its unit. ``people``: names by username."""
    known = definition.facts.get(name) if definition else None
    kind_of = known.type if known else "text"
    if isinstance(found, bool):
        return say("yes") if found else say("no")
    if isinstance(found, datetime):
        return found.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, tuple):
        return say("; ").join(found)
    if isinstance(found, Decimal | int):
        written = figure(found, decimals=2 if kind_of == "money" else None)
        return f"{written} {unit(known.unit)}" if known and known.unit else written
    if kind_of == "choice":
        return choice(definition, name, found)
    return (people or {}).get(found, found) if kind_of == "person" else found


def written(definition: Definition | None, name: str, found: object, *, people: Mapping[str, str] | None = None) -> str:
    """Return a value as `value` does, of what the ledger wrote down (JSON); as it stands if it cannot be read."""
    known = definition.facts.get(name) if definition else None
    try:
        read = READ[known.type](found) if known else None
    except (ValueError, ArithmeticError):
        read = None
    return str(found) if read is None else value(definition, name, read, people=people)


@cache
def _groups() -> dict[str, Words]:
    return {rule["group"]: Words(zh=rule["zh"], en=rule["en"]) for rule in rules.table("kind_groups")}


def group(name: str) -> str:
    """Return the heading under which kinds stand together (rules/kind_groups.yaml)."""
    return said(_groups()[name])


def groups() -> list[tuple[str, Word]]:
    """Return the headings in their order, for filters and chapters."""
    return [(name, lazy(group, str)(name)) for name in _groups()]
