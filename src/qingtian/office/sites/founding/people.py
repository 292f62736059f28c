"""People who can log in: one who left is switched off, and what that person did stays as it was done 离岗."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth.hashers import check_password, make_password

from qingtian.office.people.api import SHORTEST_PASSWORD, District, Grid, Role, User
from qingtian.office.sites.founding.books import ACT, CHANGE, CLEARED, ROLES
from qingtian.office.sites.founding.rows import Changes, Ending, letters, texts
from qingtian.office.sites.models import Enterprise
from qingtian.office.sites.sheets import Cells, Fault, Line, refused, text_in

PLACES = {"district": "district_id", "grid": "grid_id", "enterprise": "enterprise"}
"""Columns that narrow what a person sees, with the fields of the user."""
NARROWED = {Role.ENTERPRISE: "enterprise", Role.GRID_MEMBER: "grid", Role.OFFICER: "district"}
"""Without it these roles see nothing."""


class People(Ending[User]):
    name, chain, key = "people", "user", "username"
    secret = frozenset({"password"})

    def known(self, keys: set[str]) -> dict[str, User]:
        named = {column: {text_in(line.cells, column) for line in self.lines} for column in PLACES}
        models = {"district": District, "grid": Grid, "enterprise": Enterprise}
        self.places = {column: model._default_manager.in_bulk(named[column]) for column, model in models.items()}
        self.led = self._administrators()
        return {row.username: row for row in User.objects.select_for_update().filter(username__in=keys)}

    def _administrators(self) -> bool:
        return User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists()

    def longest(self) -> Mapping[str, int]:
        return letters(User, username="username", name="name")

    def faults(self, line: Line, row: User | None) -> Iterator[Fault]:
        for column in PLACES:
            if text_in(line.cells, column) != CLEARED:
                yield from self.missing(line, column, self.places[column])
        password = text_in(line.cells, "password")
        asked = row is None or (text_in(line.cells, ACT) == CHANGE and password)
        if asked and len(password) < SHORTEST_PASSWORD:
            zh = f"不足 {SHORTEST_PASSWORD} 个字符，请换一个更长的"
            yield self.fault(line, "password", zh, f"it has fewer than {SHORTEST_PASSWORD} characters; choose a longer")
        if row is None or text_in(line.cells, ACT) == CHANGE:
            yield from self._sees_nothing(line, row)

    def _sees_nothing(self, line: Line, row: User | None) -> Iterator[Fault]:
        said = self.said(line.cells)
        role = said.get("role", row.role if row else "")
        column = NARROWED.get(Role(role)) if role in Role.values else None
        if column and not said.get(PLACES[column], getattr(row, PLACES[column]) if row else None):
            yield self.fault(line, column, "：该角色须填，否则什么也看不到", "this role needs it, or sees nothing")

    def said(self, cells: Cells) -> dict[str, Any]:
        role = {"role": ROLES[text_in(cells, "role")].value} if text_in(cells, "role") in ROLES else {}
        places = {field: _place(cells, column) for column, field in PLACES.items() if column in cells}
        return texts(cells, "name") | role | places

    def make(self, cells: Cells) -> tuple[User, Mapping[str, object]]:
        password = make_password(text_in(cells, "password"))
        made = User.objects.create(username=text_in(cells, "username"), password=password, **self.said(cells))
        return made, {"username": made.username, "role": made.role}

    def changes(self, row: User, cells: Cells) -> Changes:
        found = dict(super().changes(row, cells))
        password = text_in(cells, "password")
        # the first password stands in a workbook for long: it counts only where a change is asked for
        if password and text_in(cells, ACT) == CHANGE and not check_password(password, row.password):
            found["password"] = (row.password, make_password(password))
        return found

    def in_use(self, row: User) -> bool:
        return row.is_active

    def switch(self, row: User, *, on: bool) -> None:
        row.is_active = on
        row.save(update_fields=["is_active"])

    def finish(self) -> None:
        """:raises BookRefused: if nobody is left who administers the system."""
        if self.led and not self._administrators():
            line = next(each for each in self.lines if text_in(each.cells, ACT))
            zh, en = "：不能没有在用的管理员，请先登记另一位", "an administrator must be left; register another first"
            raise refused([self.fault(line, "role", zh, en)])


def _place(cells: Cells, column: str) -> str | None:
    code = text_in(cells, column)
    nothing = "" if column == "enterprise" else None
    return nothing if code == CLEARED else code
