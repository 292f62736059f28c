"""The relay on a real log and lake, to real sockets: order, outages, kills, slow and refusing targets, commands."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.integration.wire import MN, device, frame, free_port, gateway, plan, until
from tests.judge_world import batch

from qingtian.base import times
from qingtian.base.settings import Settings
from qingtian.bus import batches, commands, plans, relays
from qingtian.bus.answers import Answer, Item, State
from qingtian.bus.client import Bus
from qingtian.bus.streams import answer_subject, packets_subject
from qingtian.lake.writer import LakeWriter
from qingtian.stream.hj212.frames import FrameReader
from qingtian.stream.hj212.replies import reply
from qingtian.stream.hj212.segment import Segment, decode_segment, encode_frame
from qingtian.stream.relay import patience, source
from qingtian.stream.relay.process import Relay

pytestmark = pytest.mark.engines

START = datetime(2026, 11, 22, 10, 0, tzinfo=times.BEIJING)
RULE = replace(
    patience.usual(), answer_s=60.0, retries=1, rounds=2, pause_s=0.1, reconnect_first_s=0.05, reconnect_longest_s=0.2
)
"""Where the target answers, it is waited for as long as a busy machine may need: nothing is sent again by chance."""
HASTY = replace(RULE, answer_s=0.4)
"""Where it does not answer: this long until the next attempt."""
A, B = MN, "010000A8900016F000169DC1"


class Platform:
    """Another platform: a TCP server that answers as told, and remembers what it got and what it answered."""

    def __init__(self) -> None:
        self.port = free_port()
        self.got: list[Segment] = []
        self.answered: list[tuple[str, str]] = []
        self.mute: set[str] = set()
        self.silent = False
        self.pause = 0.0
        self.writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self.writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        frames = FrameReader()
        with suppress(OSError):
            while data := await reader.read(65536):
                for one in frames.feed(data):
                    assert one.ok, one
                    await self._take(decode_segment(one.segment), writer)
        self.writers.discard(writer)
        writer.close()

    async def _take(self, segment: Segment, writer: asyncio.StreamWriter) -> None:
        self.got.append(segment)
        answer = reply(segment)
        if answer is None or self.silent or segment.qn in self.mute:
            return
        if self.pause:
            await asyncio.sleep(self.pause)
        writer.write(answer)
        self.answered.append((segment.mn or "", segment.qn or ""))

    def qns(self, mn: str | None = None) -> list[str]:
        return [one.qn or "" for one in self.got if mn is None or one.mn == mn]

    def ask(self, data: bytes) -> None:
        for writer in self.writers:
            writer.write(data)


@asynccontextmanager
async def platform() -> AsyncIterator[Platform]:
    made = Platform()
    await made.open()
    try:
        yield made
    finally:
        await made.close()


def target(code: str, port: int, mns: Mapping[str, str], **of: Any) -> dict[str, Any]:
    known = {
        "code": code,
        "name": code,
        "host": "127.0.0.1",
        "port": port,
        "enabled": True,
        "edition": None,
        "allow_commands": False,
        "factors": None,
    }
    pw = of.pop("pw", "654321")
    devices = [{"mn": mn, "as_mn": as_mn, "pw": pw} for mn, as_mn in mns.items()]
    return known | {"devices": devices} | of


async def publish(bus: Bus, *targets: dict[str, Any], number: int = 1, mns: Sequence[str] = (A, B)) -> None:
    made: Any = plan(list(mns), number=number) | {"relays": list(targets)}
    await plans.publish(bus, made)


def qn(number: int) -> str:
    return times.stamp_milliseconds(START + timedelta(seconds=number))


async def put(bus: Bus, *packets: tuple[str, int]) -> int:
    """Put packets (MN, number) on the log as one message; return its sequence."""
    frames = [(frame(qn=qn(number), mn=mn, flag=4), START + timedelta(seconds=number)) for mn, number in packets]
    return (await bus.js.publish(packets_subject(0), batches.encode(batch(frames)))).seq


@asynccontextmanager
async def relay(
    bus: Bus, engines: Settings, lake: Path, *, rule: patience.Patience = RULE
) -> AsyncIterator[dict[str, object]]:
    stop = asyncio.Event()
    counters: dict[str, object] = {}
    made = Relay(replace(engines, lake_url=str(lake)), bus, counters, rule=rule)
    running = asyncio.create_task(made.run(stop))
    try:
        yield counters
        assert not running.done(), running.result()
    finally:
        stop.set()
        await running


async def begin_here(bus: Bus, *codes: str) -> None:
    """Let the targets begin at the present end of the log."""
    end = (await bus.js.stream_info("PACKETS")).state.last_seq
    for code in codes:
        await relays.remember(bus, code, relays.Position(place=relays.Place(end)))


async def records(bus: Bus, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(180):
        while (state := (await bus.js.stream_info("RELAYED")).state).messages < count:
            await asyncio.sleep(0.02)
    found = range(state.first_seq, state.last_seq + 1)
    return [orjson.loads((await bus.js.get_msg("RELAYED", sequence)).data or b"") for sequence in found]


async def test_it_passes_packets_from_one_gateway_to_another(bus: Bus, engines: Settings, tmp_path: Path) -> None:
    await begin_here(bus, "city")
    async with gateway(bus) as (first, port), gateway(bus) as (second, other):
        await publish(
            bus, target("city", other, {A: "THERE1", B: "THERE2"}, pw="123456"), mns=(A, B, "THERE1", "THERE2")
        )
        await until(lambda: second.counters.plan == 1 == first.counters.plan)
        async with relay(bus, engines, tmp_path), device(port) as logger:
            for number in range(50):
                logger.send(frame(qn=qn(number), mn=A if number % 2 else B))
            await until(lambda: second.counters.packets >= 50)
    assert second.counters.packets == 50
    assert second.counters.refused == {}


async def test_it_keeps_the_order_of_each_device_and_sends_nothing_twice(
    bus: Bus, engines: Settings, tmp_path: Path
) -> None:
    await begin_here(bus, "city")
    async with platform() as there, relay(bus, engines, tmp_path):
        await publish(bus, target("city", there.port, {A: "A-THERE"}))
        for first in range(0, 300, 30):
            await put(bus, *((mn, number) for number in range(first, first + 30) for mn in (A, B)))
        await until(lambda: len(there.answered) >= 300)
        await asyncio.sleep(0.1)
        assert there.qns() == [qn(number) for number in range(300)]
        assert {(one.mn, one.pw, one.flag) for one in there.got} == {("A-THERE", "654321", "5")}


async def test_it_waits_for_a_target_that_is_away_and_sends_all_when_it_is_back(
    bus: Bus, engines: Settings, tmp_path: Path
) -> None:
    await begin_here(bus, "city")
    there = Platform()
    await publish(bus, target("city", there.port, {A: "A"}))
    async with relay(bus, engines, tmp_path) as counters:
        await until(lambda: counters.get("waiting") == 1)
        for number in range(20):
            await put(bus, (A, number))
        await until(lambda: counters.get("lag") == 20)
        await there.open()
        await until(lambda: len(there.answered) == 20)
        assert there.qns() == [qn(number) for number in range(20)]
        # it goes away in the middle of a packet, and comes back
        there.silent = True
        await put(bus, (A, 20))
        await until(lambda: len(there.got) > 20)
        await there.close()
        await put(bus, (A, 21))
        there.silent = False
        await there.open()
        await until(lambda: len(there.answered) == 22)
        await there.close()
    sent = there.qns()
    assert list(dict.fromkeys(sent)) == [qn(number) for number in range(22)]
    assert {one for one in sent if sent.count(one) > 1} <= {qn(20)}, "only what was not answered goes again"


async def into_the_lake(bus: Bus, lake: Path, numbers: Sequence[int]) -> None:
    """Do as the judge does: packets into the lake, then the log's beginning cut."""
    from qingtian.stream.findings.judge import Judge
    from qingtian.stream.findings.plan import read
    from qingtian.stream.readings.rows import packet_rows, reading_rows

    judge = Judge([])
    judge.adopt(read(plan([A, B])), received=0)
    last = 0
    for number in numbers:
        sequence = await put(bus, (A, number), (B, number))
        message = await bus.js.get_msg("PACKETS", sequence)
        _, stretch = judge.judge([(sequence, batches.decode(message.data or b""))])
        rows = {"packets": packet_rows(stretch), "readings": reading_rows(stretch)}
        LakeWriter(lake_url=str(lake), app_id="judge.0").append(rows, last_sequence=sequence)
        last = sequence
    await bus.js.purge_stream("PACKETS", seq=last + 1)


@pytest.mark.parametrize("rows", [3, 10_000], ids=["in small stretches", "at once"])
async def test_it_reads_from_the_lake_what_the_log_has_no_longer(
    bus: Bus, engines: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(source, "ROWS", rows)
    await begin_here(bus, "city")
    await into_the_lake(bus, tmp_path, range(12))
    for number in range(12, 20):
        await put(bus, (A, number), (B, number))
    async with platform() as there:
        await publish(bus, target("city", there.port, {A: "A", B: "B"}))
        async with relay(bus, engines, tmp_path) as counters:
            await until(lambda: len(there.answered) == 40)
            # and the log is cut under its feet
            await into_the_lake(bus, tmp_path, range(20, 24))
            await put(bus, (A, 24))
            await until(lambda: len(there.answered) == 49 and counters.get("lag") == 0)
        assert there.qns("A") == [qn(number) for number in range(25)]
        assert there.qns("B") == [qn(number) for number in range(24)]
    position = (await relays.positions(bus))["city"]
    assert position.acknowledged == 49


async def test_it_lets_no_nonsense_of_a_target_disturb_it(bus: Bus, engines: Settings, tmp_path: Path) -> None:
    await begin_here(bus, "city")
    async with platform() as there, relay(bus, engines, tmp_path):
        await publish(bus, target("city", there.port, {A: "A"}))
        await until(lambda: there.writers)
        (line,) = there.writers
        for nonsense in (
            b"GET / HTTP/1.1\r\n\r\n",
            encode_frame(b"QN=1;no command here&&"),
            encode_frame(b"CN=9014;CP=&&&&"),
            encode_frame(b"QN=99;CN=9014;MN=nobody;CP=&&&&"),
            request(1)[:-3] + b"0\r\n",
            b"\xff\x00##" * 50 + b"\r\n",
        ):
            there.ask(nonsense)
        await put(bus, (A, 1), (A, 2))
        await until(lambda: len(there.answered) == 2)
        assert there.writers == {line}, "the line is the same"
    assert there.qns() == [qn(1), qn(2)]


async def test_a_slow_target_does_not_hinder_another(bus: Bus, engines: Settings, tmp_path: Path) -> None:
    await begin_here(bus, "slow", "quick", "gone")
    async with platform() as slow, platform() as quick:
        slow.silent = True
        await publish(
            bus,
            target("slow", slow.port, {A: "A"}),
            target("quick", quick.port, {A: "A"}),
            target("gone", free_port(), {A: "A"}),
        )
        async with relay(bus, engines, tmp_path) as counters:
            for number in range(100):
                await put(bus, (A, number))
            await until(lambda: len(quick.answered) == 100)
            assert len(slow.got) <= 1
            await until(lambda: counters.get("lag") == 200)
    kept = await relays.positions(bus)
    assert kept["quick"].acknowledged == 100
    assert kept["slow"].acknowledged == kept["gone"].acknowledged == 0


async def test_it_records_a_packet_that_is_refused_for_ever_and_goes_on(
    bus: Bus, engines: Settings, tmp_path: Path
) -> None:
    await begin_here(bus, "city")
    async with platform() as there, relay(bus, engines, tmp_path, rule=HASTY):
        there.mute.add(qn(2))
        await publish(bus, target("city", there.port, {A: "A"}))
        await put(bus, *((A, number) for number in range(6)))
        await until(lambda: len({*there.answered}) == 5)
        (entry,) = await records(bus, 1)
    assert (entry["kind"], entry["reason"], entry["qn"], entry["mn"]) == ("refusal", "unanswered", qn(2), A)
    assert "PW=******" in entry["frame"]
    assert "654321" not in entry["frame"]
    assert (await relays.positions(bus))["city"].refused == 1
    answered = [one for _, one in there.answered]
    assert list(dict.fromkeys(answered)) == [qn(number) for number in (0, 1, 3, 4, 5)]


async def test_it_forgets_no_device_that_was_ahead_of_a_waiting_one(
    bus: Bus, engines: Settings, tmp_path: Path
) -> None:
    await begin_here(bus, "city")
    async with platform() as there:
        there.mute.add(qn(0))
        await publish(bus, target("city", there.port, {A: "A", B: "B"}))
        await put(bus, (A, 0), *((B, number) for number in range(1, 9)))
        never = replace(RULE, rounds=None)
        async with relay(bus, engines, tmp_path, rule=never):
            await until(lambda: len(there.answered) == 8)
        there.mute.clear()
        async with relay(bus, engines, tmp_path, rule=never):
            await until(lambda: len(there.answered) == 9)
            await asyncio.sleep(0.2)
        assert there.qns("B") == [qn(number) for number in range(1, 9)], "a restart sends none of these again"


async def test_a_paused_target_is_counted_and_goes_on_where_it_was(bus: Bus, engines: Settings, tmp_path: Path) -> None:
    await begin_here(bus, "city")
    async with platform() as there, relay(bus, engines, tmp_path) as counters:
        await publish(bus, target("city", there.port, {A: "A"}))
        await put(bus, (A, 0))
        await until(lambda: len(there.answered) == 1)
        await publish(bus, target("city", there.port, {A: "A"}, enabled=False), number=2)
        await until(lambda: counters.get("plan") == 2)
        await put(bus, (A, 1))
        await until(lambda: counters.get("lag") == 1)
        assert len(there.got) == 1
        await publish(bus, target("city", there.port, {A: "A"}), number=3)
        await until(lambda: len(there.answered) == 2)
        assert there.qns() == [qn(0), qn(1)]


def request(number: int, *, cn: int = 1061, mn: str = "A", pw: str = "654321", area: str = "") -> bytes:
    return encode_frame(f"QN={qn(number)};ST=32;CN={cn};PW={pw};MN={mn};Flag=5;CP=&&{area}&&".encode())


def told(there: Platform, number: int) -> list[tuple[str | None, Mapping[str, str]]]:
    return [(one.cn, one.cp) for one in there.got if one.qn == qn(number)]


async def test_it_refuses_commands_that_a_target_may_not_give_and_keeps_a_record(
    bus: Bus, engines: Settings, tmp_path: Path
) -> None:
    await begin_here(bus, "city", "other")
    async with platform() as there, platform() as other, relay(bus, engines, tmp_path):
        await publish(
            bus,
            target("city", there.port, {A: "A"}),
            target("other", other.port, {A: "A"}, allow_commands=True),
        )
        await until(lambda: there.writers and other.writers)
        there.ask(request(1))
        other.ask(request(2, pw="000000") + request(3, mn="X") + request(4, cn=1072, area="NewPW=111111"))
        await until(lambda: told(there, 1) and told(other, 2) and told(other, 3) and told(other, 4))
        assert told(there, 1) == [("9011", {"QnRtn": "2"})]
        assert told(other, 2) == [("9011", {"QnRtn": "3"})]
        assert told(other, 3) == [("9011", {"QnRtn": "4"})]
        assert told(other, 4) == [("9011", {"QnRtn": "2"})]
        kept = {one["qn"]: one["reason"] for one in await records(bus, 4)}
    assert kept == {
        qn(1): "command_not_allowed",
        qn(2): "command_password",
        qn(3): "command_unknown",
        qn(4): "command_never",
    }
    assert (await bus.js.stream_info("COMMANDS")).state.messages == 0


async def say(bus: Bus, command: commands.Command, state: State, **of: Any) -> None:
    answer = Answer(
        command=command.id,
        mn=command.mn,
        qn=command.qn,
        cn=command.cn,
        parameters=command.parameters,
        state=state,
        at=times.now(),
        attempt=1,
        **of,
    )
    await bus.js.publish(answer_subject(state.value), answer.message())


async def test_it_hands_an_allowed_command_to_the_device_and_its_answers_back(
    bus: Bus, engines: Settings, tmp_path: Path
) -> None:
    await begin_here(bus, "city")
    async with platform() as there, relay(bus, engines, tmp_path):
        await publish(bus, target("city", there.port, {A: "A"}, allow_commands=True))
        await until(lambda: there.writers)
        there.ask(request(1))
        async with asyncio.timeout(180):
            while not (await bus.js.stream_info("COMMANDS")).state.messages:
                await asyncio.sleep(0.02)
        last = (await bus.js.stream_info("COMMANDS")).state.last_seq
        command = commands.read((await bus.js.get_msg("COMMANDS", last)).data or b"")
        assert (command.mn, command.cn, command.qn) == (A, 1061, qn(1))
        # the target is impatient: the same request again is the same command
        there.ask(request(1))
        await say(bus, command, State.ACCEPTED, qn_rtn=1)
        item = Item(cn=1061, qn=command.qn, cp={"RtdInterval": "30"}, factors={})
        await say(bus, command, State.DONE, exe_rtn=1, items=(item,))
        await until(lambda: len(told(there, 1)) >= 3)
        assert told(there, 1) == [
            ("9011", {"QnRtn": "1"}),
            ("1061", {"RtdInterval": "30"}),
            ("9012", {"ExeRtn": "1"}),
        ]
        assert {one.mn for one in there.got} == {"A"}
        kept = [one["reason"] for one in await records(bus, 3)]
    assert kept == ["command_passed", "command_accepted", "command_done"]
    assert (await bus.js.stream_info("COMMANDS")).state.messages == 1


async def test_a_command_goes_through_the_gateway_to_the_device_and_back(
    bus: Bus, engines: Settings, tmp_path: Path
) -> None:
    await begin_here(bus, "city")
    async with platform() as there, gateway(bus) as (made, port), relay(bus, engines, tmp_path):
        await publish(bus, target("city", there.port, {A: "A"}, allow_commands=True))
        await until(lambda: made.counters.plan == 1 and there.writers)
        async with device(port) as logger:
            logger.send(frame(qn=times.stamp_milliseconds(times.now()), mn=A))
            while b"CN=9014" not in await logger.line():
                pass
            there.ask(request(77))
            while f"QN={qn(77)};ST=32;CN=1061;PW=123456;MN={A}".encode() not in await logger.line():
                pass
            for number, cn, area in ((1, "9011", "QnRtn=1"), (2, "1061", "RtdInterval=45"), (3, "9012", "ExeRtn=1")):
                system = "32" if number == 2 else "91"
                words = f"QN={qn(77)};ST={system};CN={cn};PW=123456;MN={A};Flag=4;CP=&&{area}&&"
                logger.send(encode_frame(words.encode()))
            await until(lambda: len(told(there, 77)) >= 3)
    assert told(there, 77) == [("9011", {"QnRtn": "1"}), ("1061", {"RtdInterval": "45"}), ("9012", {"ExeRtn": "1"})]
    assert {one.mn for one in there.got} == {"A"}


@asynccontextmanager
async def process(engines: Settings, lake: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    made = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "qingtian",
        "relay",
        "run",
        env=_environment(engines, lake),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield made
    finally:
        with suppress(ProcessLookupError):
            made.kill()
        await made.communicate()


def _environment(engines: Settings, lake: Path) -> dict[str, str]:
    import os

    return {**os.environ, "QINGTIAN_NATS_URL": engines.require_nats_url(), "QINGTIAN_LAKE_URL": str(lake)}


def settled(position: relays.Position, sequence: int) -> set[tuple[str, str]]:
    """Return (MN, QN) of what need not be sent again, of a message with packets of A and B by turns."""
    places = (
        (mn, relays.Place(sequence, 2 * number + (mn == B)), qn(number)) for number in range(300) for mn in (A, B)
    )
    return {
        ("A" if mn == A else "B", qn_)
        for mn, place, qn_ in places
        if place <= position.place or (mn in position.ahead and place <= position.ahead[mn])
    }


async def test_a_killed_relay_loses_nothing_and_repeats_only_what_it_could_not_keep(
    bus: Bus, engines: Settings, tmp_path: Path
) -> None:
    await begin_here(bus, "city")
    async with platform() as there:
        there.pause = 0.005
        await publish(bus, target("city", there.port, {A: "A", B: "B"}))
        sequence = await put(bus, *((mn, number) for number in range(300) for mn in (A, B)))
        kept, kills = relays.Position(place=relays.Place(0)), []
        for stop_at in (100, 350):
            async with process(engines, tmp_path) as running:
                await until(lambda stop_at=stop_at: len(there.answered) >= stop_at)
                async with asyncio.timeout(180):
                    while (await relays.positions(bus))["city"].acknowledged <= kept.acknowledged:
                        await asyncio.sleep(0.02)
                running.send_signal(signal.SIGKILL)
                await running.wait()
            kept = (await relays.positions(bus))["city"]
            kills.append((settled(kept, sequence), len(there.got)))
        async with process(engines, tmp_path):
            await until(lambda: len({*there.answered}) == 600)
    for mn in ("A", "B"):
        firsts = list(dict.fromkeys(there.qns(mn)))
        assert firsts == [qn(number) for number in range(300)]
    for done, at_the_kill in kills:
        assert done
        assert not done & {(one.mn, one.qn) for one in there.got[at_the_kill:]}


def test_the_command_prints_a_table_and_json(engines: Settings, tmp_path: Path) -> None:
    from qingtian.entry.commands.relay import table

    assert "No target yet" in table([])
    rows = table([{"code": "city", "state": "up", "sequence": 7, "lag_packets": 3, "lag_s": 1.4, "acknowledged": 9}])
    assert re.search(r"city +up +7 +3 +1 s +- +9 +- +- +-", rows)
