"""Inbox and register in the browser: what waits and how urgent it is, filters by URL, views, offers, who sees what."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from qingtian.base import times
from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

FACTS = {"petitioner": "刘某某", "claim": "反映油烟扰民", "class": "claim"}


def petition(people: dict[str, Any], *, days_ago: int = 0, **words: Any) -> Any:
    from qingtian.office.matters import api as matters

    at = times.now() - timedelta(days=days_ago)
    facts = {**FACTS, "received_on": at.astimezone(BEIJING).date(), **words.pop("facts", {})}
    origin = matters.Origin(source="letter", district="440306")
    return matters.open_matter(acting_user=people["desk"], code="petition", at=at, origin=origin, facts=facts, **words)


def rows(client: Any, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(path).json()["rows"]
    return found


def test_an_inbox_has_the_overdue_on_top_with_its_figures(people: dict[str, Any], as_person: Any) -> None:
    fresh, late = petition(people), petition(people, days_ago=40)
    page = as_person("desk").get("/inbox/").content.decode()
    assert page.index(late.number) < page.index(fresh.number)
    assert "edge-breach" in page
    assert "已超时" in page
    assert '<li class="is-breach"><a href="?due=overdue"><b>1</b>' in page
    # the rail says so on each page
    assert '<b class="count">1<span' in as_person("desk").get("/tasks/").content.decode()
    assert '<b class="count">' not in as_person("officer").get("/tasks/").content.decode()


def test_an_inbox_is_filtered_by_its_url_and_given_as_json_and_csv(people: dict[str, Any], as_person: Any) -> None:
    fresh, late = petition(people), petition(people, days_ago=40)
    desk = as_person("desk")
    assert [row["number"] for row in rows(desk, "/inbox/?format=json")] == [late.number, fresh.number]
    assert [row["number"] for row in rows(desk, "/inbox/?format=json&due=overdue")] == [late.number]
    assert rows(desk, "/inbox/?format=json&kind=penalty") == []
    assert rows(desk, "/inbox/?format=json&as=me") == []
    table = csv.DictReader(io.StringIO(desk.get("/inbox/?format=csv").content.decode("utf-8-sig")))
    assert [row["number"] for row in table] == [late.number, fresh.number]
    for name in ("officer", "officer2", "grid", "reviewer", "firm", "admin"):
        assert rows(as_person(name), "/inbox/?format=json") == [], name


def test_a_register_finds_chinese_words_and_is_sorted(people: dict[str, Any], as_person: Any) -> None:
    first = petition(people)
    second = petition(people, facts={"claim": "反映夜间噪声"})
    desk = as_person("desk")
    assert [row["id"] for row in rows(desk, "/matters/?format=json&q=油烟")] == [first.pk]
    assert [row["id"] for row in rows(desk, "/matters/?format=json&q=噪声&kind=petition&state=live")] == [second.pk]
    assert [row["id"] for row in rows(desk, "/matters/?format=json&sort=number&kind=petition")] == [first.pk, second.pk]
    assert [row["id"] for row in rows(desk, "/matters/?format=json&kind=petition")] == [second.pk, first.pk]
    today = times.now().astimezone(BEIJING).date()
    assert rows(desk, f"/matters/?format=json&to={today - timedelta(days=1)}") == []
    assert len(rows(desk, f"/matters/?format=json&from={today}&to={today}")) == 2
    # what cannot be read is refused, one thing after the other
    for wrong in ("from=yesterday", "due=soon", "sort=-x", "kind=nothing", "mine=yes", "kind=petition&stage=nothing"):
        refused = desk.get(f"/matters/?format=json&{wrong}")
        assert (refused.status_code, refused.json()["code"]) == (400, "web.asked_unknown"), wrong
    for number in ("-3", "0", "x", "1.5", "201", "9" * 20):
        assert desk.get(f"/matters/?page={number}").status_code == 400, number
    # the stages of a kind can be chosen once the kind is
    assert 'name="stage"' not in desk.get("/matters/").content.decode()
    assert 'name="stage"' in desk.get("/matters/?kind=petition").content.decode()


def test_who_must_not_see_a_petition_finds_it_in_no_list(people: dict[str, Any], as_person: Any) -> None:
    petition(people)
    for name in ("officer", "officer2", "grid", "reviewer", "firm", "admin"):
        client = as_person(name)
        assert rows(client, "/matters/?format=json") == [], name
        assert "刘某某" not in client.get("/matters/?q=刘某某").content.decode().replace('value="刘某某"', ""), name


def test_a_long_list_is_read_page_by_page(
    people: dict[str, Any], as_person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingtian.portals import listing

    monkeypatch.setattr(listing, "SIZE", 2)
    found = [petition(people).number for _ in range(3)]
    desk = as_person("desk")
    first, second = (desk.get(f"/matters/?page={number}").content.decode() for number in (1, 2))
    assert [number in first for number in found] == [False, True, True]
    assert [number in second for number in found] == [True, False, False]
    assert 'rel="next"' in first
    assert 'rel="next"' not in second
    assert "第 1 至 2 行" in first


def test_a_view_is_kept_used_and_forgotten(people: dict[str, Any], as_person: Any) -> None:
    desk = as_person("desk")
    form = {"page": "matters", "name": "逾期信访", "query": "kind=petition&due=overdue&page=7&state="}
    assert desk.post("/matters/views/save/", form).url == "/matters/?due=overdue&kind=petition"
    page = desk.get("/matters/?kind=petition&due=overdue").content.decode()
    assert '<a href="/matters/?due=overdue&amp;kind=petition" aria-current="true">逾期信访</a>' in page
    assert "逾期信访" not in desk.get("/inbox/").content.decode()
    assert "逾期信访" not in as_person("officer").get("/matters/").content.decode()
    desk.post("/matters/views/drop/", {"page": "matters", "name": "逾期信访"})
    assert "逾期信访" not in desk.get("/matters/").content.decode()
    assert desk.post("/matters/views/save/", {**form, "name": " "}).status_code == 422
    assert desk.post("/matters/views/save/", {**form, "page": "tasks"}).status_code == 400


def test_an_offer_is_dropped_with_a_reason_by_who_may_open_it(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters.models import MatterEffect

    matter = petition(people)
    offer = MatterEffect.objects.create(
        id="f" * 32, matter=matter, revision=1, kind="open", name="mediation", at=times.now(), done_at=times.now()
    )
    desk, path = as_person("desk"), f"/inbox/offers/{offer.pk}/drop/"
    page = desk.get("/inbox/").content.decode()
    assert f"/matters/new/mediation/?offer={offer.pk}" in page
    assert as_person("officer2").post(path, {"reason": "x"}).status_code == 409
    assert as_person("firm").post(path, {"reason": "x"}).status_code == 403
    assert desk.post(path, {"reason": "双方已和解"}).url == "/inbox/#offers"
    offer.refresh_from_db()
    assert offer.dropped_at is not None
    assert f"offer={offer.pk}" not in desk.get("/inbox/").content.decode()


@pytest.mark.parametrize(("path", "queries"), [("/inbox/", 14), ("/matters/", 12), ("/matters/?q=油烟", 12)])
def test_lists_of_matters_keep_to_their_queries(
    path: str, queries: int, people: dict[str, Any], as_person: Any, django_assert_queries: Any
) -> None:
    for _ in range(5):
        petition(people)
    desk = as_person("desk")
    desk.get(path)
    with django_assert_queries(queries):
        assert desk.get(path).status_code == 200
