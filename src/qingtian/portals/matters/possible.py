"""What can be done on a matter now, the one act that usually comes next on top; and why the rest is not possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qingtian.law.machine import way
from qingtian.law.machine.allowed import Possibility
from qingtian.law.machine.definition import Definition
from qingtian.law.machine.people import MissingRole, NotAssigned, NotQualified, SeparationBroken
from qingtian.law.machine.step import cited
from qingtian.office.matters.api import OneMatter
from qingtian.portals.matters import naming
from qingtian.portals.matters.sentences import sentence

NOT_BY_YOU = (MissingRole, NotAssigned, NotQualified, SeparationBroken)


@dataclass(frozen=True, kw_only=True)
class Act:
    """An act as it is offered, or refused: its words, its article, where it leads, and every reason against it."""

    name: str
    title: str
    url: str
    basis: str
    leads: str
    ends: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Acts:
    """The acts of a stage: the usual next one, other possible ones, those for others, those that have to wait."""

    primary: Act | None
    others: Sequence[Act]
    not_by_you: Sequence[Act]
    shut: Sequence[Act]

    @property
    def any(self) -> bool:
        return self.primary is not None or bool(self.others)


def acts(one: OneMatter, names: Mapping[str, str]) -> Acts:
    """Sort the acts of the stage for this person. ``names``: of people, by username."""
    open_: list[Possibility] = []
    waiting: list[Possibility] = []
    shut: list[Possibility] = []
    for each in one.acts:
        against = [reason for reason in each.reasons if not isinstance(reason, NOT_BY_YOU)]
        (open_ if each.possible else shut if against else waiting).append(each)
    first = _primary(one, open_)
    return Acts(
        primary=_said(one, first, names) if first else None,
        others=[_said(one, each, names) for each in open_ if each is not first],
        not_by_you=[_said(one, each, names) for each in waiting],
        shut=[_said(one, each, names) for each in shut],
    )


def _primary(one: OneMatter, open_: Sequence[Possibility]) -> Possibility | None:
    """Return the act that usually comes next, if this person may do it; else the first that leads on to no end."""
    by_name = {each.act.name: each for each in open_}
    usual = next((by_name[name] for name in way.next_acts(one.definition, one.state) if name in by_name), None)
    return usual or next((each for each in open_ if _leads_on(one, each)), None)


def _leads_on(one: OneMatter, each: Possibility) -> bool:
    target = one.definition.target_of(each.act, stage=one.state.stage)
    return target != one.state.stage and not one.definition.stages[target].end


def _said(one: OneMatter, each: Possibility, names: Mapping[str, str]) -> Act:
    definition: Definition = one.definition
    target = definition.target_of(each.act, stage=one.state.stage)
    return Act(
        name=each.act.name,
        title=naming.act(definition, each.act.name),
        url=f"/matters/{one.matter.pk}/act/{each.act.name}/",
        basis=cited(definition, each.act, one.at),
        leads=naming.stage(definition, target) if target != one.state.stage else "",
        ends=definition.stages[target].end,
        reasons=tuple(sentence(reason, names) for reason in each.reasons),
    )
