"""Sessions of devices of three editions with a real gateway: log-in, answers, deviations, encryption, standings."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from tests.integration.wire import MN, device, frame, gateway, plan, until

from qingtian.bus import batches, plans
from qingtian.bus.client import Bus
from qingtian.stream.findings.judge import Judge
from qingtian.stream.gateway.answers import Heard, Line, Nobody
from qingtian.stream.gateway.limits import GatewayLimits
from qingtian.stream.hj212.checksum import checksum, printed
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.encryption import sealed_frame
from qingtian.stream.hj212.repair import modbus

pytestmark = pytest.mark.engines

QN = "20261122100000{:03d}"
OTHER = "88888880000001"
KEY = "30" * 16


class Listener:
    """Who commands devices, as far as these tests go: writes down what he is told."""

    def __init__(self) -> None:
        self.awaiting: set[str] = set()
        self.speaking: list[tuple[str, Edition]] = []
        self.gone: list[str] = []
        self.packets: list[Heard] = []
        self.wishes: list[str] = []

    def concerns(self, mn: str, cn: int) -> bool:
        return True

    def speaks(self, mn: str, line: Line, *, edition: Edition) -> None:
        self.speaking.append((mn, edition))

    def left(self, mn: str, line: Line) -> None:
        self.gone.append(mn)

    def heard(self, packet: Heard, line: Line) -> None:
        self.packets.append(packet)

    def time_sync_wanted(self, mn: str, *, offset_s: float | None) -> None:
        self.wishes.append(mn)


def framed(segment: str | bytes, *, crc: int | None = None, length: int | None = None) -> bytes:
    raw = segment.encode() if isinstance(segment, str) else segment
    tail = printed(checksum(raw) if crc is None else crc)
    return b"##%04d%s%s\r\n" % (len(raw) if length is None else length, raw, tail)


def segment(cn: int, *, qn: str = QN.format(1), flag: int = 5, pw: str = "123456", mn: str = MN, area: str = "") -> str:
    return f"QN={qn};ST=32;CN={cn};PW={pw};MN={mn};Flag={flag};CP=&&{area}&&"


def planned(*mns: str, number: int = 1, **more: object) -> plans.PlanSnapshot:
    """A plan of these devices, each with these things known of it."""
    found = plan(list(mns or (MN,)), number=number)
    for outlet in found["outlets"]:
        outlet["devices"][0].update(more)  # type: ignore[typeddict-item]
    return found


async def letters(bus: Bus, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(180):
        while (state := (await bus.js.stream_info("DEADLETTERS")).state).messages < count:
            await asyncio.sleep(0.02)
    found = range(state.first_seq, state.last_seq + 1)
    return [orjson.loads((await bus.js.get_msg("DEADLETTERS", sequence)).data or b"") for sequence in found]


async def last_batch(bus: Bus) -> batches.PacketBatch:
    state = (await bus.js.stream_info("PACKETS")).state
    return batches.decode((await bus.js.get_msg("PACKETS", state.last_seq)).data or b"")


async def standing(bus: Bus, mn: str, field: str, *, wish: object = None) -> dict[str, Any]:
    """Wait until SESSIONS tells ``field`` of a device (to be ``wish``, if given); return all it tells."""
    async with asyncio.timeout(180):
        while True:
            state = (await bus.js.stream_info("SESSIONS")).state
            for sequence in range(state.last_seq, max(state.first_seq, 1) - 1, -1):
                message = orjson.loads((await bus.js.get_msg("SESSIONS", sequence)).data or b"")
                for one in message["devices"]:
                    if one["mn"] == mn and (one[field] == wish if wish is not None else one[field]):
                        found: dict[str, Any] = one
                        return found
            await asyncio.sleep(0.05)


SOON = GatewayLimits(tell_standings=0.1)


# -- log-in


async def test_it_refuses_a_wrong_password_and_says_so_in_the_standing(bus: Bus) -> None:
    await plans.publish(bus, planned())
    async with gateway(bus, limits=SOON, answers=Nobody()) as (_, port), device(port) as logger:
        logger.send(framed(segment(2011, pw="654321")))
        logger.send(framed(segment(2011, qn=QN.format(2))))
        assert QN.format(2).encode() in await logger.line()
        (letter,) = await letters(bus, 1)
        assert (letter["reason"], letter["deviations"]) == ("wrong_password", ["pw_wrong"])
        assert "654321" not in letter["detail"]
        assert (await standing(bus, MN, "refused"))["refused"] == {"wrong_password": 1}


@pytest.mark.parametrize("pw", ["12345", "1234567", "", "123457"])
async def test_no_other_password_will_do(bus: Bus, pw: str) -> None:
    await plans.publish(bus, planned())
    async with gateway(bus, answers=Nobody()) as (_, port), device(port) as logger:
        logger.send(framed(segment(2011, pw=pw)))
        assert (await letters(bus, 1))[0]["reason"] == "wrong_password"
        assert await logger.silent(0.1)


async def test_it_only_records_a_wrong_password_where_the_plan_is_lenient(bus: Bus) -> None:
    await plans.publish(bus, planned(login="lenient"))
    async with gateway(bus, limits=SOON, answers=Nobody()) as (_, port), device(port) as logger:
        logger.send(framed(segment(2011, pw="654321")))
        assert b"CN=9014;PW=654321" in await logger.line()
        assert (await standing(bus, MN, "deviations"))["deviations"]["pw_wrong"]["count"] == 1


async def test_it_keeps_an_address_out_that_tries_passwords(bus: Bus) -> None:
    await plans.publish(bus, planned())
    async with gateway(bus, limits=GatewayLimits(refusals=1000), answers=Nobody()) as (made, port):
        async with device(port) as guesser:
            guesser.send(*(framed(segment(2011, qn=QN.format(n), pw=f"{n:06d}")) for n in range(20)))
            assert await guesser.line() == b""
        assert made.counters.lockouts == 1
        async with device(port) as again:
            again.send(framed(segment(2011)))
            assert await again.line() == b""
        assert made.counters.turned_away >= 1
        assert made.counters.packets == 0


async def test_it_closes_only_the_guessing_connection_where_a_device_is_logged_in(bus: Bus) -> None:
    await plans.publish(bus, planned())
    async with gateway(bus, limits=GatewayLimits(refusals=1000), answers=Nobody()) as (_, port), device(port) as logger:
        logger.send(framed(segment(2011)))
        assert await logger.line()
        async with device(port) as guesser:
            guesser.send(*(framed(segment(2011, qn=QN.format(n), pw=f"{n:06d}")) for n in range(20)))
            assert await guesser.line() == b""
        async with device(port) as second:
            second.send(framed(segment(2011, qn=QN.format(2))))
            assert await second.line()


# -- answers in the dialect of the frame


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (segment(2011, flag=5), f"QN={QN.format(1)};ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&"),
        (segment(2051, flag=9), f"QN={QN.format(1)};ST=91;CN=9014;PW=123456;MN={MN};Flag=8;CP=&&&&"),
        (segment(1013, flag=5), f"QN={QN.format(1)};ST=91;CN=9013;PW=123456;MN={MN};Flag=4;CP=&&&&"),
        (segment(9015, flag=9), f"QN={QN.format(1)};ST=91;CN=9013;PW=123456;MN={MN};Flag=8;CP=&&&&"),
        (segment(1001, flag=9), f"QN={QN.format(1)};ST=91;CN=9013;PW=123456;MN={MN};Flag=8;CP=&&&&"),
        (segment(2011, flag=1), f"ST=91;CN=9014;PW=123456;MN={MN};Flag=0;CP=&&QN={QN.format(1)};CN=2011&&"),
        (segment(2072, flag=1), f"ST=91;CN=9013;PW=123456;MN={MN};Flag=0;CP=&&QN={QN.format(1)}&&"),
        (
            f"ST=32;CN=2011;PW=123456;MN={MN};Flag=1;CP=&&DataTime=20261122100000;w01018-Rtd=1&&",
            f"ST=91;CN=9014;PW=123456;MN={MN};Flag=0;CP=&&CN=2011&&",
        ),
        (segment(9021, flag=5), f"QN={QN.format(1)};ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&"),
        (segment(8013, flag=5), f"QN={QN.format(1)};ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&"),
    ],
)
async def test_it_answers_in_the_dialect_of_the_frame(bus: Bus, sent: str, answer: str) -> None:
    await plans.publish(bus, planned())
    async with gateway(bus, answers=Nobody()) as (_, port), device(port) as logger:
        logger.send(framed(sent))
        assert await logger.line() == framed(answer)


@pytest.mark.parametrize("cn", [9011, 9012, 9013, 9014])
async def test_it_never_answers_an_answer(bus: Bus, cn: int) -> None:
    await plans.publish(bus, planned())
    async with gateway(bus, answers=Nobody()) as (made, port), device(port) as logger:
        logger.send(framed(segment(cn, flag=5)))
        await until(lambda: made.counters.packets == 1)
        assert await logger.silent(0.2)


@pytest.mark.parametrize(("wish", "cn"), [("9022", b"CN=9022"), ("silence", b"CN=9014")])
async def test_it_answers_what_makers_invented_as_it_is_told_to(bus: Bus, wish: str, cn: bytes) -> None:
    await plans.publish(bus, planned())
    async with (
        gateway(bus, limits=GatewayLimits(vendor_login=wish), answers=Nobody()) as (_, port),
        device(port) as logger,
    ):
        logger.send(framed(segment(9021)))
        logger.send(framed(segment(2011, qn=QN.format(2))))
        first = await logger.line()
        assert cn in first
        assert (QN.format(1).encode() in first) == (wish == "9022")


async def test_it_answers_in_the_edition_that_the_plan_knows_better(bus: Bus) -> None:
    await plans.publish(bus, planned(edition="2005"))
    async with gateway(bus, answers=Nobody()) as (_, port), device(port) as logger:
        logger.send(framed(segment(2011, flag=5)))
        assert b"Flag=0;CP=&&QN=%s;CN=2011&&" % QN.format(1).encode() in await logger.line()


async def test_it_acknowledges_a_logger_that_asks_to_be_registered_and_keeps_what_it_said(bus: Bus) -> None:
    await plans.publish(bus, planned())
    asks = segment(1001, flag=9, mn="", area="i23005-Info=A1")
    async with gateway(bus, answers=Nobody()) as (_, port), device(port) as logger:
        logger.send(framed(asks))
        assert b"CN=9013" in await logger.line()
        (letter,) = await letters(bus, 1)
    assert letter["reason"] == "not_activated"
    assert base64.b64decode(letter["raw"]) == framed(asks)


async def test_it_answers_a_packet_that_comes_again_each_time(bus: Bus) -> None:
    await plans.publish(bus, planned())
    async with gateway(bus, answers=Nobody()) as (_, port), device(port) as logger:
        for _ in range(3):
            logger.send(framed(segment(2011)))
            assert QN.format(1).encode() in await logger.line()


async def test_it_acknowledges_each_part_by_its_own_qn(bus: Bus) -> None:
    await plans.publish(bus, planned())
    async with gateway(bus, answers=Nobody()) as (_, port), device(port) as logger:
        for number in (2, 1):
            part = segment(2051, qn=QN.format(number), flag=7).replace("CP=", f"PNUM=2;PNO={number};CP=")
            logger.send(framed(part))
            assert f"QN={QN.format(number)};".encode() in await logger.line()


# -- what deviates


def spoiled() -> Sequence[tuple[str, bytes]]:
    good = segment(2011, area="DataTime=20261122100000;w01018-Rtd=1.5,w01018-Flag=N")
    raw = good.encode()
    swapped = (checksum(raw) & 0xFF) << 8 | checksum(raw) >> 8
    return [
        ("checksum_modbus", framed(good, crc=modbus(raw))),
        ("checksum_swapped", framed(good, crc=swapped)),
        ("wrong_length", framed(good, length=len(raw) + 6)),
        ("wrong_length", framed(good, length=len(raw) - 3)),
        ("short_length", b"##%d%s%s\r\n" % (len(raw), raw, printed(checksum(raw)))),
        ("closing_dropped", b"##%04d%s%s\r\n" % (len(raw), raw[:-2], printed(checksum(raw)))),
        ("unknown_factor", framed(good.replace("w01018", "zz9"))),
        ("gbk_text", framed(good.replace("N&&", "N;x=清洗&&").encode("gbk"))),
    ]


@pytest.mark.parametrize(("code", "raw"), spoiled(), ids=[f"{code}-{n}" for n, (code, _) in enumerate(spoiled())])
async def test_it_takes_what_loses_nothing_keeps_the_bytes_and_counts(bus: Bus, code: str, raw: bytes) -> None:
    await plans.publish(bus, planned())
    async with gateway(bus, limits=SOON, answers=Nobody()) as (_, port), device(port) as logger:
        logger.send(raw)
        assert QN.format(1).encode() in await logger.line()
        assert code in (await standing(bus, MN, "deviations"))["deviations"]
    batch = await last_batch(bus)
    assert batch.frame(0).rstrip() == raw.rstrip()
    judged = Judge([]).judge([(1, batch)])[1]
    assert judged.packets.whole.all()
    assert judged.readings.value.tolist() == [1.5]


async def test_it_refuses_what_the_profile_of_the_device_refuses(bus: Bus) -> None:
    await plans.publish(bus, planned(profile={"checksum_modbus": "refuse", "unknown_factor": "refuse"}))
    good = segment(2011, area="DataTime=20261122100000;zz9-Rtd=1")
    async with gateway(bus, answers=Nobody()) as (_, port), device(port) as logger:
        logger.send(framed(segment(2011), crc=modbus(segment(2011).encode())), framed(good))
        logger.send(framed(segment(2011, qn=QN.format(2))))
        assert QN.format(2).encode() in await logger.line()
        found = {letter["reason"]: letter["deviations"] for letter in await letters(bus, 2)}
    assert found["bad_checksum"][0] == "checksum_modbus"
    assert "unknown_factor" in found["deviation"]


async def test_it_drops_stars_and_refuses_stray_bytes_unless_told_otherwise(bus: Bus) -> None:
    await plans.publish(bus, planned())
    bare = framed(segment(2011)).rstrip()
    async with gateway(bus, limits=SOON, answers=Nobody()) as (made, port), device(port) as logger:
        logger.send(bare, b"**\r\n", framed(segment(2011, qn=QN.format(2))))
        await logger.line()
        assert QN.format(2).encode() in await logger.line()
        assert not made.counters.refused
        logger.send(b"noise\r\n", framed(segment(2011, qn=QN.format(3))))
        await logger.line()
        assert dict(made.counters.refused) == {"garbage": 1}
        await plans.publish(bus, planned(number=2, profile={"stray_bytes": "record"}))
        await until(lambda: made.counters.plan == 2)
        logger.send(b"noise\r\n", framed(segment(2011, qn=QN.format(4))))
        await logger.line()
        assert "stray_bytes" in (await standing(bus, MN, "deviations"))["deviations"]
        assert dict(made.counters.refused) == {"garbage": 1}


async def test_it_opens_what_a_device_of_2025_enciphered_and_refuses_it_without_the_key(bus: Bus) -> None:
    plain = segment(2011, flag=9, area="DataTime=20261122100000;w01018-Rtd=1.5,w01018-Flag=N").encode()
    secret = sealed_frame(plain, key=bytes.fromhex(KEY))
    await plans.publish(bus, planned(key=KEY))
    async with gateway(bus, answers=Nobody()) as (made, port), device(port) as logger:
        logger.send(secret)
        assert b"CN=9014" in await logger.line()
        batch = await last_batch(bus)
        assert (batch.frame(0), batch.plain(0)) == (secret, framed(plain))
        await plans.publish(bus, planned(number=2))
        await until(lambda: made.counters.plan == 2)
        logger.send(secret)
        assert (await letters(bus, 1))[0]["reason"] == "no_key"


# -- lines and standings


async def test_it_serves_several_devices_on_one_line_and_one_device_on_two(bus: Bus) -> None:
    await plans.publish(bus, planned(MN, OTHER))
    listener = Listener()
    async with gateway(bus, limits=SOON, answers=listener) as (_, port), device(port) as first:
        for number, mn in enumerate((MN, OTHER, MN), 1):
            first.send(framed(segment(2011, qn=QN.format(number), mn=mn)))
            assert mn.encode() in await first.line()
        assert listener.speaking == [(MN, Edition.HJ2017), (OTHER, Edition.HJ2017)]
        async with device(port) as second:
            second.send(framed(segment(2011, qn=QN.format(4), flag=9)))
            assert await second.line()
            assert listener.speaking[-1] == (MN, Edition.HJ2025)
        await until(lambda: listener.gone == [MN])
        assert listener.speaking[-1][0] == MN
        assert (await standing(bus, MN, "connected", wish=True))["address"] == "127.0.0.1"
    assert sorted(listener.gone) == sorted([MN, MN, OTHER])


async def test_it_tells_when_a_device_has_gone_and_how_wrong_its_clock_is(bus: Bus) -> None:
    await plans.publish(bus, planned())
    listener = Listener()
    async with gateway(bus, limits=SOON, answers=listener) as (_, port):
        async with device(port) as logger:
            logger.send(frame(qn="20361122100000001"))
            await logger.line()
            found = await standing(bus, MN, "clock_offset_s")
            assert found["clock_offset_s"] > 86400
            assert found["edition"] == "2017"
        assert listener.wishes == [MN]
        async with asyncio.timeout(180):
            while True:
                state = (await bus.js.stream_info("SESSIONS")).state
                last = orjson.loads((await bus.js.get_msg("SESSIONS", state.last_seq)).data or b"")
                if not last["devices"][0]["connected"]:
                    break
                await asyncio.sleep(0.05)


async def test_it_hands_over_what_is_awaited_and_who_wants_the_time(bus: Bus) -> None:
    await plans.publish(bus, planned(MN, OTHER))
    listener = Listener()
    async with gateway(bus, answers=listener) as (made, port), device(port) as logger:
        logger.send(framed(segment(2011)), framed(segment(9012, qn=QN.format(2), flag=4, area="ExeRtn=1")))
        await until(lambda: made.counters.packets == 2)
        logger.send(framed(f"ST=91;CN=9011;CP=&&QN={QN.format(3)};QnRtn=1&&"))
        await until(lambda: len(listener.packets) == 2)
        listener.awaiting = {MN}
        logger.send(framed(segment(2051, qn=QN.format(4))), framed(segment(1013, qn=QN.format(5))))
        await until(lambda: bool(listener.wishes))
        assert made.counters.refused.total() == 0
    assert [(packet.cn, packet.qn, packet.mn) for packet in listener.packets] == [
        (9012, QN.format(2), MN),
        (9011, QN.format(3), MN),
        (2051, QN.format(4), MN),
        (1013, QN.format(5), MN),
    ]
