"""Back-fill: gaps are found in a real lake, asked for at the pace of the rule, settled by what the lake has then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.office_commands import answer
from tests.office_world import MONDAY

from qingtian.base.settings import Settings
from qingtian.lake.reader import Lake, open_lake
from qingtian.lake.tables import PACKETS
from qingtian.lake.writer import LakeWriter

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

HOUR = timedelta(hours=1)
# Monday 10:00; what is judged is what was over by 09:20
MIDNIGHT = MONDAY - 10 * HOUR


@pytest.fixture
def devices(office: Settings) -> list[Any]:
    """Three devices that were heard just now."""
    from qingtian.office.sites.models import Device, DeviceStatus

    found = list(Device.objects.select_related("outlet").order_by("mn")[:3])
    for device in found:
        DeviceStatus.objects.update_or_create(
            device=device,
            defaults={
                "received": MONDAY,
                "packets": 1,
                "duplicates": 0,
                "state": "normal",
                "values": {"w01018": [1, "N"]},
            },
        )
    return found


Arrive = Callable[..., None]


@pytest.fixture
def lake(data_folder: Path) -> Lake:
    return open_lake(str(data_folder / "lake"))


@pytest.fixture
def arrive(data_folder: Path) -> Arrive:
    """``arrive(device, times, cn=2061, received=…)``: let packets of these DataTimes be in the lake."""
    writer = LakeWriter(lake_url=str(data_folder / "lake"), app_id="judge.0")
    sequence = 0

    def put(device: Any, times: Iterable[datetime], *, cn: int = 2061, received: datetime = MONDAY) -> None:
        nonlocal sequence
        sequence += 1
        rows = [
            {
                "day": received.date(), "mn": device.mn, "qn": "", "st": "32", "cn": cn, "flag": 5, "data_time": at,
                "received": received, "address": "", "plan": 1, "sequence": sequence, "index": place, "segment": b"",
            }
            for place, at in enumerate(times)
        ]  # fmt: skip
        writer.append({"packets": pa.Table.from_pylist(rows, schema=PACKETS.schema)}, last_sequence=sequence)

    return put


def hours(*numbers: int) -> list[datetime]:
    return [MIDNIGHT + number * HOUR for number in numbers]


def gap_rows() -> list[tuple[str, datetime, datetime, int, str]]:
    from qingtian.office.reverse_control.models import Gap

    rows = Gap.objects.order_by("device_id", "begin")
    return [(row.device_id, row.begin, row.end, row.left, row.state) for row in rows]


def test_it_finds_the_records_that_never_came_and_finds_them_once(
    devices: list[Any], lake: Lake, arrive: Arrive
) -> None:
    from qingtian.office.reverse_control import api

    first, second, _ = devices
    arrive(first, hours(0, 1, 4, 5, 7, 8))
    arrive(second, hours(5, 6, 7, 8))
    assert api.look_for_gaps(lake, at=MONDAY) == 2
    two, three, six = hours(2, 3, 6)
    assert gap_rows() == [(first.mn, two, three, 2, "missing"), (first.mn, six, six, 1, "missing")]
    assert api.look_for_gaps(lake, at=MONDAY) == 0
    # the next hour is over, and did not come either
    assert api.look_for_gaps(lake, at=MONDAY + HOUR) == 2
    assert gap_rows()[2] == (first.mn, *hours(9, 9), 1, "missing")


def test_it_learns_the_interval_of_minute_records(devices: list[Any], lake: Lake, arrive: Arrive) -> None:
    from qingtian.office.reverse_control import api
    from qingtian.office.reverse_control.models import Gap

    five = timedelta(minutes=5)
    times = [MIDNIGHT + place * five for place in range(12 * 9) if place not in (20, 21)]
    arrive(devices[0], times, cn=2051)
    api.look_for_gaps(lake, at=MIDNIGHT + 9 * HOUR + timedelta(minutes=30))
    (gap,) = Gap.objects.all()
    assert (gap.cn, gap.step_s, gap.records, gap.begin) == (2051, 300, 2, MIDNIGHT + 20 * five)


def test_it_misses_what_a_long_silence_kept_back(devices: list[Any], lake: Lake, arrive: Arrive) -> None:
    """A device that was known before is known, although all of the window is silent."""
    from qingtian.office.reverse_control import api
    from qingtian.office.reverse_control.models import Gap

    arrive(devices[0], hours(7, 8))
    api.look_for_gaps(lake, at=MONDAY)
    after = MONDAY + timedelta(days=9)
    assert api.look_for_gaps(lake, at=after) == 3
    # of seven days, the hour that has not settled yet is not missed
    assert sum(gap.records for gap in Gap.objects.all()) == 7 * 24 - 1
    assert max(gap.records for gap in Gap.objects.all()) == 72


def test_it_asks_again_one_command_a_device_and_notes_when_the_data_are_there(
    devices: list[Any], lake: Lake, arrive: Arrive
) -> None:
    from qingtian.office.reverse_control import api

    first, second, _ = devices
    for device in (first, second):
        arrive(device, hours(0, 2, 4, 5, 6, 7, 8))
    api.look_for_gaps(lake, at=MONDAY)
    assert api.advance_backfill(lake, at=MONDAY).asked == 2
    rows = list(api.DeviceCommand.objects.order_by("device_id"))
    assert [row.device_id for row in rows] == [first.mn, second.mn]
    assert rows[0].parameters == [{"BeginTime": "20261123010000"}, {"EndTime": "20261123010000"}]
    assert (rows[0].cn, rows[0].origin, rows[0].actor) == (2061, "backfill", "system:backfill")
    # both devices have a command open: nothing more is asked
    assert not api.advance_backfill(lake, at=MONDAY + timedelta(minutes=1))
    arrive(first, hours(1))
    api.take_answer(message=answer(rows[0], "done", at=MONDAY, exe_rtn=1), at=MONDAY)
    done = api.advance_backfill(lake, at=MONDAY + timedelta(minutes=2))
    assert (done.filled, done.asked) == (1, 1)
    states = [(mn, state) for mn, *_, state in gap_rows()]
    assert states == [(first.mn, "filled"), (first.mn, "asked"), (second.mn, "asked"), (second.mn, "missing")]


def test_it_never_asks_again_for_what_a_device_does_not_have(devices: list[Any], lake: Lake, arrive: Arrive) -> None:
    from qingtian.office.reverse_control import api

    arrive(devices[0], hours(0, 1, 2, 4, 5, 6, 7, 8))
    api.look_for_gaps(lake, at=MONDAY)
    api.advance_backfill(lake, at=MONDAY)
    command = api.DeviceCommand.objects.get()
    api.take_answer(message=answer(command, "done", at=MONDAY, exe_rtn=100), at=MONDAY)
    assert api.advance_backfill(lake, at=MONDAY + timedelta(minutes=1)).ended == 1
    assert [row[-1] for row in gap_rows()] == ["refused"]
    assert api.look_for_gaps(lake, at=MONDAY + timedelta(minutes=2)) == 0
    assert not api.advance_backfill(lake, at=MONDAY + timedelta(days=1))
    assert api.DeviceCommand.objects.count() == 1


def heard(devices: list[Any], at: datetime) -> None:
    from qingtian.office.sites.models import DeviceStatus

    DeviceStatus.objects.filter(device__in=devices).update(received=at)


def test_it_gives_up_after_some_tries_but_a_device_that_was_away_costs_none(
    devices: list[Any], lake: Lake, arrive: Arrive
) -> None:
    from qingtian.office.reverse_control import api
    from qingtian.office.reverse_control.models import Gap

    arrive(devices[0], hours(0, 1, 2, 4, 5, 6, 7, 8))
    api.look_for_gaps(lake, at=MONDAY)
    at, ends = MONDAY, ["expired", "refused", "timed_out", "refused"]
    for number, state in enumerate(ends, start=1):
        heard(devices, at)
        assert api.advance_backfill(lake, at=at).asked == 1, state
        command = api.DeviceCommand.objects.order_by("-created").first()
        more = {"qn_rtn": 2} if state == "refused" else {}
        api.take_answer(message=answer(command, state, at=at, **more), at=at)
        api.advance_backfill(lake, at=at + timedelta(seconds=30))
        heard(devices, at + timedelta(minutes=1))
        # expired costs no try and no wait; a try does
        assert api.advance_backfill(lake, at=at + timedelta(minutes=1)).asked == (1 if number == 1 else 0)
        if number == 1:
            command = api.DeviceCommand.objects.order_by("-created").first()
            api.take_answer(message=answer(command, "expired", at=at), at=at)
            api.advance_backfill(lake, at=at + timedelta(minutes=2))
        at += timedelta(minutes=40)
    assert (Gap.objects.get().state, Gap.objects.get().tries) == ("given_up", 3)


def test_it_keeps_to_its_pace(devices: list[Any], lake: Lake, arrive: Arrive, monkeypatch: pytest.MonkeyPatch) -> None:
    from qingtian.office.reverse_control import api, backfill_asking

    for device in devices:
        arrive(device, hours(0, 2, 4, 6, 8))
    api.look_for_gaps(lake, at=MONDAY)
    usual = backfill_asking.pace(at=MONDAY)
    slow = backfill_asking.Pace(**{**vars(usual), "new_a_minute": 2, "open_in_all": 3, "device_an_hour": 1})
    monkeypatch.setattr(backfill_asking, "pace", lambda *, at: slow)
    asked = [api.advance_backfill(lake, at=MONDAY + timedelta(minutes=minute)).asked for minute in range(3)]
    assert asked == [2, 1, 0]
    for command in api.DeviceCommand.objects.all():
        api.take_answer(message=answer(command, "done", at=MONDAY, exe_rtn=100), at=MONDAY)
    # each device was asked once within the hour
    assert api.advance_backfill(lake, at=MONDAY + timedelta(minutes=4)).asked == 0
    heard(devices, MONDAY + timedelta(minutes=70))
    assert api.advance_backfill(lake, at=MONDAY + timedelta(minutes=70)).asked == 2


@pytest.mark.parametrize("which", ["device", "all"])
def test_it_rests_while_somebody_paused_it(
    which: str, devices: list[Any], lake: Lake, arrive: Arrive, people: dict[str, Any]
) -> None:
    from qingtian.office.ledger import api as ledger
    from qingtian.office.reverse_control import api

    mn = devices[0].mn if which == "device" else ""
    arrive(devices[0], hours(0, 2, 4, 6, 8))
    api.look_for_gaps(lake, at=MONDAY)
    api.pause_backfill(acting_user=people["desk"], mn=mn, reason="线路检修", at=MONDAY)
    with pytest.raises(api.BackfillUnmoved):
        api.pause_backfill(acting_user=people["desk"], mn=mn, at=MONDAY)
    assert api.advance_backfill(lake, at=MONDAY).asked == 0
    api.start_backfill(acting_user=people["admin"], mn=mn, at=MONDAY)
    with pytest.raises(api.BackfillUnmoved):
        api.start_backfill(acting_user=people["admin"], mn=mn, at=MONDAY)
    assert api.advance_backfill(lake, at=MONDAY).asked == 1
    acts = [(line.act, line.actor) for line in ledger.history(api.backfill_chain(mn))]
    assert acts == [("pause_backfill", "desk"), ("start_backfill", "admin")]


@pytest.mark.parametrize("username", ["officer", "leader", "reviewer", "grid", "firm"])
def test_only_the_desk_and_the_administrator_steer_it(
    username: str, devices: list[Any], people: dict[str, Any]
) -> None:
    from qingtian.office.people.api import NotYours
    from qingtian.office.reverse_control import api

    with pytest.raises(NotYours):
        api.pause_backfill(acting_user=people[username], at=MONDAY)
    with pytest.raises(NotYours):
        api.start_backfill(acting_user=people[username], mn=devices[0].mn, at=MONDAY)


def test_it_waits_for_a_device_that_is_not_heard(devices: list[Any], lake: Lake, arrive: Arrive) -> None:
    from qingtian.office.reverse_control import api

    arrive(devices[0], hours(0, 2, 4, 6, 8))
    api.look_for_gaps(lake, at=MONDAY)
    heard(devices, MONDAY - HOUR)
    assert api.advance_backfill(lake, at=MONDAY).asked == 0


def test_it_counts_progress_by_device_within_the_scope(
    devices: list[Any], lake: Lake, arrive: Arrive, people: dict[str, Any]
) -> None:
    from qingtian.office.reverse_control import api

    device = devices[0]
    arrive(device, hours(0, 3, 4, 6, 8))
    api.look_for_gaps(lake, at=MONDAY)
    api.advance_backfill(lake, at=MONDAY)
    arrive(device, hours(1, 7))
    command = api.DeviceCommand.objects.get()
    api.take_answer(message=answer(command, "done", at=MONDAY, exe_rtn=100), at=MONDAY)
    api.advance_backfill(lake, at=MONDAY + timedelta(minutes=1))
    (line,) = api.progress(people["desk"])
    # of 1, 2, 5 and 7: 1 came, 2 the device does not have, 5 is asked for; 7 came too, but nobody has looked yet
    assert (line.records, line.filled, line.refused, line.asked, line.missing) == (4, 1, 1, 1, 1)
    officer = [one.mn for one in api.progress(people["officer"])]
    assert officer == ([device.mn] if device.outlet.district_id == "440306" else [])
    assert api.progress(people["firm"]) == api.progress(people["reviewer"]) == []
