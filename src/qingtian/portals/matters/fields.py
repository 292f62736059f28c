"""Fields of a form, generated from what a kind says of its facts, papers and roles: type, unit, bounds, help, law."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.utils.translation import gettext as say

from qingtian.base.times import BEIJING
from qingtian.law.machine.definition import Act, Definition, Fact, Gate
from qingtian.law.machine.state import FactValue, day_of
from qingtian.office.matters.api import Candidate
from qingtian.office.objects.api import Kept
from qingtian.portals.matters import naming, uploads
from qingtian.portals.matters.sentences import sentence
from qingtian.portals.matters.tables import Row

Shape = Literal[
    "text", "lines", "date", "datetime", "number", "radio", "select", "people", "file", "given", "cited", "table"
]
SHAPES: dict[str, Shape] = {
    "text": "text",
    "date": "date",
    "datetime": "datetime",
    "money": "number",
    "number": "number",
    "whole": "number",
    "choice": "radio",
    "yes_no": "radio",
    "person": "select",
    "list": "lines",
}
FEW = 8
"""Options up to which all are shown at once; more are a list to choose from."""
FACT, PAPER, PEOPLE, PRESENT = "fact.", "paper.", "people.", "present"
"""What the names of fields begin with."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing that can be chosen; ``against``: why it cannot, empty if it can."""

    value: str
    word: str
    chosen: bool = False
    against: str = ""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One question. ``value`` is what stands in it, as typed; ``kept``: the marks of files that were sent before."""

    name: str
    shape: Shape
    title: str
    help: str = ""
    law: str = ""
    required: bool = False
    unit: str = ""
    decimals: bool = False
    earliest: str = ""
    latest: str = ""
    options: Sequence[Option] = ()
    value: str = ""
    proposed: bool = False
    problem: str = ""
    kept: Sequence[str] = ()
    on_paper: bool = False
    rows: Sequence[Row] = ()
    """Of a list that is asked row by row."""
    offers: str = ""
    """Where a field that is filled in by hand gets what it offers."""

    @property
    def carried(self) -> list[tuple[str, Kept]]:
        """The files that were sent before, each with its mark."""
        return [(mark, file) for mark in self.kept if (file := uploads.peek(mark)) is not None]

    @property
    def most_files(self) -> int:
        return int(settings.UPLOAD_MAX_FILES)

    @property
    def most_bytes(self) -> int:
        """Of one file."""
        return int(settings.UPLOAD_MAX_BYTES)

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")


def typed(fact: Fact, value: FactValue | None) -> str:
    """Return a value as somebody would type it into the field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, tuple):
        return "\n".join(value)
    return str(value)


def of_fact(
    definition: Definition, fact: Fact, *, required: bool, value: str, proposed: bool, problem: str, at: datetime
) -> Field:
    """Return the field of a fact. Dates are bounded by the day of the act where the fact says past or future.

    ``proposed``: the value was not typed by anybody.
    """
    shape: Shape = "cited" if fact.chosen_from else "table" if fact.table else SHAPES[fact.type]
    options = _options(definition, fact, value)
    if shape == "radio" and len(options) > FEW:
        shape = "select"
    day = day_of(at).isoformat()
    bound = f"{day}T23:59" if shape == "datetime" else day
    return Field(
        name=FACT + fact.name,
        shape=shape,
        title=naming.fact(definition, fact.name),
        help=naming.said(fact.help),
        law=fact.law,
        required=required,
        unit=naming.unit(fact.unit) if fact.unit else "",
        decimals=fact.type != "whole",
        earliest=bound.replace("T23:59", "T00:00") if fact.when == "future" else "",
        latest=bound if fact.when == "past" else "",
        options=options,
        value=value,
        proposed=proposed,
        problem=problem,
        offers=f"/matters/numbers/{definition.manifest.code}/{fact.name}/" if shape == "cited" else "",
    )


def of_number(definition: Definition, fact: Fact, paper: str) -> Field:
    """Return the line of a fact that nobody types: the number that a paper of the act will have."""
    return Field(
        name=FACT + fact.name,
        shape="given",
        title=naming.fact(definition, fact.name),
        law=fact.law,
        value=naming.paper(definition, paper),
    )


def of_table(field: Field, rows: Sequence[Row]) -> Field:
    """Return the field of a list that is asked row by row."""
    return Field(**{**vars(field), "rows": rows})


def _options(definition: Definition, fact: Fact, value: str) -> list[Option]:
    if fact.type == "yes_no":
        said = [("yes", say("yes")), ("no", say("no"))]
    else:
        said = [(each, naming.choice(definition, fact.name, each)) for each in fact.options]
    return [Option(value=each, word=word, chosen=each == value) for each, word in said]


def of_person(field: Field, people: Iterable[Candidate]) -> Field:
    """Return the field of a fact that names a person, with those who could be it."""
    once = {one.user.username: one.user.name for one in people}
    chosen = field.value
    options = [Option(value=username, word=name, chosen=username == chosen) for username, name in once.items()]
    return Field(**{**vars(field), "shape": "select", "options": options})


def of_paper(
    definition: Definition, name: str, *, required: bool, problem: str, kept: Sequence[str] = (), on_paper: bool = False
) -> Field:
    """Return the field of a paper that is brought: files, or the word that it is on paper only."""
    paper = definition.papers[name]
    return Field(
        name=PAPER + name,
        shape="file",
        title=naming.paper(definition, name),
        law=paper.law,
        required=required,
        problem=problem,
        kept=kept,
        on_paper=on_paper,
    )


def of_role(
    definition: Definition, role: str, people: Sequence[Candidate], *, chosen: Sequence[str], problem: str
) -> Field:
    """Return the field that names people for a role; who may not be it is shown with the reason."""
    return Field(
        name=PEOPLE + role,
        shape="people",
        title=naming.role(definition, role),
        help=say("Choose one or several; they are told at once."),
        required=True,
        options=list(_people(people, chosen)),
        problem=problem,
    )


def of_present(
    definition: Definition, act: Act, people: Sequence[Candidate], *, chosen: Sequence[str], problem: str
) -> Field | None:
    """Return the field for who is present, where the law wants several officers; None where it does not."""
    gate = officers_gate(definition, act)
    if gate is None:
        return None
    said = {"n": gate.count, "role": naming.role(definition, gate.role)}
    return Field(
        name=PRESENT,
        shape="people",
        title=say("Present besides you"),
        help=say("The law wants at least %(n)s (%(role)s), you included.") % said,
        law="；".join(law.text for law in gate.basis.laws),
        required=True,
        options=list(_people(people, chosen)),
        problem=problem,
    )


def officers_gate(definition: Definition, act: Act) -> Gate | None:
    """Return the gate that wants several officers for an act, if there is one."""
    gates = (definition.gates[name] for name in act.gates)
    return next((gate for gate in gates if gate.kind == "officers"), None)


def _people(people: Sequence[Candidate], chosen: Sequence[str]) -> Iterator[Option]:
    names = {one.user.username: one.user.name for one in people}
    for one in people:
        yield Option(
            value=one.user.username,
            word=one.user.name,
            chosen=one.user.username in chosen,
            against=sentence(one.why, names) if one.why else "",
        )
