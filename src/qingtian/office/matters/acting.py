"""One act on matters: lock, ask the machine, write. Nothing is half done: a refusal leaves everything as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from qingtian.base.errors import QingtianError, Term
from qingtian.law.calendar import Calendar
from qingtian.law.machine import record
from qingtian.law.machine.state import Event, Person
from qingtian.law.machine.step import step
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import files, kinds, persons, seeing
from qingtian.office.matters.files import Uploads
from qingtian.office.matters.models import Matter
from qingtian.office.matters.seeing import Viewer
from qingtian.office.matters.writing import Work
from qingtian.office.people.api import User
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
    """Everybody of an act: the users by username, and as the machine knows them."""

    by: Person
    users: Mapping[str, User]
    persons: Mapping[str, Person]


def cast(acting_user: Acting, doing: Doing, viewer: Viewer | None, *, at: datetime) -> Cast:
    """Find the people of an act. At most two queries, none if nobody else is mentioned.

    :raises PersonUnknown: if somebody mentioned is not there.
    """
    users = persons.found(persons.everybody(doing.people, doing.present))
    if isinstance(acting_user, ledger.System):
        known = persons.of_users(users.values(), at=at) if users else {}
        return Cast(by=persons.of_program(acting_user), users=users, persons=known)
    by = seeing.person(viewer or seeing.viewer(acting_user, at=at))
    known = persons.of_users(users.values(), at=at) if users else {}
    return Cast(by=by, users={**users, acting_user.username: acting_user}, persons=known)


def looking(acting_user: Acting, *, at: datetime) -> Viewer | None:
    """Return the acting user with posts and certificates; None for a program. One query."""
    return seeing.viewer(acting_user, at=at) if isinstance(acting_user, User) else None


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


def locked(viewer: Viewer | None, matter_ids: Sequence[int]) -> dict[int, Matter]:
    """Lock these matters in the order of their keys, as far as the viewer may see them; a program sees all."""
    rows = seeing.seen(viewer) if viewer else Matter.objects.all()
    chosen = rows.filter(pk__in=matter_ids).select_related("merged_into").select_for_update(of=("self",))
    return {matter.pk: matter for matter in chosen.order_by("pk")}


def hold(viewer: Viewer | None, matter_id: int) -> Matter:
    """:raises NotFoundHere: if there is none that the viewer may see."""
    found = locked(viewer, [matter_id]).get(matter_id)
    if found is None:
        raise NotFoundHere(what=Term(zh="事项", en="matter"), code=matter_id)
    return found


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
