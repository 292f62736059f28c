"""What an act costs in questions to the database, and that the short ways say the same as the long ones."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from office_world import MONDAY

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

LATER = MONDAY + timedelta(minutes=5)


@pytest.fixture
def petitions(people: dict[str, Any]) -> list[Any]:
    """Twelve petitions in two districts, at the same stage."""
    from qingtian.office.matters import api as matters

    facts = {"petitioner": "刘某某", "received_on": date(2026, 11, 20), "claim": "反映噪声扰民", "class": "claim"}
    return [
        matters.open_matter(
            acting_user=people["desk"],
            code="petition",
            at=MONDAY,
            origin=matters.Origin(source="letter", district=district),
            facts=facts,
        )
        for district in ("440306", "440305")
        for _ in range(6)
    ]


def accepted(people: dict[str, Any]) -> dict[str, Any]:
    return {"acting_user": people["desk"], "act": "accept", "at": LATER, "people": {"handler": ["officer"]}}


def test_an_act_takes_five_questions(people: dict[str, Any], petitions: list[Any], django_assert_queries: Any) -> None:
    from qingtian.office.matters import api as matters

    # a savepoint; people; matter and calendar; the paper's number; the chain's head; the rows and the entry
    with django_assert_queries(7):
        matters.do_act(matter_id=petitions[0].pk, revision=1, **accepted(people))


def test_a_bulk_act_takes_as_many_as_one_but_for_the_numbers_of_each_authority(
    people: dict[str, Any], petitions: list[Any], django_assert_queries: Any
) -> None:
    from qingtian.office.matters import api as matters

    with django_assert_queries(8):
        done = matters.do_acts(matters={each.pk: 1 for each in petitions}, **accepted(people))
    assert [matter.stage for matter in done.done] == ["accepted"] * len(petitions)


def test_numbers_of_papers_have_no_gap_within_a_bulk_act(people: dict[str, Any], petitions: list[Any]) -> None:
    from qingtian.office.matters import api as matters

    done = matters.do_acts(matters={each.pk: 1 for each in petitions}, **accepted(people)).done
    for district in ("440306", "440305"):
        numbers = [
            int(re.findall(r"\d+", matter.papers.get(name="acceptance_notice").number)[-1])
            for matter in done
            if matter.district_id == district
        ]
        assert sorted(numbers) == list(range(min(numbers), min(numbers) + 6))


def test_rows_beside_a_matter_are_those_of_its_state_however_they_were_written(
    people: dict[str, Any], petitions: list[Any]
) -> None:
    from qingtian.law.machine import record
    from qingtian.office.matters import api as matters
    from qingtian.office.matters import kinds, rows

    one, other = petitions[0], petitions[1]
    matters.do_act(matter_id=one.pk, revision=1, **accepted(people))
    matters.do_acts(matters={other.pk: 1}, **accepted(people))
    for key in (one.pk, other.pk):
        matter = matters.Matter.objects.get(pk=key)
        definition = kinds.of(matter)
        state = record.read(definition, matter.state)
        keys = {"officer": people["officer"].pk}
        expected = {(row.holder, row.due) for row in rows.turns(matter, definition, state, keys)}
        assert expected == set(matter.turns.values_list("holder", "due"))
        assert [(each.clock, each.due is not None) for each in matter.clocks.order_by("position")] == [
            (run.clock, run.due is not None) for run in state.clocks
        ]
        assert set(matter.persons.values_list("role", "assigned")) >= {("handler", True)}
    words = set(matters.Matter.objects.filter(pk__in=[one.pk, other.pk]).values_list("stage", "revision", "next_clock"))
    assert len(words) == 1


def test_a_matter_at_hand_is_seen_by_those_who_see_it_in_lists(
    people: dict[str, Any], petitions: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingtian.office.matters import lists, seeing
    from qingtian.office.matters.models import Matter, MatterPerson, MatterTurn

    public, internal, closed = petitions[0], petitions[6], petitions[7]
    Matter.objects.filter(pk=public.pk).update(secrecy="public", enterprise="E0001")
    Matter.objects.filter(pk=internal.pk).update(secrecy="internal", grid="440305-01")
    Matter.objects.filter(pk=closed.pk).update(enterprise=None, district=None)
    MatterPerson.objects.create(matter=closed, user=people["grid"], role="guest")
    MatterTurn.objects.create(matter=public, holder="post:party", enterprise_id="E0001")
    monkeypatch.setattr(people["officer2"], "is_active", False)
    # an officer without a district
    monkeypatch.setattr(people["reviewer"], "role", "officer")
    seen = 0
    for user, each in product(people.values(), (public, internal, closed)):
        matter = Matter.objects.get(pk=each.pk)
        viewer = seeing.viewer(user, at=MONDAY)
        has_part = MatterPerson.objects.filter(matter=matter, user=user).exists()
        its_turn = MatterTurn.objects.filter(matter=matter, holder="post:party").exists()
        at_hand = seeing.sees(viewer, matter, has_part=has_part, its_turn=its_turn)
        assert at_hand == seeing.seen(viewer).filter(pk=matter.pk).exists(), (user.username, matter.number)
        # the statements of lists say the same in words of their own
        listed = {row.pk for row in lists.matters(viewer, at=MONDAY)}
        assert at_hand == bool(lists.shown(viewer, [matter.pk])) == (matter.pk in listed), (
            user.username,
            matter.number,
        )
        seen += at_hand
    assert 0 < seen < 3 * len(people)


def test_events_of_an_act_are_told_once_it_has_committed(people: dict[str, Any], petitions: list[Any]) -> None:
    from django.test import TestCase

    from qingtian.office.matters import api as matters

    with TestCase.captureOnCommitCallbacks() as waiting:
        matters.do_act(matter_id=petitions[0].pk, revision=1, **accepted(people))
    told = [payload for each in waiting for payload in getattr(each, "keywords", {}).get("payloads", ())]
    assert len(told) == 1
    assert '"kind":"matter.changed"' in told[0]


def test_an_act_is_written_whole_or_not_at_all(people: dict[str, Any], petitions: list[Any]) -> None:
    from django.db import DatabaseError

    from qingtian.office.ledger import api as ledger
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterPaper

    matter = petitions[0]
    # the paper that the act makes is there already, under the number it would get
    MatterPaper.objects.create(
        matter=matter, name="acceptance_notice", version=1, origin="made", act="x", revision=1, at=MONDAY, by="x"
    )
    before = len(ledger.history(f"matter:{matter.pk}"))
    with pytest.raises(DatabaseError):
        matters.do_act(matter_id=matter.pk, revision=1, **accepted(people))
    found = matters.Matter.objects.get(pk=matter.pk)
    assert (found.stage, found.revision) == (matter.stage, 1)
    assert len(ledger.history(f"matter:{matter.pk}")) == before
