"""``machine.yaml`` → roles, separations, stages, guards, gates and acts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from qingtian.law.machine.definition import (
    EFFECT_KINDS,
    GATE_KINDS,
    MOVES,
    NOTHING,
    Act,
    Basis,
    ClockMove,
    EffectKind,
    EffectRule,
    Gate,
    GateKind,
    Guard,
    Law,
    Move,
    Role,
    Separation,
    Stage,
)
from qingtian.law.machine.documents import Cursor
from qingtian.law.machine.reading_conditions import condition

MACHINE = ("roles", "stages", "acts")
MACHINE_MORE = ("separations", "guards", "gates")
ACT = ("from", "to")
ACT_MORE = ("by", "basis", "facts", "papers", "assigns", "guards", "gates", "clocks", "effects")
MOVE_MORE = ("variant", "since", "count", "reason", "when", "runs_out")


def basis(place: Cursor, key: str) -> Basis:
    """Read a citation: a text, or a list of ``{law, from, to}`` where the law changed."""
    if not place.has(key):
        return Basis()
    if isinstance(place.at(key).value, list):
        return Basis(laws=tuple(_law(each) for each in place.rows(key)))
    return Basis(laws=(Law(text=place.text(key)),))


def _law(place: Cursor) -> Law:
    if isinstance(place.value, str):
        return Law(text=place.value)
    place.keys("law", optional=("from", "to"))
    return Law(text=place.text("law"), start=place.day("from"), end=place.day("to"))


def roles(place: Cursor) -> Iterator[Role]:
    for name, row in place.named("roles"):
        row.keys("office", optional=("assigned", "requires"))
        yield Role(
            name=name,
            office=row.texts("office"),
            assigned=row.flag("assigned"),
            requires=row.texts("requires"),
            line=row.line,
        )


def separations(place: Cursor) -> Iterator[Separation]:
    for row in place.rows("separations"):
        row.keys("roles", "basis")
        yield Separation(roles=row.texts("roles"), basis=basis(row, "basis"), line=row.line)


def stages(place: Cursor) -> Iterator[Stage]:
    for name, row in place.named("stages"):
        if row.value in (None, {}):
            yield Stage(name=name, end=False, line=row.line)
            continue
        row.keys(optional=("end",))
        yield Stage(name=name, end=isinstance(row.value, dict) and row.flag("end"), line=row.line)


def guards(place: Cursor) -> Iterator[Guard]:
    for name, row in place.named("guards"):
        row.keys("when", optional=("basis",))
        if row.has("when"):
            yield Guard(name=name, when=condition(row.at("when")), basis=basis(row, "basis"), line=row.line)


def gates(place: Cursor) -> Iterator[Gate]:
    for name, row in place.named("gates"):
        row.keys("kind", "basis", optional=("role", "count", "done", "after", "waits", "when"))
        kind = cast(GateKind, row.one_of("kind", GATE_KINDS, default="review"))
        row.keys("kind", "basis", "role" if kind == "officers" else "done", optional=tuple(row.value))
        yield Gate(
            name=name,
            kind=kind,
            basis=basis(row, "basis"),
            role=row.text("role"),
            count=row.whole("count", default=2),
            done=row.texts("done"),
            after=row.texts("after"),
            waits=row.texts("waits"),
            when=row.text("when"),
            line=row.line,
        )


def acts(place: Cursor) -> Iterator[Act]:
    for name, row in place.named("acts"):
        row.keys(*ACT, optional=ACT_MORE)
        facts = row.at("facts").keys(optional=("ask", "may", "need", "compute")) if row.has("facts") else None
        papers = row.at("papers").keys(optional=("make", "bring", "may", "need")) if row.has("papers") else None
        yield Act(
            name=name,
            sources=row.texts("from") or (NOTHING,),
            target=row.text("to"),
            by=row.texts("by"),
            basis=basis(row, "basis"),
            asks=facts.texts("ask") if facts else (),
            may=facts.texts("may") if facts else (),
            needs=facts.texts("need") if facts else (),
            computes=facts.texts("compute") if facts else (),
            makes=papers.texts("make") if papers else (),
            brings=papers.texts("bring") if papers else (),
            may_bring=papers.texts("may") if papers else (),
            needs_papers=papers.texts("need") if papers else (),
            assigns=row.texts("assigns"),
            guards=row.texts("guards"),
            gates=row.texts("gates"),
            clocks=tuple(_moves(row)),
            effects=tuple(_effects(row)),
            line=row.line,
        )


def _moves(place: Cursor) -> Iterator[ClockMove]:
    for row in place.rows("clocks"):
        found = row.value if isinstance(row.value, dict) else {}
        move: Move | None = next((each for each in MOVES if each in found), None)
        if move is None:
            row.report("none_of_keys", known=", ".join(MOVES))
            continue
        row.keys(move, optional=MOVE_MORE)
        yield ClockMove(
            move=move,
            clock=row.text(move),
            variant=row.text("variant"),
            since=row.text("since"),
            count=row.text("count"),
            reason=row.text("reason"),
            when=row.text("when"),
            runs_out=row.flag("runs_out"),
            line=row.line,
        )


def _effects(place: Cursor) -> Iterator[EffectRule]:
    for row in place.rows("effects"):
        found = row.value if isinstance(row.value, dict) else {}
        kind: EffectKind | None = next((each for each in EFFECT_KINDS if each in found), None)
        if kind is None:
            row.report("none_of_keys", known=", ".join(EFFECT_KINDS))
            continue
        row.keys(kind, optional=("when",))
        yield EffectRule(kind=kind, name=row.text(kind), when=row.text("when"), line=row.line)
