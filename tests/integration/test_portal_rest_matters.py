"""Matters by the interface for programs: read, opened and acted on as the token's owner may; each wish once."""

from __future__ import annotations

import base64
import json
import re
from datetime import date, datetime
from typing import Any

import pytest
from tests.integration.test_portal_rest import token
from tests.office_world import MONDAY

from qingtian.base import times
from qingtian.office.ledger import merkle

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

PDF = b"%PDF-1.7\n" + b"0" * 64


def ask(secret: str, address: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    from django.test import Client

    told = {"Authorization": f"Bearer {secret}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body is None:
        return Client().get(f"/api/v1/{address}", headers=told)
    return Client().post(f"/api/v1/{address}", json.dumps(body), content_type="application/json", headers=told)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Monday, so that days in the requests are in the past."""
    monkeypatch.setattr(times, "now", lambda: MONDAY)


@pytest.fixture
def desk(people: dict[str, Any], clock: None) -> str:
    return token(people["desk"], "matters:read", "matters:act", "papers:read", "ledger:read")


PETITION: dict[str, Any] = {
    "kind": "petition",
    "source": "visit",
    "district": "440306",
    "facts": {"petitioner": "刘某某", "received_on": "2026-11-20", "claim": "夜间噪声", "class": "claim"},
}


@pytest.fixture
def petition(desk: str) -> dict[str, Any]:
    made = ask(desk, "matters", PETITION)
    assert made.status_code == 201, made.content.decode()
    return dict(made.json())


def test_a_matter_is_opened_acted_on_and_read(desk: str, petition: dict[str, Any]) -> None:
    assert (petition["stage"], petition["revision"]) == ("received", 1)
    accepted = ask(
        desk, f"matters/{petition['id']}/acts/accept", {"revision": 1, "people": {"handler": ["officer"]}}
    ).json()
    assert (accepted["stage"], accepted["revision"]) == ("accepted", 2)
    whole = ask(desk, f"matters/{petition['id']}").json()
    assert whole["facts"]["received_on"] == "2026-11-20"
    assert [line["act"] for line in whole["timeline"]] == ["receive", "accept"]
    assert {paper["paper"] for paper in whole["papers"]} == {"register_sheet", "acceptance_notice"}
    clocks = {row["clock"]: row for row in ask(desk, f"matters/{petition['id']}/clocks").json()}
    assert clocks["PET-DONE"]["due"] == "2027-01-22"
    assert clocks["PET-DONE"]["steps"][-1]["zh"]
    acts = {row["act"]: row for row in ask(desk, f"matters/{petition['id']}/acts").json()}
    assert acts["withdraw"]["possible"]
    assert (acts["handle"]["possible"], acts["handle"]["reasons"][0]["code"]) == (False, "machine.missing_role")


def test_it_lists_what_its_owner_may_see_page_by_page(desk: str, people: dict[str, Any]) -> None:
    numbers = [
        ask(desk, "matters", {**PETITION, "title": f"夜间{what}扰民"}).json()["number"]
        for what in ("打桩", "风机", "卸货")
    ]
    first = ask(desk, "matters?kind=petition&limit=2").json()
    second = ask(desk, f"matters?kind=petition&limit=2&start={first['next']}").json()
    assert [row["number"] for row in (*first["rows"], *second["rows"])] == numbers[::-1]
    assert second["next"] is None
    assert [row["title"] for row in ask(desk, "matters?search=风机").json()["rows"]] == ["夜间风机扰民"]
    assert ask(desk, "matters?kind=penalty").json()["rows"] == []
    far = ask(desk, "matters?start=10001")
    assert (far.status_code, far.json()["code"]) == (409, "web.too_far")
    # who has no part in a confidential kind sees none of it
    for username in ("grid", "officer2", "firm"):
        other = token(people[username], "matters:read")
        assert ask(other, "matters?kind=petition").json()["rows"] == []


@pytest.mark.parametrize("username", ["grid", "officer2", "firm2"])
def test_it_does_not_give_what_its_owner_must_not_see(
    username: str, people: dict[str, Any], petition: dict[str, Any]
) -> None:
    other = token(people[username], "matters:read", "matters:act", "papers:read", "ledger:read")
    from qingtian.office.matters.models import MatterPaper

    paper = MatterPaper.objects.get(matter=petition["id"])
    parts = ("", "/acts", "/clocks", "/papers", "/proof", "/proof/1")
    addresses = [f"matters/{petition['id']}{part}" for part in parts] + [f"papers/{paper.pk}/pdf"]
    for address in addresses:
        refused = ask(other, address)
        assert (refused.status_code, refused.json()["code"]) == (404, "sites.not_found_here"), address
    refused = ask(other, f"matters/{petition['id']}/acts/guide", {"revision": 1, "facts": {"route": "诉讼"}})
    assert (refused.status_code, refused.json()["code"]) == (404, "sites.not_found_here")


def test_a_refusal_is_a_problem_with_the_code_of_the_office(desk: str, petition: dict[str, Any]) -> None:
    address = f"matters/{petition['id']}/acts"
    for act, body, status, code in (
        ("nosuch", {}, 409, "machine.unknown_act"),
        ("accept", {}, 422, "machine.assignment_missing"),
        ("not_accept", {"facts": {}}, 422, "machine.fact_missing"),
        ("not_accept", {"facts": {"reason": 5}}, 422, "machine.wrong_type"),
        ("handle", {"facts": {"facts_found": "x", "opinion": "y", "result": "refused"}}, 409, None),
        ("withdraw", {}, 422, "machine.paper_missing"),
        ("accept", {"people": {"handler": ["nobody"]}}, 422, "matters.person_unknown"),
    ):
        refused = ask(desk, f"{address}/{act}", {"revision": 1, **body})
        told = refused.json()
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert told["status"] == refused.status_code == status, (act, told)
        assert told["message"]
        assert code is None or told["code"] == code, (act, told)
    assert ask(desk, f"matters/{petition['id']}").json()["revision"] == 1


def test_an_act_on_a_matter_that_has_moved_on_is_not_done(desk: str, petition: dict[str, Any]) -> None:
    body = {"revision": 1, "people": {"handler": ["officer"]}}
    assert ask(desk, f"matters/{petition['id']}/acts/accept", body).status_code == 200
    late = ask(desk, f"matters/{petition['id']}/acts/withdraw", {"revision": 1, "papers": {"withdrawal": None}})
    assert (late.status_code, late.json()["code"]) == (409, "matters.changed_meanwhile")
    however = ask(desk, f"matters/{petition['id']}/acts/withdraw", {"revision": None, "papers": {"withdrawal": None}})
    assert however.json()["closed"]
    silent = ask(desk, f"matters/{petition['id']}/acts/withdraw", {})
    assert (silent.status_code, silent.json()["code"]) == (422, "web.request_unreadable")


def test_a_wish_sent_twice_under_a_key_is_done_once(desk: str, people: dict[str, Any]) -> None:
    from qingtian.office.matters.models import Matter

    first = ask(desk, "matters", PETITION, Idempotency_Key="k-1")
    again = ask(desk, "matters", PETITION, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json() == again.json()
    assert Matter.objects.filter(code="petition").count() == 1
    # the key is used: another wish under it is refused, another person's key is another key
    other = ask(desk, "matters", {**PETITION, "title": "另一件"}, Idempotency_Key="k-1")
    assert (other.status_code, other.json()["code"]) == (409, "matters.key_used")
    cashier = token(people["cashier"], "matters:act")
    assert ask(cashier, "matters", PETITION, Idempotency_Key="k-1").status_code == 201
    long = ask(desk, "matters", PETITION, Idempotency_Key="k" * 81)
    assert (long.status_code, long.json()["code"]) == (422, "matters.key_too_long")


def test_a_wish_that_was_refused_may_be_corrected_under_its_key(desk: str, petition: dict[str, Any]) -> None:
    address = f"matters/{petition['id']}/acts/guide"
    assert ask(desk, address, {"revision": 1}, Idempotency_Key="k-2").status_code == 422
    body = {"revision": 1, "facts": {"route": "诉讼"}}
    assert ask(desk, address, body, Idempotency_Key="k-2").json()["stage"] == "passed_on"
    again = ask(desk, address, body, Idempotency_Key="k-2")
    assert (again.status_code, again.json()["revision"]) == (200, 2)


def test_keys_are_forgotten_after_a_month(desk: str, petition: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    ask(desk, "matters", PETITION, Idempotency_Key="k-3")
    assert matters.forget_requests(at=MONDAY) == 0
    assert matters.forget_requests(at=datetime(2027, 1, 1, tzinfo=MONDAY.tzinfo)) == 1


def test_a_scope_for_reading_does_not_act(people: dict[str, Any], petition: dict[str, Any]) -> None:
    reader = token(people["desk"], "matters:read")
    acts = {"revision": 1, "facts": {"route": "x"}}
    for address, body in (
        ("matters", PETITION),
        (f"matters/{petition['id']}/acts/guide", acts),
        ("papers/1/pdf", None),
        ("matters/1/proof", None),
    ):
        refused = ask(reader, address, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "web.scope_missing"), address


def test_a_paper_made_and_a_file_brought_are_downloaded(desk: str, petition: dict[str, Any]) -> None:
    brought = {"withdrawal": {"name": "撤回.pdf", "content": base64.b64encode(PDF).decode()}}
    done = ask(desk, f"matters/{petition['id']}/acts/withdraw", {"revision": 1, "papers": brought})
    assert done.status_code == 200, done.content.decode()
    papers = {row["paper"]: row for row in ask(desk, f"matters/{petition['id']}/papers").json()}
    original = ask(desk, f"papers/{papers['withdrawal']['id']}/original")
    assert (original.status_code, original.content) == (200, PDF)
    assert original.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    made = ask(desk, f"papers/{papers['register_sheet']['id']}/pdf")
    assert (made.status_code, made.content[:5]) == (200, b"%PDF-")
    again = ask(desk, f"papers/{papers['register_sheet']['id']}/pdf")
    assert again.content == made.content
    wrong = ask(desk, f"papers/{papers['withdrawal']['id']}/pdf")
    assert (wrong.status_code, wrong.json()["code"]) == (404, "matters.no_such_file")
    assert ask(desk, f"papers/{papers['withdrawal']['id']}/exe").status_code == 422
    spoiled = {"withdrawal": {"name": "x.pdf", "content": "no base64"}}
    refused = ask(desk, f"matters/{petition['id']}/acts/withdraw", {"revision": 1, "papers": spoiled})
    assert (refused.status_code, refused.json()["code"]) == (422, "web.request_unreadable")


def test_an_entry_is_proved_under_the_checkpoint_and_the_checkpoint_under_its_elder(
    desk: str, petition: dict[str, Any]
) -> None:
    from qingtian.office.ledger import api as ledger

    new = ask(desk, f"matters/{petition['id']}/proof/1")
    assert (new.status_code, new.json()["code"]) == (409, "ledger.not_covered")
    ledger.checkpoint(at=MONDAY, pause=lambda _s: None)
    kept = ask(desk, "ledger/checkpoint").json()
    told = ask(desk, f"matters/{petition['id']}/proof/1").json()
    assert told["checkpoint"]["root"] == kept["root"]
    leaf = merkle.leaf_hash(f"{told['entry_id']}:{told['entry_hash']}".encode())
    assert leaf.hex() == told["leaf"]
    path = [bytes.fromhex(each) for each in told["path"]]
    root = bytes.fromhex(kept["root"])
    assert merkle.included(leaf=leaf, index=told["index"], size=kept["size"], path=path, root=root)
    assert not merkle.included(
        leaf=merkle.leaf_hash(b"x"), index=told["index"], size=kept["size"], path=path, root=root
    )
    ask(desk, f"matters/{petition['id']}/acts/guide", {"revision": 1, "facts": {"route": "诉讼"}})
    ledger.checkpoint(at=MONDAY, pause=lambda _s: None)
    grown = ask(desk, f"ledger/consistency?size={kept['size']}").json()
    assert grown["root"] == kept["root"]
    assert merkle.consistent(
        old=kept["size"],
        new=grown["checkpoint"]["size"],
        old_root=root,
        new_root=bytes.fromhex(grown["checkpoint"]["root"]),
        path=[bytes.fromhex(each) for each in grown["path"]],
    )
    for size in (0, 10**9):
        refused = ask(desk, f"ledger/consistency?size={size}")
        assert (refused.status_code, refused.json()["code"]) == (409, "ledger.no_such_size")
    missing = ask(desk, f"matters/{petition['id']}/proof/99")
    assert (missing.status_code, missing.json()["code"]) == (404, "ledger.chain_unknown")


def test_kinds_clocks_and_deadlines_are_told(desk: str) -> None:
    from qingtian.law import clocks
    from qingtian.law.machine import shelf

    kinds = ask(desk, "law/kinds").json()
    assert {(row["code"], row["version"]) for row in kinds} == set(shelf.discover().kinds)
    petition = ask(desk, "law/kinds/petition").json()
    assert petition["acts"]["accept"]["to"] == "accepted"
    assert ask(desk, "law/kinds/credit_repair?version=1").json()["version"] == 1
    for address in ("law/kinds/nosuch", "law/kinds/petition?version=99"):
        assert (ask(desk, address).status_code, ask(desk, address).json()["code"]) == (404, "kinds.unknown")
    assert len(ask(desk, "law/clocks").json()) == len(clocks.every())
    due = ask(desk, "law/deadline", {"clock": "PEN-DEF", "start": "2026-02-12"}).json()
    assert due["due"] == "2026-02-26"
    assert due["steps"]
    paused = {
        "clock": "PEN-DEC",
        "start": "2026-02-12",
        "pauses": [{"first": "2026-03-01", "last": "2026-03-10", "reason": "监测"}],
        "extensions": [{}, {"count": 20}],
    }
    assert date.fromisoformat(ask(desk, "law/deadline", paused).json()["due"]) > date(2026, 5, 13)
    hours = ask(desk, "law/deadline", {"clock": "EMG-MAJ", "start": "2026-02-16T23:30:00+08:00"}).json()
    assert datetime.fromisoformat(hours["due"]).tzinfo
    for wish, status, code in (
        ({"clock": "NO-SUCH", "start": "2026-02-12"}, 404, "clocks.unknown"),
        ({"clock": "PEN-DEF", "start": "yesterday"}, 422, "web.request_unreadable"),
        ({"clock": "PEN-DEF", "start": "2026-02-12", "variant": "x"}, 422, "clocks.unknown_variant"),
    ):
        refused = ask(desk, "law/deadline", wish)
        assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_every_address_is_described_asks_for_a_token_and_knows_its_problems(office: Any) -> None:
    from django.test import Client

    told = Client().get("/api/v1/openapi.json").json()
    addresses = {"matters", "matters/{matter_id}", "matters/{matter_id}/acts/{act}", "matters/{matter_id}/clocks"}
    addresses |= {"papers/{paper_id}/{form}", "law/kinds", "law/deadline", "ledger/consistency"}
    assert {f"/api/v1/{each}" for each in addresses} <= told["paths"].keys()
    for path, ways in told["paths"].items():
        for way, operation in ways.items():
            assert operation.get("description"), (way, path)
            assert operation["security"] == [{"Bearer": []}], (way, path)
            assert {"401", "403", "404", "409", "422"} <= operation["responses"].keys(), (way, path)
            answer = Client().generic(way.upper(), _filled(path), "{}", content_type="application/json")
            assert (answer.status_code, answer.json()["code"]) == (401, "web.token_unknown"), (way, path)


def _filled(path: str) -> str:
    named = (("{form}", "pdf"), ("{act}", "guide"), ("{code}", "petition"), ("{sequence}", "1"), ("{place}", "1"))
    for name, value in named:
        path = path.replace(name, value)
    return re.sub(r"\{\w+_id\}", "1", path)


ODD: dict[str, tuple[dict[str, Any], str]] = {
    "a zero byte in a fact": ({"facts": {"claim": "夜间\0噪声"}}, "machine.text_unreadable"),
    "half a character in a fact": ({"facts": {"claim": "夜间\ud800"}}, "machine.text_unreadable"),
    "a book in a fact": ({"facts": {"claim": "声" * 20_001}}, "machine.text_too_long"),
    "the wrong year": ({"facts": {"received_on": "0206-11-20"}}, "machine.implausible_day"),
    "a zero byte in the title": ({"title": "夜间\0噪声"}, "web.letters_refused"),
    "half a character in the reference": ({"reference": "\ud800"}, "web.letters_refused"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_cannot_be_kept_is_refused_and_nothing_is_opened(desk: str, name: str) -> None:
    from qingtian.office.matters.models import Matter

    change, code = ODD[name]
    body = {**PETITION, **change, "facts": {**PETITION["facts"], **change.get("facts", {})}}
    before = Matter.objects.count()
    refused = ask(desk, "matters", body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert Matter.objects.count() == before


def test_a_filter_that_there_is_not_is_refused_and_not_passed_over(desk: str) -> None:
    for words in ("due=soon", "state=open", "sort=changed"):
        refused = ask(desk, f"matters?{words}")
        assert (refused.status_code, refused.json()["code"]) == (422, "web.request_unreadable"), words
    assert ask(desk, "matters?kind=%00").json()["code"] == "web.letters_refused"
    assert ask(desk, "matters?due=week&state=live&sort=due").status_code == 200


def test_whatever_goes_wrong_is_told_as_a_problem(desk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.test import Client

    from qingtian.office.matters import api as matters

    told = {"Authorization": f"Bearer {desk}"}
    garbled = Client().post("/api/v1/matters", b"{no json", content_type="application/json", headers=told)
    nowhere = Client().get("/api/v1/nowhere", headers=told)

    def breaks(*_given: object, **_named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(matters, "matters", breaks)
    broken = Client(raise_request_exception=False).get("/api/v1/matters", headers=told)
    assert [answer.status_code for answer in (garbled, nowhere, broken)] == [400, 404, 500]
    for answer in (garbled, nowhere, broken):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["message"]


def test_a_page_refuses_a_zero_byte_with_a_sentence(as_person: Any) -> None:
    answer = as_person("desk").get("/matters/?q=a%00")
    assert answer.status_code == 422
    assert "web.letters_refused" in answer.content.decode()
