"""Effects of acts are carried out exactly once, wherever the process is killed; offers; versions."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.matters_world import words_of
from tests.office_world import MONDAY

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines]


def walked(people: dict[str, Any], kind: str, walk_name: str, until: str) -> Any:
    """Do a walk of a kind with fresh people up to and with the act ``until``; effects are not carried out."""
    from tests.integration.test_office_matters import player

    from qingtian.law.machine import shelf, walks
    from qingtian.office.matters import api as matters

    folder = next(folder for folder in shelf.folders() if folder.name == kind)
    walk = next(each for each in walks.read(folder, []) if each.name.endswith(f"/{walk_name}.yaml"))
    cast = {name: player(name, person) for name, person in walk.people.items()}
    matter = None
    for row in walk.place.rows("acts"):
        event = walks.event(walk, row)
        if row.text("refused"):
            continue
        words = words_of(event, cast)
        if matter is None:
            origin = matters.Origin(source=event.source, reference=event.reference, enterprise="E0001")
            matter = matters.open_matter(code=kind, origin=origin, **words)
        else:
            matter = matters.do_act(matter_id=matter.pk, revision=matter.revision, **words)
        if event.act == until:
            break
    return matter


@pytest.fixture
def uncarried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that did the act ends before it carries anything out."""
    from qingtian.office.matters import effects

    monkeypatch.setattr(effects, "carry_out_soon", lambda works, *, at: None)


def in_a_process_that_dies(work: Callable[[], None]) -> int:
    """Do something in a process of its own; return its exit status."""
    from django.db import connections

    # a connection shared with a child would be closed by it
    connections.close_all()
    connections["default"].close_pool()
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.usefixtures("uncarried", "swept")
def test_killed_at_every_effect_nothing_is_lost_and_nothing_comes_twice(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import Notice
    from qingtian.office.ledger.api import verify
    from qingtian.office.matters import api as matters
    from qingtian.office.matters import effects
    from qingtian.office.matters.models import MatterCount, MatterEffect, MatterPaper

    matter = walked(people, "penalty_simple", "plain", "pay")
    waiting = list(MatterEffect.objects.filter(matter=matter).values_list("kind", flat=True))
    assert sorted(waiting) == ["count", "count", "publish"]
    last = datetime.fromisoformat(matter.state["history"][-1]["at"])

    def die_after(number: int, *, inside: bool) -> Callable[[], None]:
        """Return work that is killed at effect ``number``: inside its transaction, or just after it."""

        def work() -> None:
            real, begun = dict(effects.CARRIED_OUT), iter(range(100))

            def mortal(effect: Any, at: datetime) -> None:
                mine = next(begun)
                if not inside and mine > number:
                    os._exit(9)
                real[effect.kind](effect, at)
                if inside and mine == number:
                    os._exit(9)

            effects.CARRIED_OUT = dict.fromkeys(real, mortal)  # type: ignore[misc]
            effects.carry_out(at=last, matters=[matter.pk])

        return work

    # at the first that is left: inside it (nothing of it stays), then after it (it stays)
    for left in range(len(waiting), 0, -1):
        assert MatterEffect.objects.filter(matter=matter, done_at=None).count() == left
        assert in_a_process_that_dies(die_after(0, inside=True)) == 9
        assert MatterEffect.objects.filter(matter=matter, done_at=None).count() == left
        assert in_a_process_that_dies(die_after(0, inside=False)) == (9 if left > 1 else 0)
    assert matters.carry_out(at=last, matters=[matter.pk]) == 0
    assert MatterCount.objects.filter(matter=matter).count() == 2
    assert MatterPaper.objects.filter(matter=matter, published_at=last).count() == 1
    assert [line.act for line in matter_lines(matter)].count("published") == 1
    assert verify(chain=matters.chain(matter.pk)).holds
    assert not Notice.objects.filter(matter=matter.pk).exists()


def matter_lines(matter: Any) -> list[Any]:
    from qingtian.office.ledger.api import history
    from qingtian.office.matters.api import chain

    return history(chain(matter.pk))


@pytest.mark.usefixtures("rolled_back")
def test_effects_are_carried_out_when_the_act_has_committed(
    people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import transaction

    from qingtian.office.matters.models import MatterCount

    # the test itself is a transaction, so what waits for its end is done by hand
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr(transaction, "on_commit", lambda work, **_: waiting.append(work))
    matter = walked(people, "penalty_simple", "plain", "pay")
    assert not MatterCount.objects.filter(matter=matter).exists()
    assert waiting
    for work in waiting:
        work()
    assert MatterCount.objects.filter(matter=matter).count() == 2
    assert not matter.effects.filter(done_at=None).exists()


@pytest.mark.usefixtures("rolled_back")
def test_another_kind_is_offered_and_opened_by_a_person_with_a_link(people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import Notice
    from qingtian.office.matters import api as matters

    matter = walked(people, "penalty", "plain", "serve")
    last = datetime.fromisoformat(matter.state["history"][-1]["at"])
    matters.carry_out(at=last, matters=[matter.pk])
    (offer,) = matters.offers(people["desk"], at=last)
    assert (offer.name, offer.matter_id) == ("credit_repair", matter.pk)
    assert Notice.objects.filter(matter=matter.pk, user=people["desk"]).exists()
    assert matters.offers(people["firm"], at=last) == []
    facts = {
        "party_name": "某公司",
        "decision_number": "深环罚字〔2026〕1号",
        "decided_on": last.date(),
        "class": "general",
    }
    origin = matters.Origin(offer=offer.pk)
    words = {"acting_user": people["desk"], "code": "credit_repair", "at": last, "origin": origin, "facts": facts}
    with pytest.raises(QingtianError):
        matters.open_matter(**{**words, "facts": {}})
    repair = matters.open_matter(**words)
    assert (repair.source, repair.reference, repair.enterprise_id) == ("penalty", matter.number, "E0001")
    assert [(link.other_id, link.kind) for link in repair.links.all()] == [(matter.pk, "opened_from")]
    assert matters.offers(people["desk"], at=last) == []
    with pytest.raises(matters.OfferTaken):
        matters.open_matter(**words)


@pytest.mark.usefixtures("rolled_back")
def test_a_matter_keeps_its_version_until_the_head_takes_it_to_another(
    people: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingtian.law.machine import shelf
    from qingtian.office.matters import api as matters
    from qingtian.office.matters import kinds

    package = next(folder for folder in shelf.folders() if folder.name == "petition")
    newer = tmp_path / "petition_2027"
    shutil.copytree(str(package), newer)
    manifest = newer / "manifest.yaml"
    manifest.write_text(manifest.read_text().replace("version: 1", "version: 2").replace("2022-05-01", "2030-01-01"))
    broken = tmp_path / "petition_2031"
    shutil.copytree(newer, broken)
    text = (broken / "manifest.yaml").read_text()
    (broken / "manifest.yaml").write_text(text.replace("version: 2", "version: 3").replace("2030-01-01", "2031-01-01"))
    for name in ("machine.yaml", "words.yaml"):
        (broken / name).write_text(
            (broken / name)
            .read_text()
            .replace("received:", "registered:")
            .replace("to: received", "to: registered")
            .replace("from: received", "from: registered")
            .replace("[received,", "[registered,")
        )
    monkeypatch.setenv(shelf.VARIABLE, str(tmp_path))
    facts = {"petitioner": "刘", "received_on": date(2026, 11, 20), "claim": "噪声", "class": "claim"}
    origin = matters.Origin(source="letter", district="440306")
    matter = matters.open_matter(acting_user=people["desk"], code="petition", at=MONDAY, origin=origin, facts=facts)
    assert matter.version == 1
    words = {"matter_id": matter.pk, "reason": "新规", "at": MONDAY}
    with pytest.raises(QingtianError) as refused:
        matters.migrate_version(acting_user=people["desk"], version=2, **words)
    assert refused.value.code == "people.not_yours"
    with pytest.raises(matters.CannotMigrate) as why:
        matters.migrate_version(acting_user=people["leader"], version=3, **words)
    assert "阶段 stage: received" in why.value.sentence()
    moved = matters.migrate_version(acting_user=people["leader"], version=2, **words)
    assert (moved.version, kinds.of(moved).folder) == (2, "petition_2027")
    later = MONDAY + timedelta(days=1)
    done = matters.do_act(
        acting_user=people["desk"],
        matter_id=matter.pk,
        act="accept",
        at=later,
        revision=None,
        people={"handler": ["officer"]},
    )
    assert done.stage == "accepted"
    assert later.tzinfo is BEIJING


@pytest.mark.usefixtures("rolled_back")
def test_the_system_does_what_is_its_own_when_the_time_is_over_and_nothing_else(people: dict[str, Any]) -> None:
    from qingtian.office.matters import api as matters

    repair = walked(people, "credit_repair", "plain", "register")
    opened = datetime.fromisoformat(repair.state["history"][-1]["at"])
    assert matters.act_by_itself(at=opened + timedelta(days=1)) == 0
    assert matters.act_by_itself(at=opened + timedelta(days=4 * 366)) == 1
    assert matters.act_by_itself(at=opened + timedelta(days=4 * 366)) == 0
    repair.refresh_from_db()
    assert (repair.stage, repair.closed) == ("expired", True)
    assert [line.actor for line in matter_lines(repair)][-1] == "system:worker"
