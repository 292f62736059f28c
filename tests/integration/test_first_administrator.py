"""The first person of an installation is entered from the terminal; the door says so while there is nobody."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from tests.office_world import MONDAY

from qingtian.base.settings import Settings

pytestmark = [pytest.mark.engines]
PASSWORD = "long enough for once"


@pytest.mark.usefixtures("rolled_back")
def test_an_administrator_is_entered_once_and_can_log_in() -> None:
    from qingtian.office.ledger.api import history
    from qingtian.office.people import api as people

    made = people.make_administrator(username="zhangwei", name="张伟", password=PASSWORD, at=MONDAY)
    assert history(f"user:{made.pk}")[-1].act == "make_administrator"
    assert people.log_in(username="zhangwei", password=PASSWORD, address="10.0.0.1", at=MONDAY).role == "administrator"
    with pytest.raises(people.UsernameTaken):
        people.make_administrator(username="zhangwei", name="张伟", password=PASSWORD, at=MONDAY)


@pytest.mark.usefixtures("rolled_back")
def test_a_short_password_enters_nobody() -> None:
    from qingtian.office.people import api as people

    with pytest.raises(people.PasswordTooShort):
        people.make_administrator(username="zhangwei", name="张伟", password="short", at=MONDAY)
    assert not people.User.objects.filter(username="zhangwei").exists()


def enter(*words: str, password: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "qingtian", "administrator", *words]
    return subprocess.run(program, input=password + "\n", capture_output=True, text=True, check=False)


def test_the_command_takes_the_password_from_what_comes_in(office: Settings) -> None:
    from qingtian.office.people.models import User

    try:
        done = enter("installer-test", "--name", "测试", password=PASSWORD)
        assert done.returncode == 0, done.stderr
        assert "installer-test" in done.stdout
        assert User.objects.get(username="installer-test").name == "测试"
        again = enter("installer-test", password=PASSWORD)
        assert again.returncode == 1
        assert "installer-test" in again.stderr
    finally:
        User.objects.filter(username="installer-test").update(is_active=False, username="installer-test-done")


@pytest.mark.usefixtures("rolled_back")
def test_the_door_says_how_to_begin_while_there_is_nobody(client_of_nobody: Any) -> None:
    from qingtian.office.people.models import User

    assert "qingtian administrator" not in client_of_nobody.get("/login/").content.decode()
    User.objects.all().delete()
    assert "qingtian administrator" in client_of_nobody.get("/login/").content.decode()


@pytest.fixture
def client_of_nobody(office: Settings) -> Any:
    from django.test import Client

    return Client()
