"""The check finds what is wrong: a server with the bugs of the field, a device with its deviations."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.integration.test_conformance_of_the_simulator import DEVICES, checked, words
from tests.integration.wire import MN, free_port

from qingtian.entry.commands import conform
from qingtian.stream.conformance.checks import Verdict
from qingtian.stream.conformance.packets import framed
from qingtian.stream.conformance.run import Line
from qingtian.stream.hj212 import Edition
from qingtian.stream.simulator import script
from qingtian.stream.simulator.scenarios import Scenario

QN = re.compile(rb"QN=(\d+);")
SOUND = ("framing.whole", "replies.qn", "replies.duplicate")
"""What also a careless server does well."""


class Careless(asyncio.Protocol):
    """A server as they are met: one read is one packet, no checksum is looked at, every answer has Flag=5."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if (found := QN.search(data)) is not None:
            answer = b"QN=" + found[1] + f";ST=91;CN=9014;PW=123456;MN={MN};Flag=5;CP=&&&&".encode()
            self.transport.write(framed(answer))  # type: ignore[attr-defined]


@asynccontextmanager
async def careless() -> AsyncIterator[int]:
    port = free_port()
    server = await asyncio.get_running_loop().create_server(Careless, "127.0.0.1", port)
    try:
        yield port
    finally:
        server.close()


def by_id(lines: list[Line]) -> dict[str, Verdict]:
    return {line.id: line.verdict for line in lines}


async def test_a_careless_server_is_told_so() -> None:
    async with careless() as port:
        # once more, with patience, before a busy machine is taken for another fault of the server
        for patience in ("0.3", "5"):
            asked = words(f"127.0.0.1:{port}", "--mn", MN, "--edition", "2017", "--patience", patience, "--markdown")
            found = by_id(await conform.check_server(asked, "en"))
            if {found[name] for name in SOUND} == {Verdict.HOLDS}:
                break
    wrong = {name for name, verdict in found.items() if verdict is Verdict.FAILS}
    assert wrong >= {
        *("framing.cut", "framing.glued", "framing.bad_checksum", "framing.changed"),
        *("replies.unasking", "replies.unasked", "replies.to_answers", "notices.time", "requests.time_set"),
    }
    assert {found[name] for name in SOUND} == {Verdict.HOLDS}
    assert found["requests.form"] is found["sessions.several_mns"] is Verdict.UNTESTABLE


async def test_nobody_there_is_no_report() -> None:
    assert await asyncio.to_thread(conform.run, words(f"127.0.0.1:{free_port()}", "--mn", MN)) == 2


async def test_deviations_of_a_device_are_told() -> None:
    broken = Scenario(name="t", zh="测试", deviations=("checksum_modbus", "trailing_separator"))
    lines = await checked(DEVICES[Edition.HJ2017], broken, "--only", "uploads")
    (sound,) = [line for line in lines if line.id == "uploads.sound"]
    assert sound.verdict is Verdict.FAILS
    assert "checksum_modbus, trailing_separator" in sound.seen.en


async def test_a_device_without_the_factor_or_the_memory_is_told_so() -> None:
    forgetful = replace(DEVICES[Edition.HJ2017], memory_days=0.01)
    lines = await checked(forgetful, script.named("normal"), "--only", "history")
    assert by_id(lines)["history.hours"] is Verdict.FAILS
    assert by_id(lines)["history.none"] is Verdict.HOLDS
