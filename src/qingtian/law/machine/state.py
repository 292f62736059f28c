"""What is known of one matter at one instant, and what can happen to it. Both are frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.law.pauses import Pause
from qingtian.law.terms import Grant


def day_of(when: date | datetime) -> date:
    """Return the Beijing day of a moment; a day is its own."""
    return when.astimezone(BEIJING).date() if isinstance(when, datetime) else when


FactValue = str | bool | int | Decimal | date | datetime | tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who acts: an identifier, the roles held in the office, and the qualifications (see `Role`)."""

    name: str
    roles: frozenset[str]
    qualifications: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Event:
    """An act that somebody wants to do. ``present``: who does it together with ``by``; ``at`` has a zone.

    ``people``: whom it assigns, by role. ``source`` and ``reference``: what an opening act opens from.
    """

    act: str
    at: datetime
    by: Person
    present: tuple[Person, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    papers: frozenset[str] = frozenset()
    people: Mapping[str, tuple[Person, ...]] = field(default_factory=dict)
    source: str = ""
    reference: str = ""

    @property
    def day(self) -> date:
        return day_of(self.at)


@dataclass(frozen=True, kw_only=True)
class ClockRun:
    """One run of a statutory clock in a matter. ``due`` is None while it is paused.

    Why and by which paper it was paused, and by which it was extended, are names of the kind.
    """

    clock: str
    start: date | datetime
    due: date | datetime | None
    variant: str = ""
    pauses: tuple[Pause, ...] = ()
    grants: tuple[Grant, ...] = ()
    paused_on: date | None = None
    pause_reason: str = ""
    pause_paper: str = ""
    stopped: datetime | None = None
    provisional: bool = False

    @property
    def running(self) -> bool:
        return self.stopped is None and self.paused_on is None

    def over(self, moment: datetime) -> bool:
        """Return whether its time was up at ``moment``: the day after the last one, or the moment of an hour clock."""
        until = moment if self.stopped is None else min(moment, self.stopped)
        if self.due is None:
            return False
        if isinstance(self.due, datetime):
            return until > self.due
        return day_of(until) > self.due

    def reached(self, moment: datetime) -> bool:
        """Return whether its last day (or moment) has come."""
        if self.due is None:
            return False
        if isinstance(self.due, datetime):
            return moment >= self.due
        return day_of(moment) >= self.due


@dataclass(frozen=True, kw_only=True)
class PaperKept:
    """A paper of the file: when it came into being, and by which act."""

    name: str
    at: datetime
    act: str


@dataclass(frozen=True, kw_only=True)
class Done:
    """One act in the history, with the stage it led from and to."""

    act: str
    at: datetime
    by: str
    role: str
    present: tuple[str, ...]
    source: str
    target: str
    facts: Mapping[str, FactValue]


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What counts as done and filed before a matter was taken over 存量录入: nobody here did it, and it is marked so.

    ``number``: what the matter was called in the other register; ``file`` (SHA-256) and ``row``: where it stood.
    """

    acts: tuple[str, ...]
    papers: tuple[str, ...]
    number: str
    file: str
    row: int


@dataclass(frozen=True, kw_only=True)
class State:
    """A matter between two acts. ``code`` and ``version`` name the definition it was opened under and keeps."""

    code: str
    version: int
    stage: str
    closed: bool
    source: str
    reference: str
    facts: Mapping[str, FactValue]
    assigned: Mapping[str, tuple[str, ...]]
    """Who is named for a role now."""
    acted: Mapping[str, frozenset[str]]
    """Who has ever acted in a role, or was named for it: separation looks here."""
    papers: tuple[PaperKept, ...]
    clocks: tuple[ClockRun, ...]
    history: tuple[Done, ...]
    settings: Mapping[str, Decimal] = field(default_factory=dict)
    """The figures of the authority 本机关设定 that it was opened under, and keeps; else the kind's default counts."""
    taken: Taken | None = None
    """Of a matter that was begun elsewhere; the first entry of its history is then no act."""

    def clock(self, name: str) -> ClockRun | None:
        """Return the latest run of a clock."""
        return next((run for run in reversed(self.clocks) if run.clock == name), None)

    def has_paper(self, name: str) -> bool:
        taken = self.taken is not None and name in self.taken.papers
        return taken or any(paper.name == name for paper in self.papers)

    def last(self, *acts: str) -> int:
        """Return the place of the latest of these acts; -1 if none was done.

        What was done before the matter was taken over stands before its history.
        """
        before = self.taken.acts if self.taken else ()
        for place in reversed(range(len(self.history))):
            if self.history[place].act in acts:
                return len(before) + place
        return next((place for place in reversed(range(len(before))) if before[place] in acts), -1)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What follows from an act, for others to carry out.

    ``kind``: ``paper`` (made or brought), ``clock_started``, ``clock_stopped``, ``clock_paused``, ``clock_resumed``,
    ``clock_extended``, ``clock_missed`` (stopped after its due day), ``closed``, or the kind of an `EffectRule`.
    """

    kind: str
    name: str
    at: datetime
    due: date | datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    state: State
    effects: tuple[Effect, ...]


class Refusal(QingtianError):
    """An act that is not possible. Its sentence names the act, the reason, the article, and what to do."""

    code = "machine.refused"
