"""What every request asks first: a session counts until its time is over, a person as long as they are active."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from qingtian.base import times

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def test_a_session_is_the_one_that_was_kept(people: dict[str, Any]) -> None:
    from qingtian.office.people.visits import SessionStore

    kept = SessionStore()
    kept["what"] = "某事"
    kept.create()
    assert SessionStore(kept.session_key)["what"] == "某事"


def test_a_session_that_is_over_or_never_was_is_empty_and_gets_a_new_key(people: dict[str, Any]) -> None:
    from django.contrib.sessions.models import Session

    from qingtian.office.people.visits import SessionStore

    kept = SessionStore()
    kept["what"] = "某事"
    kept.create()
    Session.objects.filter(session_key=kept.session_key).update(expire_date=times.now() - timedelta(seconds=1))
    for key in (kept.session_key, "no-such-session", "'; DROP TABLE django_session; --"):
        found = SessionStore(key)
        assert found.get("what") is None
        assert found.session_key is None


def test_a_person_is_read_whole_with_the_names_of_the_place(people: dict[str, Any], django_assert_queries: Any) -> None:
    from qingtian.office.people.models import User
    from qingtian.office.people.visits import ByKey

    for name in ("desk", "officer", "grid", "firm"):
        with django_assert_queries(1):
            found = ByKey().get_user(people[name].pk)
            assert found is not None
            said = (found.district and found.district.name, found.grid and found.grid.name)
        told = User.objects.select_related("district", "grid").get(username=name)
        assert said == (told.district and told.district.name, told.grid and told.grid.name)
        same = [field.attname for field in User._meta.concrete_fields]
        assert [getattr(found, each) for each in same] == [getattr(told, each) for each in same]
        assert found == told


def test_what_was_not_brought_of_a_row_is_read_when_asked_for(
    people: dict[str, Any], django_assert_queries: Any
) -> None:
    from qingtian.office.people.models import District
    from qingtian.office.people.visits import ByKey

    found = ByKey().get_user(people["officer"].pk)
    assert found is not None
    assert found.district is not None
    told = District.objects.get(code=found.district_id)
    with django_assert_queries(1):
        assert found.district.lon == told.lon


def test_nobody_comes_of_a_key_that_is_unknown_or_no_longer_active(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.people.models import User
    from qingtian.office.people.visits import ByKey

    assert ByKey().get_user(10**9) is None
    client = as_person("desk")
    assert client.get("/inbox/").status_code == 200
    User.objects.filter(username="desk").update(is_active=False)
    assert ByKey().get_user(people["desk"].pk) is None
    assert client.get("/inbox/").status_code == 302


def test_a_change_of_the_person_holds_with_the_next_page(people: dict[str, Any], as_person: Any) -> None:
    """Nothing of a person is remembered between two requests: neither role nor password nor language."""
    from qingtian.office.people.models import User

    client = as_person("officer")
    assert client.get("/system/").status_code == 403
    User.objects.filter(username="officer").update(role="administrator", language="en")
    assert client.get("/system/").status_code == 200
    assert "Inbox" in client.get("/inbox/").content.decode()
    person = User.objects.get(username="officer")
    person.set_password("another password altogether")
    person.save()
    assert client.get("/inbox/").status_code == 302
