"""Replay dead letters (死信重读): asked for by an administrator as an act; what became of a letter is kept with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from qingtian.base.errors import QingtianError, Term
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import NotYours, Role, User
from qingtian.office.sites.models import DeadLetter, PlanSnapshot, Replay

CHAIN = "deadletters"
REPLAY_LOCK = 20260212
"""Advisory lock: one replay at a time, so that it is known what is on its way to the log."""


class ReplayIncomplete(QingtianError):
    code = "sites.replay_incomplete"
    zh = "没有重新读取死信：请填写理由（例如：已登记设备，或已调整设备档案）。"
    en = "The dead letters were not read again: say why (the device was registered, say, or its profile changed)."


class NothingToReplay(QingtianError):
    code = "sites.nothing_to_replay"
    zh = "没有符合条件、尚未重新读取的死信。请放宽原因、设备编码或时间。"
    en = "There is no dead letter of this kind that was not read again yet. Widen reason, MN or time."


def require_administrator(user: User) -> None:
    """:raises NotYours: if the user is none."""
    if user.role != Role.ADMINISTRATOR or not user.is_active:
        raise NotYours(role=user.role_term, act=Term(zh="重新读取死信", en="read dead letters again"))


def waiting(*, reason: str = "", mn: str = "", since: datetime | None = None) -> Q:
    """Return the letters of this kind that were not read again yet."""
    return Q(replayed_at=None) & of_kind(reason=reason, mn=mn, since=since)


def of_kind(*, reason: str = "", mn: str = "", since: datetime | None = None) -> Q:
    """Return the letters of a reason, a device, and from a moment on; what is empty does not choose."""
    found = Q()
    for name, value in (("reason", reason), ("mn", mn), ("received__gte", since)):
        if value:
            found &= Q(**{name: value})
    return found


def ask_replay(
    *, acting_user: User, why: str, reason: str = "", mn: str = "", since: datetime | None = None, at: datetime
) -> Replay:
    """Ask for dead letters to be read again by the present plan (请求重读死信).

    :raises NotYours, ReplayIncomplete, NothingToReplay: who, why, what.
    """
    require_administrator(acting_user)
    if not why.strip():
        raise ReplayIncomplete
    with transaction.atomic():
        letters = DeadLetter.objects.filter(waiting(reason=reason, mn=mn, since=since)).count()
        if not letters:
            raise NothingToReplay
        replay = Replay.objects.create(
            at=at,
            by=acting_user.username,
            by_name=acting_user.name,
            why=why.strip()[:255],
            reason=reason,
            mn=mn,
            since=since,
        )
        content = {"replay": replay.pk, "why": replay.why, "reason": reason, "mn": mn, "letters": letters}
        content["since"] = since.isoformat() if since else None
        ledger.append(chain=CHAIN, acting_user=acting_user, act="ask_replay", at=at, content=content)
    return replay


# -- for whoever carries them out


def try_to_lock() -> bool:
    """Take the lock of replays for this connection to the database; False if another one has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [REPLAY_LOCK])
        return bool(cursor.fetchone()[0])


def unlock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [REPLAY_LOCK])


def open_replay() -> Replay | None:
    """Return the replay to go on with: the oldest that is not done."""
    return Replay.objects.filter(done_at=None).order_by("pk").first()


def next_letters(replay: Replay, *, most: int) -> list[DeadLetter]:
    """Return the next letters of a replay, by arrival, behind those it has looked at; of none that came after it."""
    rows = DeadLetter.objects.filter(
        waiting(reason=replay.reason, mn=replay.mn, since=replay.since), received__lte=replay.at
    )
    if replay.after:
        received, _, pk = replay.after.rpartition("|")
        moment = datetime.fromisoformat(received)
        rows = rows.filter(Q(received__gt=moment) | Q(received=moment, pk__gt=pk))
    return list(rows.order_by("received", "pk")[:most])


def letters_of(keys: Sequence[str]) -> list[DeadLetter]:
    """Return these letters in this order."""
    found = DeadLetter.objects.in_bulk(list(keys))
    return [found[key] for key in keys]


def note_sending(replay: Replay, sending: Mapping[str, Any] | None) -> None:
    """Note what is about to be sent, before it is."""
    replay.sending = dict(sending) if sending is not None else None
    replay.save(update_fields=["sending"])


def note_looked_at(replay: Replay, *, last: str, taken: Sequence[str], still_refused: int, at: datetime) -> None:
    """Mark the letters that are on the log now, and go on behind ``last`` (`place_of`)."""
    with transaction.atomic():
        DeadLetter.objects.filter(pk__in=taken, replayed_at=None).update(replayed_at=at, replay=replay)
        replay.taken += len(taken)
        replay.still_refused += still_refused
        replay.sending, replay.after = None, last
        replay.save(update_fields=["taken", "still_refused", "sending", "after"])


def place_of(letter: DeadLetter) -> str:
    """Return where a letter stands in the order of a replay."""
    return f"{letter.received.isoformat()}|{letter.pk}"


def finish_replay(replay: Replay, *, at: datetime) -> None:
    """Close a replay, with an entry of what came of it."""
    with transaction.atomic():
        Replay.objects.filter(pk=replay.pk, done_at=None).update(done_at=at)
        content = {"replay": replay.pk, "taken": replay.taken, "still_refused": replay.still_refused}
        ledger.append(chain=CHAIN, acting_user=ledger.System("replay"), act="finish_replay", at=at, content=content)


def published_plan(number: int | None = None) -> PlanSnapshot | None:
    """Return the plan of this number, or the newest that the log has."""
    rows = PlanSnapshot.objects.exclude(published_at=None)
    return rows.filter(pk=number).first() if number is not None else rows.order_by("-number").first()


def recent_replays(user: User, *, limit: int = 5) -> list[Replay]:
    """Return the last replays for the administrator's page, and none for anybody else."""
    if user.role != Role.ADMINISTRATOR or not user.is_active:
        return []
    return list(Replay.objects.order_by("-pk")[:limit])
