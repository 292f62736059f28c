"""A kind of matter as data for programs: both languages, codes beside words; of `/kinds/` and of the interface."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from qingtian.law import clocks
from qingtian.law.clocks import Clock, Words
from qingtian.law.machine.definition import Act, Basis, ClockMove, Definition, Fact, Gate


def summary(definition: Definition) -> dict[str, Any]:
    """Return what a list of kinds says of one."""
    manifest = definition.manifest
    return {
        "code": manifest.code,
        "version": manifest.version,
        **pair(manifest.words),
        "group": manifest.group,
        "valid_from": manifest.start.isoformat(),
        "valid_to": manifest.end.isoformat() if manifest.end else None,
        "secrecy": manifest.secrecy,
        "opened_by": list(manifest.opened_by),
        "opened_from": list(manifest.opened_from),
        "stages": len(definition.stages),
        "acts": len(definition.acts),
        "papers": len(definition.papers),
        "clocks": clock_names(definition),
    }


def described(definition: Definition, *, day: date) -> dict[str, Any]:
    """Return the whole kind; ``day`` says as of when the clocks are law."""
    manifest, word = definition.manifest, definition.words.of
    return {
        **summary(definition),
        "basis": _laws(manifest.basis),
        "archive": {"years": manifest.archive.years, "basis": manifest.archive.basis},
        "statistics": {name: pair(words) for name, words in manifest.statistics.items()},
        "settings": {
            each.name: {
                **pair(word("settings", each.name)),
                "value": str(each.value),
                "unit": each.unit,
                "source": each.source,
                "least": None if each.least is None else str(each.least),
                "most": None if each.most is None else str(each.most),
            }
            for each in manifest.settings.values()
        },
        "roles": {
            role.name: {
                **pair(word("roles", role.name)),
                "office": list(role.office),
                "assigned": role.assigned,
                "requires": list(role.requires),
            }
            for role in definition.roles.values()
        },
        "separations": [{"roles": list(each.roles), "basis": _laws(each.basis)} for each in definition.separations],
        "stages": {name: {**pair(word("stages", name)), "end": stage.end} for name, stage in definition.stages.items()},
        "facts": {fact.name: _fact(definition, fact) for fact in definition.facts.values()},
        "papers": {
            paper.name: {**pair(paper.title), "volume": paper.volume, "shows": list(paper.shows), "law": paper.law}
            for paper in definition.papers.values()
        },
        "gates": {gate.name: _gate(definition, gate) for gate in definition.gates.values()},
        "guards": {
            guard.name: {**pair(word("guards", guard.name)), "basis": _laws(guard.basis)}
            for guard in definition.guards.values()
        },
        "acts": {act.name: _act(definition, act) for act in definition.acts.values()},
        "clocks": {name: clock(clocks.named(name, day=day)) for name in clock_names(definition)},
    }


def clock_names(definition: Definition) -> list[str]:
    """Return the clocks that the kind's acts move, in the order in which they are first met."""
    return list(dict.fromkeys(move.clock for act in definition.acts.values() for move in act.clocks))


def clock(found: Clock) -> dict[str, Any]:
    """Return a statutory clock; ``certainty``: ``read`` in its source, or from ``memory`` and to be checked."""
    rule = found.rule
    return {
        "clock": found.name,
        **pair(found.words),
        "count": found.count,
        "unit": found.unit,
        "direction": found.direction,
        "month_day": list(found.month_day) if found.month_day else None,
        "means": found.means,
        "roll": found.roll,
        "start": pair(found.start_event),
        "actor": pair(found.actor),
        "extension": found.extension_wording,
        "variants": [
            {"name": each.name, "count": each.count, "unit": each.unit, **pair(each.words)} for each in found.variants
        ],
        "if_missed": pair(found.if_missed) if found.if_missed else None,
        "basis": found.basis,
        "certainty": rule.certainty,
        "from": rule.start.isoformat() if rule.start else None,
        "to": rule.end.isoformat() if rule.end else None,
    }


def pair(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _laws(basis: Basis) -> list[dict[str, Any]]:
    return [
        {
            "law": law.text,
            "from": law.start.isoformat() if law.start else None,
            "to": law.end.isoformat() if law.end else None,
        }
        for law in basis.laws
    ]


def _fact(definition: Definition, fact: Fact) -> dict[str, Any]:
    return {
        **pair(definition.words.of("facts", fact.name)),
        "type": fact.type,
        "unit": fact.unit,
        "options": {name: pair(definition.words.of("choices", f"{fact.name}.{name}")) for name in fact.options},
        "least": None if fact.least is None else str(fact.least),
        "most": None if fact.most is None else str(fact.most),
        "when": fact.when,
        "filled_by": list(fact.filled_by),
        "seen_by": list(fact.seen_by),
        "number_of": list(fact.number_of),
        "chosen_from": list(fact.chosen_from),
        "computed_from": list(fact.computed.of) if fact.computed else [],
        "help": pair(fact.help),
        "law": fact.law,
    }


def _gate(definition: Definition, gate: Gate) -> dict[str, Any]:
    return {
        **pair(definition.words.of("gates", gate.name)),
        "kind": gate.kind,
        "role": gate.role,
        "count": gate.count,
        "done": list(gate.done),
        "after": list(gate.after),
        "waits": list(gate.waits),
        "when": gate.when,
        "basis": _laws(gate.basis),
    }


def _act(definition: Definition, act: Act) -> dict[str, Any]:
    return {
        **pair(definition.words.of("acts", act.name)),
        "from": list(definition.stages_of(act)),
        "to": act.target,
        "by": list(definition.roles_of(act)),
        "basis": _laws(act.basis),
        "facts": {"ask": list(act.asks), "may": list(act.may), "need": list(act.needs)},
        "papers": {
            "make": list(act.makes),
            "bring": list(act.brings),
            "may": list(act.may_bring),
            "need": list(act.needs_papers),
        },
        "assigns": list(act.assigns),
        "guards": list(act.guards),
        "gates": list(act.gates),
        "clocks": [_move(move) for move in act.clocks],
        "effects": [{"kind": each.kind, "name": each.name, "when": each.when} for each in act.effects],
    }


def _move(move: ClockMove) -> Mapping[str, Any]:
    told = {"since": move.since, "variant": move.variant, "count": move.count, "reason": move.reason, "when": move.when}
    return {
        move.move: move.clock,
        **{name: value for name, value in told.items() if value},
        **({"runs_out": True} if move.runs_out else {}),
    }
