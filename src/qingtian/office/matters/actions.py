"""Acts of people on matters (行为): one at a time, or the same one on many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.office.matters import acting, effects, files
from qingtian.office.matters.acting import Acting, Doing
from qingtian.office.matters.models import Matter
from qingtian.office.matters.writing import Work, write

AT_ONCE = 200
"""Matters of one transaction of a bulk act: locks are held shortly, statements stay few."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A matter of a bulk act on which it was not possible, with the sentence that says why."""

    matter_id: int
    number: str
    why: QingtianError


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """What came of a bulk act."""

    done: tuple[Matter, ...]
    refused: tuple[Refused, ...]


def do_act(
    *,
    acting_user: Acting,
    matter_id: int,
    act: str,
    at: datetime,
    revision: int | None,
    facts: Mapping[str, object] | None = None,
    papers: files.Uploads | None = None,
    present: Sequence[str] = (),
    people: Mapping[str, Sequence[str]] | None = None,
) -> Matter:
    """Do an act on a matter. ``revision`` is that of the matter as the acting user saw it; None: however it is.

    ``papers``: those brought, with their file or None; ``present`` and ``people`` (whom it names, by role) are
    usernames.

    :raises NotFoundHere: if there is none that the acting user may see.
    :raises ChangedMeanwhile, IsMerged: if it is not as it was seen.
    :raises Refusal: if the machine does not let it pass; the sentence says why and what to do.
    :raises PersonUnknown, UploadRefused: for people and files that are not taken.
    """
    doing = Doing(act=act, facts=facts or {}, papers=papers or {}, present=present, people=people or {})
    with transaction.atomic():
        found = acting.gather(acting_user, doing, [matter_id], at=at)
        matter = found.one(matter_id)
        acting.agree(matter, revision)
        work = acting.work(matter, acting.event(doing, found.cast, at=at), calendar=found.calendar)
        if doing.papers:
            work = acting.with_files(work, doing.papers)
        write([work], acting_user=acting_user, calendar=found.calendar, keys=found.cast.keys)
        effects.carry_out_soon([work], at=at)
    return matter


def do_acts(
    *,
    acting_user: Acting,
    matters: Mapping[int, int | None],
    act: str,
    at: datetime,
    facts: Mapping[str, object] | None = None,
    present: Sequence[str] = (),
    people: Mapping[str, Sequence[str]] | None = None,
) -> Bulk:
    """Do the same act on many matters (批量办理); ``matters`` maps the key of each to the revision that was seen.

    Each is judged by itself: where it is not possible nothing is changed and the reason comes back.

    :raises PersonUnknown: if somebody named is not there; then nothing is done.
    """
    doing = Doing(act=act, facts=facts or {}, present=present, people=people or {})
    done: list[Matter] = []
    refused: list[Refused] = []
    keys = sorted(matters)
    for first in range(0, len(keys), AT_ONCE):
        part = {key: matters[key] for key in keys[first : first + AT_ONCE]}
        some, others = _together(acting_user, part, doing, at)
        done += some
        refused += others
    return Bulk(done=tuple(done), refused=tuple(refused))


def _together(
    acting_user: Acting, matters: Mapping[int, int | None], doing: Doing, at: datetime
) -> tuple[list[Matter], list[Refused]]:
    works: list[Work] = []
    refused: list[Refused] = []
    with transaction.atomic():
        found = acting.gather(acting_user, doing, list(matters), at=at)
        event = acting.event(doing, found.cast, at=at)
        for key, revision in matters.items():
            try:
                matter = found.one(key)
                acting.agree(matter, revision)
                works.append(acting.work(matter, event, calendar=found.calendar))
            except QingtianError as error:
                number = found.held[key].number if key in found.held else str(key)
                refused.append(Refused(matter_id=key, number=number, why=error))
        write(works, acting_user=acting_user, calendar=found.calendar, keys=found.cast.keys)
        effects.carry_out_soon(works, at=at)
    return [work.matter for work in works], refused
