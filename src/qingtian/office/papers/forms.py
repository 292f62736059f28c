"""The house forms 文书样式 (`forms.yaml`): which one a paper follows, and what it says there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from qingtian.law.machine import reading_papers
from qingtian.law.machine.definition import PAPER_FORMS, Paper, Part
from qingtian.law.machine.documents import Cursor, parse
from qingtian.law.machine.problems import BrokenKind, Problem

NAME = "forms.yaml"


def of(paper: Paper) -> str:
    """Return the form of a paper: the one it names, else by the end of its title."""
    return paper.form or next(
        name for name, (endings, _) in _forms().items() if paper.title.zh.endswith(tuple(endings))
    )


def body(paper: Paper) -> tuple[Part, ...]:
    """Return what the paper says: its own body, else that of its form."""
    return paper.body or _forms()[of(paper)][1]


@cache
def _forms() -> Mapping[str, tuple[tuple[str, ...], tuple[Part, ...]]]:
    """:raises BrokenKind: if the forms have not the shape they should have."""
    problems: list[Problem] = []
    text = (files("qingtian.office.papers") / NAME).read_text(encoding="utf-8")
    place = Cursor(document=parse(text, name=NAME, problems=problems), problems=problems).keys("forms")
    rows = {name: row.keys("endings", "body") for name, row in place.named("forms")}
    found = {name: (row.texts("endings"), reading_papers.parts(row, "body")) for name, row in rows.items()}
    if problems or set(found) != set(PAPER_FORMS):
        raise BrokenKind.of(NAME, problems)
    return found
