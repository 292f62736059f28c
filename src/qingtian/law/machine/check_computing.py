"""Facts that follow from others (``computed``) and lists by a table: the computation is known, and nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator

from qingtian.law import rules
from qingtian.law.machine import computing
from qingtian.law.machine.definition import Computed, Definition, Fact
from qingtian.law.machine.problems import Problem


def problems(definition: Definition) -> Iterator[Problem]:
    """Yield what keeps facts from being computed. Facts that are not defined are `check_names`' affair."""
    for fact in definition.facts.values():
        if fact.computed is not None:
            yield from _rule(definition, fact, fact.computed)
        if fact.table is not None and not _there(fact.table.rule):
            yield _problem(definition, fact, "table_unknown", rule=fact.table.rule)
    for act in definition.acts.values():
        for name in act.computes:
            known = definition.facts.get(name)
            if known is not None and known.computed is None:
                yield _problem(definition, known, "computes_what", act=act.name)


def _rule(definition: Definition, fact: Fact, rule: Computed) -> Iterator[Problem]:
    parts = computing.PARTS.get(rule.how, ("",))
    count = computing.INPUTS.get(rule.how, len(rule.of))
    if rule.how not in computing.KNOWN or rule.part not in parts or len(rule.of) != count or not rule.of:
        yield _problem(definition, fact, "computed_how", known=", ".join(computing.KNOWN))
    asking = [act.name for act in definition.acts.values() if fact.name in act.takes]
    yield from (_problem(definition, fact, "computed_asked", act=act) for act in asking)


def _there(name: str) -> bool:
    try:
        rules.table(name)
    except rules.RuleFileMissing:
        return False
    return True


def _problem(definition: Definition, fact: Fact, code: str, **fields: object) -> Problem:
    said = {"fact": fact.name, **fields}
    return Problem(file=f"{definition.folder}/facts.yaml", line=fact.line, code=code, fields=said)
