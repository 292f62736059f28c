"""``qingtian status``: what is up, what the log holds, how far each reader is behind."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable
from typing import Any

import orjson
import psycopg

from qingtian.base import settings as base_settings
from qingtian.base.settings import EngineNotFound, Settings
from qingtian.bus import health
from qingtian.entry import lock

SUMMARY = "show engines, processes and streams; exit code 1 if something needed is down"
EXAMPLES = """\
  qingtian status
  qingtian status --json
  qingtian status --data /srv/qingtian
"""
MEBIBYTE = 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _log(settings: Settings) -> dict[str, Any]:
    try:
        return asyncio.run(health.report(settings.require_nats_url()))
    except EngineNotFound as missing:
        log = {"up": False, "why": missing.sentence(settings.language)}
        return {"ok": False, "log": log, "processes": [], "missing": list(health.PROCESSES), "streams": {}}


def _database(settings: Settings) -> dict[str, Any]:
    try:
        psycopg.connect(settings.require_database_url(), connect_timeout=2).close()
    except EngineNotFound as missing:
        return {"up": False, "why": missing.sentence(settings.language)}
    except psycopg.OperationalError as error:
        return {"up": False, "why": str(error).strip()}
    return {"up": True, "why": None}


def _supervisor(settings: Settings) -> dict[str, Any]:
    """Return what the supervisor wrote, if one lives; else only that none does."""
    file = settings.run_folder / "supervisor.json"
    if lock.holder(settings.data) is None or not file.exists():
        return {"running": False}
    return {"running": True, **orjson.loads(file.read_bytes())}


def gather(settings: Settings) -> dict[str, Any]:
    """Return ``ok``, ``data``, ``log``, ``database``, ``supervisor``, ``processes``, ``missing``, ``streams``."""
    log, database, supervisor = _log(settings), _database(settings), _supervisor(settings)
    members = supervisor.get("members", [])
    down = [one["name"] for one in members if one["state"] != "up"]
    missing = sorted({*log["missing"], *down})
    ok = log["log"]["up"] and database["up"] and not missing
    return {
        "ok": ok,
        "data": str(settings.data),
        "database": database,
        "supervisor": supervisor,
        **log,
        "missing": missing,
    } | {"ok": ok}


def _engine_lines(found: dict[str, Any]) -> Iterable[str]:
    for name, key in (("NATS", "log"), ("PostgreSQL", "database")):
        state = found[key]
        yield f"  {name:<12} {'up' if state['up'] else 'DOWN':<8} {state['why'] or ''}".rstrip()


def _process_lines(found: dict[str, Any]) -> Iterable[str]:
    restarts = {one["name"]: one["restarts"] for one in found["supervisor"].get("members", [])}
    beats = {beat["process"]: beat for beat in found["processes"]}
    names = [*health.PROCESSES, *(name for name in restarts if name not in health.PROCESSES)]
    for name in names:
        if name in ("nats", "postgres"):
            continue
        beat = beats.get(name, {})
        counters = " ".join(f"{key}={value}" for key, value in beat.get("counters", {}).items())
        state = "DOWN" if name in found["missing"] else "up"
        yield f"  {name:<12} {state:<8} restarts={restarts.get(name, 0)} {counters}".rstrip()


def _stream_lines(found: dict[str, Any]) -> Iterable[str]:
    for name, stream in found["streams"].items():
        lag = " ".join(f"{reader}={count}" for reader, count in stream["lag"].items())
        size = stream["bytes"] / MEBIBYTE
        yield f"  {name:<12} {stream['messages']:>9} messages {size:>9.1f} MiB  lag: {lag or '-'}"


def table(found: dict[str, Any]) -> str:
    """Return the same as lines for a person."""
    lines = [f"data folder {found['data']}", "engines", *_engine_lines(found)]
    lines += ["processes", *_process_lines(found), "streams", *_stream_lines(found)]
    verdict = "everything needed is up" if found["ok"] else f"DOWN: {', '.join(found['missing']) or 'engines'}"
    return "\n".join([*lines, verdict])


def run(args: argparse.Namespace) -> int:
    found = gather(base_settings.from_environment())
    print(orjson.dumps(found).decode() if args.json else table(found))
    return 0 if found["ok"] else 1
