"""Numbers of papers: a fact that is one (``number_of``) is typed by nobody, a number of its own form can be made."""

from __future__ import annotations

from collections.abc import Iterator

from qingtian.law.machine.definition import Definition, Fact, Paper
from qingtian.law.machine.patterns import Pattern
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
        yield from (_problem(definition, fact, "chosen_from_what", name=n) for n in fact.chosen_from if "." not in n)
    for paper in definition.papers.values():
        if paper.pattern is not None:
            yield from _pattern(definition, paper, paper.pattern)


def _pattern(definition: Definition, paper: Paper, pattern: Pattern) -> Iterator[Problem]:
    """A number runs on, names what is known, and has a letter for every option of a fact."""
    wrong = [("pattern_without_sequence", "")] if "sequence" not in pattern.names else []
    wrong += [("pattern_unknown", name) for name in pattern.strangers()]
    for name, letters in pattern.letters.items():
        fact = definition.facts.get(name)
        if fact is None or set(fact.options) != set(letters):
            wrong.append(("pattern_letters", name))
    for code, name in wrong:
        said = {"paper": paper.name, "name": name}
        yield Problem(file=f"{definition.folder}/papers.yaml", line=paper.line, code=code, fields=said)


def _problem(definition: Definition, fact: Fact, code: str, **fields: object) -> Problem:
    said = {"fact": fact.name, **fields}
    return Problem(file=f"{definition.folder}/facts.yaml", line=fact.line, code=code, fields=said)
