"""What an administrator needs: posts, certificates, days set by hand, checkpoints, erasure; and everybody's feed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.office_world import MONDAY

from qingtian.base import times
from qingtian.base.times import BEIJING

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

# all these pages but the feed are for the administrator
OTHERS = ("desk", "officer", "reviewer", "leader", "firm", "grid")


def petition(people: dict[str, Any], *, at: Any = None) -> Any:
    from qingtian.office.matters import api as matters

    at = at or times.now()
    day = at.astimezone(BEIJING).date()
    facts = {"petitioner": "刘某某", "received_on": day, "claim": "反映油烟扰民", "class": "claim"}
    origin = matters.Origin(source="letter", district="440306")
    return matters.open_matter(acting_user=people["desk"], code="petition", at=at, origin=origin, facts=facts)


def test_a_post_is_given_shown_and_ended_on_the_page_of_a_person(people: dict[str, Any], as_person: Any) -> None:
    admin, grid = as_person("admin"), people["grid"].pk
    path, today = f"/people/{grid}/", times.now().astimezone(BEIJING).date()
    form = {"post": "clerk", "since": today.isoformat(), "last": (today + timedelta(days=5)).isoformat()}
    assert admin.post(f"{path}give-post/", form).url == path
    page = admin.get(path).content.decode()
    assert "经办（内勤）" in page
    assert "任命岗位" in page
    (row,) = [row for row in admin.get("/people/posts/?format=json").json()["rows"] if row["username"] == "grid"]
    assert (row["post"], row["state"], row["until"]) == ("clerk", "soon", form["last"])
    # given once is given
    assert admin.post(f"{path}give-post/", form).status_code == 409
    assert admin.post(f"{path}give-post/", {**form, "post": "emperor"}).status_code == 422
    assert admin.post(f"{path}give-post/", {**form, "since": "soon"}).status_code == 400
    assert admin.post(f"{path}end-post/", {"post": "clerk"}).url == path
    assert admin.get("/people/posts/?format=json&state=over").json()["rows"][0]["username"] == "grid"
    assert admin.post(f"{path}end-post/", {"post": "clerk"}).status_code == 409


def test_a_certificate_ends_with_its_last_good_day(people: dict[str, Any], as_person: Any) -> None:
    admin, path = as_person("admin"), f"/people/{people['grid'].pk}/"
    today = times.now().astimezone(BEIJING).date()
    form = {"kind": "enforcement", "number": "粤B-0007", "since": "2024-01-01", "last": today.isoformat()}
    assert admin.post(f"{path}record-certificate/", form).url == path
    rows = admin.get("/people/certificates/?format=json").json()["rows"]
    # the one that ends first stands on top
    assert (rows[0]["number"], rows[0]["state"], rows[0]["until"]) == ("粤B-0007", "soon", today.isoformat())
    assert "国家统一法律职业资格" in admin.get(path).content.decode()
    assert admin.post(f"{path}record-certificate/", form).status_code == 422
    from qingtian.office.people.models import Certificate

    key = Certificate.objects.get(number="粤B-0007").pk
    assert admin.post(f"{path}withdraw-certificate/", {"certificate": str(key)}).url == path
    (row,) = admin.get("/people/certificates/?format=json&state=over").json()["rows"]
    assert row["number"] == "粤B-0007"
    assert admin.post(f"{path}withdraw-certificate/", {"certificate": "x"}).status_code == 400


def test_nobody_else_appoints_or_looks_at_appointments(people: dict[str, Any], as_person: Any) -> None:
    path = f"/people/{people['grid'].pk}/"
    for name in OTHERS:
        client = as_person(name)
        for place in (path, "/people/posts/", "/people/certificates/"):
            assert client.get(place).status_code == 403, (name, place)
        answer = client.post(f"{path}give-post/", {"post": "head", "since": "2026-01-01"})
        assert answer.status_code == 403, name
    from qingtian.office.people import api as offices

    for read in (offices.appointments, offices.certificates):
        with pytest.raises(offices.NotYours):
            read(people["leader"])


def test_before_a_day_is_set_one_sees_what_would_move(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters import api as matters

    # a confidential matter: its due date would move, and the administrator may not know which it is
    hidden = petition(people, at=MONDAY)
    day = hidden.next_due.astimezone(BEIJING).date()
    admin = as_person("admin")
    page = admin.get(f"/system/days/?day={day}&as=rest").content.decode()
    assert hidden.number not in page
    assert "其中 1 个属于您无权查看的事项" in page
    (moved,) = matters.preview_day(acting_user=people["admin"], day=day, working=False, at=MONDAY).moved
    assert (moved.matter, moved.was, moved.due > day) == (None, day, True)
    # looking changes nothing
    assert matters.calendar_days() == []
    assert admin.post("/system/days/put/", {"day": str(day), "as": "rest", "reason": ""}).status_code == 422
    assert admin.post("/system/days/put/", {"day": str(day), "as": "rest", "reason": "市府办通知"}).status_code == 302
    (row,) = admin.get("/system/days/?format=json").json()["rows"]
    assert (row["day"], row["working"], row["official"], row["by"]) == (str(day), False, True, "admin")
    assert admin.post("/system/days/put/", {"day": str(day), "as": "clear", "reason": "撤销"}).status_code == 302
    assert matters.calendar_days() == []


def test_a_preview_says_what_a_recount_then_does(people: dict[str, Any]) -> None:
    from qingtian.law import calendar
    from qingtian.office.matters import api as matters
    from qingtian.office.matters.models import MatterClock

    opened = petition(people, at=MONDAY)
    clock = MatterClock.objects.get(matter=opened)
    assert clock.due_day
    # the last day rolls forward when it is no working day
    day = clock.due_day
    assert calendar.official().is_working_day(day)
    found = matters.preview_day(acting_user=people["admin"], day=day, working=False, at=MONDAY)
    matters.set_day(acting_user=people["admin"], day=day, working=False, reason="通知", at=MONDAY)
    assert matters.recount(at=MONDAY) == len(found.moved) == 1
    clock.refresh_from_db()
    assert [each.due for each in found.moved] == [clock.due_day]


@pytest.mark.parametrize("wish", ["day=tomorrow&as=rest", "day=2026-12-31&as=maybe"])
def test_a_wish_for_a_day_that_cannot_be_read_is_refused(wish: str, as_person: Any) -> None:
    assert as_person("admin").get(f"/system/days/?{wish}").status_code == 400


def test_a_checkpoint_is_listed_and_given_out_to_be_kept(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.ledger import against
    from qingtian.office.ledger.models import Checkpoint

    row = Checkpoint(size=7, last_id=9, root="ab" * 32, at=MONDAY, public="", signature="")
    from qingtian.office.ledger import checkpoints
    from qingtian.office.ledger.keys import signer

    row.public = signer().public
    row.signature = signer().sign(checkpoints.said(row))
    row.save()
    for name in ("leader", "admin"):
        client = as_person(name)
        assert 7 in [each["size"] for each in client.get("/ledger/?format=json").json()["rows"]]
        assert "qingtian verify --against" in client.get("/ledger/").content.decode()
        (kept,) = against.read(client.get("/ledger/checkpoints/7/").content)
        assert (kept.size, kept.root, kept.signed) == (7, row.root, True)
    assert as_person("admin").get("/ledger/checkpoints/8/").status_code == 404
    assert as_person("desk").get("/ledger/checkpoints/7/").status_code == 403


def close(people: dict[str, Any], matter: Any) -> None:
    from qingtian.office.matters import api as matters

    matters.do_act(
        acting_user=people["desk"],
        matter_id=matter.pk,
        act="not_accept",
        facts={"reason": "不属于受理范围"},
        at=times.now(),
        revision=matter.revision,
    )


def test_the_name_of_a_petitioner_is_erased_when_the_matter_has_ended(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.ledger.api import verify
    from qingtian.office.matters import api as matters

    opened = petition(people)
    admin, path = as_person("admin"), f"/ledger/erase/?of=matter:{opened.pk}"
    page = admin.get(f"/ledger/erase/?of={opened.number}").content.decode()
    assert "fact:petitioner" in page
    assert "信访人" in page
    assert "刘某某" not in page
    form = {"chain": f"matter:{opened.pk}", "sequence": "1", "field": "fact:petitioner", "reason": "当事人申请"}
    refused = admin.post("/ledger/erase/do/", form)
    assert (refused.status_code, "仍在办理" in refused.content.decode()) == (409, True)
    close(people, opened)
    assert admin.post("/ledger/erase/do/", {**form, "reason": " "}).status_code == 422
    assert as_person("leader").post("/ledger/erase/do/", form).status_code == 403
    assert admin.post("/ledger/erase/do/", form).url == path
    one = matters.matter(people["desk"], opened.pk, at=times.now())
    assert "petitioner" not in one.facts
    assert matters.matters(people["desk"], at=times.now(), search="刘某某") == []
    assert [row.pk for row in matters.matters(people["desk"], at=times.now(), search="油烟")] == [opened.pk]
    assert verify(chain=f"matter:{opened.pk}").holds
    assert "已删除：" in admin.get(path).content.decode()
    assert admin.post("/ledger/erase/do/", form).status_code == 409


def test_a_form_that_names_no_field_or_no_entry_erases_nothing(people: dict[str, Any], as_person: Any) -> None:
    admin = as_person("admin")
    form = {"chain": "matter:1", "sequence": "1", "field": "fact:petitioner", "reason": "申请"}
    for wrong in ({**form, "chain": "; drop"}, {**form, "sequence": "-1"}, {**form, "field": []}):
        assert admin.post("/ledger/erase/do/", wrong).status_code == 400
    assert "没有个人信息" in admin.get("/ledger/erase/?of=matter:999999").content.decode()


def test_a_feed_is_made_read_without_logging_in_and_ended(people: dict[str, Any], as_person: Any) -> None:
    import re

    from django.test import Client

    opened = petition(people)
    desk, stranger = as_person("desk"), Client()
    page = desk.post("/inbox/calendar/make/").content.decode()
    link = re.search(r"/calendar/[\w-]+\.ics", page)
    assert link
    answer = stranger.get(link[0])
    assert answer.headers["Content-Type"].startswith("text/calendar")
    text = answer.content.decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert opened.number in text.replace("\r\n ", "")
    assert "刘某某" not in text
    # shown once, never again
    assert link[0] not in desk.get("/inbox/calendar/").content.decode()
    assert stranger.get("/calendar/nonsense.ics").status_code == 404
    desk.post("/inbox/calendar/end/")
    assert stranger.get(link[0]).status_code == 404


def test_a_notice_of_a_due_date_leads_to_the_matter(people: dict[str, Any], as_person: Any) -> None:
    from qingtian.office.matters import api as matters

    opened = petition(people, at=times.now() - timedelta(days=40))
    assert matters.escalate(at=times.now()) > 0
    page = as_person("desk").get("/notices/").content.decode()
    assert f'href="/matters/{opened.pk}/"' in page
