"""The graph of stages: an opening, an end, every stage reachable, and an end reachable from every stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qingtian.law.machine.definition import Definition
from qingtian.law.machine.problems import Problem

Edges = Mapping[str, frozenset[str]]


def edges(definition: Definition) -> list[tuple[str, str, str]]:
    """Return (stage, act, stage) for every transition; the stage before an opening is empty."""
    found = []
    for act in definition.acts.values():
        for stage in definition.stages_of(act) or ("",):
            found.append((stage, act.name, definition.target_of(act, stage=stage)))
    return found


def problems(definition: Definition) -> Iterator[Problem]:
    file = f"{definition.folder}/machine.yaml"
    ends = {stage.name for stage in definition.stages.values() if stage.end}
    yield from _acts(definition, file, ends)
    if not ends:
        yield Problem(file=file, line=1, code="no_end", fields={})
    if not any(act.opens for act in definition.acts.values()):
        yield Problem(file=file, line=1, code="no_opening", fields={})
        return
    forward, backward = _graph(definition), _graph(definition, backward=True)
    reached, ending = _spread(forward, {""}), _spread(backward, ends)
    for stage in definition.stages.values():
        if stage.name not in reached:
            yield Problem(file=file, line=stage.line, code="unreachable", fields={"stage": stage.name})
        elif ends and stage.name not in ending:
            yield Problem(file=file, line=stage.line, code="dead_end", fields={"stage": stage.name})


def _acts(definition: Definition, file: str, ends: set[str]) -> Iterator[Problem]:
    for act in definition.acts.values():
        if act.opens and act.by:
            yield Problem(file=file, line=act.line, code="opening_by", fields={"act": act.name})
        if not act.opens and not act.by:
            yield Problem(file=file, line=act.line, code="nobody_may", fields={"act": act.name})
        for stage in ends & set(act.sources):
            yield Problem(file=file, line=act.line, code="act_from_end", fields={"act": act.name, "stage": stage})


def _graph(definition: Definition, *, backward: bool = False) -> Edges:
    found: dict[str, set[str]] = {}
    for source, _, target in edges(definition):
        first, last = (target, source) if backward else (source, target)
        found.setdefault(first, set()).add(last)
    return {stage: frozenset(nexts) for stage, nexts in found.items()}


def _spread(graph: Edges, start: set[str]) -> set[str]:
    reached, waiting = set(start), list(start)
    while waiting:
        for stage in graph.get(waiting.pop(), frozenset()) - reached:
            reached.add(stage)
            waiting.append(stage)
    return reached


def before(definition: Definition, act: str) -> frozenset[str]:
    """Return the acts that can come before an act on some way from the opening, and the act itself."""
    found = edges(definition)
    backward: dict[str, set[str]] = {}
    for source, _, target in found:
        backward.setdefault(target, set()).add(source)
    starts = {source for source, name, _ in found if name == act}
    stages = _spread({stage: frozenset(all_) for stage, all_ in backward.items()}, starts)
    return frozenset(name for _, name, target in found if target in stages) | {act}
