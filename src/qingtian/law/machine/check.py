"""`qingtian check`: everything that can be held against a kind of matter before it is used.

The files' shape (`reading`), then the names, the graph, what is asked when, the clocks, the words, the texts of papers,
and the walks. Each finding is a `Problem` with file and line. Nothing is repaired. What stands on something broken is
not asked before that is mended: one mistake is one sentence, or few.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from qingtian.law.calendar import Calendar
from qingtian.law.machine import (
    check_clocks,
    check_computing,
    check_graph,
    check_manifest,
    check_names,
    check_numbers,
    check_papers,
    check_use,
    check_walks,
    check_words,
    reading,
    walks,
)
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.problems import Problem
from qingtian.law.machine.reading import Folder, Reading


def every(folders: Iterable[Folder], *, calendar: Calendar) -> Mapping[str, list[Problem]]:
    """Return the problems of each folder, sorted by file and line; kinds may name one another."""
    readings = [(folder, reading.read(folder)) for folder in folders]
    definitions = [found.definition for _, found in readings if found.definition]
    known = frozenset(definition.manifest.code for definition in definitions)
    return {
        str(folder): _sorted([*_one(folder, found, known, calendar), *_between(found, definitions)])
        for folder, found in readings
    }


def one(folder: Folder, *, known: Sequence[str], calendar: Calendar) -> list[Problem]:
    """Return the problems of one folder. ``known``: the codes of other kinds that it may open."""
    return _sorted(_one(folder, reading.read(folder), frozenset(known), calendar))


def _one(folder: Folder, found: Reading, known: frozenset[str], calendar: Calendar) -> list[Problem]:
    definition, problems = found.definition, found.problems
    if definition is None:
        return problems
    told = walks.read(folder, problems)
    whole = not any(problem.code != "file_unknown" for problem in problems)
    names = [*check_names.circles(definition), *check_names.problems(definition, known | {definition.manifest.code})]
    frame = [*check_manifest.problems(definition), *check_clocks.problems(definition)]
    frame += check_computing.problems(definition)
    problems += [
        *names,
        *frame,
        *check_use.thin(definition),
        *check_papers.problems(definition, folder),
        *check_numbers.problems(definition),
    ]
    if whole:
        problems += check_words.problems(definition, found.places["words.yaml"])
    if whole and not any(map(_misleads, names)):
        problems += check_use.unused(definition)
        frame += [*check_graph.problems(definition), *check_use.too_late(definition)]
        problems += [each for each in frame if each not in problems]
        # a walk through a machine that is broken would only repeat what is said of the machine
        if not frame:
            problems += check_walks.problems(definition, told, problems, calendar=calendar)
    return problems


def _misleads(problem: Problem) -> bool:
    """Whether it would make nonsense of the questions that follow names; the name of another kind does not."""
    return problem.fields.get("what_en") != "kind of matter"


def _between(found: Reading, definitions: Sequence[Definition]) -> list[Problem]:
    """What is wrong between kinds: versions that overlap, and links that the other end does not expect."""
    if found.definition is None:
        return []
    kind = found.definition
    return [*check_manifest.versions(kind, definitions), *check_manifest.links(kind, definitions)]


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.code))
