"""Which clocks of a kind are duties 应尽的期限: somebody has to act in time; others lapse, or are waited for.

`runs_out` on an act that stops a clock says only that this act is no late fulfilment. So it makes no right of a duty:
the answer to a request for information stays a duty, though asking for a correction ends its first run.
"""

from __future__ import annotations

from collections.abc import Iterator

from qingtian.law.machine.conditions import ClockIs, Guarded, leaves
from qingtian.law.machine.definition import Act, Definition


def lapsing(definition: Definition) -> frozenset[str]:
    """Return the clocks that nobody here has to meet.

    These are: those started so (``runs_out``); those that no act stops otherwise; those that a notice gate waits for,
    or that have to be over before the act that ends them so.
    """
    return frozenset(_found(definition))


def _found(definition: Definition) -> Iterator[str]:
    moves = [(act, move) for act in definition.acts.values() for move in act.clocks]
    yield from (move.clock for _, move in moves if move.move == "start" and move.runs_out)
    yield from (clock for gate in definition.gates.values() for clock in gate.waits)
    stops = [(act, move) for act, move in moves if move.move == "stop"]
    otherwise = {move.clock for _, move in stops if not move.runs_out}
    for act, move in stops:
        if move.runs_out and (move.clock not in otherwise or move.clock in _over_before(definition, act)):
            yield move.clock


def _over_before(definition: Definition, act: Act) -> frozenset[str]:
    """Return the clocks that have to be over before an act."""
    return frozenset(clock for name in act.guards for clock in _over(definition, name))


def _over(definition: Definition, guard: str) -> Iterator[str]:
    for leaf in leaves(definition.guards[guard].when):
        if isinstance(leaf, Guarded):
            yield from _over(definition, leaf.guard)
        elif isinstance(leaf, ClockIs) and leaf.status == "over":
            yield leaf.clock
