"""``python -m qingtian.entry.conformance_page docs/conformance.md``: run the check both ways, write the reports.

The gateway is a process of its own on engines of its own; the devices are simulated. It takes some minutes, most of
them waiting for repetitions.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from pathlib import Path

from qingtian.base import times
from qingtian.bus import client, plans
from qingtian.entry.commands import conform
from qingtian.entry.load import stage as stages
from qingtian.entry.load.stage import Stage
from qingtian.stream.conformance import report
from qingtian.stream.conformance.run import Line
from qingtian.stream.simulator import script, timeline
from qingtian.stream.simulator.fleet import Errand, Fleet
from qingtian.stream.simulator.script import Player

LANGUAGE = "zh"
KEY = "0123456789ABCDEF"
MNS = [f"010000A8900016F0000000{number:02d}" for number in range(6)]
PART = re.compile(r"(<!-- run: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
DEVICES = """
devices:
  - {mn: "88888880000001", edition: 2005, interval: 0.4, haste: 200, factors: {w01018: {level: 30, limit: 50}}}
  - {mn: 010000A8900016F000169DC0, edition: 2017, interval: 0.4, haste: 200, factors: {w01018: {level: 30, limit: 50}}}
  - mn: 010000A8900016F000169DC1
    edition: 2025
    key: 0123456789ABCDEF
    interval: 0.4
    heartbeat: 2
    haste: 200
    factors: {w01018: {level: 30, limit: 50}}
"""


def main() -> int:
    """Rewrite the page named on the command line; return 0, 1 if a check fails, 2 without a page."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = {"gateway": _of_the_gateway(), "simulator": asyncio.run(_of_the_simulator())}
    page = Path(sys.argv[1])
    text = page.read_text(encoding="utf-8")
    page.write_text(PART.sub(lambda match: match[1] + _told(found[match["name"]]) + match[3], text), encoding="utf-8")
    for name, lines in found.items():
        print(name, report.summary(lines, LANGUAGE))
    return 1 if any(report.failing(lines) for lines in found.values()) else 0


def _told(lines: list[Line]) -> str:
    head = f"{times.now():%Y-%m-%d}：{report.summary(lines, 'zh')} {report.summary(lines, 'en')}"
    return f"{head}\n\n{report.markdown(lines, LANGUAGE)}\n"


def _words(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    conform.add_arguments(parser)
    return parser.parse_args([*words, "--markdown", "--key", KEY])


def _of_the_gateway() -> list[Line]:
    with stages.stage() as stage:
        asyncio.run(_publish(stage))
        port = stage.settings.gateway_port
        with stage.process("qingtian", "gateway"):
            stage.wait_for(lambda: stages.listens(port), what="the gateway")
            stage.wait_for(lambda: stage.beats().get("gateway", {}).get("plan") == 1, what="the gateway's plan")
            also = [word for mn in MNS[1:] for word in ("--also-mn", mn)]
            args = _words(f"127.0.0.1:{port}", "--mn", MNS[0], *also, "--slow", "--patience", "3")
            return asyncio.run(conform.check_server(args, LANGUAGE))


async def _publish(stage: Stage) -> None:
    snapshot = stages.plan(len(MNS))
    for mn, outlet in zip(MNS, snapshot["outlets"], strict=True):
        outlet["devices"] = [{"mn": mn, "pw": "123456", "key": KEY.encode().hex()}]
    bus = await client.connect(stage.settings.require_nats_url(), name="conformance")
    try:
        await client.ensure_streams(bus)
        await plans.publish(bus, snapshot)
    finally:
        await bus.close()


async def _of_the_simulator() -> list[Line]:
    players = script.read(DEVICES, file="conformance.yaml").players
    return [line for player in players for line in await _of_one(player)]


async def _of_one(player: Player) -> list[Line]:
    """Let a simulated device dial in to the check."""
    port = stages.free_port()
    cast = timeline.Cast(scenarios={player.device.mn: player.scenario}, since=time.time())
    fleet = Fleet([player.device], Errand(host="127.0.0.1", port=port), timeline=cast, clock=time.time)
    sending = asyncio.create_task(fleet.run())
    try:
        args = _words("--device", "--listen", str(port), "--patience", "2", "--execute", "8", "--slow")
        return await conform.check_device(args, LANGUAGE)
    finally:
        sending.cancel()


if __name__ == "__main__":
    raise SystemExit(main())
