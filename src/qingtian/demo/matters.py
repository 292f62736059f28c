"""Give the demo city matters: the histories of `histories`, done by the cast through the office's own actions."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from django.db import transaction

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.demo import cast, casting, city
from qingtian.demo.histories import History
from qingtian.law.machine.state import Event
from qingtian.office.alerts.api import Notice
from qingtian.office.ledger.api import System
from qingtian.office.matters.api import Matter, Origin, arisen, do_act, once, open_matter
from qingtian.office.people.api import User
from qingtian.office.tasks.api import tasks

log = logging.getLogger(__name__)

PARTIES = ("party", "firm")
"""Facts that say who it is about; they get the name of the firm that the matter lies at."""
OF_FIRMS, OF_PEOPLE = ("enforcement", "service", "damage"), "people"
"""Groups of kinds whose matters lie at a firm, or in a district; the others are the city's."""
NEAR = 60
"""How many firms of the register the matters are about, so that some have more than one."""
UNREAD = 5
"""Notices that stay unread for each of the cast: what happened months ago was read months ago."""


def put(histories: Sequence[History], *, at: datetime) -> int:
    """Open and carry on these matters; return how many. Each is one transaction, and is there once, however often.

    One that the office refuses stays where it is, and the log says why.
    """
    users = {user.username: user for user in User.objects.filter(synthetic=True)}
    done = sum(_put(history, number, users, at) for number, history in enumerate(histories))
    _read_what_is_old(at)
    return done


def _put(history: History, number: int, users: dict[str, User], at: datetime) -> bool:
    origin, events = _placed(history, number)
    key = f"demo {history.definition.manifest.code} {history.goal} {number}"

    def do() -> Matter:
        return _carry_on(history, events, origin, users)

    try:
        once(acting_user=users[events[0].by.name], key=key, wish={"key": key}, at=at, do=do)
    except QingtianError as error:
        log.warning("%s was not opened: %s", history.walk, error.sentence("en"))
        return False
    return True


def _carry_on(history: History, events: Sequence[Event], origin: Origin, users: dict[str, User]) -> Matter:
    matter = _do(history, None, events[0], origin, users)
    for event in events[1:]:
        try:
            with transaction.atomic():
                matter = _do(history, matter, event, origin, users)
        except QingtianError as error:
            log.warning("%s, %s: %s", history.walk, event.act, error.sentence("en"))
            break
    return matter


def _do(history: History, matter: Matter | None, event: Event, origin: Origin, users: dict[str, User]) -> Matter:
    program = casting.SYSTEM in event.by.roles
    words: dict[str, Any] = {
        "acting_user": System("worker") if program else users[event.by.name],
        "act": event.act,
        "at": event.at,
        "facts": event.facts,
        "papers": dict.fromkeys(event.papers),
        "present": tuple(person.name for person in event.present),
        "people": {role: tuple(person.name for person in some) for role, some in event.people.items()},
    }
    if matter is None:
        code = history.definition.manifest.code
        origin = replace(origin, source=event.source, reference=event.reference)
        return open_matter(code=code, origin=origin, **words)
    return do_act(matter_id=matter.pk, revision=matter.revision, **words)


def _placed(history: History, number: int) -> tuple[Origin, list[Event]]:
    """Return where a matter lies, and its acts with the name of the firm there."""
    definition = history.definition
    acting = {person.name for event in history.events for person in (event.by, *event.present)}
    party = casting.FIRMS[history.district]
    if party.username in acting:
        firm = next(each for each in city.firms() if each.code == party.enterprise)
    elif definition.manifest.group in OF_FIRMS or set(PARTIES) & definition.facts.keys():
        near = _firms(history.district)
        firm = near[number % len(near)]
    else:
        district = history.district if definition.manifest.group == OF_PEOPLE else ""
        return Origin(district=district), list(history.events)
    return Origin(enterprise=firm.code), [_named(event, firm.zh) for event in history.events]


@cache
def _firms(district: str) -> list[city.Firm]:
    return [firm for firm in city.firms()[:NEAR] if firm.district.code == district]


def _named(event: Event, name: str) -> Event:
    facts = {fact: name if fact in PARTIES and isinstance(value, str) else value for fact, value in event.facts.items()}
    return replace(event, facts=facts)


def open_case(*, at: datetime) -> str:
    """Open a penalty out of the first task 任务 at a place of the cast's officer, once; return its number.

    Empty: there is no task yet. What the alert said becomes the suspicion; whether it holds is for the officer.
    """
    officer = User.objects.get(username=cast.OFFICER.username)
    task = next(iter(reversed(tasks(officer, at=at))), None)
    if task is None or task.episode is None:
        return ""
    if before := arisen(officer, at=at, task=task.pk):
        return before[0].number
    facts = {
        "party": task.enterprise.name,
        "party_kind": "entity",
        "violation": f"涉嫌（待核实）：{task.episode.sentence_zh}",
        "act_ended": at.astimezone(BEIJING).date(),
        "harm": "none",
    }
    origin = Origin(task=task.pk)
    return open_matter(acting_user=officer, code="penalty", at=at, origin=origin, facts=facts).number


def _read_what_is_old(at: datetime) -> None:
    """Mark the notices of these matters as read, but for the newest of each person."""
    rows = Notice.objects.filter(matter__isnull=False, user__synthetic=True, read_at=None)
    newest: dict[int, list[int]] = {}
    for key, user in rows.order_by("-pk").values_list("pk", "user_id"):
        newest.setdefault(user, []).append(key)
    old = [key for keys in newest.values() for key in keys[UNREAD:]]
    Notice.objects.filter(pk__in=old).update(read_at=at)
