"""Pages of back-fill: progress by device, its gaps, pause and start; who sees and who steers."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from tests.office_commands import answer
from tests.office_world import MONDAY, OUTLET

from qingtian.base.settings import Settings

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

HOUR = timedelta(hours=1)
PAUSES = ("desk", "admin")


@pytest.fixture
def device(office: Settings, people: dict[str, Any]) -> Any:
    """A device with gaps in each state; the refused one was asked for by a command."""
    from qingtian.office.reverse_control import api
    from qingtian.office.sites.models import Device

    found = Device.objects.select_related("outlet").filter(outlet_id=OUTLET).order_by("mn").first()
    assert found is not None
    command = api.command_device(
        acting_user=people["desk"],
        mn=found.mn,
        cn=2061,
        given={"BeginTime": "20261122000000", "EndTime": "20261122010000"},
        at=MONDAY,
    )
    api.take_answer(message=answer(command, "done", at=MONDAY, qn_rtn=1, exe_rtn=100), at=MONDAY)
    command.refresh_from_db()
    for place, (state, left) in enumerate([("missing", 4), ("asked", 3), ("filled", 0), ("refused", 4)]):
        begin = MONDAY - (40 - place * 8) * HOUR
        api.Gap.objects.create(
            device=found,
            outlet=found.outlet,
            cn=2061,
            begin=begin,
            end=begin + 3 * HOUR,
            step_s=3600,
            records=4,
            left=left,
            state=state,
            found_at=MONDAY,
            changed_at=MONDAY,
            command=command if state == "refused" else None,
        )
    return found


def rows_of(client: Any, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(client.get(f"/backfill/?format=json{query}").content)["rows"]
    return rows


def test_it_counts_what_is_missing_asked_filled_and_not_to_be_had(as_person: Any, device: Any) -> None:
    (row,) = rows_of(as_person("desk"))
    assert (row["mn"], row["records"]) == (device.mn, 16)
    assert (row["missing"], row["asked"], row["filled"], row["refused"]) == (4, 3, 5, 4)
    page = as_person("desk").get("/backfill/").content.decode()
    assert "已补齐 5 / 16" in page
    assert f'href="/backfill/{device.mn}/"' in page
    table = list(
        csv.DictReader(io.StringIO(as_person("desk").get("/backfill/?format=csv").content.decode("utf-8-sig")))
    )
    assert table[0]["missing"] == "4"


def test_it_shows_the_gaps_of_a_device_and_why_one_cannot_be_filled(as_person: Any, device: Any) -> None:
    page = as_person("officer").get(f"/backfill/{device.mn}/").content.decode()
    for said in ("缺失", "已请求", "已补齐", "设备无此数据", "没有数据", "4 / 4", "2026-11-21 18:00:00"):
        assert said in page, said


def test_who_may_not_see_it_sees_nothing_of_it(as_person: Any, device: Any) -> None:
    for username in ("desk", "leader", "officer", "admin"):
        assert as_person(username).get(f"/backfill/{device.mn}/").status_code == 200, username
        assert len(rows_of(as_person(username))) == 1
    for username, status in (("officer2", 404), ("grid", 403), ("reviewer", 403), ("firm", 403)):
        answered = as_person(username).get(f"/backfill/{device.mn}/")
        assert answered.status_code == status, username
        assert device.outlet.name not in answered.content.decode()
    assert rows_of(as_person("officer2")) == []


@pytest.mark.parametrize("username", ["desk", "admin", "officer", "leader"])
def test_only_the_desk_and_the_administrator_are_offered_the_switch(username: str, as_person: Any, device: Any) -> None:
    client, steers = as_person(username), username in PAUSES
    for path in ("/backfill/", f"/backfill/{device.mn}/"):
        assert ("/backfill/act/pause/" in client.get(path).content.decode()) == steers, path
    paused = client.post("/backfill/act/pause/", {"reason": "检修"})
    assert paused.status_code == (302 if steers else 403)
    assert ("检修" in client.get("/backfill/").content.decode()) == steers


def test_it_pauses_and_starts_one_device(as_person: Any, device: Any) -> None:
    desk = as_person("desk")
    assert desk.post("/backfill/act/pause/", {"mn": device.mn}).headers["Location"] == f"/backfill/{device.mn}/"
    assert rows_of(desk)[0]["paused"] is True
    again = desk.post("/backfill/act/pause/", {"mn": device.mn})
    assert (again.status_code, "reverse_control.backfill_unmoved" in again.content.decode()) == (409, True)
    assert desk.post("/backfill/act/start/", {"mn": device.mn}).status_code == 302
    assert rows_of(desk)[0]["paused"] is False
    assert desk.post("/backfill/act/nothing/", {"mn": device.mn}).status_code == 400
    assert desk.post("/backfill/act/pause/", {"mn": "F" * 24}).status_code == 404


def test_it_filters_by_the_url(as_person: Any, device: Any) -> None:
    desk = as_person("desk")
    assert len(rows_of(desk, f"&q={OUTLET}")) == len(rows_of(desk, "&left=1")) == 1
    assert rows_of(desk, "&q=nobody") == rows_of(desk, "&outlet=SZ-W-0002") == []


@pytest.mark.parametrize(("path", "queries"), [("/backfill/", 7), ("/backfill/{mn}/", 7)])
def test_it_keeps_to_its_budget_of_queries(
    path: str, queries: int, as_person: Any, device: Any, django_assert_queries: Any
) -> None:
    client, place = as_person("admin"), path.format(mn=device.mn)
    client.get(place)
    with django_assert_queries(queries):
        shown = client.get(place)
    assert shown.status_code == 200
