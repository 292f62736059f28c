"""The intake's turns, without sockets or log: who is read, who waits, who is slowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date

import pytest
import pytest_asyncio
from tests.integration.wire import MN, frame, plan

from qingtian.bus import batches
from qingtian.stream.gateway.answers import Nobody
from qingtian.stream.gateway.counters import GatewayCounters
from qingtian.stream.gateway.deadletters import DeadLetter
from qingtian.stream.gateway.deliveries import Delivery
from qingtian.stream.gateway.intake import Intake
from qingtian.stream.gateway.limits import GatewayLimits
from qingtian.stream.gateway.lockout import Lockout, lock_rules
from qingtian.stream.gateway.registry import registry
from qingtian.stream.gateway.session import Session
from qingtian.stream.gateway.standing import Standings

QN = "20261122100000{:03d}"


class Wire(asyncio.Transport):
    """The transport of a session: remembers what was written and whether it is read."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 4000)})
        self.written = b""
        self.reading = True
        self.closed = False

    def write(self, data: object) -> None:
        assert isinstance(data, bytes)
        self.written += data

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


@dataclass
class SlowLog:
    """A log that confirms a delivery only when told to."""

    waiting: list[tuple[Delivery, asyncio.Future[bool]]] = field(default_factory=list)

    async def store(self, delivery: Delivery) -> bool:
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.waiting.append((delivery, future))
        return await future

    def confirm(self) -> Delivery:
        delivery, future = self.waiting.pop(0)
        future.set_result(True)
        return delivery


@dataclass
class Scene:
    intake: Intake
    log: SlowLog
    letters: list[DeadLetter]
    counters: GatewayCounters

    def connect(self) -> tuple[Session, Wire]:
        session, wire = Session(self.intake), Wire()
        session.connection_made(wire)
        return session, wire


LIMITS = GatewayLimits(gather=0.0, deliveries=2, held=4096, held_per_connection=2048, refusals=3, slowest=0.05)


@pytest_asyncio.fixture
async def scene() -> AsyncIterator[Scene]:
    log, letters, counters = SlowLog(), list[DeadLetter](), GatewayCounters()
    intake = Intake(
        log,  # type: ignore[arg-type]
        take_letter=lambda letter, then: letters.append(letter),
        counters=counters,
        limits=LIMITS,
        standings=Standings(Nobody(), run="test"),
        answers=Nobody(),
        lockout=Lockout(lock_rules(date(2026, 11, 22))),
    )
    intake.know(registry(plan([MN], number=3)))
    yield Scene(intake, log, letters, counters)
    for _, future in log.waiting:
        future.cancel()
    await tick()


async def tick() -> None:
    for _ in range(4):
        await asyncio.sleep(0)


def contents(delivery: Delivery) -> list[bytes]:
    found = [batches.decode(message.payload) for message in delivery.messages]
    return [batch.frame(index) for batch in found for index in range(len(batch))]


async def test_it_gathers_what_arrives_in_one_tick_into_one_delivery(scene: Scene) -> None:
    lines = [scene.connect() for _ in range(3)]
    for number, (session, _) in enumerate(lines):
        session.data_received(frame(qn=QN.format(number)))
    await tick()
    assert len(scene.log.waiting) == 1
    assert len(contents(scene.log.waiting[0][0])) == 3
    assert all(wire.written == b"" for _, wire in lines)
    scene.log.confirm()
    await tick()
    assert [QN.format(number).encode() in wire.written for number, (_, wire) in enumerate(lines)] == [True] * 3


async def test_it_gathers_more_while_deliveries_are_under_way(scene: Scene) -> None:
    lines = [scene.connect()[0] for _ in range(6)]
    for number, session in enumerate(lines):
        session.data_received(frame(qn=QN.format(number)))
        await tick()
    assert [len(contents(delivery)) for delivery, _ in scene.log.waiting] == [1, 1]
    scene.log.confirm()
    await tick()
    assert [len(contents(delivery)) for delivery, _ in scene.log.waiting] == [1, 4]


async def test_it_never_has_two_deliveries_of_one_connection_under_way(scene: Scene) -> None:
    session, _ = scene.connect()
    for number in range(3):
        session.data_received(frame(qn=QN.format(number)))
        await tick()
    assert len(scene.log.waiting) == 1
    scene.log.confirm()
    await tick()
    assert [QN.format(number).encode() in packet for number, packet in enumerate(contents(scene.log.confirm()), 1)] == [
        True,
        True,
    ]


async def test_it_stops_reading_a_connection_that_sends_more_than_is_taken_and_reads_on_later(scene: Scene) -> None:
    session, wire = scene.connect()
    session.data_received(frame(qn=QN.format(0)))
    await tick()
    for number in range(1, 40):
        session.data_received(frame(qn=QN.format(number)))
    assert not wire.reading
    scene.log.confirm()
    await tick()
    assert wire.reading
    assert len(contents(scene.log.confirm())) == 39


async def test_it_stops_reading_all_when_too_much_waits_and_every_one_is_read_again(scene: Scene) -> None:
    lines = [scene.connect() for _ in range(60)]
    for number, (session, _) in enumerate(lines):
        session.data_received(frame(qn=QN.format(number)))
        await tick()
    assert not lines[-1][1].reading
    while scene.log.waiting:
        scene.log.confirm()
        await tick()
    assert all(wire.reading for _, wire in lines)
    assert all(wire.written for _, wire in lines)


async def test_it_reads_a_connection_of_refusals_slower_and_slower_and_forgives_a_good_packet(scene: Scene) -> None:
    session, wire = scene.connect()
    for number in range(4):
        session.data_received(frame(qn=QN.format(number), mn="STRANGER"))
        await tick()
    assert [letter.reason for letter in scene.letters] == ["unknown_mn"] * 4
    assert not wire.reading
    async with asyncio.timeout(60):
        while not wire.reading:
            await asyncio.sleep(0.01)
    session.data_received(frame(qn=QN.format(9)))
    await tick()
    scene.log.confirm()
    await tick()
    assert session.refusals == 0


async def test_it_stores_but_does_not_answer_when_the_device_has_gone(scene: Scene) -> None:
    session, wire = scene.connect()
    session.data_received(frame(qn=QN.format(1)))
    session.connection_lost(None)
    await tick()
    assert len(contents(scene.log.waiting[0][0])) == 1
    assert not scene.log.waiting[0][0].wanted()
    scene.log.confirm()
    await tick()
    assert wire.written == b""
    assert scene.counters.connections == 0


async def test_it_keeps_the_beginning_of_a_frame_until_the_rest_comes(scene: Scene) -> None:
    session, _ = scene.connect()
    whole = frame(qn=QN.format(1))
    session.data_received(whole[:70])
    await tick()
    assert scene.log.waiting == []
    session.data_received(whole[70:])
    await tick()
    assert contents(scene.log.confirm()) == [whole]


@pytest.mark.parametrize(
    ("reason", "raw", "detail"),
    [
        ("bad_checksum", frame(qn=QN.format(1)).replace(b"23.1", b"99.9"), "expected"),
        ("bad_length", b"##0200QN=1;ST=32&&1234\r\n", "declared 200, found 12"),
        ("oversize", b"##9999QN=1\r\n", "declared 9999"),
        ("garbage", b"GET /\r\n", "7 bytes"),
        ("unknown_mn", b"", "plan 3"),
        ("broken_segment", b"", "CP"),
        ("no_key", b"", "plan 3"),
        ("other_protocol", b"STAR", "not HJ 212"),
        ("wrong_password", b"", "plan 3"),
        ("deviation", b"", "profile"),
        ("not_activated", b"", "1001"),
    ],
)
def test_it_says_in_the_dead_letter_what_was_wrong(reason: str, raw: bytes, detail: str) -> None:
    letter = DeadLetter(reason=reason, received_us=1, address="192.0.2.1", mn=None, raw=raw, plan=3)
    assert detail in letter.detail()


async def test_it_breaks_in_the_open_when_a_turn_fails(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr("qingtian.stream.gateway.turns.frame_chunks", fail)
    session, _ = scene.connect()
    session.data_received(frame(qn=QN.format(1)))
    with pytest.raises(MemoryError, match="no room"):
        await asyncio.wait_for(scene.intake.broken, 60)
