"""How matters of a kind come to a stage, as its walks tell it: what was done and known by then, which clocks run.

Who takes a matter over in the middle (存量录入) knows only the stage it has reached; the rest is read here. What was
done is told by the plain walk, if it comes there, else by the walk that comes soonest; what is needed, by all together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from qingtian.law.calendar import Calendar
from qingtian.law.machine import walks
from qingtian.law.machine.conditions import Guarded, facts_of, leaves
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.reading import Folder
from qingtian.law.machine.state import State


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What a stage presupposes.

    ``before``: all acts that some walk does before, in their order, each once; ``acts``: of these those that lead
    there, and those that are done however one arrives. ``running``: clocks that run, and are not over, however one
    arrives; ``may_run``: all that some walk shows open in this stage; ``paused``, ``may_pause``: the same of those that
    stand still. ``facts`` and ``roles``: those that are given however one arrives, are needed from here on, and are not
    asked for again.
    """

    stage: str
    end: bool
    before: tuple[str, ...] = ()
    acts: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()
    may_run: frozenset[str] = frozenset()
    paused: frozenset[str] = frozenset()
    may_pause: frozenset[str] = frozenset()
    facts: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


def arrivals(definition: Definition, folder: Folder, *, calendar: Calendar) -> dict[str, Arrival]:
    """Return the arrival at each stage of the kind that a walk comes to."""
    told = [_states(walk, definition, calendar) for walk in sorted(walks.read(folder, []), key=_plain_first)]
    found: dict[str, Arrival] = {}
    for stage in definition.stages.values():
        came = [(place, states) for states in told if (place := _place(states, stage.name)) >= 0]
        if came:
            plain = came[0][1] is told[0]
            place, states = came[0] if plain else min(came, key=lambda one: one[0])
            found[stage.name] = _arrival(definition, states[place], [each[at] for at, each in came], told)
    return found


def _plain_first(walk: walks.Walk) -> tuple[bool, str]:
    return walk.sort != "plain", walk.name


def _states(walk: walks.Walk, definition: Definition, calendar: Calendar) -> list[State]:
    return [done.outcome.state for done in walks.run(walk, definition, calendar=calendar) if done.outcome]


def _place(states: Sequence[State], stage: str) -> int:
    return next((place for place, state in enumerate(states) if state.stage == stage), -1)


def _arrival(definition: Definition, chosen: State, came: Sequence[State], told: Sequence[Sequence[State]]) -> Arrival:
    """``came``: how each walk comes to the stage the first time; ``told``: all of all walks."""
    sure = _in_all((done.act for done in state.history) for state in came)
    acts = frozenset(done.act for done in chosen.history if done.source != done.target or done.act in sure)
    there = [each for states in told for each in states if each.stage == chosen.stage]
    before = tuple(dict.fromkeys(done.act for state in (chosen, *there) for done in state.history))
    if chosen.closed:
        return Arrival(stage=chosen.stage, end=True, before=before, acts=acts)
    ahead = tuple(_ahead(definition, chosen.stage))
    return Arrival(
        stage=chosen.stage,
        end=False,
        before=before,
        acts=acts,
        running=_in_all(_still_running(state) for state in came),
        may_run=frozenset(run.clock for state in there for run in state.clocks if run.stopped is None),
        paused=_in_all(_standing_still(state) for state in came),
        may_pause=frozenset(name for state in there for name in _standing_still(state)),
        facts=_ordered(chosen.facts, _in_all(state.facts for state in came) & _wanted(definition, ahead)),
        roles=_ordered(chosen.assigned, _in_all(state.assigned for state in came) & _awaited(definition, ahead)),
    )


def _still_running(state: State) -> Iterator[str]:
    arrived = state.history[-1].at
    yield from (run.clock for run in state.clocks if run.running and not run.over(arrived))


def _standing_still(state: State) -> Iterator[str]:
    yield from (run.clock for run in state.clocks if run.stopped is None and run.paused_on is not None)


def _in_all(some: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset.intersection(*map(frozenset, some))


def _ordered(names: Iterable[str], kept: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in kept)


def _ahead(definition: Definition, stage: str) -> Iterator[Act]:
    """Yield the acts that can still come."""
    stages, waiting = {stage}, [stage]
    while waiting:
        here = waiting.pop()
        for act in definition.acts.values():
            target = definition.target_of(act, stage=here)
            if here in definition.stages_of(act) and target not in stages:
                stages.add(target)
                waiting.append(target)
    yield from (act for act in definition.acts.values() if stages & set(definition.stages_of(act)))


def _wanted(definition: Definition, ahead: Sequence[Act]) -> frozenset[str]:
    """Return the facts that acts to come look at, and none of them asks for."""
    looked = {name for act in ahead for name in _looked_at(definition, act)}
    return frozenset(looked - {name for act in ahead for name in act.takes})


def _looked_at(definition: Definition, act: Act) -> Iterator[str]:
    yield from act.needs
    rules = (definition.facts[name].computed for name in act.computes)
    yield from (name for rule in rules if rule for name in rule.of)
    yield from (name for move in act.clocks for name in (move.since, move.count) if name)
    for guard in (*act.guards, *(definition.gates[name].when for name in act.gates)):
        if guard:
            yield from _of_guard(definition, guard)


def _of_guard(definition: Definition, guard: str) -> Iterator[str]:
    when = definition.guards[guard].when
    yield from facts_of(when)
    for leaf in leaves(when):
        if isinstance(leaf, Guarded):
            yield from _of_guard(definition, leaf.guard)


def _awaited(definition: Definition, ahead: Sequence[Act]) -> frozenset[str]:
    """Return the roles of acts to come that somebody has to be named for, and nobody will be named for again."""
    roles = {name for act in ahead for name in act.by if definition.roles[name].assigned}
    return frozenset(roles - {name for act in ahead for name in act.assigns})
