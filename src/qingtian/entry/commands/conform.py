"""``qingtian conform``: does a server, or a device, keep to HJ 212? A report of what holds, with the clause."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.stream.conformance import report
from qingtian.stream.conformance.as_device import catalogue as server_checks
from qingtian.stream.conformance.as_device.bench import DeviceBench
from qingtian.stream.conformance.as_server import catalogue as device_checks
from qingtian.stream.conformance.as_server.bench import ServerBench
from qingtian.stream.conformance.as_server.platform import Platform
from qingtian.stream.conformance.packets import Identity
from qingtian.stream.conformance.run import Line
from qingtian.stream.conformance.run import run as run_checks
from qingtian.stream.conformance.wire import Wire, dial
from qingtian.stream.hj212 import Edition

SUMMARY = "check how a server, or a device, keeps to HJ 212; report what holds, with the clause"
EXAMPLES = """\
  qingtian conform 192.0.2.7:9212 --mn 010000A8900016F000169DC0 --pw 123456
  qingtian conform 127.0.0.1:9212 --mn DEV1 --also-mn DEV2 --edition 2017 --slow --markdown > report.md
  qingtian conform --device --listen 9212                 wait for a device to dial in, and ask it everything

The first form plays a device and sends values of now: use an MN that is registered for tests. The second plays the
platform; it sets what it reads back to what it was, but calibrates and samples: --skip control leaves that out.
exit codes: 0 nothing that was tested fails, 1 something does, 2 no connection
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("server", nargs="?", metavar="HOST:PORT", help="the server to be checked")
    parser.add_argument("--device", action="store_true", help="check a device instead: wait for it to dial in")
    parser.add_argument("--listen", type=int, default=9212, metavar="PORT", help="where to wait for it (9212)")
    parser.add_argument("--wait", type=float, default=300.0, help="seconds to wait for it (300)")
    parser.add_argument("--mn", help="the MN to play, or the one device to be checked")
    parser.add_argument("--pw", default="123456", help="its password (123456)")
    parser.add_argument("--st", default="32", help="its system code (32)")
    parser.add_argument(
        "--also-mn", action="append", default=[], metavar="MN", help="a further registered MN; may be repeated"
    )
    parser.add_argument("--key", help="SM4 key of 2025, 16 characters")
    parser.add_argument(
        "--edition", type=int, choices=[2005, 2017, 2025], action="append", help="may be repeated (all)"
    )
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="only checks whose id begins so")
    parser.add_argument("--skip", action="append", default=[], metavar="ID", help="no checks whose id begins so")
    parser.add_argument("--slow", action="store_true", help="also checks that wait for time-outs")
    parser.add_argument("--execute", type=float, default=60.0, help="seconds to wait for a device to execute (60)")
    parser.add_argument("--patience", type=float, default=5.0, help="seconds to wait for an answer (5)")
    parser.add_argument("--language", choices=["zh", "en"], help="of the report (QINGTIAN_LANG)")
    parser.add_argument("--json", action="store_true", help="one JSON object a check")
    parser.add_argument("--markdown", action="store_true", help="a table for a page")


def run(args: argparse.Namespace) -> int:
    if args.key is not None and len(args.key.encode()) != 16:
        return _refuse("--key: 16 characters")
    language = args.language or base_settings.from_environment().language
    if args.device == bool(args.server):
        return _refuse("name the server as HOST:PORT, or say --device")
    try:
        lines = asyncio.run((check_device if args.device else check_server)(args, language))
    except OSError as error:
        return _refuse(f"no connection: {error.strerror or error}")
    if args.markdown:
        print(report.markdown(lines, language))
    elif not args.json:
        print(report.summary(lines, language))
    return 1 if report.failing(lines) else 0


def _refuse(why: str) -> int:
    print(f"qingtian conform: {why}", file=sys.stderr)
    return 2


async def check_server(args: argparse.Namespace, language: str) -> list[Line]:
    """:raises OSError: if nobody listens there."""
    host, _, port = args.server.rpartition(":")
    if not (args.mn and host and port.isdigit()):
        raise OSError(0, "write HOST:PORT and --mn MN")
    (await dial(host, int(port))).close()
    lines: list[Line] = []
    set_already: set[str] = set()
    for edition in map(Edition, args.edition or [2005, 2017, 2025]):
        me = Identity(mn=args.mn, pw=args.pw, st=args.st, edition=edition, key=_key(args, edition))
        others = [Identity(mn=mn, pw=args.pw, st=args.st, edition=edition) for mn in args.also_mn]

        async def line(key: bytes | None = me.key) -> Wire:
            return await dial(host, int(port), key=key)

        bench = DeviceBench(
            me, dial=line, now=times.now, patience=args.patience, others=others, set_already=set_already
        )
        chosen = [check for check in server_checks.CHECKS if _wanted(check.id, args.only, args.skip)]
        lines += await run_checks(
            chosen, bench, edition=edition, slow=args.slow, tell=lambda each: _tell(each, args, language)
        )
    return lines


async def check_device(args: argparse.Namespace, language: str) -> list[Line]:
    """Wait for a device, and check it.

    :raises OSError: if the port is taken, or no device came.
    """
    platform = Platform(mn=args.mn, pw=args.pw, key=args.key.encode() if args.key else None)
    server = await platform.listen("0.0.0.0", args.listen)  # noqa: S104 - devices dial in from elsewhere
    try:
        print(f"waiting for a device on port {args.listen} …", file=sys.stderr)
        me = await platform.arrival(args.wait)
        if me is None:
            raise OSError(0, f"no device dialled in within {args.wait:.0f} s")
        bench = ServerBench(platform, me, now=times.now, patience=args.patience, execute=args.execute)
        chosen = [check for check in device_checks.CHECKS if _wanted(check.id, args.only, args.skip)]
        return await run_checks(
            chosen, bench, edition=me.edition, slow=args.slow, tell=lambda each: _tell(each, args, language)
        )
    finally:
        server.close()
        platform.close()


def _key(args: argparse.Namespace, edition: Edition) -> bytes | None:
    return args.key.encode() if args.key and edition is Edition.HJ2025 else None


def _wanted(name: str, only: Sequence[str], skip: Sequence[str]) -> bool:
    return (not only or name.startswith(tuple(only))) and not (skip and name.startswith(tuple(skip)))


def _tell(line: Line, args: argparse.Namespace, language: str) -> None:
    if args.json:
        print(json.dumps(line.as_dict(language), ensure_ascii=False), flush=True)
    elif not args.markdown:
        print(report.text_line(line, language), flush=True)
    elif sys.stderr.isatty():
        sys.stderr.write(f"\r{line.edition} {line.id}\x1b[K")
