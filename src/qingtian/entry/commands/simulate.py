"""``qingtian simulate``: devices in the role of devices, towards any gateway that speaks HJ 212, of any edition."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from qingtian.base import settings as base_settings
from qingtian.law import rules
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.simulator import memory, noise, script, timeline
from qingtian.stream.simulator.device import SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.fleet import Errand, Fleet
from qingtian.stream.simulator.script import Player

SUMMARY = "simulate devices (数采仪) of any edition that send to a gateway and obey it"
EXAMPLES = """\
  qingtian simulate --city demo
  qingtian simulate --scenario editions.yaml             # devices and behaviour from a file: docs/simulator.md
  qingtian simulate --mn 010000A8900016F000169DC0 --factor w01018=40/50 --factor w21003=3 --interval 2
  qingtian simulate --mn DEV1 --factor a21026=20/35 --scenario exceedance --host 192.0.2.7 --port 9212 --seconds 60

--factor CODE=LEVEL[/LIMIT]: the usual level, and the limit that scenario "exceedance" goes over (default: 1.5 × level).
--scenario: normal, exceedance, flat_line, silence, backlog_resend, wrong_clock, broken_checksum, or a YAML file.
"""

SAVE_EVERY = 30.0
DEFAULT_FACTORS = ("w01018=30/50", "w21003=3/5", "w01001=7.4")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--city", choices=["demo"], help="all devices of the demo city, each in its own scenario")
    source.add_argument("--mn", action="append", help="the MN of one device; may be repeated")
    parser.add_argument("--factor", action="append", help="CODE=LEVEL[/LIMIT]; may be repeated", metavar="F")
    parser.add_argument("--host", help="the gateway's address (QINGTIAN_GATEWAY_HOST, 127.0.0.1)")
    parser.add_argument("--port", type=int, help="the gateway's port (QINGTIAN_GATEWAY_PORT, 9212)")
    parser.add_argument("--scenario", default="normal", help="a built-in scenario, or a YAML file (may name devices)")
    parser.add_argument("--edition", type=int, choices=[2005, 2017, 2025], default=2017, help="of the devices of --mn")
    parser.add_argument("--key", help="SM4 key of the devices of --mn, 16 characters (2025)")
    parser.add_argument("--st", default="32", help="system code of the devices given by --mn (32 water, 31 air)")
    parser.add_argument("--pw", default="123456", help="password of the devices given by --mn")
    parser.add_argument("--interval", type=float, default=30.0, help="seconds between real-time packets (2011)")
    parser.add_argument("--count", type=int, help="stop after so many real-time packets a device")
    parser.add_argument("--seconds", type=float, help="stop after so many seconds")
    parser.add_argument("--seed", type=int, default=20261122, help="another seed, another series of values")
    parser.add_argument("--json", action="store_true", help="print the totals as one JSON object at the end")


def run(args: argparse.Namespace) -> int:
    settings = base_settings.from_environment()
    errand = Errand(
        host=args.host or settings.gateway_host,
        port=args.port or settings.gateway_port,
        interval=args.interval,
        count=args.count,
        seconds=args.seconds,
        seed=args.seed,
    )
    if args.city:
        fleet = asyncio.run(_run_city(errand, settings.data / "simulator.json"))
    else:
        try:
            players = _players(args)
        except ValueError as error:
            print(f"qingtian simulate: {error}", file=sys.stderr)
            return 2
        fleet = asyncio.run(_run_players(players, errand))
    tally = fleet.tally
    print(json.dumps(vars(tally)) if args.json else tally.sentence())
    asks = any(logger.device.uploads_ask for logger in fleet.loggers)
    return 0 if (tally.acknowledged if asks else tally.sent) else 1


def _players(args: argparse.Namespace) -> list[Player]:
    """:raises ValueError: if neither the file nor the line names devices, or a word is none."""
    found = script.load(args.scenario)
    if not args.mn:
        if not found.players:
            raise ValueError("name devices: --mn, --city demo, or a --scenario file with devices")
        return list(found.players)
    return [Player(device=_device(args, mn), scenario=found.scenario) for mn in args.mn]


def _device(args: argparse.Namespace, mn: str) -> SimulatedDevice:
    factors = tuple(_factor(text) for text in args.factor or DEFAULT_FACTORS)
    if args.key is not None and (args.edition != Edition.HJ2025 or len(args.key.encode()) != 16):
        raise ValueError("--key: 16 characters, and only with --edition 2025")
    return SimulatedDevice(
        mn=mn,
        pw=args.pw,
        st=args.st,
        medium="gas" if args.st == "31" else "water",
        factors=factors,
        edition=Edition(args.edition),
        key=args.key.encode() if args.key else None,
    )


def _factor(text: str) -> SimulatedFactor:
    """:raises ValueError: if it is not CODE=LEVEL[/LIMIT]."""
    code, equals, numbers = text.partition("=")
    level, _, limit = numbers.partition("/")
    if not (code and equals):
        raise ValueError(f"--factor {text}: write CODE=LEVEL or CODE=LEVEL/LIMIT, for example w01018=40/50")
    typical = float(level)
    row = next((row for row in rules.table("factors").rows if row["code"] == code), None)
    return SimulatedFactor(
        code=code,
        typical=typical,
        unit=(row and row.get("unit")) or "",
        decimals=int(row["decimals"]) if row and row.get("decimals") is not None else 2,
        upper=float(limit) if limit else typical * 1.5,
    )


async def _run_players(players: list[Player], errand: Errand) -> Fleet:
    cast = timeline.Cast(scenarios={one.device.mn: one.scenario for one in players}, since=time.time())
    fleet = Fleet([one.device for one in players], errand, timeline=cast, clock=time.time)
    await _until_told(fleet)
    return fleet


async def _run_city(errand: Errand, file: Path) -> Fleet:
    from qingtian.demo import city

    devices = [*city.simulated_devices(), _stranger(errand.seed)]
    known = memory.read(file)
    known.begin(time.time())
    opening, stuck = timeline.opening(devices[:-1], seed=errand.seed, since=known.spans[-1][0])
    off = timeline.untreated(devices[:-1], seed=errand.seed, since=known.spans[-1][0])
    lots = timeline.City(seed=errand.seed, spans=known.spans, opening=opening, stuck=stuck, untreated=off)
    fleet = Fleet(devices, errand, timeline=lots, clock=time.time)
    fleet.owe(since=known.sent_until, first=opening | off)

    def save() -> None:
        known.save(file, now=time.time(), sent_until=fleet.sent_until())

    saving = asyncio.create_task(_save_again_and_again(save))
    try:
        await _until_told(fleet)
    finally:
        saving.cancel()
        save()
    return fleet


def _stranger(seed: int) -> SimulatedDevice:
    """Return a device nobody has registered; a city always has one."""
    mn = f"{noise.key(seed, 'stranger') & 0xFFFFFFFFFFFF:024X}"
    return SimulatedDevice(mn=mn, factors=(SimulatedFactor(code="w01018", typical=20.0, unit="mg/L"),))


async def _save_again_and_again(save: object) -> None:
    assert callable(save)
    while True:
        await asyncio.sleep(SAVE_EVERY)
        save()


async def _until_told(fleet: Fleet) -> None:
    """Run until done, or until Ctrl-C or SIGTERM."""
    running = asyncio.create_task(fleet.run())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    with suppress(asyncio.CancelledError):
        await running
