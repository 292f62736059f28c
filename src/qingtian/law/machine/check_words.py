"""Everything that is shown has words in both languages, and no words are left over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from qingtian.law.machine.definition import Definition
from qingtian.law.machine.documents import Cursor
from qingtian.law.machine.problems import Problem


def wanted(definition: Definition) -> Mapping[str, Collection[str]]:
    """Return which names need words, by section; choices as ``fact.option``."""
    acts = definition.acts.values()
    options = [f"{fact.name}.{option}" for fact in definition.facts.values() for option in fact.options]
    return {
        "stages": definition.stages,
        "acts": definition.acts,
        "facts": definition.facts,
        "choices": options,
        "roles": definition.roles,
        "guards": definition.guards,
        "gates": definition.gates,
        "reasons": {move.reason for act in acts for move in act.clocks if move.reason},
        "settings": definition.manifest.settings,
        "sources": definition.manifest.opened_from,
    }


def problems(definition: Definition, place: Cursor) -> Iterator[Problem]:
    for section, names in wanted(definition).items():
        said = definition.words.sections.get(section, {})
        for name in names:
            words = said.get(name)
            if words is None or not words.zh or not words.en:
                fields = {"section": section, "name": name}
                yield Problem(file=place.document.name, line=_line(place, section), code="words_missing", fields=fields)
        for name in said:
            if name not in names:
                fields = {"section": section, "name": name}
                line = _line(place, section, *name.split("."))
                yield Problem(file=place.document.name, line=line, code="words_unused", fields=fields)


def _line(place: Cursor, *path: str) -> int:
    lines = place.document.lines
    return lines.get(path) or lines.get(path[:1]) or 1
