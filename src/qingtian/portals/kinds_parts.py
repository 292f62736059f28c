"""The rows of a kind's page (事项说明), in its words: acts, facts, papers, clocks, gates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from qingtian.law import clocks
from qingtian.law.clocks import Clock
from qingtian.law.machine.definition import SAME, Act, ClockMove, Definition, EffectRule, Fact, Gate, Paper
from qingtian.portals import kinds_data, rule_reading, words
from qingtian.portals.matters import naming
from qingtian.portals.templatetags.parts import badge
from qingtian.portals.words import State, Word

FACT_TYPES: dict[str, Word] = {
    "text": _("free text"),
    "date": _("date"),
    "datetime": _("date and time"),
    "money": _("amount of money"),
    "number": _("number"),
    "whole": _("whole number"),
    "choice": _("one of"),
    "yes_no": _("yes or no"),
    "person": _("person"),
    "list": _("list"),
}
MOVES: dict[str, Word] = {
    "start": _("starts %(clock)s"),
    "stop": _("stops %(clock)s"),
    "pause": _("pauses %(clock)s"),
    "resume": _("resumes %(clock)s"),
    "extend": _("extends %(clock)s"),
}
EFFECTS: dict[str, Word] = {
    "publish": _("publishes %(name)s"),
    "withdraw": _("withdraws %(name)s"),
    "tell": _("tells the %(name)s"),
    "count": _("counts for %(name)s"),
    "open": _("may open %(name)s"),
}
GATE_KINDS: dict[str, Word] = {
    "officers": _("Officers present"),
    "notice": _("Notice first"),
    "review": _("Review first"),
    "discussion": _("Collective discussion first"),
}


def basis(definition: Definition, act: Act | None, *, day: date) -> str:
    """Return what an act (or the kind) rests on, as of a day; what will be law later if nothing is yet."""
    laws = (act.basis if act and act.basis.laws else definition.manifest.basis).laws
    current = [law.text for law in laws if law.in_force(day)]
    return "；".join(current or [law.text for law in laws])


@dataclass(frozen=True, kw_only=True)
class ActRow:
    """An act in the table that says the same as the diagram."""

    name: str
    sources: list[str]
    target: str
    end: bool
    by: str
    basis: str
    asks: str
    papers: str
    moves: list[str]
    first: list[str]
    effects: list[str]


def acts(definition: Definition, *, day: date) -> Iterator[ActRow]:
    """Yield the acts in the order of the file."""
    for act in definition.acts.values():
        target = act.target
        yield ActRow(
            name=naming.act(definition, act.name),
            sources=[naming.stage(definition, name) for name in definition.stages_of(act)],
            target=str(_("stays")) if target == SAME else naming.stage(definition, target),
            end=target != SAME and definition.stages[target].end,
            by=naming.joined([naming.role(definition, name) for name in definition.roles_of(act)]),
            basis=basis(definition, act, day=day),
            asks=naming.joined([naming.fact(definition, name) for name in act.takes]),
            papers=naming.joined(
                [naming.paper(definition, name) for name in (*act.makes, *act.brings, *act.may_bring)]
            ),
            # a clock that is started in one of several lengths is told once
            moves=list(dict.fromkeys(_move(move, day=day) for move in act.clocks)),
            first=[naming.word(definition, "gates", name) for name in act.gates],
            effects=[_effect(definition, effect) for effect in act.effects],
        )


def _move(move: ClockMove, *, day: date) -> str:
    return str(MOVES[move.move]) % {"clock": f"{naming.clock(move.clock, day=day)} ({move.clock})"}


def _effect(definition: Definition, effect: EffectRule) -> str:
    names = {
        "publish": naming.paper(definition, effect.name),
        "withdraw": naming.paper(definition, effect.name),
        "tell": naming.role(definition, effect.name),
        "open": naming.kind(effect.name),
    }
    statistic = definition.manifest.statistics.get(effect.name)
    name = names.get(effect.kind) or (naming.said(statistic) if statistic else effect.name)
    return str(EFFECTS[effect.kind]) % {"name": name}


@dataclass(frozen=True, kw_only=True)
class FactRow:
    name: str
    type: str
    filled_by: str
    seen_by: str
    help: str
    law: str


def facts(definition: Definition) -> Iterator[FactRow]:
    """Yield what is known of such a matter."""
    for fact in definition.facts.values():
        yield FactRow(
            name=naming.fact(definition, fact.name),
            type=_type(definition, fact),
            filled_by=_filler(definition, fact),
            seen_by=naming.joined([naming.role(definition, name) for name in fact.seen_by]),
            help=naming.said(fact.help),
            law=fact.law,
        )


def _filler(definition: Definition, fact: Fact) -> str:
    """Return the roles that give a fact; of the number of a paper that nobody does."""
    if fact.number_of:
        papers = naming.joined([naming.paper(definition, name) for name in fact.number_of])
        return say("by itself: number of %(paper)s") % {"paper": papers}
    if fact.computed:
        named = naming.joined([naming.fact(definition, name) for name in fact.computed.of])
        return say("computed from: %(facts)s") % {"facts": named}
    return naming.joined([naming.role(definition, name) for name in fact.filled_by])


def _type(definition: Definition, fact: Fact) -> str:
    told = str(FACT_TYPES[fact.type])
    if fact.type == "choice":
        return f"{told}: {naming.joined([naming.choice(definition, fact.name, option) for option in fact.options])}"
    return f"{told} ({naming.unit(fact.unit)})" if fact.unit else told


@dataclass(frozen=True, kw_only=True)
class PaperRow:
    title: str
    volume: Word
    shows: str
    made_by: str
    law: str


def papers(definition: Definition) -> Iterator[PaperRow]:
    """Yield the papers of the file, with the acts that make or bring them."""
    for paper in definition.papers.values():
        yield PaperRow(
            title=naming.said(paper.title),
            volume=naming.VOLUMES.get(paper.volume, paper.volume),
            shows=naming.joined([naming.fact(definition, name) for name in paper.shows]),
            made_by=naming.joined([naming.act(definition, act.name) for act in _with(definition, paper)]),
            law=paper.law,
        )


def _with(definition: Definition, paper: Paper) -> Iterator[Act]:
    for act in definition.acts.values():
        if paper.name in (*act.makes, *act.brings, *act.may_bring):
            yield act


@dataclass(frozen=True, kw_only=True)
class ClockRow:
    clock: Clock
    name: str
    length: str
    start: str
    variants: list[str]
    extension: str
    missed: str
    sure: object


def clock_rows(definition: Definition, *, day: date) -> Iterator[ClockRow]:
    """Yield the statutory clocks of the kind, as they are law on a day."""
    for name in kinds_data.clock_names(definition):
        found = clocks.named(name, day=day)
        yield ClockRow(
            clock=found,
            name=naming.said(found.words),
            length=length(found),
            start=naming.said(found.start_event),
            variants=[f"{naming.said(each.words)}: {_counted(each.count, each.unit)}" for each in found.variants],
            extension=_extension(found),
            missed=naming.said(found.if_missed) if found.if_missed else "",
            sure=badge(words.CERTAINTIES.get(found.rule.certainty, State(word=found.rule.certainty))),
        )


def _extension(clock: Clock) -> str:
    """Return by how much a clock may be lengthened, in which case and by whom; empty if the law foresees none."""
    given = clock.rule.get("extensions")
    told = rule_reading.value(f"clocks/{clock.matter}", "extensions", given, rule=clock.rule) if given else ""
    return say("may be lengthened by %(length)s") % {"length": told} if told else ""


def length(clock: Clock) -> str:
    """Return how long a clock runs: ``15 working days``, or the day of the year it means."""
    if clock.month_day:
        return f"{clock.month_day[0]:02d}-{clock.month_day[1]:02d}"
    told = _counted(clock.count, clock.unit)
    return say("%(length)s before") % {"length": told} if clock.direction == "before" else told


def _counted(count: int | None, unit: str) -> str:
    if count is None:
        return str(_("not stated in figures"))
    forms = {
        "working_day": ngettext("%(n)d working day", "%(n)d working days", count),
        "day": ngettext("%(n)d day", "%(n)d days", count),
        "hour": ngettext("%(n)d hour", "%(n)d hours", count),
        "month": ngettext("%(n)d month", "%(n)d months", count),
        "year": ngettext("%(n)d year", "%(n)d years", count),
    }
    return forms[unit] % {"n": count}


@dataclass(frozen=True, kw_only=True)
class GateRow:
    name: str
    kind: Word
    what: str
    when: str
    basis: str


def gates(definition: Definition, *, day: date) -> Iterator[GateRow]:
    """Yield what the law puts first: two officers, notice, review, discussion; and duties kept apart."""
    for gate in definition.gates.values():
        yield GateRow(
            name=naming.word(definition, "gates", gate.name),
            kind=GATE_KINDS[gate.kind],
            what=_gate(definition, gate),
            when=naming.word(definition, "guards", gate.when) if gate.when else "",
            basis=gate.basis.on(day),
        )
    for each in definition.separations:
        roles = naming.joined([naming.role(definition, name) for name in each.roles])
        yield GateRow(
            name=str(_("Duties kept apart")),
            kind=_("Separation"),
            what=str(_("nobody may be more than one of: %(roles)s")) % {"roles": roles},
            when="",
            basis=each.basis.on(day),
        )


def _gate(definition: Definition, gate: Gate) -> str:
    if gate.kind == "officers":
        return str(_("at least %(n)d: %(role)s")) % {"n": gate.count, "role": naming.role(definition, gate.role)}
    done = naming.joined([naming.act(definition, name) for name in gate.done])
    return f"{done} ({naming.joined(list(gate.waits))})" if gate.waits else done
