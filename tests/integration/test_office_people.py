"""Scopes, and the login that pauses after too many failures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.office_world import MONDAY, OTHER_OUTLET, OUTLET

from qingtian.demo.cast import PASSWORD

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def fail(times: int, *, username: str = "officer", address: str = "10.0.0.1", at: Any = MONDAY) -> list[str]:
    from qingtian.office.people.api import LoginLocked, LoginRefused, log_in

    codes = []
    for _ in range(times):
        with pytest.raises((LoginLocked, LoginRefused)) as refused:
            log_in(username=username, password="wrong", address=address, at=at)
        codes.append(refused.value.code)
    return codes


def test_it_lets_in_with_the_right_password_and_writes_it_down() -> None:
    from qingtian.office.ledger.api import history
    from qingtian.office.people.api import log_in

    user = log_in(username="officer", password=PASSWORD, address="10.0.0.1", at=MONDAY)
    assert history(f"user:{user.pk}")[-1].act == "log_in"


def test_it_pauses_after_five_failures_even_for_the_right_password() -> None:
    from qingtian.office.people.api import LoginLocked, log_in

    assert fail(5) == ["people.login_refused"] * 4 + ["people.login_locked"]
    with pytest.raises(LoginLocked, match="10:15"):
        log_in(username="officer", password=PASSWORD, address="10.0.0.2", at=MONDAY + timedelta(minutes=14))


def test_it_lets_in_again_after_fifteen_minutes() -> None:
    from qingtian.office.people.api import log_in

    fail(5)
    later = MONDAY + timedelta(minutes=15, seconds=1)
    assert log_in(username="officer", password=PASSWORD, address="10.0.0.1", at=later).username == "officer"


def test_it_pauses_an_address_that_tries_many_names() -> None:
    from qingtian.office.people.api import LoginLocked, log_in
    from qingtian.office.people.models import LoginAttempt

    LoginAttempt.objects.bulk_create(
        LoginAttempt(username=f"nobody{number}", address="10.9.9.9", at=MONDAY, succeeded=False) for number in range(19)
    )
    assert fail(1, username="nobody", address="10.9.9.9") == ["people.login_locked"]
    with pytest.raises(LoginLocked):
        log_in(username="officer", password=PASSWORD, address="10.9.9.9", at=MONDAY)
    assert log_in(username="officer", password=PASSWORD, address="10.0.0.1", at=MONDAY)


def test_it_says_the_same_of_a_name_that_does_not_exist() -> None:
    assert fail(1, username="officer") == fail(1, username="nobody")


def test_it_is_unlocked_by_an_administrator_and_by_nobody_else(people: dict[str, Any]) -> None:
    from qingtian.office.ledger.api import history
    from qingtian.office.people.api import NotYours, log_in, unlock

    fail(5)
    for name in ("officer", "desk", "leader", "reviewer", "firm"):
        with pytest.raises(NotYours):
            unlock(acting_user=people[name], username="officer", at=MONDAY)
    unlock(acting_user=people["admin"], username="officer", at=MONDAY)
    user = log_in(username="officer", password=PASSWORD, address="10.0.0.1", at=MONDAY)
    assert [line.act for line in history(f"user:{user.pk}")] == ["lock_out", "unlock", "log_in"]


@pytest.mark.parametrize(
    ("username", "sees", "sees_not"),
    [
        ("desk", {OUTLET, OTHER_OUTLET}, set()),
        ("leader", {OUTLET, OTHER_OUTLET}, set()),
        ("reviewer", {OUTLET, OTHER_OUTLET}, set()),
        ("officer", {OUTLET}, {OTHER_OUTLET}),
        ("officer2", {OTHER_OUTLET}, {OUTLET}),
        ("grid", {OUTLET}, {OTHER_OUTLET}),
        ("firm", {OUTLET}, {OTHER_OUTLET}),
        ("firm2", {OTHER_OUTLET}, {OUTLET}),
    ],
)
def test_it_shows_each_person_their_own_part_of_the_city(
    people: dict[str, Any], username: str, sees: set[str], sees_not: set[str]
) -> None:
    from qingtian.office.sites import api as sites

    codes = {outlet.code for outlet in sites.outlets(people[username])}
    assert sees <= codes
    assert not sees_not & codes
    assert {state.code for state in sites.live_states(people[username], at=MONDAY)} == codes
    for code in sees_not:
        with pytest.raises(sites.NotFoundHere):
            sites.outlet(people[username], code)


def test_it_shows_nothing_to_a_role_without_its_place_or_to_one_switched_off(people: dict[str, Any]) -> None:
    from qingtian.office.sites import api as sites

    lost, gone, unknown = people["officer"], people["desk"], people["leader"]
    lost.district_id, gone.is_active, unknown.role = None, False, "visitor"
    for user in (lost, gone, unknown):
        assert sites.outlets(user) == []


def test_it_keeps_preferences_and_refuses_those_that_are_none(people: dict[str, Any]) -> None:
    from qingtian.office.people.api import NoSuchPreference, User, set_preferences

    set_preferences(acting_user=people["firm"], language="en", theme="dark", care_mode=True, at=MONDAY)
    kept = User.objects.get(username="firm")
    assert (kept.language, kept.theme, kept.care_mode) == ("en", "dark", True)
    with pytest.raises(NoSuchPreference):
        set_preferences(acting_user=people["firm"], language="fr", theme="dark", care_mode=True, at=MONDAY)
