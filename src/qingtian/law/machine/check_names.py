"""Every name that a kind uses is defined: stages, roles, facts, papers, guards, gates, acts, settings, other kinds."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from qingtian.law.clocks import Words
from qingtian.law.machine.conditions import Compare, Condition, Guarded, Happened, HasPaper, Known, OneOf, leaves
from qingtian.law.machine.definition import ANY, NOTHING, SAME, Act, Definition, Gate
from qingtian.law.machine.documents import near
from qingtian.law.machine.people import QUALIFICATIONS
from qingtian.law.machine.problems import Problem

WHAT = {
    "stage": Words(zh="阶段", en="stage"),
    "role": Words(zh="角色", en="role"),
    "fact": Words(zh="事实", en="fact"),
    "paper": Words(zh="文书", en="paper"),
    "guard": Words(zh="条件", en="guard"),
    "gate": Words(zh="关口", en="gate"),
    "act": Words(zh="行为", en="act"),
    "setting": Words(zh="参数", en="setting"),
    "statistic": Words(zh="统计指标", en="statistic"),
    "kind": Words(zh="事项", en="kind of matter"),
    "qualification": Words(zh="资格", en="qualification"),
    "option": Words(zh="选项", en="option"),
}
Use = tuple[str, str, int, str]
"""What is named, its name, the line, and where it is used."""


def problems(definition: Definition, kinds: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for each name without a definition. ``kinds``: codes that may be opened."""
    known: dict[str, Collection[str]] = {
        "stage": definition.stages,
        "role": definition.roles,
        "fact": definition.facts,
        "paper": definition.papers,
        "guard": definition.guards,
        "gate": definition.gates,
        "act": definition.acts,
        "setting": definition.manifest.settings,
        "statistic": definition.manifest.statistics,
        "kind": kinds,
        "qualification": QUALIFICATIONS,
    }
    for file, uses in (
        ("machine", _machine(definition)),
        ("facts", _facts(definition)),
        ("papers", _papers(definition)),
    ):
        for what, name, line, where in uses:
            if name not in known[what]:
                yield _unknown(f"{definition.folder}/{file}.yaml", line, what, name, where, known[what])
    for name in definition.manifest.opened_by:
        if name not in definition.roles:
            file = f"{definition.folder}/manifest.yaml"
            yield _unknown(file, 1, "role", name, "opens.by", definition.roles)
    yield from _options(definition)


def _unknown(file: str, line: int, what: str, name: str, where: str, known: Collection[str]) -> Problem:
    said = WHAT[what]
    fields = {"where": where, "what_zh": said.zh, "what_en": said.en, "name": name, "near": near(name, known)}
    return Problem(file=file, line=line, code="unknown_name", fields=fields)


def _machine(definition: Definition) -> Iterator[Use]:
    for role in definition.roles.values():
        yield from (("qualification", name, role.line, f"roles.{role.name}") for name in role.requires)
    for rule in definition.separations:
        yield from (("role", name, rule.line, "separations") for name in rule.roles)
    for guard in definition.guards.values():
        yield from _condition(guard.when, guard.line, f"guards.{guard.name}")
    for gate in definition.gates.values():
        yield from _gate(gate)
    for act in definition.acts.values():
        yield from _act(act)


def _condition(condition: Condition, line: int, where: str) -> Iterator[Use]:
    for leaf in leaves(condition):
        if isinstance(leaf, Compare):
            yield from (("fact", name, line, where) for name in (*leaf.left.facts(), *leaf.right.facts()))
            yield from (("setting", name, line, where) for name in (*leaf.left.settings(), *leaf.right.settings()))
        elif isinstance(leaf, OneOf | Known):
            yield ("fact", leaf.fact, line, where)
        elif isinstance(leaf, HasPaper):
            yield ("paper", leaf.paper, line, where)
        elif isinstance(leaf, Guarded):
            yield ("guard", leaf.guard, line, where)
        elif isinstance(leaf, Happened):
            yield from (("act", name, line, where) for name in (leaf.act, leaf.after) if name)


def _gate(gate: Gate) -> Iterator[Use]:
    where = f"gates.{gate.name}"
    yield from (("act", name, gate.line, where) for name in gate.done + gate.after)
    yield from (("guard", name, gate.line, where) for name in (gate.when,) if name)
    yield from (("role", name, gate.line, where) for name in (gate.role,) if name)


def _act(act: Act) -> Iterator[Use]:
    where = f"acts.{act.name}"
    named = {
        "stage": [name for name in (*act.sources, act.target) if name not in (NOTHING, ANY, SAME)],
        "role": act.by + act.assigns,
        "fact": act.asks + act.may + act.needs + act.computes,
        "paper": act.makes + act.brings + act.may_bring + act.needs_papers,
        "guard": act.guards,
        "gate": act.gates,
    }
    for what, names in named.items():
        yield from ((what, name, act.line, where) for name in names)
    for move in act.clocks:
        yield from (("fact", name, move.line, where) for name in (move.since, move.count) if name)
        yield from (("guard", name, move.line, where) for name in (move.when,) if name)
    for rule in act.effects:
        what = {"publish": "paper", "withdraw": "paper", "tell": "role", "count": "statistic", "open": "kind"}[
            rule.kind
        ]
        yield (what, rule.name, rule.line, where)
        yield from (("guard", name, rule.line, where) for name in (rule.when,) if name)


def _facts(definition: Definition) -> Iterator[Use]:
    for fact in definition.facts.values():
        yield from (("role", name, fact.line, fact.name) for name in fact.filled_by + fact.seen_by)
        yield from (("paper", name, fact.line, fact.name) for name in fact.number_of)
        yield from (("fact", name, fact.line, fact.name) for name in (fact.computed.of if fact.computed else ()))
        yield from (("fact", fact.table.by, fact.line, fact.name) for _ in (1,) if fact.table and fact.table.by)


def _papers(definition: Definition) -> Iterator[Use]:
    for paper in definition.papers.values():
        yield from (("fact", name, paper.line, paper.name) for name in paper.shows)


def _options(definition: Definition) -> Iterator[Problem]:
    """Options that guards compare with have to be options of the fact."""
    file = f"{definition.folder}/machine.yaml"
    for guard in definition.guards.values():
        for fact_name, option in _compared(guard.when):
            fact = definition.facts.get(fact_name)
            if fact and fact.options and option not in fact.options:
                yield _unknown(file, guard.line, "option", option, f"guards.{guard.name}", fact.options)


def _compared(condition: Condition) -> Iterator[tuple[str, str]]:
    for leaf in leaves(condition):
        if isinstance(leaf, OneOf):
            yield from ((leaf.fact, option) for option in leaf.options)
        elif isinstance(leaf, Compare) and leaf.left.kind == "fact" and leaf.right.kind == "literal":
            yield leaf.left.name, str(leaf.right.literal)


def circles(definition: Definition) -> Iterator[Problem]:
    """A guard that rests on itself would never answer."""
    for guard in definition.guards.values():
        if guard.name in _rests_on(definition, guard.name):
            yield Problem(
                file=f"{definition.folder}/machine.yaml",
                line=guard.line,
                code="guard_circle",
                fields={"name": guard.name},
            )


def _rests_on(definition: Definition, name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        guard = definition.guards.get(waiting.pop())
        for leaf in leaves(guard.when) if guard else ():
            if isinstance(leaf, Guarded) and leaf.guard not in found:
                found.add(leaf.guard)
                waiting.append(leaf.guard)
    return found
