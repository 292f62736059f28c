"""Facts that are a paper's number (``number_of``): the paper is made here and has a number, and nobody types it."""

from __future__ import annotations

from collections.abc import Iterator

from qingtian.law.machine.definition import Definition, Fact
from qingtian.law.machine.problems import Problem


def problems(definition: Definition) -> Iterator[Problem]:
    """Yield what keeps a fact from being given by itself. Papers that are not defined are `check_names`' affair."""
    made = {paper for act in definition.acts.values() for paper in act.makes}
    for fact in definition.facts.values():
        for name in fact.number_of:
            paper = definition.papers.get(name)
            if paper is not None and name not in made:
                yield _problem(definition, fact, "number_of_brought", paper=name)
            elif paper is not None and not paper.numbered:
                yield _problem(definition, fact, "number_of_unnumbered", paper=name)
        if fact.number_of:
            asking = [act.name for act in definition.acts.values() if fact.name in act.takes]
            yield from (_problem(definition, fact, "number_asked", act=act) for act in asking)


def _problem(definition: Definition, fact: Fact, code: str, **fields: object) -> Problem:
    said = {"fact": fact.name, **fields}
    return Problem(file=f"{definition.folder}/facts.yaml", line=fact.line, code=code, fields=said)
