"""The gateway on a real log: what it takes, what it refuses, and that it answers only for what is stored."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace

import orjson
import pytest
from nats.js.api import StreamConfig
from tests.integration.wire import MN, device, frame, gateway, plan, until

from qingtian.bus import batches, plans
from qingtian.bus.client import Bus
from qingtian.stream.gateway.limits import GatewayLimits

pytestmark = pytest.mark.engines

QN = "20261122100000{:03d}"


async def stored(bus: Bus) -> list[bytes]:
    """Return all frames on PACKETS, in the order of the log."""
    state = (await bus.js.stream_info("PACKETS")).state
    frames: list[bytes] = []
    for sequence in range(state.first_seq, state.last_seq + 1):
        batch = batches.decode((await bus.js.get_msg("PACKETS", sequence)).data or b"")
        frames += [batch.frame(index) for index in range(len(batch))]
    return frames


async def letters(bus: Bus, count: int) -> list[dict[str, object]]:
    """Wait for ``count`` dead letters and return them."""
    async with asyncio.timeout(180):
        while (state := (await bus.js.stream_info("DEADLETTERS")).state).messages < count:
            await asyncio.sleep(0.02)
    found = range(state.first_seq, state.last_seq + 1)
    return [orjson.loads((await bus.js.get_msg("DEADLETTERS", sequence)).data or b"") for sequence in found]


async def test_it_stores_a_packet_and_then_answers_it(bus: Bus) -> None:
    await plans.publish(bus, plan([MN], number=7))
    packet = frame(qn=QN.format(1))
    async with gateway(bus) as (_, port), device(port) as logger:
        logger.send(packet)
        answer = await logger.line()
        assert f"QN={QN.format(1)};ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&".encode() in answer
    message = await bus.js.get_msg("PACKETS", (await bus.js.stream_info("PACKETS")).state.last_seq)
    batch = batches.decode(message.data or b"")
    assert batch.plan == 7
    assert batch.addresses == ("127.0.0.1",)
    assert [batch.frame(0).rstrip()] == [packet.rstrip()]


async def test_it_does_not_answer_a_packet_that_does_not_ask(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    async with gateway(bus) as (made, port), device(port) as logger:
        logger.send(frame(qn=QN.format(1), flag=4))
        await until(lambda: made.counters.packets == 1)
        assert await logger.silent()


async def test_it_frames_cut_and_glued_bytes_and_keeps_their_order(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    packets = [frame(qn=QN.format(number)) for number in range(40)]
    whole = b"".join(packets)
    async with gateway(bus) as (_, port), device(port) as logger:
        for start in range(0, len(whole), 61):
            logger.send(whole[start : start + 61])
            await asyncio.sleep(0.001)
        for number in range(40):
            assert QN.format(number).encode() in await logger.line()
    assert [one.rstrip() for one in await stored(bus)] == [packet.rstrip() for packet in packets]


async def test_it_keeps_refused_packets_with_the_reason_and_serves_the_others(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    good = frame(qn=QN.format(1))
    broken = good.replace(b"Rtd=23.1", b"Rtd=99.9")
    shortened = good.replace(b"w01018-Flag=N", b"w01018-Flag=")
    stranger = frame(qn=QN.format(2), mn="STRANGER0001")
    async with gateway(bus) as (made, port), device(port) as bad, device(port) as fine:
        bad.send(broken, shortened, stranger, b"GET / HTTP/1.1\r\n\r\n", frame(qn=QN.format(3)))
        fine.send(good)
        assert QN.format(1).encode() in await fine.line()
        assert QN.format(3).encode() in await bad.line()
        found = await letters(bus, 4)
    assert {one["reason"] for one in found} == {"bad_checksum", "bad_length", "unknown_mn", "garbage"}
    by_reason = {str(one["reason"]): one for one in found}
    assert base64.b64decode(str(by_reason["bad_checksum"]["raw"])).rstrip() == broken.rstrip()
    assert "expected" in str(by_reason["bad_checksum"]["detail"])
    assert by_reason["unknown_mn"]["mn"] == "STRANGER0001"
    assert made.counters.refused.total() == 4


async def test_it_waits_for_the_first_plan_and_follows_the_next(bus: Bus) -> None:
    async with gateway(bus) as (made, port), device(port) as logger:
        logger.send(frame(qn=QN.format(1)))
        assert await logger.silent()
        assert made.counters.as_dict()["waiting_for_plan"]
        await plans.publish(bus, plan([MN], number=101))
        assert QN.format(1).encode() in await logger.line()
        async with device(port) as late:
            late.send(frame(qn=QN.format(2), mn="LATE0001"))
            assert (await letters(bus, 1))[0]["reason"] == "unknown_mn"
            await plans.publish(bus, plan([MN, "LATE0001"], number=102))
            await until(lambda: made.counters.plan == 102)
            late.send(frame(qn=QN.format(3), mn="LATE0001"))
            assert QN.format(3).encode() in await late.line()


async def test_it_takes_what_a_device_sent_before_it_hung_up(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    async with gateway(bus) as (made, port):
        async with device(port) as logger:
            logger.send(frame(qn=QN.format(1), flag=4), frame(qn=QN.format(2))[:50])
        await until(lambda: made.counters.packets == 1)
        assert (await letters(bus, 1))[0]["reason"] in ("bad_length", "broken_segment")


async def test_it_answers_after_the_device_has_closed_its_sending_side(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    async with gateway(bus) as (_, port), device(port) as logger:
        logger.send(frame(qn=QN.format(1)))
        logger.writer.write_eof()
        assert QN.format(1).encode() in await logger.line()
        assert await logger.line() == b""


async def test_it_gives_up_the_rest_of_a_frame_that_does_not_come(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    async with gateway(bus, limits=GatewayLimits(unfinished=0.2)) as (_, port), device(port) as logger:
        logger.send(frame(qn=QN.format(1))[:60])
        assert (await letters(bus, 1))[0]["reason"] in ("bad_length", "broken_segment")
        logger.send(frame(qn=QN.format(2)))
        assert QN.format(2).encode() in await logger.line()


async def test_it_reads_a_connection_that_only_sends_refusals_slowly(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    # the pause doubles with each refusal: after thirty it is an hour, however slow the machine is
    limits = GatewayLimits(refusals=5, slowest=3600.0)
    async with gateway(bus, limits=limits) as (made, port), device(port) as scanner, device(port) as fine:
        scanner.send(b"".join(frame(qn=QN.format(number), mn="STRANGER0001") for number in range(30)))
        await until(lambda: made.counters.refused["unknown_mn"] == 30)
        scanner.send(b"".join(frame(qn=QN.format(number), mn="STRANGER0001") for number in range(30, 60)))
        for number in range(3):
            fine.send(frame(qn=QN.format(number)))
            assert QN.format(number).encode() in await fine.line()
        assert made.counters.refused["unknown_mn"] == 30


async def test_it_turns_connections_away_above_the_limit_and_closes_silent_strangers(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    async with gateway(bus, limits=GatewayLimits(connections=1)) as (made, port), device(port):
        await until(lambda: made.counters.connections == 1)
        async with device(port) as second:
            assert await second.line() == b""
        assert made.counters.turned_away == 1
    async with gateway(bus, limits=GatewayLimits(stranger=0.3)) as (_, port), device(port) as silent:
        assert await silent.line() == b""


async def test_it_does_not_acknowledge_while_the_log_is_full_and_goes_on_by_itself(bus: Bus) -> None:
    await plans.publish(bus, plan([MN]))
    before = (await bus.js.stream_info("PACKETS")).config
    await bus.js.update_stream(limited(before, max_bytes=1))
    try:
        async with gateway(bus) as (made, port), device(port) as logger:
            logger.send(frame(qn=QN.format(1)))
            assert await logger.silent(1.0)
            await until(lambda: not made.counters.log_ok)
            assert "maximum bytes" in made.counters.why
            await bus.js.update_stream(before)
            assert QN.format(1).encode() in await logger.line()
            assert made.counters.log_ok
    finally:
        await bus.js.update_stream(before)
    assert len(await stored(bus)) == 1


def limited(config: StreamConfig, *, max_bytes: int) -> StreamConfig:
    return replace(config, max_bytes=max_bytes)


async def test_it_spreads_devices_over_partitions_and_keeps_each_in_one(bus: Bus) -> None:
    mns = [f"DEVICE{number:04d}" for number in range(40)]
    await plans.publish(bus, plan(mns))
    async with gateway(bus, limits=GatewayLimits(partitions=3)) as (_, port), device(port) as relay:
        for round_ in range(2):
            relay.send(*(frame(qn=QN.format(round_ * 40 + number), mn=mn) for number, mn in enumerate(mns)))
            for _ in mns:
                await relay.line()
    places: dict[bytes, set[str]] = {}
    state = (await bus.js.stream_info("PACKETS")).state
    for sequence in range(state.first_seq, state.last_seq + 1):
        message = await bus.js.get_msg("PACKETS", sequence)
        batch = batches.decode(message.data or b"")
        for index in range(len(batch)):
            mn = batch.frame(index).partition(b"MN=")[2].partition(b";")[0]
            places.setdefault(mn, set()).add(str(message.subject))
    assert len(places) == 40
    assert all(len(subjects) == 1 for subjects in places.values())
    assert set.union(*places.values()) == {"packets.0", "packets.1", "packets.2"}
