"""Dead letters read again: what the plan accepts now is on the log once, as it came, wherever a replay is killed."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import orjson
import psycopg
import pytest
from tests.integration.wire import MN, frame, plan

from qingtian.base.errors import QingtianError
from qingtian.base.settings import Settings
from qingtian.base.times import BEIJING, to_microseconds
from qingtian.bus import batches
from qingtian.bus.client import Bus
from qingtian.stream.hj212.checksum import printed
from qingtian.stream.hj212.repair import modbus

pytestmark = pytest.mark.engines

AT = datetime(2026, 11, 22, 10, 0, tzinfo=BEIJING)
QN = "20261122100000{:03d}"


@pytest.fixture(autouse=True)
def nothing_stays(office: Settings) -> Iterator[None]:
    """These tests commit; the owner clears up after each."""
    yield
    with psycopg.connect(office.require_database_owner_url(), autocommit=True) as owner:
        owner.execute("TRUNCATE sites_deadletter, sites_replay, sites_plansnapshot CASCADE")


@pytest.fixture
def thread(office: Settings) -> Iterator[ThreadPoolExecutor]:
    """The one thread that uses the database, as in the dispatcher."""
    from django.db import connections

    with ThreadPoolExecutor(1) as made:
        yield made
        made.submit(connections.close_all).result()


def with_modbus(number: int) -> bytes:
    good = frame(qn=QN.format(number))
    return good[:-6] + printed(modbus(good[6:-6])) + b"\r\n"


def letters_come(raws: list[bytes], *, reason: str = "bad_checksum") -> None:
    from qingtian.office.sites.api import take_dead_letter

    for number, raw in enumerate(raws):
        at = AT + timedelta(seconds=number)
        take_dead_letter(
            letter={
                "id": f"{reason}-{number}",
                "reason": reason,
                "received": at.isoformat(),
                "received_us": to_microseconds(at),
                "address": f"192.0.2.{number % 3}",
                "mn": MN,
                "detail": "",
                "deviations": ["checksum_modbus"],
                "raw": base64.b64encode(raw).decode(),
            }
        )


def plan_is(number: int = 7, **more: Any) -> None:
    from qingtian.office.sites.models import PlanSnapshot

    document = plan([MN], number=number)
    document["outlets"][0]["devices"][0].update(more)  # type: ignore[typeddict-item]
    PlanSnapshot.objects.create(
        number=number,
        content_hash=str(number),
        document=zlib.compress(orjson.dumps(document)),
        outlets=1,
        made_at=AT,
        published_at=AT,
    )


def ask(people: dict[str, Any], who: str = "admin", why: str = "设备已登记", **kind: Any) -> Any:
    from qingtian.office.sites.api import ask_replay

    return ask_replay(acting_user=people[who], why=why, at=AT + timedelta(days=1), **kind)


async def on_the_log(bus: Bus) -> list[batches.PacketBatch]:
    state = (await bus.js.stream_info("PACKETS")).state
    found = range(state.first_seq, state.last_seq + 1)
    return [batches.decode((await bus.js.get_msg("PACKETS", sequence)).data or b"") for sequence in found]


async def test_what_the_plan_accepts_goes_to_the_log_as_it_came(
    bus: Bus, people: dict[str, Any], thread: ThreadPoolExecutor
) -> None:
    from qingtian.office.intake import replaying
    from qingtian.office.ledger.models import Entry
    from qingtian.office.sites.models import DeadLetter

    def prepare() -> Any:
        letters_come([with_modbus(1), frame(qn=QN.format(2), mn="STRANGER"), with_modbus(3), b"GET /"])
        plan_is()
        return ask(people)

    replay = thread.submit(prepare).result()
    assert await replaying.carry_out(bus, thread) == 2
    (batch,) = await on_the_log(bus)
    assert [batch.frame(index) for index in range(len(batch))] == [with_modbus(1), with_modbus(3)]
    assert [batch.plain(index) for index in range(len(batch))] == [frame(qn=QN.format(1)), frame(qn=QN.format(3))]
    assert batch.received.tolist() == [to_microseconds(AT), to_microseconds(AT + timedelta(seconds=2))]
    assert [batch.addresses[index] for index in batch.address_index] == ["192.0.2.0", "192.0.2.2"]
    assert batch.plan == 7

    def check() -> None:
        replay.refresh_from_db()
        assert (replay.taken, replay.still_refused, replay.done_at is None) == (2, 2, False)
        assert DeadLetter.objects.filter(replay=replay, replayed_at__isnull=False).count() == 2
        acts = Entry.objects.filter(chain="deadletters").order_by("-sequence")[:2]
        assert [entry.act for entry in acts] == ["finish_replay", "ask_replay"]
        assert json.loads(acts[0].content)["taken"] == 2

    thread.submit(check).result()


async def test_a_letter_is_replayed_once_however_often_it_is_asked_for(
    bus: Bus, people: dict[str, Any], thread: ThreadPoolExecutor
) -> None:
    from qingtian.office.intake import replaying

    def prepare() -> None:
        letters_come([with_modbus(number) for number in range(5)])
        plan_is()
        ask(people)
        ask(people)

    thread.submit(prepare).result()
    assert await replaying.carry_out(bus, thread) == 5
    assert sum(map(len, await on_the_log(bus))) == 5
    with pytest.raises(QingtianError) as refusal:
        thread.submit(ask, people).result()
    assert refusal.value.code == "sites.nothing_to_replay"


@pytest.mark.parametrize("place", ["before it is sent", "after it is sent", "after some were sent"])
async def test_a_replay_that_is_killed_is_finished_once(
    bus: Bus, people: dict[str, Any], thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    from qingtian.office.intake import replaying
    from qingtian.office.sites import replays

    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    def prepare() -> None:
        letters_come([with_modbus(number) for number in range(9)])
        plan_is()
        ask(people)

    thread.submit(prepare).result()
    monkeypatch.setattr(replaying, "AT_ONCE", 2)
    module, name, killer = {
        "before it is sent": (replaying, "_publish", die),
        "after it is sent": (replays, "note_looked_at", die),
        "after some were sent": (replays, "place_of", _dies_at(3, replays.place_of, Killed)),
    }[place]
    with monkeypatch.context() as patch:
        patch.setattr(module, name, killer)
        with pytest.raises(Killed):
            await replaying.carry_out(bus, thread)
    await replaying.carry_out(bus, thread)
    sent = [batch.frame(index) for batch in await on_the_log(bus) for index in range(len(batch))]
    assert sent == [with_modbus(number) for number in range(9)]


def _dies_at(call: int, work: Any, error: type[BaseException]) -> Any:
    calls = iter(range(1, 100))

    def once(*words: Any) -> Any:
        if next(calls) == call:
            raise error
        return work(*words)

    return once


async def test_a_profile_decides_what_is_taken(bus: Bus, people: dict[str, Any], thread: ThreadPoolExecutor) -> None:
    from qingtian.office.intake import replaying

    def prepare() -> None:
        letters_come([with_modbus(1)])
        plan_is(7, profile={"checksum_modbus": "refuse"})
        ask(people)

    thread.submit(prepare).result()
    assert await replaying.carry_out(bus, thread) == 0
    thread.submit(plan_is, 8).result()
    thread.submit(ask, people).result()
    assert await replaying.carry_out(bus, thread) == 1


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"who": "desk"}, "people.not_yours"),
        ({"why": " "}, "sites.replay_incomplete"),
        ({"mn": "X"}, "sites.nothing_to_replay"),
    ],
)
def test_only_an_administrator_replays_and_says_why(people: dict[str, Any], wish: dict[str, Any], code: str) -> None:
    letters_come([with_modbus(1)])
    with pytest.raises(QingtianError) as refusal:
        ask(people, **wish)
    assert refusal.value.code == code


def test_the_command_lists_shows_and_replays(
    people: dict[str, Any], bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    from qingtian.entry import cli

    letters_come([with_modbus(1), b"GET /"])
    plan_is()
    assert cli.main(["deadletters", "list", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["deviations"] for row in rows] == [["checksum_modbus"]] * 2
    assert cli.main(["deadletters", "show", "bad_checksum-0"]) == 0
    shown = capsys.readouterr().out
    assert "PW=******" in shown
    assert "PW=123456" not in shown
    assert cli.main(["deadletters", "show", "bad_checksum-0", "--as", "admin"]) == 0
    assert "PW=123456" in capsys.readouterr().out
    assert cli.main(["deadletters", "replay", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"dry_run": True, "acceptable": 1, "refused": {"garbage": 1}}
    assert cli.main(["deadletters", "replay", "--as", "admin", "--why", "测试", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["acceptable"] == 1
    assert cli.main(["deadletters", "replay", "--as", "desk", "--why", "测试"]) == 1
