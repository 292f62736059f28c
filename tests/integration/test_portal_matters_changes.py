"""What is done to a matter besides its kind's acts: link, merge, another version; by whom, with which reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from tests.matters_world import penalty, petition

from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def test_two_matters_are_linked_by_number_and_each_leads_to_the_other(people: dict[str, Any], as_person: Any) -> None:
    one, other = petition(people), petition(people)
    desk = as_person("desk")
    path = f"/matters/{one.pk}/change/link/"
    done = desk.post(path, {"kind": "follows", "other": other.number, "reason": "同一信访人"})
    assert done.status_code == 302
    assert f"/matters/{other.pk}/" in desk.get(f"/matters/{one.pk}/").content.decode()
    there = desk.get(f"/matters/{other.pk}/").content.decode()
    assert one.number in there
    assert "后续为" in there
    assert desk.post(path, {"kind": "follows", "other": other.number}).status_code == 409
    assert desk.post(path, {"kind": "follows", "other": "没有这个编号"}).status_code == 404
    assert desk.post(path, {"kind": "merged_into", "other": other.number}).status_code == 409
    assert desk.post(f"/matters/{one.pk}/change/burn/", {}).status_code == 400


def test_who_must_not_see_the_other_matter_cannot_link_with_it(people: dict[str, Any], as_person: Any) -> None:
    mine, confidential = penalty(people), petition(people)
    words = {"kind": "follows", "other": confidential.number}
    assert as_person("officer").post(f"/matters/{mine.pk}/change/link/", words).status_code == 404
    assert as_person("firm").post(f"/matters/{mine.pk}/change/link/", words).status_code == 403


def test_a_matter_is_merged_with_a_reason_and_goes_on_there(people: dict[str, Any], as_person: Any) -> None:
    one, into = petition(people), petition(people)
    desk = as_person("desk")
    path = f"/matters/{one.pk}/change/merge/"
    bare = desk.post(path, {"other": into.number, "reason": ""})
    assert bare.status_code == 422
    assert "matters.reason_missing" in bare.content.decode()
    assert desk.post(path, {"other": into.number, "reason": "同一诉求"}).status_code == 302
    seen = desk.get(f"/matters/{one.pk}/").content.decode()
    assert f'<a href="/matters/{into.pk}/">{into.number}</a>' in seen
    assert "/act/" not in seen
    refused = desk.post(f"/matters/{one.pk}/act/accept/", {"revision": "1", "people.handler": ["officer"]})
    assert refused.status_code == 409
    assert "matters.is_merged" in refused.content.decode()
    assert "matters.is_merged" in desk.get(f"/matters/{one.pk}/act/accept/").content.decode()


def test_only_the_head_takes_a_matter_to_another_version(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters import api as matters

    # opened under the version before; the one of today is another
    repair = matters.open_matter(
        acting_user=people["desk"],
        code="credit_repair",
        at=datetime(2026, 3, 1, 10, tzinfo=BEIJING),
        origin=matters.Origin(source="penalty", enterprise="E0001"),
        facts={
            "party_name": "深圳某电镀有限公司",
            "decision_number": "深环罚字〔2025〕1号",
            "decided_on": "2025-12-01",
            "class": "general",
        },
    )
    words = {"version": "2", "revision": str(repair.revision), "reason": "新办法施行"}
    path = f"/matters/{repair.pk}/change/migrate/"
    assert "migrate-sheet" in as_person("leader").get(f"/matters/{repair.pk}/").content.decode()
    assert "migrate-sheet" not in as_person("desk").get(f"/matters/{repair.pk}/").content.decode()
    assert as_person("desk").post(path, words).status_code == 403
    assert as_person("leader").post(path, {**words, "reason": ""}).status_code == 422
    assert as_person("leader").post(path, {**words, "version": "two"}).status_code == 400
    assert as_person("leader").post(path, {**words, "revision": "99"}).status_code == 409
    done = as_person("leader").post(path, words)
    assert done.status_code == 302
    seen = as_person("leader").get(f"/matters/{repair.pk}/").content.decode()
    assert "新办法施行" in seen
    assert "1 → 2" in seen
