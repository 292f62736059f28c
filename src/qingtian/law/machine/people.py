"""Who may do an act 行为主体: roles of the office and of the matter, qualifications, separation of duties 职责分离."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations

from qingtian.law.clocks import Words
from qingtian.law.machine.definition import Act, Definition, Role
from qingtian.law.machine.state import Event, Person, Refusal, State, day_of

QUALIFICATIONS = {
    "enforcement": Words(zh="行政执法证", en="an enforcement certificate"),
    "legal": Words(zh="国家统一法律职业资格", en="the national legal qualification"),
}


class MissingRole(Refusal):
    code = "machine.missing_role"
    zh = "“{act.zh}”须由{roles_zh}办理（{basis}）；{person}不是。请由有权的人员办理，或先指派。"
    en = "“{act.en}” is for: {roles_en} ({basis}); {person} is none of them. Let one of them do it, or assign first."


class NotAssigned(Refusal):
    code = "machine.not_assigned"
    zh = "“{act.zh}”须由本事项指派的{role.zh}办理，{person}未被指派；现为：{known}。请由其办理，或改派。"
    en = (
        "“{act.en}” is for the {role.en} of this matter, and {person} "
        "is not named; named are: {known}. Let them, or name others."
    )


class NotQualified(Refusal):
    code = "machine.not_qualified"
    zh = "{role.zh}须持有{what.zh}（{basis}），{person}没有。请换人，或补录证书。"
    en = "The {role.en} needs {what.en} ({basis}); {person} has none. Choose somebody else, or record the certificate."


class SeparationBroken(Refusal):
    code = "machine.separation"
    zh = "{person}在本事项中已是{other.zh}，不得再为{role.zh}（{basis}）。请由他人担任。"
    en = "{person} has been {other.en} in this matter and may not be {role.en} as well ({basis}). Choose somebody else."


class AssignmentMissing(Refusal):
    code = "machine.assignment_missing"
    zh = "“{act.zh}”须同时指派{role.zh}。请写明人员。"
    en = "“{act.en}” has to name the {role.en}. Say who it is."


class AssignmentUnknown(Refusal):
    code = "machine.assignment_unknown"
    zh = "“{act.zh}”不指派“{role}”。它指派：{known}。请去掉。"
    en = "“{act.en}” does not name a {role!r}. It names: {known}. Leave it out."


def role_for(definition: Definition, act: Act, state: State | None, person: Person, *, citation: str) -> Role:
    """Return the first of the act's roles that the person has in this matter.

    :raises MissingRole, NotAssigned, NotQualified, SeparationBroken: why there is none.
    """
    names = definition.roles_of(act)
    reasons = []
    for name in names:
        try:
            require(definition, act, state, person, role=definition.roles[name], citation=citation)
        except Refusal as refusal:
            reasons.append(refusal)
        else:
            return definition.roles[name]
    # the nearest miss says most: what is lacking to a role that the person could have
    closest = next((each for each in reasons if not isinstance(each, MissingRole)), None)
    raise closest or _missing(definition, act, person, names, citation)


def _missing(definition: Definition, act: Act, person: Person, names: tuple[str, ...], citation: str) -> MissingRole:
    said = [definition.words.of("roles", name) for name in names]
    return MissingRole(
        act=definition.words.of("acts", act.name),
        roles_zh="、".join(each.zh for each in said),
        roles_en=", ".join(each.en for each in said),
        basis=citation,
        person=person.name,
    )


def require(
    definition: Definition, act: Act, state: State | None, person: Person, *, role: Role, citation: str
) -> None:
    """:raises Refusal: if the person may not act in that role."""
    if not person.roles & set(role.office):
        raise _missing(definition, act, person, (role.name,), citation)
    qualified(definition, role, person, citation=citation)
    if role.assigned:
        _named(definition, act, state, person, role)
    separate(definition, state, role.name, person)


def qualified(definition: Definition, role: Role, person: Person, *, citation: str) -> None:
    """:raises NotQualified: if the role needs a certificate that the person has not."""
    for each in role.requires:
        if each not in person.qualifications:
            said = definition.words.of("roles", role.name)
            raise NotQualified(role=said, what=QUALIFICATIONS[each], basis=citation, person=person.name)


def _named(definition: Definition, act: Act, state: State | None, person: Person, role: Role) -> None:
    known = state.assigned.get(role.name, ()) if state else ()
    if person.name not in known:
        raise NotAssigned(
            act=definition.words.of("acts", act.name),
            role=definition.words.of("roles", role.name),
            person=person.name,
            known=", ".join(known) or "-",
        )


def separate(definition: Definition, state: State | None, role: str, person: Person) -> None:
    """:raises SeparationBroken: if the person has been in a role that may not be joined with this one."""
    if state is not None:
        joined = {**state.acted, role: state.acted.get(role, frozenset()) | {person.name}}
        apart(definition, joined, day=day_of(state.history[-1].at), newest=role)


def apart(definition: Definition, acted: Mapping[str, frozenset[str]], *, day: date, newest: str = "") -> None:
    """Look at who has been in which role, by role; ``newest`` is the role to be named as the one too many.

    :raises SeparationBroken: if one person is in two that are kept apart.
    """
    for rule in definition.separations:
        for one, other in combinations(rule.roles, 2):
            both = acted.get(one, frozenset()) & acted.get(other, frozenset())
            if both:
                first, last = (other, one) if one == newest else (one, other)
                raise SeparationBroken(
                    person=min(both),
                    other=definition.words.of("roles", first),
                    role=definition.words.of("roles", last),
                    basis=rule.basis.on(day),
                )


def assignments(definition: Definition, act: Act, state: State | None, event: Event) -> dict[str, tuple[str, ...]]:
    """Return whom the act names, by role.

    :raises AssignmentMissing, AssignmentUnknown: if it names too few or too many roles.
    :raises NotQualified, SeparationBroken, MissingRole: if somebody may not be what they are named for.
    """
    said = definition.words.of("acts", act.name)
    for name in event.people:
        if name not in act.assigns:
            raise AssignmentUnknown(act=said, role=name, known=", ".join(act.assigns) or "-")
    for name in act.assigns:
        if not event.people.get(name):
            raise AssignmentMissing(act=said, role=definition.words.of("roles", name))
    citation = act.basis.on(event.day) or definition.manifest.basis.on(event.day)
    for role, person in _pairs(event):
        if not person.roles & set(definition.roles[role].office):
            raise _missing(definition, act, person, (role,), citation)
        may_be(definition, state, definition.roles[role], person, citation=citation)
    return {role: tuple(person.name for person in people) for role, people in event.people.items()}


def _pairs(event: Event) -> Iterator[tuple[str, Person]]:
    return ((role, person) for role, people in event.people.items() for person in people)


def may_be(definition: Definition, state: State | None, role: Role, person: Person, *, citation: str) -> None:
    """:raises NotQualified, SeparationBroken: if a holder of the role's posts may not be named for it."""
    qualified(definition, role, person, citation=citation)
    separate(definition, state, role.name, person)
