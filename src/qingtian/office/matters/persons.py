"""People of the office as the machine knows them: a name, posts, certificates; who is a program holds ``system``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.law.machine.state import Person
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import Official, Standing, User, standings

SYSTEM_POST = "system"


class PersonUnknown(QingtianError):
    code = "matters.person_unknown"
    zh = "没有名为“{username}”的在职人员，不能指派或列为在场人员。请从人员列表中选择。"
    en = "There is nobody in office named {username!r} to be named or present. Choose from the list of people."


def of_program(program: ledger.System) -> Person:
    return Person(name=program.username, roles=frozenset({SYSTEM_POST}))


def of_users(users: Iterable[User], *, at: datetime) -> dict[str, Person]:
    """Return the machine's view of these people on the day of ``at``, by username. One query."""
    users = list(users)
    known = standings(users, day=at.astimezone(BEIJING).date())
    return {user.username: _person(user.username, known[user.pk]) for user in users}


def of_officials(officials: Iterable[Official]) -> dict[str, Person]:
    """Return the machine's view of people, by username."""
    return {one.username: _person(one.username, one.standing) for one in officials}


def _person(username: str, standing: Standing) -> Person:
    return Person(name=username, roles=standing.posts, qualifications=standing.certificates)


def require(usernames: Iterable[str], known: Mapping[str, Official]) -> None:
    """:raises PersonUnknown: for the first that is not there, or not active any more."""
    for name in usernames:
        if name not in known or not known[name].active:
            raise PersonUnknown(username=name)


def everybody(people: Mapping[str, Sequence[str]], present: Sequence[str]) -> list[str]:
    """Return the usernames that an act mentions besides the one who acts."""
    return list(dict.fromkeys([*present, *(name for names in people.values() for name in names)]))
