"""The form of an act: what it asks, what stands in it, what is wrong with it, and what it will do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from qingtian.base.errors import QingtianError
from qingtian.law.machine import numbers
from qingtian.law.machine import people as machine_people
from qingtian.law.machine.definition import Act, Definition, Fact
from qingtian.law.machine.state import FactValue, Person, Refusal, State, day_of
from qingtian.law.machine.step import cited
from qingtian.office.matters.api import Candidate, Matter, pickable
from qingtian.portals.matters import fields, naming, outcome, tables
from qingtian.portals.matters.fields import FACT, PAPER, PEOPLE, PRESENT, Field
from qingtian.portals.matters.given import ON_PAPER, option_of, required
from qingtian.portals.matters.tables import Row


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Of whom an act is asked, and about what. ``state`` None: it opens the matter, which is not there yet."""

    definition: Definition
    act: Act
    state: State | None
    matter: Matter
    known: Mapping[str, FactValue]
    """What this person may see of it."""
    person: Person
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A sentence of the summary; ``field`` is the id of what it is about, empty for the act as a whole."""

    field: str
    sentence: str
    code: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form as it is shown."""

    title: str
    basis: str
    facts: Sequence[Field]
    papers: Sequence[Field]
    people: Sequence[Field]
    given: Sequence[Field]
    """What the act gives by itself: numbers of papers."""
    computed: Sequence[str]
    """What the act computes, by its names."""
    problems: Sequence[Problem]
    does: Sequence[str]
    draft: bool
    """Whether the browser may keep a draft: not of what only some may see, as others may sit at the same machine."""

    @property
    def asks(self) -> bool:
        return bool(self.facts or self.papers or self.people)

    @property
    def sends_files(self) -> bool:
        return bool(self.papers)


def build(
    asking: Asking,
    *,
    sent: QueryDict | None = None,
    marks: Mapping[str, Sequence[str]] | None = None,
    wrong: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> Form:
    """Return the form. ``sent``: what was typed, ``marks``: of files that came, ``wrong``: sentences by field."""
    wrong = wrong or {}
    pickers = _pickers(asking)
    return Form(
        title=naming.act(asking.definition, asking.act.name),
        basis=cited(asking.definition, asking.act, asking.at),
        facts=list(_facts(asking, sent, wrong, pickers)),
        papers=list(_papers(asking, sent, marks or {}, wrong)),
        people=list(_people(asking, sent, wrong, pickers)),
        given=[
            fields.of_number(asking.definition, asking.definition.facts[fact], paper)
            for fact, paper in numbers.given_by(asking.definition, asking.act).items()
        ],
        computed=[naming.fact(asking.definition, name) for name in asking.act.computes if _sees(asking, name)],
        problems=problems,
        draft=not any(asking.definition.facts[name].seen_by for name in asking.act.takes),
        does=list(
            dict.fromkeys(outcome.does(asking.definition, asking.act, stage=_stage(asking), day=day_of(asking.at)))
        ),
    )


def _sees(asking: Asking, name: str) -> bool:
    """Say whether the person who acts will see a fact; they do so in the role in which they act."""
    seen_by = asking.definition.facts[name].seen_by
    return not seen_by or _my_role(asking) in seen_by


def _stage(asking: Asking) -> str:
    return asking.state.stage if asking.state else ""


def _pickers(asking: Asking) -> Mapping[str, Sequence[Candidate]]:
    """Return who could be named for each role that the form asks people for."""
    definition, act = asking.definition, asking.act
    gate = fields.officers_gate(definition, act)
    roles = [*act.assigns, *([gate.role] if gate else ())]
    if any(definition.facts[name].type == "person" for name in act.takes):
        roles += [role.name for role in definition.roles.values() if not role.assigned]
    if not roles:
        return {}
    return pickable(definition, roles, matter=asking.matter, state=asking.state, at=asking.at)


def _facts(
    asking: Asking, sent: QueryDict | None, wrong: Mapping[str, str], pickers: Mapping[str, Sequence[Candidate]]
) -> Iterator[Field]:
    definition, act = asking.definition, asking.act
    role = _my_role(asking)
    for name in act.takes:
        fact = definition.facts[name]
        if name in act.may and fact.filled_by and role not in fact.filled_by:
            continue
        before = fields.typed(fact, asking.known.get(name))
        proposed = "" if before or sent is not None else _proposed(asking, fact)
        field = fields.of_fact(
            definition,
            fact,
            required=required(act, asking.state, name),
            value=proposed or before if sent is None else sent.get(FACT + name, ""),
            proposed=bool(proposed),
            problem=wrong.get(FACT + name, ""),
            at=asking.at,
        )
        if fact.type == "person":
            field = fields.of_person(field, [one for some in pickers.values() for one in some])
        elif fact.table is not None:
            field = fields.of_table(field, _rows(asking, fact, sent))
        yield field


def _rows(asking: Asking, fact: Fact, sent: QueryDict | None) -> list[Row]:
    """Return the rows of a list that is asked by a table, with what was sent, else with what is known."""
    known = {} if asking.state is None else asking.state.facts
    table = tables.of_rule(fact, option=option_of(fact, known, sent), day=day_of(asking.at))
    name = FACT + fact.name
    before = fields.typed(fact, asking.known.get(fact.name)).splitlines()
    return tables.rows(fact, name, table, before if sent is None else tables.lines(sent, name, table))


def _proposed(asking: Asking, fact: Fact) -> str:
    """Return what the kind lets a form propose for a fact that is not known yet; somebody has to check it."""
    enterprise, episode = asking.matter.enterprise, asking.matter.episode
    if fact.proposed == "enterprise":
        return enterprise.name if enterprise else ""
    return episode.sentence_zh if fact.proposed == "alert" and episode else ""


def _my_role(asking: Asking) -> str:
    """Return the role in which this person would do it; empty if in none."""
    try:
        return machine_people.role_for(
            asking.definition, asking.act, asking.state, asking.person, citation=asking.act.name
        ).name
    except Refusal:
        return ""


def _papers(
    asking: Asking, sent: QueryDict | None, marks: Mapping[str, Sequence[str]], wrong: Mapping[str, str]
) -> Iterator[Field]:
    act = asking.act
    for name in (*act.brings, *act.may_bring):
        yield fields.of_paper(
            asking.definition,
            name,
            required=name in act.brings,
            problem=wrong.get(PAPER + name, ""),
            kept=marks.get(name, ()),
            on_paper=bool(sent and sent.get(PAPER + name + ON_PAPER)),
        )


def _people(
    asking: Asking, sent: QueryDict | None, wrong: Mapping[str, str], pickers: Mapping[str, Sequence[Candidate]]
) -> Iterator[Field]:
    definition, act, state = asking.definition, asking.act, asking.state
    for role in act.assigns:
        now = list(state.assigned.get(role, ())) if state else []
        chosen = sent.getlist(PEOPLE + role) if sent is not None else now
        problem = wrong.get(PEOPLE + role, "")
        yield fields.of_role(definition, role, pickers.get(role, ()), chosen=chosen, problem=problem)
    gate = fields.officers_gate(definition, act)
    if gate is not None:
        others = [one for one in pickers.get(gate.role, ()) if one.user.username != asking.person.name]
        named = state.assigned.get(gate.role, ()) if state else ()
        chosen = sent.getlist(PRESENT) if sent is not None else [each for each in named if each != asking.person.name]
        there = fields.of_present(definition, act, others, chosen=chosen, problem=wrong.get(PRESENT, ""))
        if there is not None:
            yield there


def summary(problems: Mapping[str, QingtianError], sentences: Mapping[str, str]) -> list[Problem]:
    """Return the sentences of the summary, each leading to its field."""
    return [
        Problem(field=name.replace(".", "-"), sentence=sentences[name], code=error.code)
        for name, error in problems.items()
    ]
