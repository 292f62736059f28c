"""The office on real PostgreSQL: migrated once, with the demo's cast and its first firms; each test is rolled back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.ledger_world import clear

from qingtian.base.settings import Settings

FIRMS = 60


@pytest.fixture(scope="session")
def office(engines: Settings) -> Iterator[Settings]:
    """Django set up as the restricted role on migrated tables; the demo's people and some of its firms are in."""
    subprocess.run([sys.executable, "-m", "qingtian.entry.migrate"], check=True, capture_output=True)
    from qingtian.office import database, start

    start.start()
    from django.db import connections

    # the settings may have been imported before the engines ran
    connections.settings["default"].update(database.configuration(engines))
    from qingtian.demo import cast, city, registers

    registers.put_districts(city.districts())
    registers.put_people(cast.PEOPLE)
    registers.put_firms(city.firms()[:FIRMS])
    yield engines
    connections.close_all()
    connections["default"].close_pool()


@pytest.fixture
def rolled_back(office: Settings) -> Iterator[None]:
    """Let nothing of the test stay."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def swept(office: Settings) -> Iterator[None]:
    """Matters that the test writes for good go when it is over, with their entries and the posts of their people."""
    yield
    from qingtian.office.people.models import Certificate, Post, User

    with psycopg.connect(office.require_database_owner_url(), autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("TRUNCATE matters_matter, matters_matternumbering CASCADE")
        clear(owner)
    invented = User.objects.filter(username__startswith="walk-")
    Post.objects.filter(user__in=invented).delete()
    Certificate.objects.filter(user__in=invented).delete()
    for user in invented:
        user.username, user.is_active = f"past-{user.pk}", False
        user.save()


@pytest.fixture
def people(office: Settings) -> dict[str, Any]:
    """The cast by username."""
    from qingtian.office.people.models import User

    return {user.username: user for user in User.objects.all()}


@pytest.fixture
def as_person(office: Settings, people: dict[str, Any]) -> Any:
    """``as_person("desk")``: a browser in which that person is logged in."""
    from django.test import Client

    def log_in(username: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(people[username])
        return client

    return log_in


@pytest.fixture
def django_assert_queries(office: Settings) -> Any:
    """``with django_assert_queries(n):`` fails if the block makes more queries than ``n``."""
    from contextlib import contextmanager

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    @contextmanager
    def at_most(number: int) -> Iterator[None]:
        with CaptureQueriesContext(connection) as captured:
            yield
        made = [query["sql"] for query in captured.captured_queries]
        assert len(made) <= number, "\n".join(made)

    return at_most


@pytest.fixture
def settings_override(office: Settings) -> Iterator[Any]:
    """``settings_override(NAME=value)`` for the rest of the test."""
    from contextlib import ExitStack

    from django.test.utils import override_settings

    with ExitStack() as stack:
        yield lambda **values: stack.enter_context(override_settings(**values))
