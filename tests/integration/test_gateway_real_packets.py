"""Every packet of the shared set over a socket: stored as it came and readable, or refused with the right reason."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest
from tests.hj212_shared import packets
from tests.integration.wire import device, gateway, plan, until

from qingtian.bus import batches, plans
from qingtian.bus.client import Bus
from qingtian.stream.findings.judge import Judge
from qingtian.stream.gateway.answers import Nobody
from qingtian.stream.hj212.checksum import checksum, printed
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.replies import reply
from qingtian.stream.hj212.segment import decode_segment, read_header
from qingtian.stream.hj212.tolerant import Reading, TolerantReader

pytestmark = pytest.mark.engines

Stored = dict[bytes, tuple[bytes, bytes]]


def read_alone(raw: bytes) -> Reading:
    """What the codec says of these bytes without a gateway."""
    reader = TolerantReader(way=Way.UP)
    readings = [*reader.feed(raw), *reader.finish()]
    return readings[0]


def with_mn(raw: bytes) -> str:
    return read_header(raw).get("MN", "")


def plan_of(raws: list[bytes]) -> plans.PlanSnapshot:
    """A plan that has the devices of all packets; the same MN with several passwords is let in with any."""
    passwords: dict[str, str] = {}
    for raw in raws:
        mn = with_mn(raw)
        if mn:
            passwords.setdefault(mn, read_header(raw).get("PW", ""))
    found = plan(list(passwords))
    for outlet in found["outlets"]:
        one = outlet["devices"][0]
        one["pw"], one["login"] = passwords[one["mn"]], "lenient"
    return found


async def stored(bus: Bus) -> Stored:
    """Return the frames on PACKETS: without line end → as it came, as it is to be read."""
    state = (await bus.js.stream_info("PACKETS")).state
    found: Stored = {}
    for sequence in range(state.first_seq, state.last_seq + 1):
        batch = batches.decode((await bus.js.get_msg("PACKETS", sequence)).data or b"")
        for index in range(len(batch)):
            found[batch.frame(index).rstrip()] = batch.frame(index), batch.plain(index)
    return found


async def letters(bus: Bus) -> dict[bytes, dict[str, Any]]:
    state = (await bus.js.stream_info("DEADLETTERS")).state
    found = {}
    for sequence in range(state.first_seq, state.last_seq + 1):
        letter = orjson.loads((await bus.js.get_msg("DEADLETTERS", sequence)).data or b"")
        found[base64.b64decode(letter["raw"]).rstrip()] = letter
    return found


async def send_all(bus: Bus, raws: list[bytes]) -> list[bytes]:
    """Send each packet on a connection of its own; return what came back."""
    answers = []
    async with gateway(bus, answers=Nobody()) as (made, port):
        for number, raw in enumerate(raws, 1):
            async with device(port) as logger:
                logger.send(raw)
                logger.writer.write_eof()
                answers.append(await logger.reader.read())
            await until(lambda n=number: made.counters.packets + made.counters.refused.total() >= n)
        await until(lambda: made.counters.deadletters == made.counters.refused.total())
    return answers


async def test_every_packet_of_the_field_is_stored_or_refused_as_the_codec_says(bus: Bus) -> None:
    raws = [packet["packet"].encode() for packet in packets()]
    await plans.publish(bus, plan_of(raws))
    answers = await send_all(bus, raws)
    kept, refused = await stored(bus), await letters(bus)
    for raw, answer, packet in zip(raws, answers, packets(), strict=True):
        reading, bare = read_alone(raw), raw.rstrip()
        if reading.ok and with_mn(raw):
            came, plain = kept[bare]
            assert came.rstrip() == bare, packet["note"]
            segment = reading.frame.segment
            assert plain.rstrip() in (bare, b"##%04d%s%s" % (len(segment), segment, printed(checksum(segment))))
            expected = reply(decode_segment(segment))
            if expected is not None:
                assert answer == expected, packet["note"]
        else:
            letter = refused[bare]
            assert letter["reason"] == (reading.frame.error or "unknown_mn"), packet["note"]
            assert answer == b"", packet["note"]
    assert len(kept) + len(refused) == len({raw.rstrip() for raw in raws})


async def test_the_judge_reads_the_values_of_packets_that_were_mended(bus: Bus) -> None:
    found = [packet["packet"].encode() for packet in packets() if "Modbus" in packet["note"]]
    raws = [raw for raw in found if b"-Rtd=" in raw or b"-Avg=" in raw]
    assert raws
    await plans.publish(bus, plan_of(raws))
    await send_all(bus, raws)
    judge, state = Judge([]), (await bus.js.stream_info("PACKETS")).state
    read = {}
    for sequence in range(state.first_seq, state.last_seq + 1):
        batch = batches.decode((await bus.js.get_msg("PACKETS", sequence)).data or b"")
        _, stretch = judge.judge([(sequence, batch)])
        assert stretch.packets.whole.all()
        assert stretch.arrivals.repaired.all()
        for packet in range(len(batch)):
            read[batch.frame(packet).rstrip()] = stretch.readings.value[stretch.readings.packet == packet].tolist()
    for raw in raws:
        assert read[raw.rstrip()], raw
