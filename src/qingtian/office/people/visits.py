"""What every request asks first: its session and whose it is, each by a statement that is planned once.

Django's own store and backend in all else; nothing is remembered between two requests.
"""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from qingtian.office import statements
from qingtian.office.people.models import District, Grid, User

SESSION = ("session_key", "session_data", "expire_date")
A_SESSION = f"""
SELECT {", ".join(SESSION)} FROM django_session
WHERE session_key = %(key)s AND expire_date > %(now)s::timestamptz
"""  # noqa: S608 - words of this module
PERSON = tuple(statements.columns(User))
PLACE = ("code", "name", "name_en")
GRID = ("code", "name", "district_id")
A_PERSON = f"""
SELECT {", ".join(f"u.{name}" for name in PERSON)}, {", ".join(f"d.{name}" for name in PLACE)},
    {", ".join(f"g.{name}" for name in GRID)}
FROM people_user u LEFT JOIN people_district d ON d.code = u.district_id LEFT JOIN people_grid g ON g.code = u.grid_id
WHERE u.id = %(key)s
"""  # noqa: S608 - words of this module


class SessionStore(db.SessionStore):
    """Sessions (会话) in the table where Django has them."""

    def _get_session_from_db(self) -> Session | None:
        found = statements.run(A_SESSION, key=self.session_key, now=timezone.now())
        if found:
            return statements.read(Session, SESSION, found[0])
        # as Django does: who comes with an old key gets a new one
        self._session_key = None
        return None


class ByKey(ModelBackend):
    """Who a session belongs to, with the names of district and grid at hand; nobody, if they are no longer active."""

    def get_user(self, user_id: int) -> User | None:
        """Return the active person of this primary key. One query."""
        found = statements.run(A_PERSON, key=user_id)
        person = _person(found[0]) if found else None
        return person if person and self.user_can_authenticate(person) else None


def _person(row: tuple[object, ...]) -> User:
    own, place, grid = row[: len(PERSON)], row[len(PERSON) : -len(GRID)], row[-len(GRID) :]
    beside: dict[str, District | Grid] = {}
    if place[0]:
        beside["district"] = statements.read(District, PLACE, place)
    if grid[0]:
        beside["grid"] = statements.read(Grid, GRID, grid)
    return statements.read(User, PERSON, own, **beside)
