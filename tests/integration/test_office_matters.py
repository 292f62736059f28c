"""Matters in the office: acts leave rows, a ledger, turns and effects; two at once; who sees what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from tests.matters_world import words_of

from qingtian.base.times import BEIJING
from qingtian.law import calendar
from qingtian.law.machine import shelf, walks
from qingtian.law.machine.reading import load

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

FOLDERS = sorted(shelf.folders(), key=lambda folder: folder.name)


def player(name: str, person: Any) -> Any:
    """Make a user with just the posts and certificates that a walk gives to somebody."""
    from qingtian.office.people.models import Certificate, Post, User

    user = User.objects.create(username=f"walk-{name}", name=name, role="administrator", synthetic=True)
    since = datetime(2020, 1, 1).date()
    Post.objects.bulk_create(Post(user=user, post=post, since=since) for post in person.roles)
    Certificate.objects.bulk_create(
        Certificate(user=user, kind=kind, number=f"{name}-{kind}", since=since) for kind in person.qualifications
    )
    return user


def replay(walk: Any, definition: Any) -> tuple[Any, int]:
    """Do the acts of a walk through the office; return the matter, and how many were done."""
    from qingtian.base.errors import QingtianError
    from qingtian.office.matters import api as matters

    people = {name: player(name, person) for name, person in walk.people.items()}
    matter, done = None, 0
    for row in walk.place.rows("acts"):
        event = walks.event(walk, row)
        words = words_of(event, people)
        refused = row.text("refused")
        if refused == "version_not_in_force":
            # the office opens under the version of the day, so that cannot happen to it
            assert shelf.discover().on(definition.manifest.code, day=event.day) != definition
            continue
        try:
            if matter is None:
                origin = matters.Origin(source=event.source, reference=event.reference, district="440306")
                matter = matters.open_matter(code=definition.manifest.code, origin=origin, **words)
            else:
                matter = matters.do_act(matter_id=matter.pk, revision=matter.revision, **words)
        except QingtianError as error:
            # who is not named in a confidential matter is not even told that it is there
            unseen = error.code == "sites.not_found_here" and definition.manifest.secrecy == "confidential"
            if error.code not in (refused, f"machine.{refused}") and not (unseen and refused == "not_assigned"):
                pytest.fail(f"{walk.name} {event.act}: {error.sentence()}")
            continue
        assert not refused, f"{walk.name} {event.act} was done"
        done += 1
        expect = row.at("expect")
        if row.has("expect") and expect.has("stage"):
            assert matter.stage == expect.text("stage")
    return matter, done


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_walk_of_every_kind_is_walked_in_the_office(folder: Any) -> None:
    from django.db import transaction

    from qingtian.law.machine import record
    from qingtian.office.ledger.api import verify
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterClock, MatterPaper, MatterTurn

    definition = load(folder)
    if (definition.manifest.code, definition.manifest.version) not in shelf.discover().kinds:
        pytest.skip("its folder came after the shelf was read")
    for walk in walks.read(folder, []):
        # each walk has its own people of the same names
        with transaction.atomic():
            matter, done = replay(walk, definition)
            state = record.read(definition, matter.state)
            assert matter.revision == done == len(state.history) == verify(chain=matters.chain(matter.pk)).entries
            assert matter.closed == definition.stages[matter.stage].end
            assert MatterClock.objects.filter(matter=matter).count() == len(state.clocks)
            assert MatterPaper.objects.filter(matter=matter).count() == len(state.papers)
            numbers = set(MatterPaper.objects.filter(matter=matter).values_list("number", flat=True))
            given = {fact.name for fact in definition.facts.values() if fact.number_of} & state.facts.keys()
            assert {state.facts[name] for name in given} <= numbers - {""}, "a number is that of its paper"
            assert MatterTurn.objects.filter(matter=matter).exists() == (not matter.closed)
            matters.carry_out(at=state.history[-1].at, matters=[matter.pk])
            assert not matter.effects.filter(done_at=None).exists()
            transaction.set_rollback(True)


def test_the_calendar_of_the_office_is_the_official_one(office: Any) -> None:
    from qingtian.office.matters import calendars

    assert calendars.current() == calendar.official()
    assert datetime(2026, 10, 1, tzinfo=BEIJING).date() in calendars.current().notices
