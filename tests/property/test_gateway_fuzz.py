"""Sessions of anything at all: whatever bytes come, cut anywhere, the intake neither fails nor grows nor stalls."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.wire import MN, frame, plan
from tests.property.hj212_strategies import careless
from tests.unit.test_gateway_intake import Wire

from qingtian.bus import batches
from qingtian.stream.gateway.answers import Nobody
from qingtian.stream.gateway.counters import GatewayCounters
from qingtian.stream.gateway.deadletters import DeadLetter
from qingtian.stream.gateway.deliveries import Delivery
from qingtian.stream.gateway.intake import Intake
from qingtian.stream.gateway.limits import GatewayLimits
from qingtian.stream.gateway.lockout import Lockout
from qingtian.stream.gateway.registry import registry
from qingtian.stream.gateway.session import Session
from qingtian.stream.gateway.standing import Standings
from qingtian.stream.hj212.checksum import checksum, printed
from qingtian.stream.hj212.frames import read_frames
from qingtian.stream.hj212.repair import modbus

KNOWN = plan([MN, "88888880000001", "Abc_1-x"])
GOOD = frame(qn="20261122100000001")
PIECES = st.one_of(
    st.just(GOOD),
    st.just(GOOD[:-6] + printed(modbus(GOOD[6:-6])) + b"\r\n"),
    st.just(GOOD.rstrip()),
    careless.map(lambda raw: b"##%04d%s%s\r\n" % (len(raw) % 10000, raw, printed(checksum(raw)))),
    careless.map(lambda raw: b"##%d%s%s" % (len(raw) + 6, raw, b"12")),
    st.binary(max_size=60),
    st.sampled_from([b"##", b"##9999", b"**\r\n", b"STAR1END", b"&&0000\r\n", b"\n", b"##0001\xff"]),
)


@dataclass
class Log:
    """A log that confirms at once, and keeps what it was given."""

    stored: list[bytes] = field(default_factory=list)

    async def store(self, delivery: Delivery) -> bool:
        for message in delivery.messages:
            batch = batches.decode(message.payload)
            self.stored += [batch.plain(index) for index in range(len(batch))]
        return True


async def send(pieces: list[bytes], cuts: list[int]) -> tuple[Log, list[DeadLetter], Intake, Wire]:
    log, letters = Log(), list[DeadLetter]()
    intake = Intake(
        log,  # type: ignore[arg-type]
        take_letter=lambda letter, then: letters.append(letter),
        counters=GatewayCounters(),
        limits=GatewayLimits(refusals=10_000),
        standings=Standings(Nobody(), run="fuzz"),
        answers=Nobody(),
        lockout=Lockout({}),
    )
    intake.know(registry(KNOWN))
    session, wire = Session(intake), Wire()
    session.connection_made(wire)
    whole, place = b"".join(pieces), 0
    for cut in [*cuts, len(whole)]:
        session.data_received(whole[place : place + cut])
        place += cut
        await asyncio.sleep(0)
    session.eof_received()
    async with asyncio.timeout(60):
        # the last turn closes what has ended
        while not wire.closed:
            await asyncio.sleep(0.001)
            assert not intake.broken.done(), intake.broken.exception()
    assert session.held == 0
    return log, letters, intake, wire


@given(pieces=st.lists(PIECES, max_size=12), cuts=st.lists(st.integers(0, 90), max_size=12))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_the_intake_goes_on_and_keeps_every_sound_packet(pieces: list[bytes], cuts: list[int]) -> None:
    log, letters, _, wire = asyncio.run(send(pieces, cuts))
    assert all(next(read_frames(plain)).error is None for plain in log.stored)
    sound = sum(one == GOOD for one in pieces)
    # a broken piece before it may swallow a packet, but what was not stored is among the letters
    kept = sum(plain.rstrip() == GOOD.rstrip() for plain in log.stored)
    swallowed = sum(letter.raw.count(GOOD[6:40]) for letter in letters)
    assert kept + swallowed >= sound
    assert all(answer.startswith(b"##") for answer in wire.written.split(b"\r\n") if answer)
    assert all(letter.detail() is not None for letter in letters)


def test_a_megabyte_of_broken_frames_is_done_with_in_one_go() -> None:
    dice = random.Random(212)
    broken = [GOOD[: dice.randrange(len(GOOD))] + b"\r\n" + GOOD for _ in range(3000)]
    log, letters, _, _ = asyncio.run(send(broken, [65536] * 15))
    assert len(log.stored) + len(letters) >= 3000
