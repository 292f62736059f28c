"""Programs see and do by their token what its owner may, within its scopes, and nothing else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.office_world import OUTLET, finding

from qingtian.base import times

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def token(user: Any, *scopes: str) -> str:
    from qingtian.office.people import api as people

    _made, secret = people.make_token(acting_user=user, name="测试", scopes=scopes, days=1, at=times.now())
    return secret


def ask(secret: str, address: str, body: dict[str, Any] | None = None) -> Any:
    from django.test import Client

    headers = {"Authorization": f"Bearer {secret}"}
    if body is None:
        return Client().get(f"/api/v1/{address}", headers=headers)
    return Client().post(f"/api/v1/{address}", json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def task(office: Any) -> Any:
    from qingtian.office.tasks import api as tasks
    from qingtian.office.tasks.models import Task

    taken = tasks.take_finding(message=finding(value=150.0), at=times.now())
    assert taken
    return Task.objects.get(episode=taken.episode)


def test_a_token_reads_what_its_owner_may_see(task: Any, people: dict[str, Any]) -> None:
    scopes = ("alerts:read", "tasks:read", "outlets:read")
    mine = token(people["officer"], *scopes)
    assert [row["outlet_id"] for row in ask(mine, "alerts").json()] == [OUTLET]
    assert ask(mine, f"tasks/{task.pk}").json()["number"] == task.number
    assert ask(mine, f"outlets/{OUTLET}").json()["code"] == OUTLET


def test_it_does_not_read_what_its_owner_must_not_see(task: Any, people: dict[str, Any]) -> None:
    for username in ("officer2", "firm2"):
        other = token(people[username], "alerts:read", "tasks:read", "outlets:read", "ledger:read")
        assert ask(other, "alerts").json() == []
        for address in (f"alerts/{task.episode_id}", f"tasks/{task.pk}", f"tasks/{task.pk}/proof", f"outlets/{OUTLET}"):
            refused = ask(other, address)
            assert (refused.status_code, refused.json()["code"]) == (404, "sites.not_found_here"), address


def test_it_acts_as_its_owner_and_the_office_refuses_in_its_own_words(task: Any, people: dict[str, Any]) -> None:
    mine = token(people["officer"], "tasks:act")
    done = ask(mine, f"tasks/{task.pk}/accept", {})
    assert (done.status_code, done.json()["state"]) == (200, "accepted")
    again = ask(mine, f"tasks/{task.pk}/review", {"opinion": "好"})
    assert again.status_code in (403, 409)
    assert again.json()["code"].startswith("tasks.")
    assert ask(mine, f"tasks/{task.pk}/nosuch", {}).status_code == 404


def test_a_scope_that_was_not_given_opens_nothing(task: Any, people: dict[str, Any]) -> None:
    mine = token(people["officer"], "alerts:read")
    for address, body in (("tasks", None), (f"tasks/{task.pk}/accept", {}), ("ledger/checkpoint", None)):
        refused = ask(mine, address, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "web.scope_missing"), address


def test_no_token_a_wrong_one_an_old_one_a_revoked_one_open_nothing(people: dict[str, Any]) -> None:
    from qingtian.office.people import api

    made, secret = api.make_token(
        acting_user=people["desk"], name="x", scopes=["alerts:read"], days=1, at=times.now() - timedelta(days=2)
    )
    live, good = api.make_token(acting_user=people["desk"], name="y", scopes=["alerts:read"], days=1, at=times.now())
    assert ask(good, "alerts").status_code == 200
    with pytest.raises(api.NoSuchToken):
        api.revoke_token(acting_user=people["officer"], token_id=live.pk, at=times.now())
    api.revoke_token(acting_user=people["desk"], token_id=live.pk, at=times.now())
    for wrong in ("", "nonsense", secret, good):
        refused = ask(wrong, "alerts")
        assert (refused.status_code, refused.json()["code"]) == (401, "web.token_unknown")
    assert secret not in made.digest


def test_personal_fields_are_erased_by_the_administrator_only(people: dict[str, Any]) -> None:
    from qingtian.office.ledger import api as ledger

    admin = people["admin"]
    said = ledger.append(
        chain="test:rest", acting_user=admin, act="do", at=times.now(), content={}, personal={"phone": "13800000000"}
    )
    wish = {"chain": "test:rest", "sequence": said.sequence, "reason": "本人申请"}
    assert ask(token(people["leader"], "ledger:erase"), "ledger/erase", wish).status_code == 403
    assert ask(token(admin, "ledger:erase"), "ledger/erase", wish).json() == {"fields": ["phone"]}


def test_it_describes_itself(office: Any) -> None:
    from django.test import Client

    told = Client().get("/api/v1/openapi.json").json()
    assert {"/api/v1/alerts", "/api/v1/tasks/{task_id}/{act}", "/api/v1/ledger/checkpoint"} <= told["paths"].keys()


def test_a_request_that_cannot_be_read_says_why(people: dict[str, Any]) -> None:
    refused = ask(token(people["admin"], "ledger:erase"), "ledger/erase", {"chain": "x"})
    assert (refused.status_code, refused.json()["code"]) == (422, "web.request_unreadable")


def test_a_token_without_name_scope_or_end_is_not_made(people: dict[str, Any]) -> None:
    from qingtian.office.people import api

    for name, scopes, days in ((" ", ["alerts:read"], 1), ("x", [], 1), ("x", ["all"], 1), ("x", ["alerts:read"], 0)):
        with pytest.raises(api.TokenRefused):
            api.make_token(acting_user=people["desk"], name=name, scopes=scopes, days=days, at=times.now())


def test_a_person_makes_a_token_on_a_page_that_shows_it_once(people: dict[str, Any]) -> None:
    from django.test import Client

    from qingtian.office.people.models import Token

    browser = Client()
    browser.force_login(people["officer"])
    made = browser.post("/tokens/make/", {"name": "大屏", "scope": ["alerts:read"], "days": "30"})
    row = Token.objects.get(user=people["officer"], name="大屏")
    secret = made.content.decode().partition('<p class="mono">')[2].partition("<")[0]
    assert ask(secret, "alerts").status_code == 200
    listed = browser.get("/tokens/").content.decode()
    assert ("大屏" in listed, secret in listed, row.digest in listed) == (True, False, False)
    stranger = Client()
    stranger.force_login(people["desk"])
    assert "大屏" not in stranger.get("/tokens/").content.decode()
    assert stranger.post(f"/tokens/{row.pk}/revoke/").status_code == 409
    assert browser.post(f"/tokens/{row.pk}/revoke/").status_code == 302
    assert ask(secret, "alerts").status_code == 401
