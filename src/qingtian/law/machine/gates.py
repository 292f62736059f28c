"""What comes first: guards 条件 and gates 关口.

The gates of the law: two officers 两人执法, notice before decision 事先告知, legal review 法制审核, collective
discussion 集体讨论.
"""

from __future__ import annotations

from collections.abc import Iterator

from qingtian.law import clocks
from qingtian.law.clocks import Words
from qingtian.law.machine.conditions import View
from qingtian.law.machine.definition import Act, Definition, Gate, Guard
from qingtian.law.machine.people import qualified, separate
from qingtian.law.machine.state import Event, Refusal, State, day_of


class GuardRefuses(Refusal):
    code = "machine.guard"
    zh = "现在不能“{act.zh}”：{why.zh}（{basis}）"
    en = "“{act.en}” is not possible now: {why.en} ({basis})"


class TooFewOfficers(Refusal):
    code = "machine.too_few_officers"
    zh = "“{act.zh}”须有{role.zh}不少于 {least} 人在场（{basis}），现有 {found} 人：{names}。请写明其他在场人员。"
    en = (
        "“{act.en}” needs at least {least} {role.en} ({basis}); "
        "there are {found}: {names}. Name the others who are present."
    )


class NotYetNotified(Refusal):
    code = "machine.no_notice"
    zh = "“{act.zh}”之前须先“{first.zh}”（{basis}）。请先办理告知。"
    en = "Before “{act.en}” there has to be “{first.en}” ({basis}). Give notice first."


class NoticeStillRuns(Refusal):
    code = "machine.notice_runs"
    zh = (
        "期限“{name.zh}”（{clock}）至 {due} 届满，当事人仍可行使权利，"
        "现在不能“{act.zh}”（{basis}）。请等期限届满；当事人书面放弃的，先登记。"
    )
    en = (
        "“{name.en}” ({clock}) runs until {due}; until then “{act.en}” has "
        "to wait ({basis}). Wait, or record that the party has waived it in writing."
    )


class ReviewMissing(Refusal):
    code = "machine.no_review"
    zh = "“{act.zh}”须先经“{first.zh}”通过（{basis}）。请先送审。"
    en = "“{act.en}” first needs “{first.en}” ({basis}). Submit it for review."


class DiscussionMissing(Refusal):
    code = "machine.no_discussion"
    zh = "“{act.zh}”须先“{first.zh}”（{basis}）。请先提交集体讨论。"
    en = "“{act.en}” first needs “{first.en}” ({basis}). Put it to the collective discussion."


MISSING: dict[str, type[Refusal]] = {
    "notice": NotYetNotified,
    "review": ReviewMissing,
    "discussion": DiscussionMissing,
}


def guards(definition: Definition, act: Act, view: View, *, citation: str) -> Iterator[GuardRefuses]:
    """Yield a refusal for each guard that does not hold."""
    for name in act.guards:
        guard = definition.guards[name]
        if not guard.when.holds(view):
            yield _refused(definition, act, guard, view, citation)


def _refused(definition: Definition, act: Act, guard: Guard, view: View, citation: str) -> GuardRefuses:
    return GuardRefuses(
        act=definition.words.of("acts", act.name),
        why=definition.words.of("guards", guard.name),
        basis=guard.basis.on(day_of(view.at)) or citation,
    )


def gates(definition: Definition, act: Act, view: View, *, event: Event | None) -> Iterator[Refusal]:
    """Yield a refusal for each gate that is shut. Without an event the persons present are not asked for."""
    for name in act.gates:
        gate = definition.gates[name]
        if gate.when and not definition.guards[gate.when].when.holds(view):
            continue
        if gate.kind == "officers":
            found = _officers(definition, act, gate, view.state, event) if event else None
        else:
            found = _before(definition, act, gate, view)
        if found:
            yield found


def _officers(definition: Definition, act: Act, gate: Gate, state: State | None, event: Event) -> Refusal | None:
    role = definition.roles[gate.role]
    there = {person.name: person for person in (event.by, *event.present) if person.roles & set(role.office)}
    citation = gate.basis.on(event.day)
    for person in there.values():
        qualified(definition, role, person, citation=citation)
        separate(definition, state, role.name, person)
    if len(there) >= gate.count:
        return None
    return TooFewOfficers(
        act=definition.words.of("acts", act.name),
        role=definition.words.of("roles", gate.role),
        least=gate.count,
        found=len(there),
        names=", ".join(sorted(there)) or "-",
        basis=citation,
    )


def _before(definition: Definition, act: Act, gate: Gate, view: View) -> Refusal | None:
    state, said = view.state, definition.words.of("acts", act.name)
    basis = gate.basis.on(day_of(view.at))
    if state is None or state.last(*gate.done) < 0 or state.last(*gate.done) < state.last(*gate.after):
        return MISSING[gate.kind](act=said, first=_first(definition, gate), basis=basis)
    return _waits(state, gate, view, said, basis)


def _first(definition: Definition, gate: Gate) -> Words:
    said = [definition.words.of("acts", name) for name in gate.done]
    return Words(zh="”或“".join(each.zh for each in said), en="” or “".join(each.en for each in said))


def _waits(state: State, gate: Gate, view: View, said: Words, basis: str) -> Refusal | None:
    for name in gate.waits:
        run = state.clock(name)
        if run is not None and run.stopped is None and not run.over(view.at):
            return NoticeStillRuns(
                act=said,
                clock=name,
                name=clocks.named(name, day=day_of(run.start)).words,
                due=run.due or "…",
                basis=basis,
            )
    return None
