"""Rows of lists that are kept as text: they look as if made anew, in each language, and follow what they show."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.test_portal_matters_papers import page
from tests.matters_world import penalty, petition

from qingtian.base import times

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back", "forgotten")]
LISTS = ("/matters/", "/inbox/")


@pytest.fixture
def forgotten() -> None:
    """No row is kept from before."""
    from qingtian.portals import row_cells

    row_cells._kept.clear()


def rows(client: Any, path: str) -> list[str]:
    return re.findall(r"<tr[^>]*>.*?</tr>", page(client, path), re.DOTALL)


@pytest.mark.parametrize("path", LISTS)
def test_a_kept_row_is_what_it_would_be_if_made_anew(
    path: str, people: dict[str, Any], as_person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingtian.portals import row_cells

    for days in range(4):
        petition(people, days_ago=days)
        penalty(people, days_ago=days)
    client = as_person("desk")
    first, again = rows(client, path), rows(client, path)
    assert len(first) > 4
    monkeypatch.setattr(row_cells, "kept", lambda key, made: made())
    assert first == again == rows(client, path)


def test_a_row_is_written_once_for_all_who_see_it(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.portals import row_cells

    petition(people)
    rows(as_person("desk"), "/matters/")
    count = len(row_cells._kept)
    assert count
    rows(as_person("leader"), "/matters/")
    assert len(row_cells._kept) == count


def test_each_language_has_its_own(people: dict[str, Any], as_person: Any) -> None:
    petition(people)
    client = as_person("desk")
    chinese = rows(client, "/matters/")
    client.post("/preferences/", {"language": "en"})
    english = rows(client, "/matters/")
    assert "信访" in "".join(chinese)
    assert "Petition" in "".join(english)


def test_an_act_a_merger_and_another_due_day_are_seen_at_once(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters import api as matters

    matter, other = petition(people), petition(people)
    client = as_person("desk")
    before = "".join(rows(client, "/matters/"))
    matters.merge(acting_user=people["desk"], matter_id=matter.pk, into_id=other.pk, reason="同一事项", at=times.now())
    merged = "".join(rows(client, "/matters/"))
    assert merged != before
    matters.Matter.objects.filter(pk=other.pk).update(next_due=times.now() - timedelta(days=3))
    late = "".join(rows(client, "/matters/"))
    assert "is-breach" in late
    assert "is-breach" not in merged


def test_nothing_of_the_viewer_is_kept_with_a_row(people: dict[str, Any], as_person: Any) -> None:
    """What somebody may choose, and which rows they see, is decided anew."""
    matter = penalty(people)
    assert 'name="m"' in "".join(rows(as_person("officer"), "/matters/"))
    assert rows(as_person("officer2"), "/matters/") == []
    from qingtian.office.matters.models import MatterPerson

    firm = people["firm"]
    matter.enterprise_id = firm.enterprise
    matter.save()
    MatterPerson.objects.create(matter=matter, user=firm, role="officer")
    theirs = "".join(rows(as_person("firm"), "/matters/"))
    assert matter.number in theirs
    assert 'name="m"' not in theirs


def test_when_there_are_more_than_are_kept_all_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    from qingtian.portals import row_cells

    monkeypatch.setattr(row_cells, "MOST", 3)
    for number in range(10):
        assert row_cells.kept(number, lambda number=number: f"row {number}") == f"row {number}"  # type: ignore[misc]
        assert len(row_cells._kept) <= 3
    assert row_cells.kept(9, lambda: "another") == "row 9"
