"""Take matters over from another register (存量录入): each placed in its stage by the engine, with an entry of its own.

The entry says what was taken over, from which file (SHA-256) and row, by whom. Nothing here acts in the matter's past.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.db.models import QuerySet

from qingtian.base.errors import QingtianError, Term
from qingtian.law.calendar import Calendar
from qingtian.law.machine import taking as machine
from qingtian.law.machine import untaken
from qingtian.law.machine.arrivals import Arrival
from qingtian.law.machine.definition import TAKEN_OVER, Definition
from qingtian.law.machine.state import Event, Outcome, Person, day_of
from qingtian.office.matters import (
    calendars,
    effects,
    kinds,
    numbering,
    opening,
    own_figures,
    persons,
    places,
    rights,
    stock,
    stock_rows,
    tables,
    workbook,
)
from qingtian.office.matters.models import Matter
from qingtian.office.matters.numbering import Authority
from qingtian.office.matters.stock_rows import RowUnreadable
from qingtian.office.matters.workbook import Line
from qingtian.office.matters.writing import Work, write
from qingtian.office.people.api import NotYours, Official, User, officials

ACT = "take_over"
SAID = Term(zh="录入存量事项", en="take matters over")
AT_ONCE = 200


class AlreadyTaken(QingtianError):
    code = "matters.already_taken"
    zh = "编号“{number}”的事项已在本系统中（{here}）。没有再次录入；请从表中删去该行。"
    en = "A matter numbered “{number}” is here already ({here}). It is not taken twice; take the row out."


class NumberTwice(QingtianError):
    code = "matters.number_twice"
    zh = "原编号“{number}”在表中第 {row} 行已经出现。请核对编号，或删去其中一行。"
    en = "The old number “{number}” stands in row {row} already. Check the numbers, or take one row out."


def may_take_over(user: User, *, at: datetime) -> bool:
    """Say whether the person may take matters over from other registers. One query."""
    return rights.may(user, ACT, at=at)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A row that can be taken over: the matter it becomes, still without key and number, and at which authority."""

    line: Line
    work: Work
    issuer: Authority


@dataclass(kw_only=True)
class Desk:
    """What the rows of one file have in common, asked once. ``here``: numbers by authority and old number."""

    user: User
    definition: Definition
    file: str
    at: datetime
    calendar: Calendar
    may: bool
    officials: Mapping[str, Official]
    here: Mapping[tuple[str, str], str]
    applied: dict[str, Definition] = field(default_factory=dict)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)

    @cached_property
    def persons(self) -> dict[str, Person]:
        """Everybody whom the rows name, as the engine knows people."""
        return persons.of_officials(self.officials.values())

    def kind(self, issuer: Authority) -> Definition:
        """Return the kind with the figures that count at an authority today."""
        if issuer.code not in self.applied:
            self.applied[issuer.code] = own_figures.applied(self.definition, issuer, day=day_of(self.at))
        return self.applied[issuer.code]


def desk(user: User, definition: Definition, lines: Sequence[Line], *, file: str, at: datetime) -> Desk:
    """Ask for what the rows that were begun elsewhere will be judged by. Five queries."""
    rows = [line for line in lines if stock.is_stock(line.cells)]
    names = {name for line in rows for _, some in workbook.usernames(line.cells) for name in some}
    numbers = {stock_rows.number_of(line) for line in rows} - {""}
    same = Matter.objects.filter(code=definition.manifest.code)
    opened = {(place, number): number for place, number in _pairs(same.filter(number__in=numbers), "number")}
    taken = _pairs(same.filter(old_number__in=numbers), "old_number")
    return Desk(
        user=user,
        definition=definition,
        file=file,
        at=at,
        calendar=calendars.current(),
        may=may_take_over(user, at=at),
        officials=officials({*names, user.username}, day=day_of(at)),
        here={**opened, **{(place, old): old for place, old in taken}},
    )


def _pairs(rows: QuerySet[Matter], name: str) -> list[tuple[str, str]]:
    return list(rows.values_list("authority", name))


def take(desk: Desk, line: Line) -> Taken:
    """Return what a row becomes; nothing is written.

    :raises NotYours: if who sends it may take nothing over (rules/office_rights.yaml).
    :raises RowUnreadable, AlreadyTaken, NumberTwice: for what stands in it.
    :raises NotFoundHere, PersonUnknown: for places and people that are not there.
    :raises Refusal: why the engine does not place it.
    """
    if not desk.may:
        raise NotYours(role=desk.user.role_term, act=SAID)
    definition, cells = desk.definition, line.cells
    stage, reached = stock_rows.stage_of(definition, line)
    place = places.located(desk.user, stock_rows.origin_of(definition, line))
    issuer = places.issuer_of(place, at=desk.at)
    told = machine.Taking(
        at=desk.at,
        by=desk.persons[desk.user.username],
        opened=stock_rows.day_in(cells, "opened"),
        reached=stock_rows.day_in(cells, reached),
        number=_fresh(desk, issuer, line),
        file=desk.file,
        row=line.number,
        done=frozenset(stock.acts(definition, cells.get("done", ""))),
        source=place.source,
        reference=place.reference,
        facts=workbook.facts(definition, cells),
        people=_people(desk, line),
        clocks=dict(_clocks(desk, line)),
        paused=dict(_paused(desk, line)),
    )
    kind = desk.kind(issuer)
    outcome = machine.take_over(kind, _arrival(kind, stage), told, calendar=desk.calendar)
    matter = opening.row(kind, outcome.state, place, issuer, title=str(cells.get("title", "")), opened=told.opened)
    matter.taken_over, matter.old_number = True, told.number
    return Taken(line=line, work=_work(matter, kind, told, outcome), issuer=issuer)


def _work(matter: Matter, kind: Definition, told: machine.Taking, outcome: Outcome) -> Work:
    """Return the take-over as it is written; its entry has all that the state was made of."""
    event = Event(
        act=TAKEN_OVER, at=told.at, by=told.by, people=told.people, source=told.source, reference=told.reference
    )
    entry = {
        "old_number": told.number,
        "file": told.file,
        "row": told.row,
        "opened": told.opened,
        "reached": told.reached,
        "done": sorted(told.done),
        "counted_as_done": list(outcome.state.taken.acts if outcome.state.taken else ()),
        "clocks": {name: start.isoformat() for name, start in told.clocks.items()},
        **({"paused": {name: since.isoformat() for name, since in told.paused.items()}} if told.paused else {}),
    }
    return Work(matter=matter, definition=kind, before=None, event=event, outcome=outcome, more={"taken_over": entry})


def _fresh(desk: Desk, issuer: Authority, line: Line) -> str:
    """Return the old number of a row, which no other matter of the kind and authority has.

    :raises RowUnreadable, AlreadyTaken, NumberTwice:
    """
    number = stock_rows.number_of(line)
    if not number:
        why = Term(zh="没有填写：凭原编号确认不重复录入", en="is missing: by it nothing is taken twice")
        raise RowUnreadable(column=stock.heading("old_number"), why=why)
    key = (issuer.code, number)
    if key in desk.here:
        raise AlreadyTaken(number=number, here=issuer.zh)
    if desk.seen.setdefault(key, line.number) != line.number:
        raise NumberTwice(number=number, row=desk.seen[key])
    return number


def _clocks(desk: Desk, line: Line) -> Iterator[tuple[str, date | datetime]]:
    for key, cell in line.cells.items():
        if key.startswith(stock.CLOCK):
            yield stock_rows.clock_in(key, cell, day=day_of(desk.at))


def _people(desk: Desk, line: Line) -> dict[str, tuple[Person, ...]]:
    """:raises PersonUnknown: if somebody is not in office."""
    named = {role: names for role, names in workbook.usernames(line.cells) if names}
    persons.require([name for names in named.values() for name in names], desk.officials)
    return {role: tuple(desk.persons[name] for name in names) for role, names in named.items()}


def _arrival(kind: Definition, stage: str) -> Arrival:
    found = kinds.arrivals(kind.manifest.code, kind.manifest.version).get(stage)
    if found is None:
        raise untaken.StageNotWalked(kind=kind.manifest.words, stage=kind.words.of("stages", stage))
    return found


def put(desk: Desk, rows: Sequence[Taken]) -> list[Matter]:
    """Write what is taken over, inside the caller's transaction: keys, numbers of their own series, rows, entries.

    What a large register counts in is left to the worker, so that nobody waits for it before a page.
    """
    _number_all(desk, rows)
    works = [row.work for row in rows]
    keys = {name: one.key for name, one in desk.officials.items()}
    for first in range(0, len(works), AT_ONCE):
        some = works[first : first + AT_ONCE]
        write(some, acting_user=desk.user, calendar=desk.calendar, keys=keys)
    if len(works) <= AT_ONCE:
        effects.carry_out_soon(works, at=desk.at)
    return [work.matter for work in works]


def _number_all(desk: Desk, rows: Sequence[Taken]) -> None:
    by_issuer: dict[str, list[Taken]] = {}
    for row in rows:
        by_issuer.setdefault(row.issuer.code, []).append(row)
    for _, some in sorted(by_issuer.items()):
        issuer, kind = some[0].issuer, desk.definition
        year, first = numbering.following(
            authority=issuer, series=numbering.taken_series(kind), at=desk.at, count=len(some)
        )
        for sequence, row in enumerate(some, start=first):
            matter = row.work.matter
            matter.year, matter.sequence = year, sequence
            matter.number = numbering.of_taken(issuer, kind, year=year, sequence=sequence)
    for row, key in zip(rows, tables.next_keys(len(rows)), strict=True):
        row.work.matter.id = key


def _paused(desk: Desk, line: Line) -> Iterator[tuple[str, date]]:
    for key, cell in line.cells.items():
        if key.startswith(stock.PAUSED):
            yield stock_rows.paused_in(key, cell, day=day_of(desk.at))
