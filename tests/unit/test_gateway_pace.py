"""Turns of the gateway: a lone packet does not wait, a stream is gathered, much at once does not wait either."""

from __future__ import annotations

import asyncio

from qingtian.stream.gateway.pace import Pace

FOREVER = 1000.0


async def ticks() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_turn_comes_at_once_after_a_rest_and_only_once() -> None:
    turns: list[int] = []
    pace = Pace(lambda: turns.append(1), gather=FOREVER, enough=100)
    pace.ask(1)
    pace.ask(2)
    assert turns == []
    await ticks()
    assert turns == [1]


async def test_what_follows_soon_is_gathered_until_there_is_enough() -> None:
    turns: list[int] = []
    pace = Pace(lambda: turns.append(1), gather=FOREVER, enough=100)
    pace.ask(1)
    await ticks()
    for waiting in (1, 50, 99):
        pace.ask(waiting)
        await ticks()
    assert turns == [1]
    pace.ask(100)
    await ticks()
    assert turns == [1, 1]


async def test_what_is_gathered_gets_its_turn() -> None:
    turned = asyncio.Event()
    pace = Pace(turned.set, gather=0.01, enough=100)
    pace.ask(1)
    await turned.wait()
    turned.clear()
    pace.ask(1)
    async with asyncio.timeout(60):
        await turned.wait()
