"""``qingtian relay``: how far each target is; ``qingtian relay run``: the process that passes packets on."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from typing import Any

import orjson

from qingtian.base import settings as base_settings
from qingtian.base.settings import Settings
from qingtian.bus import plans, relays
from qingtian.bus.client import Bus, connect

SUMMARY = "pass packets on to other platforms (转发); show position, lag, rate and refusals of each target"
EXAMPLES = """\
  qingtian relay                                 a table of the targets
  qingtian relay status --json
  qingtian relay run                             the process, engines of the running `qingtian up`
  QINGTIAN_NATS_URL=nats://log:4222 QINGTIAN_LAKE_URL=s3://lake/qingtian qingtian relay run
"""
WAIT = 5.0
COLUMNS = ("target", "state", "position", "lag", "oldest", "rate", "sent", "repeated", "refused", "last error")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", nargs="?", choices=("status", "run"), default="status", help="default: status")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


async def _targets(bus: Bus) -> list[dict[str, Any]]:
    plan, kept, standings = await plans.newest(bus), await relays.positions(bus), await relays.standings(bus)
    found: list[dict[str, Any]] = []
    for one in plan.get("relays", ()) if plan else ():
        code, position = one["code"], kept.get(one["code"])
        known = {
            "code": code,
            "name": one["name"],
            "address": f"{one['host']}:{one['port']}",
            "enabled": one["enabled"],
            "devices": len(one["devices"]),
            "state": "paused" if not one["enabled"] else "not running",
            "sequence": position.place.sequence if position else None,
            "acknowledged": position.acknowledged if position else 0,
            "repeated": position.repeated if position else 0,
            "refused": position.refused if position else 0,
        }
        found.append(known | standings.get(code, {}))
    return found


async def _ask(settings: Settings) -> list[dict[str, Any]]:
    bus = await connect(settings.require_nats_url(), name="relay-status", wait=WAIT)
    try:
        return await _targets(bus)
    finally:
        await bus.close()


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    def figure(name: str, form: str = "{:.0f}") -> str:
        return "-" if one.get(name) is None else form.format(one[name])

    return (
        str(one["code"]),
        str(one["state"]),
        figure("sequence"),
        figure("lag_packets"),
        figure("lag_s", "{:.0f} s"),
        figure("rate", "{:.1f}/s"),
        figure("acknowledged"),
        figure("repeated"),
        figure("refused"),
        str(one.get("why") or "-"),
    )


def table(found: Sequence[dict[str, Any]]) -> str:
    """Return the targets as lines for a person."""
    if not found:
        return "No target yet. The page Relay (转发) of the portal makes one."
    rows = [COLUMNS, *map(_cells, found)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def run(args: argparse.Namespace) -> int:
    if args.act == "run":
        from qingtian.entry.process import run_process
        from qingtian.stream.relay.process import main

        return run_process("relay", main)
    found = asyncio.run(_ask(base_settings.from_environment()))
    print(orjson.dumps({"targets": found}).decode() if args.json else table(found))
    return 0
