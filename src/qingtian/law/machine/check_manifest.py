"""The manifest: code and folder, validity, a basis that is law for the whole of it, versions that do not overlap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from qingtian.law.machine.definition import Definition, Law, Manifest
from qingtian.law.machine.problems import Problem

DATES_INSIDE = re.compile(r",\s*(from|to):")


def _problem(definition: Definition, code: str, /, **fields: object) -> Problem:
    return Problem(file=f"{definition.folder}/manifest.yaml", line=1, code=code, fields=fields)


def problems(definition: Definition) -> Iterator[Problem]:
    manifest = definition.manifest
    if definition.folder != manifest.code and not definition.folder.startswith(f"{manifest.code}_"):
        yield _problem(definition, "code_not_folder", code=manifest.code, folder=definition.folder)
    if manifest.end and manifest.end <= manifest.start:
        yield _problem(definition, "validity_reversed", start=manifest.start, end=manifest.end)
    yield from _settings(definition)
    for law in _laws(definition):
        if DATES_INSIDE.search(law.text):
            yield _problem(definition, "dates_in_law", law=law.text)
    for day in _days_to_look_at(manifest):
        if not manifest.basis.on(day):
            yield _problem(definition, "basis_gap", day=day)
            return


def _settings(definition: Definition) -> Iterator[Problem]:
    for each in definition.manifest.settings.values():
        low, high = each.least, each.most
        if (low is not None and each.value < low) or (high is not None and each.value > high):
            least, most = ("…" if bound is None else bound for bound in (low, high))
            fields = {"setting": each.name, "value": each.value, "least": least, "most": most}
            file = f"{definition.folder}/manifest.yaml"
            yield Problem(file=file, line=each.line, code="setting_out_of_bounds", fields=fields)


def _laws(definition: Definition) -> Iterator[Law]:
    cited = (definition.acts, definition.guards, definition.gates)
    yield from definition.manifest.basis.laws
    yield from (law for parts in cited for part in parts.values() for law in part.basis.laws)


def _days_to_look_at(manifest: Manifest) -> list[date]:
    """The laws change only on these days."""
    ends = [law.end for law in manifest.basis.laws if law.end]
    return sorted(day for day in {manifest.start, *ends} if manifest.in_force(day))


def links(definition: Definition, others: Sequence[Definition]) -> Iterator[Problem]:
    """Yield each kind that this one opens, and that does not expect it."""
    mine = definition.manifest.code
    for act in definition.acts.values():
        for name in (rule.name for rule in act.effects if rule.kind == "open"):
            sources = [other.manifest.opened_from for other in others if other.manifest.code == name]
            if sources and not any(mine in each for each in sources):
                fields = {"act": act.name, "kind": name, "code": mine}
                file = f"{definition.folder}/machine.yaml"
                yield Problem(file=file, line=act.line, code="not_opened_from", fields=fields)


def _number(manifest: Manifest) -> int:
    return manifest.version


def versions(definition: Definition, others: Sequence[Definition]) -> Iterator[Problem]:
    """Yield what is wrong between a kind and its other versions."""
    mine = definition.manifest
    for other in others:
        theirs = other.manifest
        if other is definition or theirs.code != mine.code:
            continue
        if theirs.version == mine.version:
            yield _problem(definition, "version_twice", other=other.folder, version=mine.version, code=mine.code)
        # a version without an end is law until the next one begins
        succeeds = min(mine, theirs, key=_number).end is None and mine.start != theirs.start
        in_turn = succeeds and (mine.version < theirs.version) == (mine.start < theirs.start)
        if not in_turn and mine.start < (theirs.end or date.max) and theirs.start < (mine.end or date.max):
            yield _problem(definition, "versions_overlap", other=other.folder, code=mine.code)
