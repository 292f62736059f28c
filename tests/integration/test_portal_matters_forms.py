"""Forms out of data: every act of every kind can be asked for, what people type is read as they mean it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from tests.matters_world import PDF, today

from qingtian.base import times
from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


def test_every_act_of_every_kind_has_a_form_that_asks_all_it_asks(people: dict[str, Any]) -> None:
    from qingtian.law.machine import shelf
    from qingtian.law.machine.state import Person
    from qingtian.office.matters.models import Matter
    from qingtian.portals.matters import forms
    from qingtian.portals.matters.forms import Asking

    somebody = Person(name="desk", roles=frozenset())
    for definition in shelf.discover().kinds.values():
        for act in definition.acts.values():
            asking = Asking(
                definition=definition,
                act=act,
                state=None,
                matter=Matter(district_id="440306"),
                known={},
                person=somebody,
                at=times.now(),
            )
            form = forms.build(asking)
            where = f"{definition.folder}: {act.name}"
            asked = {field.name: field for field in (*form.facts, *form.papers, *form.people)}
            for name in act.asks:
                assert asked[f"fact.{name}"].required, where
                assert asked[f"fact.{name}"].title != name, where
            assert {f"paper.{name}" for name in (*act.brings, *act.may_bring)} <= asked.keys(), where
            assert {f"people.{role}" for role in act.assigns} <= asked.keys(), where
            gates = [definition.gates[name] for name in act.gates]
            assert ("present" in asked) == any(gate.kind == "officers" for gate in gates), where
            assert form.does or definition.target_of(act, stage="") in ("", "same"), where


def test_what_people_type_is_read_as_they_mean_it(people: dict[str, Any]) -> None:
    from dataclasses import replace

    from qingtian.law.machine import shelf
    from qingtian.portals.matters.fields import typed
    from qingtian.portals.matters.given import plain

    penalty = shelf.discover().version("penalty", 1)
    fine, received = penalty.facts["fine"], penalty.facts["notice_received"]
    assert plain(fine, "60,000.50 元") == "60000.50"
    assert plain(fine, "６００００") == "60000"
    assert plain(fine, "六万") == "六万"
    assert plain(penalty.facts["hearing_offered"], "yes") is True
    assert plain(penalty.facts["evidence"], " 笔录 \n\n照片\n") == ["笔录", "照片"]
    moment = replace(received, type="datetime")
    assert plain(moment, "2026-03-02T09:30") == datetime(2026, 3, 2, 9, 30, tzinfo=BEIJING)
    assert plain(moment, "yesterday") == "yesterday"
    assert typed(moment, datetime(2026, 3, 2, 1, 30, tzinfo=times.UTC)) == "2026-03-02T09:30"
    assert typed(penalty.facts["evidence"], ("笔录", "照片")) == "笔录\n照片"
    refused: Any = False
    assert typed(penalty.facts["hearing_offered"], refused) == "no"
    assert typed(fine, None) == ""


def test_a_fact_that_is_a_person_is_chosen_from_those_who_could_be_it(people: dict[str, Any]) -> None:
    from dataclasses import replace

    from qingtian.law.machine import shelf
    from qingtian.law.machine.state import Person
    from qingtian.office.matters.models import Matter
    from qingtian.portals.matters import forms
    from qingtian.portals.matters.forms import Asking

    penalty = shelf.discover().version("penalty", 1)
    facts = {**penalty.facts, "four_conditions": replace(penalty.facts["four_conditions"], type="person")}
    asking = Asking(
        definition=replace(penalty, facts=facts),
        act=penalty.acts["file"],
        state=None,
        matter=Matter(district_id="440306"),
        known={},
        person=Person(name="leader", roles=frozenset({"head"})),
        at=times.now(),
    )
    field = next(each for each in forms.build(asking).facts if each.name == "fact.four_conditions")
    assert field.shape == "select"
    assert {"officer", "leader"} <= {option.value for option in field.options}
    assert "officer2" not in {option.value for option in field.options}, "another district's officer"


def test_who_may_not_be_named_is_shown_with_the_reason(people: dict[str, Any], as_person: Any) -> None:
    from tests.matters_world import penalty

    matter = penalty(people)
    asked = as_person("leader").get(f"/matters/{matter.pk}/act/file/").content.decode()
    assert 'name="people.investigator" value="officer"' in asked
    from qingtian.office.people.models import Certificate

    Certificate.objects.filter(user=people["officer3"]).delete()
    asked = as_person("leader").get(f"/matters/{matter.pk}/act/file/").content.decode()
    assert 'value="officer3" disabled' in asked
    assert "行政执法证" in asked
    words = {
        "revision": "1",
        "fact.four_conditions": "yes",
        "people.investigator": ["officer", "officer3"],
    }
    refused = as_person("leader").post(f"/matters/{matter.pk}/act/file/", words)
    assert refused.status_code in (403, 409)
    assert '<a href="#people-investigator">' in refused.content.decode()
    assert "宝安执法员二（演示）没有" in refused.content.decode()


def test_the_party_acts_in_its_own_matter_and_reads_nothing_of_the_side_volume(
    people: dict[str, Any], as_person: Any
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from qingtian.office.matters import api as matters

    opened = matters.open_matter(
        acting_user=people["desk"],
        code="credit_repair",
        at=times.now(),
        origin=matters.Origin(source="penalty", enterprise="E0001"),
        facts={
            "party_name": "深圳某电镀有限公司",
            "decision_number": "深环罚字〔2026〕1号",
            "decided_on": str(today(days_ago=400)),
            "class": "general",
        },
    )
    matters.carry_out(at=times.now())
    firm, path = as_person("firm"), f"/matters/{opened.pk}/"
    seen = firm.get(path).content.decode()
    assert f"/matters/{opened.pk}/act/apply/" in seen
    assert "link-sheet" not in seen
    assert "计入统计" not in seen
    assert as_person("firm2").get(path).status_code == 404
    sent = {"revision": "1", "fact.duty_done": "yes", "fact.corrected": "yes"}
    files = {
        f"paper.{name}": SimpleUploadedFile(f"{name}.pdf", PDF + name.encode(), "application/pdf")
        for name in ("application", "commitment", "proof")
    }
    bad = SimpleUploadedFile("list.exe", b"MZ not a paper", "application/pdf")
    refused = firm.post(path + "act/apply/", {**sent, **files, "paper.proof": bad})
    assert refused.status_code == 422
    assert "objects.upload_refused" in refused.content.decode()
    assert "application.pdf" in refused.content.decode(), "what came well is kept"
    for name, file in files.items():
        file.seek(0)
        files[name] = file
    done = firm.post(path + "act/apply/", {**sent, **files})
    assert done.status_code == 302, done.content.decode()
    after = firm.get(path).content.decode()
    assert "企业用户甲（演示）" in after
    assert opened.papers.filter(origin="brought").count() == 3
    side = [name for name, paper in _papers().items() if paper.volume == "side"]
    assert all(_papers()[name].title.zh not in after for name in side)


def _papers() -> Any:
    from qingtian.law.machine import shelf

    return shelf.discover().on("credit_repair", day=today()).papers


def test_an_open_form_hears_what_others_did(people: dict[str, Any], as_person: Any) -> None:
    from tests.matters_world import petition

    matter = petition(people)
    desk, path = as_person("desk"), f"/matters/{matter.pk}/act/not_accept/"
    assert "card meanwhile" not in desk.get(path).content.decode()
    assert f"{path}?since=1" in desk.get(path).content.decode()
    as_person("cashier").post(f"/matters/{matter.pk}/act/accept/", {"revision": "1", "people.handler": ["officer"]})
    assert "card meanwhile" in desk.get(f"{path}?since=1").content.decode()
    assert "card meanwhile" not in desk.get(f"{path}?since=2").content.decode()
    assert desk.get(f"{path}?since=x").status_code == 400


def test_for_a_matter_of_the_whole_city_everybody_of_the_post_can_be_named(people: dict[str, Any]) -> None:
    from qingtian.law.machine import shelf
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import Matter

    petition = shelf.discover().on("petition", day=today())
    words = {"state": None, "at": times.now()}
    anywhere = matters.pickable(petition, ["handler"], matter=Matter(), **words)["handler"]
    assert {"officer", "officer2", "officer3"} <= {one.user.username for one in anywhere}
    here = matters.pickable(petition, ["handler"], matter=Matter(district_id="440305"), **words)["handler"]
    assert {"officer", "officer3"}.isdisjoint({one.user.username for one in here})
