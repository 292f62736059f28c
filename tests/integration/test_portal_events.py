"""Live events: what is told inside the database reaches the open pages that may hear it, and no others."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import orjson
import psycopg
import pytest

from qingtian.base.settings import Settings

pytestmark = pytest.mark.engines

EVENT = {"kind": "alert.opened", "id": 7, "outlet": "SZ-W-0001", "district": "440306", "grid": "440306-01"}
EVENT["enterprise"] = "E0001"
PATIENCE = 180.0


def seat(**scope: Any) -> Any:
    from qingtian.office.people.api import Scope
    from qingtian.portals.events import Seat

    return Seat(scope=Scope(**scope), city=bool(scope.get("everything")))


async def next_event(waiting: Any) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        frame = await waiting.waiting.get()
    data = next(line for line in frame.splitlines() if line.startswith(b"data: "))
    return dict(orjson.loads(data[6:]))


async def tell(settings: Settings, event: dict[str, Any]) -> None:
    async with await psycopg.AsyncConnection.connect(settings.require_database_url(), autocommit=True) as db:
        await db.execute("SELECT pg_notify('qingtian_events', %s)", [orjson.dumps(event).decode()])


@pytest.mark.parametrize(
    ("scope", "hears"),
    [
        ({"everything": True}, True),
        ({"district": "440306"}, True),
        ({"district": "440305"}, False),
        ({"grid": "440306-01"}, True),
        ({"grid": "440306-02"}, False),
        ({"enterprise": "E0001"}, True),
        ({"enterprise": "E0002"}, False),
        ({}, False),
    ],
)
def test_it_tells_only_those_whose_scope_contains_the_place(office: Settings, scope: Any, hears: bool) -> None:
    assert seat(**scope).may_hear(EVENT) is hears


def test_it_tells_of_a_dead_letter_only_to_those_of_the_whole_city(office: Settings) -> None:
    for place in (EVENT, {}):
        letter = {**place, "kind": "deadletter.new"}
        assert seat(everything=True).may_hear(letter)
        assert not seat(district="440306").may_hear(letter)
        assert not seat(enterprise="E0001").may_hear(letter)


def test_it_asks_a_page_that_does_not_read_to_catch_up(office: Settings) -> None:
    from qingtian.portals.events import CATCH_UP, WAITING_MOST, framed

    slow = seat(everything=True)
    for _ in range(WAITING_MOST + 1):
        slow.give(framed(EVENT))
    assert slow.waiting.qsize() == 1
    assert slow.waiting.get_nowait() == framed(CATCH_UP)


def test_an_alert_is_not_lost_among_devices_that_come_back_at_once(office: Settings) -> None:
    from qingtian.portals.events import CATCH_UP, WAITING_MOST, framed

    slow = seat(everything=True)
    device = framed({**EVENT, "kind": "device.changed", "id": None})
    for number in range(3 * WAITING_MOST):
        slow.give(framed(EVENT) if number == WAITING_MOST // 2 else device)
    waiting = [slow.waiting.get_nowait() for _ in range(slow.waiting.qsize())]
    assert waiting.count(framed(EVENT)) == 1
    assert waiting.count(framed(CATCH_UP)) == 1
    assert len(waiting) <= WAITING_MOST


async def test_it_hears_what_the_database_tells_and_comes_back_after_a_break(office: Settings) -> None:
    from qingtian.portals.events import Hall

    hall, mine, other = Hall(), seat(district="440306"), seat(district="440305")
    hall.enter(mine)
    hall.enter(other)
    try:
        assert (await next_event(mine))["kind"] == "catch_up"
        await tell(office, EVENT)
        assert await next_event(mine) == EVENT
        owner = office.require_database_owner_url()
        async with await psycopg.AsyncConnection.connect(owner, autocommit=True) as db:
            await db.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'qingtian-events'"
            )
        assert (await next_event(mine))["kind"] == "catch_up"
        await tell(office, {**EVENT, "id": 8})
        assert (await next_event(mine))["id"] == 8
        # the other district heard nothing but that it should catch up
        heard = [await next_event(other), await next_event(other)]
        assert [event["kind"] for event in heard] == ["catch_up", "catch_up"]
        assert other.waiting.empty()
    finally:
        await hall.close()


async def test_it_opens_a_stream_and_lets_the_page_go(office: Settings) -> None:
    from qingtian.portals import events

    mine = seat(everything=True)
    try:
        async with aclosing(events.stream(mine)) as frames:
            assert (await anext(frames)).startswith(b"retry: ")
            assert len(events.hall) == 1
            mine.give(events.framed(EVENT))
            got = await anext(frames)
            while b"catch_up" in got:
                got = await anext(frames)
            assert got.startswith(b"id: 7\ndata: {")
        assert len(events.hall) == 0
    finally:
        await events.hall.close()
