"""Which figures of the authority 本机关设定 an act is judged by: guards, gates, clocks and effects look at them."""

from __future__ import annotations

from collections.abc import Iterator

from qingtian.law.machine.conditions import Compare, Guarded, leaves
from qingtian.law.machine.definition import Act, Definition


def judging(definition: Definition, act: Act) -> frozenset[str]:
    """Return the settings that decide whether the act is possible, or what it sets going."""
    return frozenset(name for guard in _guards(definition, act) for name in _settings(definition, guard))


def _guards(definition: Definition, act: Act) -> Iterator[str]:
    yield from act.guards
    scopes = (definition.gates[name].when for name in act.gates)
    moves = (move.when for move in act.clocks)
    follows = (rule.when for rule in act.effects)
    yield from (name for names in (scopes, moves, follows) for name in names if name)


def _settings(definition: Definition, guard: str) -> Iterator[str]:
    for leaf in leaves(definition.guards[guard].when):
        if isinstance(leaf, Guarded):
            yield from _settings(definition, leaf.guard)
        elif isinstance(leaf, Compare):
            yield from leaf.left.settings()
            yield from leaf.right.settings()
