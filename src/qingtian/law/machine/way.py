"""The way of a matter through its stages 流程: where it has been, what usually comes: as its plain walk goes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from qingtian.law.machine import check_graph, shelf, walks
from qingtian.law.machine.definition import ANY, SAME, Definition
from qingtian.law.machine.state import State


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One act of the usual way: done in ``stage`` (empty: it opens the matter), leading to ``target``."""

    stage: str
    act: str
    target: str


@cache
def usual(code: str, version: int) -> tuple[Leg, ...]:
    """Return the acts of the kind's plain walk, in order; none if the kind has no such walk.

    :raises UnknownKind: if there is no such version.
    """
    definition = shelf.discover().version(code, version)
    folder = next(each for each in shelf.folders(shelf.outside()) if each.name == definition.folder)
    plain = next((walk for walk in walks.read(folder, []) if walk.sort == "plain"), None)
    return tuple(_legs(definition, plain)) if plain else ()


def _legs(definition: Definition, walk: walks.Walk) -> Iterator[Leg]:
    stage = ""
    for row in walk.place.rows("acts"):
        act = definition.acts.get(row.text("act"))
        if act is not None and not row.text("refused"):
            target = definition.target_of(act, stage=stage)
            yield Leg(stage=stage, act=act.name, target=target)
            stage = target


def been(state: State) -> tuple[str, ...]:
    """Return the stages up to where the matter is now, without the detours that led back."""
    found: list[str] = []
    for done in state.history:
        if done.target in found:
            del found[found.index(done.target) + 1 :]
        else:
            found.append(done.target)
    return tuple(found)


def ahead(definition: Definition, stage: str) -> tuple[str, ...]:
    """Return the stages that usually come after ``stage``: along the plain walk, else by the shortest way back to it,
    else to an end."""
    if definition.stages[stage].end:
        return ()
    legs = usual(definition.manifest.code, definition.manifest.version)
    line = list(dict.fromkeys(leg.target for leg in legs))
    back = _shortest(definition, stage, line)
    rest = line[line.index(back[-1]) + 1 :] if back else []
    ends = [name for name, each in definition.stages.items() if each.end]
    found = (*back, *rest) if back else _shortest(definition, stage, ends)
    return tuple(dict.fromkeys(each for each in found if each != stage))


def _shortest(definition: Definition, stage: str, goals: Sequence[str]) -> list[str]:
    """Return the shortest way from a stage to one of the goals, both ends included; empty if there is none."""
    waiting, came = deque([stage]), {stage: ""}
    while waiting:
        here = waiting.popleft()
        if here in goals:
            path = [here]
            while came[path[0]]:
                path.insert(0, came[path[0]])
            return path
        for target in onward(definition, here):
            if target not in came:
                came[target] = here
                waiting.append(target)
    return []


def onward(definition: Definition, stage: str) -> tuple[str, ...]:
    """Return the stages that acts of this stage lead to; acts that are possible anywhere do not count."""
    found = (
        target
        for source, act, target in check_graph.edges(definition)
        if source == stage and target != stage and definition.acts[act].sources != (ANY,)
    )
    return tuple(dict.fromkeys(found))


def next_acts(definition: Definition, state: State) -> tuple[str, ...]:
    """Return the acts that usually come next in this stage, in their order; what was done here already comes last."""
    here = [leg.act for leg in usual(state.code, state.version) if leg.stage == state.stage]
    entered = next((place for place, done in reversed(list(enumerate(state.history))) if done.source != done.target), 0)
    done_here = {done.act for done in state.history[entered + 1 :]}
    leading = [act for act in here if definition.acts[act].target not in (SAME, state.stage)]
    first = [act for act in here if act not in done_here or act in leading]
    return tuple(dict.fromkeys((*first, *here)))
