"""One act on matters: lock, ask the machine, write. Nothing is half done: a refusal leaves everything as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson

from qingtian.base.errors import QingtianError, Term
from qingtian.law.calendar import Calendar
from qingtian.law.machine import record
from qingtian.law.machine.state import Event, Person, day_of
from qingtian.law.machine.step import step
from qingtian.office import statements
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import calendars, files, kinds, persons, seeing
from qingtian.office.matters.files import Uploads
from qingtian.office.matters.models import Matter
from qingtian.office.matters.seeing import Viewer
from qingtian.office.matters.writing import Work
from qingtian.office.people.api import NOBODY, User, officials
from qingtian.office.sites.api import NotFoundHere

Acting = User | ledger.System


class ChangedMeanwhile(QingtianError):
    code = "matters.changed_meanwhile"
    zh = "{number} 在您打开之后已有新的办理（您看到第 {expected} 步，现为第 {found} 步）。没有保存；请刷新核对后再办。"
    en = (
        "Somebody has gone on with {number} since you opened it (you saw step {expected}, it is at {found}). "
        "Nothing was saved; reload, look, and act again."
    )


class IsMerged(QingtianError):
    code = "matters.is_merged"
    zh = "{number} 已并入 {into}，请在并入的事项中办理。"
    en = "{number} has been merged into {into}; go on there."


class MatterReasonMissing(QingtianError):
    code = "matters.reason_missing"
    zh = "“{act}”须写明理由，没有办理。请填写理由后再办。"
    en = "“{act}” needs a reason; nothing was done. Write it down, and do it again."


def because(reason: str, act: Term) -> str:
    """Return the reason of an act that needs one.

    :raises MatterReasonMissing: if there is none.
    """
    if not reason.strip():
        raise MatterReasonMissing(act=act)
    return reason.strip()


@dataclass(frozen=True, kw_only=True)
class Doing:
    """What somebody wants to do: an act of the kind, with all that it asks for. People are named by username."""

    act: str
    facts: Mapping[str, object] = field(default_factory=dict)
    papers: Uploads = field(default_factory=dict)
    present: Sequence[str] = ()
    people: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Everybody of an act: keys by username, and as the machine knows them; ``viewer``: who acts, None: a program."""

    by: Person
    viewer: Viewer | None
    keys: Mapping[str, int]
    persons: Mapping[str, Person]


def cast(acting_user: Acting, doing: Doing, *, at: datetime) -> Cast:
    """Find the people of an act. One query.

    :raises PersonUnknown: if somebody mentioned is not there.
    """
    mentioned = persons.everybody(doing.people, doing.present)
    named = [acting_user.username] if isinstance(acting_user, User) else []
    known = officials({*mentioned, *named}, day=day_of(at))
    persons.require(mentioned, known)
    keys = {name: one.key for name, one in known.items()}
    seen = persons.of_officials(known.values())
    if not isinstance(acting_user, User):
        return Cast(by=persons.of_program(acting_user), viewer=None, keys=keys, persons=seen)
    # somebody whose account is gone holds nothing
    own = known.get(acting_user.username)
    viewer = Viewer(user=acting_user, standing=own.standing if own else NOBODY)
    return Cast(by=seeing.person(viewer), viewer=viewer, keys=keys, persons=seen)


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """All that an act is judged by: its people, the matters (locked, as far as who acts may see them), the calendar."""

    cast: Cast
    held: Mapping[int, Matter]
    calendar: Calendar

    def one(self, matter_id: int) -> Matter:
        """:raises NotFoundHere: if it is not among them."""
        return _there(self.held, matter_id)


def gather(acting_user: Acting, doing: Doing, matter_ids: Sequence[int], *, at: datetime) -> Gathered:
    """Ask for everything that an act on these matters is judged by; the matters are locked. Two queries.

    :raises PersonUnknown: if somebody mentioned is not there.
    """
    found, rows = cast(acting_user, doing, at=at), _held(acting_user, matter_ids)
    # the same days stand in every row; where there is no row there is nothing to be counted
    days = zip(*rows[0][-2:], strict=True) if rows else ()
    return Gathered(cast=found, held=_seen(found.viewer, rows), calendar=calendars.of_days(list(days)))


def event(doing: Doing, cast: Cast, *, at: datetime, source: str = "", reference: str = "") -> Event:
    """Return the act as the machine takes it."""
    return Event(
        act=doing.act,
        at=at,
        by=cast.by,
        present=tuple(cast.persons[name] for name in doing.present),
        facts=doing.facts,
        papers=frozenset(doing.papers),
        people={role: tuple(cast.persons[name] for name in names) for role, names in doing.people.items()},
        source=source,
        reference=reference,
    )


FIELDS = [field.attname for field in Matter._meta.concrete_fields]
STATE = FIELDS.index("state")
HOLD = f"""
SELECT {", ".join(f'm."{name}"' for name in statements.columns(Matter))},
    EXISTS (SELECT FROM matters_matterperson p WHERE p.matter_id = m.id AND p.user_id = %(user)s),
    EXISTS (SELECT FROM matters_matterturn t WHERE t.matter_id = m.id AND t.holder = 'post:party'),
    {calendars.DAYS}
FROM matters_matter m WHERE m.id = ANY(%(keys)s::bigint[]) ORDER BY m.id FOR UPDATE OF m
"""  # noqa: S608 - names of columns


def _held(acting_user: Acting, matter_ids: Sequence[int]) -> statements.Found:
    """Lock these matters, with the part that who acts has in each."""
    return statements.run(HOLD, keys=list(matter_ids), user=acting_user.pk if isinstance(acting_user, User) else None)


def _seen(viewer: Viewer | None, rows: statements.Found) -> dict[int, Matter]:
    found: dict[int, Matter] = {}
    for *columns, has_part, its_turn, _days, _working in rows:
        columns[STATE] = orjson.loads(columns[STATE])
        matter = Matter.from_db("default", FIELDS, columns)
        if viewer is None or seeing.sees(viewer, matter, has_part=has_part, its_turn=its_turn):
            found[matter.pk] = matter
    return found


def locked(viewer: Viewer, matter_ids: Sequence[int]) -> dict[int, Matter]:
    """Lock these matters in the order of their keys; return those that the viewer may see. One query."""
    return _seen(viewer, _held(viewer.user, matter_ids))


def hold(viewer: Viewer, matter_id: int) -> Matter:
    """:raises NotFoundHere: if there is none that the viewer may see."""
    return _there(locked(viewer, [matter_id]), matter_id)


def _there(held: Mapping[int, Matter], matter_id: int) -> Matter:
    if matter_id not in held:
        raise NotFoundHere(what=Term(zh="事项", en="matter"), code=matter_id)
    return held[matter_id]


def agree(matter: Matter, revision: int | None) -> None:
    """:raises ChangedMeanwhile: if the matter is not as it was when the acting user looked.
    :raises IsMerged: if it goes on elsewhere."""
    if matter.merged_into is not None:
        raise IsMerged(number=matter.number, into=matter.merged_into.number)
    if revision is not None and revision != matter.revision:
        raise ChangedMeanwhile(number=matter.number, expected=revision, found=matter.revision)


def work(matter: Matter, event: Event, *, calendar: Calendar) -> Work:
    """Ask the machine.

    :raises Refusal: if the act is not possible; the sentence says why.
    """
    definition = kinds.of(matter)
    before = record.read(definition, matter.state)
    outcome = step(definition, before, event, calendar=calendar)
    return Work(matter=matter, definition=definition, before=before, event=event, outcome=outcome)


def with_files(work: Work, papers: Uploads) -> Work:
    """Keep the files of an act that the machine has let through.

    :raises UploadRefused: for a file that is not taken.
    """
    return replace(work, files=files.kept(papers))
