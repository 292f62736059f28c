"""What lies around a matter, as its page shows it: people, papers, links, offers, and what followed outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from qingtian.law.machine.state import day_of
from qingtian.office.matters.api import Matter, MatterEffect, MatterPaper, OneMatter
from qingtian.portals.matters import naming
from qingtian.portals.page import OFFICE
from qingtian.portals.words import State, Word

FOLLOWED: dict[str, Word] = {
    "publish": _("Publish"),
    "withdraw": _("Withdraw from publication"),
    "tell": _("Tell"),
    "count": _("Count"),
    "open": _("To be opened"),
}
"""What an effect does."""
OUTSIDE = ("publish", "withdraw")
"""What the party learns of what followed: what everybody can see. Whom the office told, what it counts, is its own."""


@dataclass(frozen=True, kw_only=True)
class PaperShown:
    """A paper of the file as a card."""

    row: MatterPaper
    title: str
    volume: str
    state: State

    @property
    def files(self) -> int:
        return len(self.row.files)

    @property
    def bytes(self) -> int:
        """Of all files that were brought."""
        return sum(each["bytes"] for each in self.row.files)


def paper(one: OneMatter, row: MatterPaper) -> PaperShown:
    """Return a paper as its card shows it."""
    defined = one.definition.papers.get(row.name)
    return PaperShown(
        row=row,
        title=naming.paper(one.definition, row.name),
        volume=str(naming.VOLUMES[defined.volume]) if defined else "",
        state=_standing(row),
    )


def _standing(row: MatterPaper) -> State:
    if row.withdrawn_at:
        return State(word=say("withdrawn"), shape="done")
    if row.published_at:
        return State(word=say("published"), tone="normal", shape="done")
    return State(word=say("frozen")) if row.origin == "made" else State(word=say("received"))


@dataclass(frozen=True, kw_only=True)
class RoleShown:
    """A role with the people who are named for it, and those who were in it before."""

    title: str
    now: Sequence[str]
    before: Sequence[str]


def people(one: OneMatter) -> list[RoleShown]:
    """Return who is in which role, in the order of the kind's file."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for row in one.people:
        now, before = found.setdefault(row.role, ([], []))
        defined = one.definition.roles.get(row.role)
        (now if row.assigned or not (defined and defined.assigned) else before).append(row.user.name)
    order = [name for name in one.definition.roles if name in found]
    return [RoleShown(title=naming.role(one.definition, n), now=found[n][0], before=found[n][1]) for n in order]


@dataclass(frozen=True, kw_only=True)
class LinkShown:
    """A link as seen from this matter, and the other one."""

    title: Word
    other: Matter
    kind: str
    state: State
    reason: str


def links(one: OneMatter) -> list[LinkShown]:
    """Return the links to and from other matters that this person may see."""
    found = []
    for row in one.links:
        outward = row.matter_id == one.matter.pk
        other = row.other if outward else row.matter
        found.append(
            LinkShown(
                title=naming.LINKS[row.kind][0 if outward else 1],
                other=other,
                kind=naming.kind(other.code),
                state=naming.stage_state(other),
                reason=row.reason,
            )
        )
    return found


def offers(one: OneMatter) -> list[tuple[MatterEffect, str]]:
    """Return the offers that this person may take or drop, each with the name of the kind."""
    return [(effect, naming.kind(effect.name)) for effect in one.effects if one.may_take(effect)]


@dataclass(frozen=True, kw_only=True)
class EffectShown:
    """What followed from an act outside the matter, and how far that is."""

    title: Word
    what: str
    state: State
    at: datetime
    opened: Matter | None


def effects(one: OneMatter) -> list[EffectShown]:
    """Return what followed, oldest first, as far as it concerns this person."""
    of_the_office = one.viewer.user.role in OFFICE
    rows = [row for row in one.effects if of_the_office or row.kind in OUTSIDE]
    return [
        EffectShown(
            title=FOLLOWED[row.kind],
            what=naming.affected(one.definition, row.kind, row.name, day=day_of(row.at)),
            state=_how_far(row),
            at=row.done_at or row.at,
            opened=row.opened,
        )
        for row in rows
    ]


def _how_far(row: MatterEffect) -> State:
    if row.dropped_at:
        return State(word=say("will not be opened"), shape="done")
    if row.kind == "open" and row.done_at:
        return (
            State(word=say("opened"), shape="done") if row.opened_id else State(word=say("offered"), tone="attention")
        )
    return State(word=say("done"), tone="normal", shape="done") if row.done_at else State(word=say("waiting"))
