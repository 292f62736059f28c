"""To which field of a form a refusal belongs, so that its sentence stands where something can be done about it."""

from __future__ import annotations

from qingtian.base.errors import QingtianError
from qingtian.law.machine.conditions import facts_of
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.gates import GuardRefuses, TooFewOfficers
from qingtian.law.machine.people import AssignmentMissing
from qingtian.portals.matters.fields import FACT, PAPER, PEOPLE, PRESENT, officers_gate
from qingtian.portals.matters.given import Given


def field_of(error: QingtianError, definition: Definition, act: Act, given: Given) -> str:
    """Return the name of the field; empty if the refusal is about the act as a whole."""
    if isinstance(error, TooFewOfficers):
        return PRESENT
    if isinstance(error, GuardRefuses):
        return _of_guard(error, definition, act)
    if isinstance(error, AssignmentMissing):
        return _by_words(PEOPLE, "roles", act.assigns, error.fields.get("role"), definition)
    if "fact" in error.fields:
        return _by_words(FACT, "facts", act.takes, error.fields["fact"], definition)
    if "paper" in error.fields:
        titles = {name: definition.papers[name].title for name in (*act.brings, *act.may_bring)}
        return next((PAPER + name for name, title in titles.items() if title == error.fields["paper"]), "")
    return _of_person(str(error.fields.get("person") or error.fields.get("username") or ""), definition, act, given)


def _by_words(prefix: str, section: str, names: tuple[str, ...], found: object, definition: Definition) -> str:
    return next((prefix + name for name in names if definition.words.of(section, name) == found), "")


def _of_guard(error: GuardRefuses, definition: Definition, act: Act) -> str:
    """A guard that compares a fact of this form belongs to that fact."""
    for name in act.guards:
        if definition.words.of("guards", name) == error.fields["why"]:
            asked = [each for each in act.takes if each in facts_of(definition.guards[name].when)]
            return FACT + asked[0] if asked else ""
    return ""


def _of_person(person: str, definition: Definition, act: Act, given: Given) -> str:
    for role, names in given.people.items():
        if person in names:
            return PEOPLE + role
    return PRESENT if person in given.present and officers_gate(definition, act) else ""
