"""What is defined is used, and what an act needs was asked for or made before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qingtian.law.machine import check_graph, numbers
from qingtian.law.machine.check_names import WHAT
from qingtian.law.machine.conditions import Compare, Guarded, facts_of, leaves
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.problems import Problem


def unused(definition: Definition) -> Iterator[Problem]:
    """Yield what nothing uses: facts, papers, roles, guards, gates, settings, statistics."""
    acts = definition.acts.values()
    guards = _used_guards(definition)
    taken = {name for act in acts for name in act.takes}
    taken |= {fact.name for fact in definition.facts.values() if fact.number_of}
    taken |= {name for act in acts for name in act.computes}
    kept = {name for act in acts for name in act.makes + act.brings + act.may_bring}
    roles = {name for act in acts for name in definition.roles_of(act)}
    yield from _unused(definition, "facts", "fact", definition.facts.values(), taken)
    yield from _unused(definition, "papers", "paper", definition.papers.values(), kept)
    yield from _unused(definition, "machine", "role", definition.roles.values(), roles)
    yield from _unused(definition, "machine", "guard", definition.guards.values(), guards)
    gates = {name for act in acts for name in act.gates}
    yield from _unused(definition, "machine", "gate", definition.gates.values(), gates)
    settings = {name for guard in definition.guards.values() for name in _settings(definition, guard.name)}
    yield from _unused(definition, "manifest", "setting", definition.manifest.settings.values(), settings)
    counted = {rule.name for act in acts for rule in act.effects if rule.kind == "count"}
    for name in definition.manifest.statistics:
        if name not in counted:
            yield _problem(definition, "manifest", 1, "statistic", name)


def _used_guards(definition: Definition) -> set[str]:
    used = {name for act in definition.acts.values() for name in act.guards}
    used |= {move.when for act in definition.acts.values() for move in act.clocks}
    used |= {rule.when for act in definition.acts.values() for rule in act.effects}
    used |= {gate.when for gate in definition.gates.values()}
    for guard in definition.guards.values():
        used |= {leaf.guard for leaf in leaves(guard.when) if isinstance(leaf, Guarded) and leaf.guard != guard.name}
    return used


def _settings(definition: Definition, guard: str) -> Iterator[str]:
    for leaf in leaves(definition.guards[guard].when):
        if isinstance(leaf, Compare):
            yield from leaf.left.settings()
            yield from leaf.right.settings()


def _unused(definition: Definition, file: str, what: str, named: Iterable[object], used: set[str]) -> Iterator[Problem]:
    for each in named:
        name, line = str(each.name), int(each.line)  # type: ignore[attr-defined]
        if name not in used:
            yield _problem(definition, file, line, what, name)


def _problem(definition: Definition, file: str, line: int, what: str, name: str) -> Problem:
    said = WHAT[what]
    fields = {"what_zh": said.zh, "what_en": said.en, "name": name}
    return Problem(file=f"{definition.folder}/{file}.yaml", line=line, code="unused", fields=fields)


def thin(definition: Definition) -> Iterator[Problem]:
    """Yield facts, roles and separations that say too little to be used."""
    facts, machine = f"{definition.folder}/facts.yaml", f"{definition.folder}/machine.yaml"
    for fact in definition.facts.values():
        if fact.type == "choice" and not fact.options:
            yield Problem(file=facts, line=fact.line, code="choice_without_options", fields={"fact": fact.name})
        if not fact.law:
            yield Problem(file=facts, line=fact.line, code="help_without_law", fields={"fact": fact.name})
    assigned = {name for act in definition.acts.values() for name in act.assigns}
    for role in definition.roles.values():
        if role.assigned and role.name not in assigned:
            yield Problem(file=machine, line=role.line, code="role_never_assigned", fields={"role": role.name})
    for rule in definition.separations:
        if len(rule.roles) < 2:
            yield Problem(file=machine, line=rule.line, code="separation_of_one", fields={})


def too_late(definition: Definition) -> Iterator[Problem]:
    """Yield what an act needs and no earlier act gives, and facts whose filler never does the act that asks."""
    for act in definition.acts.values():
        earlier = [definition.acts[name] for name in check_graph.before(definition, act.name)]
        known = {name for each in earlier for name in each.takes + each.computes}
        known |= {name for each in earlier if each is not act for name in numbers.given_by(definition, each)}
        kept = {name for each in earlier if each is not act for name in each.makes} | {
            name for each in earlier for name in each.brings + each.may_bring
        }
        yield from _late(definition, act, "fact", sorted({*act.needs, *_guarded(definition, act)} - known))
        yield from _late(definition, act, "paper", sorted(set(act.needs_papers) - kept))
        yield from _fillers(definition, act)


def _guarded(definition: Definition, act: Act) -> set[str]:
    return {name for guard in act.guards for name in facts_of(definition.guards[guard].when)}


def _late(definition: Definition, act: Act, what: str, names: list[str]) -> Iterator[Problem]:
    for name in names:
        fields = {"act": act.name, what: name}
        yield Problem(file=f"{definition.folder}/machine.yaml", line=act.line, code=f"{what}_too_late", fields=fields)


def _fillers(definition: Definition, act: Act) -> Iterator[Problem]:
    by = definition.roles_of(act)
    for name in act.takes:
        fact = definition.facts[name]
        if by and fact.filled_by and not set(fact.filled_by) & set(by):
            fields = {"fact": name, "roles": ", ".join(fact.filled_by), "act": act.name, "by": ", ".join(by)}
            yield Problem(
                file=f"{definition.folder}/facts.yaml", line=fact.line, code="filler_never_acts", fields=fields
            )
