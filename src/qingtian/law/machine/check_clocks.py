"""The clocks that a kind starts, stops, pauses and extends: they exist, for the whole validity, and fit together."""

from __future__ import annotations

from collections.abc import Iterator

from qingtian.law import clocks
from qingtian.law.clocks import Clock, Words
from qingtian.law.deadlines import UNPAUSED
from qingtian.law.machine.conditions import ClockIs, leaves
from qingtian.law.machine.definition import Act, ClockMove, Definition
from qingtian.law.machine.documents import near
from qingtian.law.machine.problems import Problem

MOVES = {
    "stop": Words(zh="停止", en="stop"),
    "pause": Words(zh="中止", en="pause"),
    "resume": Words(zh="恢复", en="resume"),
    "extend": Words(zh="延长", en="extend"),
}
Used = tuple[str, int, str]
"""A clock's id, the line, and where it is used."""


def problems(definition: Definition) -> Iterator[Problem]:
    file, known = f"{definition.folder}/machine.yaml", {clock.name for clock in clocks.every()}
    for name, line, where in _used(definition):
        if name not in known:
            fields = {"where": where, "clock": name, "near": near(name, known)}
            yield Problem(file=file, line=line, code="unknown_clock", fields=fields)
    for act in definition.acts.values():
        for move in act.clocks:
            if move.clock in known:
                yield from _move(definition, act, move, file)
    yield from _ends(definition, file)


def _used(definition: Definition) -> Iterator[Used]:
    for guard in definition.guards.values():
        for leaf in leaves(guard.when):
            if isinstance(leaf, ClockIs):
                yield leaf.clock, guard.line, f"guards.{guard.name}"
    for gate in definition.gates.values():
        yield from ((name, gate.line, f"gates.{gate.name}") for name in gate.waits)
    for act in definition.acts.values():
        yield from ((move.clock, move.line, f"acts.{act.name}") for move in act.clocks)


def _move(definition: Definition, act: Act, move: ClockMove, file: str) -> Iterator[Problem]:
    clock = clocks.named(move.clock, day=definition.manifest.start)
    if move.move != "start" and move.clock not in _moved(definition, "start"):
        said = MOVES[move.move]
        fields = {"act": act.name, "move_zh": said.zh, "move_en": said.en, "clock": move.clock}
        yield Problem(file=file, line=move.line, code="clock_never_started", fields=fields)
    if move.variant and move.variant not in {variant.name for variant in clock.variants}:
        known = ", ".join(variant.name for variant in clock.variants) or "-"
        fields = {"clock": move.clock, "variant": move.variant, "known": known}
        yield Problem(file=file, line=move.line, code="unknown_variant", fields=fields)
    if move.move == "extend" and not clock.extensions:
        yield Problem(file=file, line=move.line, code="clock_not_extendable", fields={"clock": move.clock})
    why = UNPAUSED.get(clock.unit) or UNPAUSED.get(clock.direction)
    if move.move == "pause" and why:
        yield Problem(file=file, line=move.line, code="clock_not_pausable", fields={"clock": move.clock, "why": why})
    yield from _validity(definition, clock, move, file)


def _validity(definition: Definition, clock: Clock, move: ClockMove, file: str) -> Iterator[Problem]:
    rule, manifest = clock.rule, definition.manifest
    late = rule.start is not None and rule.start > manifest.start
    early = rule.end is not None and (manifest.end is None or manifest.end > rule.end)
    if late or early:
        fields = {"clock": clock.name, "since": rule.start or "…", "until": rule.end or "…"}
        yield Problem(file=file, line=move.line, code="clock_not_in_force", fields=fields)


def _moved(definition: Definition, move: str) -> set[str]:
    return {each.clock for act in definition.acts.values() for each in act.clocks if each.move == move}


def _ends(definition: Definition, file: str) -> Iterator[Problem]:
    stopped, resumed = _moved(definition, "stop"), _moved(definition, "resume")
    seen: set[tuple[str, str]] = set()
    for act in definition.acts.values():
        for move in act.clocks:
            code = {"start": "clock_never_stopped", "pause": "clock_never_resumed"}.get(move.move, "")
            met = move.runs_out or move.clock in (stopped if move.move == "start" else resumed)
            if code and not met and (code, move.clock) not in seen:
                seen.add((code, move.clock))
                yield Problem(file=file, line=move.line, code=code, fields={"clock": move.clock})
