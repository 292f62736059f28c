"""Commands to devices through a real gateway and a real log: a scripted device at the other end of a socket."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta

import pytest
from nats.js.errors import NotFoundError
from tests.integration.wire import MN, Device, device, frame, gateway, plan

from qingtian.base import times
from qingtian.bus import answers, commands, plans
from qingtian.bus.answers import Answer
from qingtian.bus.client import Bus
from qingtian.bus.commands import Command
from qingtian.bus.streams import ANSWERS, COMMANDS
from qingtian.stream.hj212.checksum import checksum, printed

pytestmark = pytest.mark.engines

QN = "20261122100000{:03d}"


def command(number: int = 1, cn: int = 1061, **items: str) -> Command:
    now = times.now()
    return Command(
        # the log remembers ids for an hour, also those of other tests
        id=secrets.token_hex(16),
        mn=MN,
        qn=times.stamp_milliseconds(now + timedelta(milliseconds=number)),
        cn=cn,
        parameters=[{name: text} for name, text in items.items()],
        created=now,
        expires=now + timedelta(minutes=5),
        answer_s=10,
        execute_s=60,
        retries=3,
    )


def says(cn: int, cp: str, *, qn: str, st: str = "91", flag: int = 4) -> bytes:
    segment = f"QN={qn};ST={st};CN={cn};PW=123456;MN={MN};Flag={flag};CP=&&{cp}&&".encode()
    return b"##%04d%s%s\r\n" % (len(segment), segment, printed(checksum(segment)))


def log_in(logger: Device, number: int = 1) -> None:
    """Let the device be heard once, so that the gateway knows where it is. It asks for no answer."""
    logger.send(frame(qn=QN.format(number), flag=4))


async def told(bus: Bus, *states: str) -> list[Answer]:
    """Wait until ANSWERS has these states, and return the answers."""
    async with asyncio.timeout(180):
        while True:
            found = await on_log(bus)
            if [each.state.value for each in found] == list(states):
                return found
            await asyncio.sleep(0.05)


async def on_log(bus: Bus) -> list[Answer]:
    state = (await bus.js.stream_info(ANSWERS.name)).state
    found = range(state.first_seq, state.last_seq + 1)
    return [answers.read((await bus.js.get_msg(ANSWERS.name, sequence)).data or b"") for sequence in found]


async def open_commands(bus: Bus) -> int:
    return (await bus.js.stream_info(COMMANDS.name)).state.messages


async def nothing_open(bus: Bus) -> None:
    async with asyncio.timeout(180):
        while await open_commands(bus):
            await asyncio.sleep(0.05)


async def test_a_device_is_asked_and_what_it_answers_is_told(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    asked = command()
    async with gateway(bus) as (_, port), device(port) as logger:
        log_in(logger)
        await commands.publish(bus, asked)
        request = await logger.line()
        assert f"QN={asked.qn};ST=32;CN=1061;PW=123456;MN={MN};Flag=5;CP=&&&&".encode() in request
        logger.send(says(9011, "QnRtn=1", qn=asked.qn), says(1061, "RtdInterval=60", qn=asked.qn, st="32"))
        logger.send(says(9012, "ExeRtn=1", qn=asked.qn))
        found = await told(bus, "sent", "accepted", "executing", "done")
        await nothing_open(bus)
    assert {each.command for each in found} == {asked.id}
    assert [item.cp for each in found for item in each.items] == [{"RtdInterval": "60"}]
    assert found[0].frame is not None
    assert "PW=******" in found[0].frame


async def test_a_command_waits_on_the_log_for_its_device_and_goes_on_over_restarts(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    asked, after = command(1), command(2, cn=1063)
    await commands.publish(bus, asked)
    async with gateway(bus) as (_, port), device(port) as logger:
        log_in(logger, 1)
        first = await logger.line()
        await told(bus, "sent")
    async with gateway(bus) as (_, port), device(port) as logger:
        log_in(logger, 2)
        assert await logger.line() == first
        logger.send(says(9011, "QnRtn=1", qn=asked.qn))
        await told(bus, "sent", "sent", "accepted")
        await commands.publish(bus, after)
    assert await open_commands(bus) == 2
    async with gateway(bus) as (_, port), device(port) as logger:
        log_in(logger, 3)
        assert await logger.silent(0.3)
        logger.send(says(9012, "ExeRtn=1", qn=asked.qn))
        assert b"CN=1063" in await logger.line()
        logger.send(says(9011, "QnRtn=8", qn=after.qn))
        found = await told(bus, "sent", "sent", "accepted", "done", "sent", "refused")
        await nothing_open(bus)
    assert [each.attempt for each in found] == [1, 2, 2, 2, 1, 1]
    assert found[-1].qn_rtn == 8


async def test_a_device_that_asks_for_the_time_is_noticed_and_then_set(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    async with gateway(bus) as (_, port), device(port) as logger:
        logger.send(says(1013, "", qn=QN.format(1), st="32", flag=5))
        assert f"QN={QN.format(1)};ST=91;CN=9013".encode() in await logger.line()
        request = await logger.line()
        assert b"CN=1012" in request
        assert b"SystemTime=2" in request
        (sent,) = await told(bus, "sent")
        logger.send(says(9011, "QnRtn=1", qn=sent.qn), says(9012, "ExeRtn=1", qn=sent.qn))
        found = await told(bus, "sent", "accepted", "done")
    assert {(each.actor, each.why) for each in found} == {("gateway", "clock_asked")}


async def test_the_same_command_on_the_log_twice_is_carried_out_once(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    asked = command()
    async with gateway(bus) as (_, port), device(port) as logger:
        log_in(logger)
        for name in ("once", "again"):
            # another name for the log, as if its memory of names had run out
            await bus.js.publish("commands.0", asked.message(), headers={"Nats-Msg-Id": name})
        assert b"CN=1061" in await logger.line()
        logger.send(says(9012, "ExeRtn=1", qn=asked.qn))
        await told(bus, "sent", "done")
        await bus.js.publish("commands.0", asked.message(), headers={"Nats-Msg-Id": "much later"})
        await nothing_open(bus)
        assert await logger.silent(0.3)
        assert len(await on_log(bus)) == 2


async def test_what_is_no_command_is_taken_off_and_the_next_is_carried_out(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    async with gateway(bus) as (_, port), device(port) as logger:
        log_in(logger)
        await bus.js.publish("commands.0", b"{}")
        await commands.publish(bus, command())
        assert b"CN=1061" in await logger.line()
    assert await open_commands(bus) == 1
    with pytest.raises(NotFoundError):
        await bus.js.get_msg(COMMANDS.name, (await bus.js.stream_info(COMMANDS.name)).state.last_seq - 1)


async def test_a_device_of_the_plan_is_set_when_it_connects_first(bus: Bus) -> None:
    wanted = plan([MN])
    # settings of their own, because what was settled outlives the test
    interval = str(30 + times.now().microsecond % 3000)
    wanted["outlets"][0]["devices"][0]["on_connect"] = [
        {"request": "set-realtime-interval", "parameters": {"RtdInterval": interval}},
        {"request": "realtime-off", "parameters": {}},
    ]
    await plans.publish(bus, wanted)
    async with gateway(bus) as (_, port), device(port) as logger:
        log_in(logger)
        assert f"CN=1062;PW=123456;MN={MN};Flag=5;CP=&&RtdInterval={interval}&&".encode() in await logger.line()
        (sent,) = await told(bus, "sent")
        logger.send(says(9012, "ExeRtn=1", qn=sent.qn))
        notice = await logger.line()
        assert b"CN=2012" in notice
        logger.send(says(9013, "", qn=notice[9:26].decode()))
        await told(bus, "sent", "done", "sent", "done")
    async with gateway(bus) as (_, port), device(port) as logger:
        log_in(logger, 2)
        assert await logger.silent(0.5)
