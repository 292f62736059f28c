"""What somebody has sent with a form → what an act takes: each field by itself, every problem at its field."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.http import HttpRequest, QueryDict

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.law.machine.asked import missing_fact, missing_paper
from qingtian.law.machine.definition import Act, Definition, Fact
from qingtian.law.machine.people import AssignmentMissing
from qingtian.law.machine.state import FactValue, State, day_of
from qingtian.law.machine.step import cited
from qingtian.law.machine.values import settled
from qingtian.office.objects.api import Kept
from qingtian.office.people.api import User
from qingtian.portals.matters import tables, uploads
from qingtian.portals.matters.fields import FACT, PAPER, PEOPLE, PRESENT
from qingtian.portals.matters.uploads import Brought

NUMBERS = ("money", "number", "whole")
KEPT, ON_PAPER = ".kept", ".on_paper"
"""Beside the field of a paper: the marks of files that were sent before; that there is no file."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What was sent, and what is wrong with it by the name of the field. ``marks``: of the files that came."""

    facts: Mapping[str, FactValue]
    papers: Mapping[str, Sequence[Kept] | None]
    people: Mapping[str, tuple[str, ...]]
    present: tuple[str, ...]
    marks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    problems: Mapping[str, QingtianError] = field(default_factory=dict)


def read(
    request: HttpRequest, definition: Definition, act: Act, state: State | None, *, user: User, place: str, at: datetime
) -> Given:
    """Read the form of an act. ``place`` names the form in the marks of its files."""
    problems: dict[str, QingtianError] = {}
    facts = _facts(request.POST, definition, act, state, at, problems)
    papers, marks = _papers(request, definition, act, user, place, at, problems)
    people = {role: tuple(request.POST.getlist(PEOPLE + role)) for role in act.assigns}
    for role, names in people.items():
        if not names:
            said = {"act": definition.words.of("acts", act.name), "role": definition.words.of("roles", role)}
            problems[PEOPLE + role] = AssignmentMissing(**said)
    present = tuple(request.POST.getlist(PRESENT))
    return Given(facts=facts, papers=papers, people=people, present=present, marks=marks, problems=problems)


def required(act: Act, state: State | None, name: str) -> bool:
    """Say whether a fact has to be given with the act: asked for, or needed and not known yet."""
    return name in act.asks or (name in act.needs and (state is None or name not in state.facts))


def _facts(
    form: QueryDict,
    definition: Definition,
    act: Act,
    state: State | None,
    at: datetime,
    problems: dict[str, QingtianError],
) -> dict[str, FactValue]:
    found: dict[str, FactValue] = {}
    for name in act.takes:
        fact = definition.facts[name]
        text = _text(form, fact, state, day_of(at))
        try:
            if text:
                found[name] = settled(definition, fact, plain(fact, text), day=day_of(at))
            elif required(act, state, name):
                raise missing_fact(definition, act, name)
        except QingtianError as error:
            problems[FACT + name] = error
    return found


def _text(form: QueryDict, fact: Fact, state: State | None, day: date) -> str:
    """Return what was typed for a fact; of a list that is asked row by row, its lines."""
    if fact.table is None:
        return str(form.get(FACT + fact.name, "")).strip()
    table = tables.of_rule(fact, option=option_of(fact, state.facts if state else {}, form), day=day)
    return "\n".join(tables.lines(form, FACT + fact.name, table))


def option_of(fact: Fact, known: Mapping[str, FactValue], form: QueryDict | None) -> str:
    """Return the option by which the rows of a fact's table are taken: as it is given now, else as it is known."""
    if fact.table is None or not fact.table.by:
        return ""
    now = str(form.get(FACT + fact.table.by, "")) if form is not None else ""
    return now or str(known.get(fact.table.by, ""))


def plain(fact: Fact, text: str) -> object:
    """Return what was typed as the machine reads it: Beijing time, figures without commas; else as it stands."""
    if fact.type in NUMBERS:
        return unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").removesuffix("元")
    if fact.type == "yes_no":
        return {"yes": True, "no": False}.get(text, text)
    if fact.type == "list":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if fact.type == "datetime":
        return _moment(text)
    return text


def _moment(text: str) -> object:
    """A ``datetime-local`` field says no zone: Beijing time, whatever the browser's."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def _papers(
    request: HttpRequest,
    definition: Definition,
    act: Act,
    user: User,
    place: str,
    at: datetime,
    problems: dict[str, QingtianError],
) -> tuple[dict[str, Sequence[Kept] | None], dict[str, Sequence[str]]]:
    found: dict[str, Sequence[Kept] | None] = {}
    marks: dict[str, Sequence[str]] = {}
    for name in (*act.brings, *act.may_bring):
        try:
            paper = _paper(request, name, user, f"{place}:{name}")
            if paper.files:
                found[name], marks[name] = paper.files, paper.marks
            elif request.POST.get(PAPER + name + ON_PAPER):
                found[name] = None
            if paper.refused is not None:
                raise paper.refused
            if name not in found and name in act.brings:
                raise missing_paper(definition, act, name, cited(definition, act, at))
        except QingtianError as error:
            problems[PAPER + name] = error
    return found, marks


def _paper(request: HttpRequest, name: str, user: User, place: str) -> Brought:
    """Return the files of a paper as they were brought."""
    marks = request.POST.getlist(PAPER + name + KEPT)
    return uploads.brought(user, place, marks, request.FILES.getlist(PAPER + name))
