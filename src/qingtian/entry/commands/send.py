"""``qingtian send``: a file of raw packets to a gateway, and what became of each."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.stream.simulator import courier

SUMMARY = "send a file of raw HJ 212 packets to a gateway; say which were acknowledged"
EXAMPLES = """\
  qingtian send packets.txt
  qingtian send packets.txt --fresh              QN and DataTime as of now, new checksums
  printf '##0087QN=…' | qingtian send - --host 192.0.2.7 --port 9212 --json

exit codes: 0 all packets that ask for an answer were acknowledged, 1 some were not, 2 no packets or no connection
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="raw packets end to end or one a line; - is standard input")
    parser.add_argument("--host", help="the gateway's address (QINGTIAN_GATEWAY_HOST, 127.0.0.1)")
    parser.add_argument("--port", type=int, help="the gateway's port (QINGTIAN_GATEWAY_PORT, 9212)")
    parser.add_argument("--wait", type=float, default=5.0, help="seconds to wait for a further answer (5)")
    parser.add_argument("--fresh", action="store_true", help="write QN and DataTime as of now, and the checksum anew")
    parser.add_argument("--json", action="store_true", help="one JSON object a packet")


def run(args: argparse.Namespace) -> int:
    settings = base_settings.from_environment()
    host, port = args.host or settings.gateway_host, args.port or settings.gateway_port
    try:
        found = courier.packets(_read(args.file))
    except OSError as error:
        return _refuse(f"cannot read {args.file}: {error.strerror or error}")
    if not found:
        return _refuse(f"no packets in {args.file}")
    if args.fresh:
        # QN must differ from packet to packet
        now = times.now()
        found = [
            courier.refreshed(packet, now=now + timedelta(milliseconds=index)) for index, packet in enumerate(found)
        ]
    try:
        outcomes = asyncio.run(courier.send(found, host=host, port=port, wait=args.wait))
    except OSError as error:
        return _refuse(f"no gateway answers at {host}:{port} ({error.strerror or error})")
    for outcome in outcomes:
        print(_line(outcome, as_json=args.json), flush=True)
    return 1 if any(outcome.missing for outcome in outcomes) else 0


def _read(file: str) -> bytes:
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _refuse(why: str) -> int:
    print(f"qingtian send: {why}", file=sys.stderr)
    return 2


def _line(outcome: courier.Outcome, *, as_json: bool) -> str:
    packet = outcome.packet
    if not as_json:
        name = f"QN={packet.qn or '-'} MN={packet.mn or '-'} CN={packet.cn if packet.cn >= 0 else '-'}"
        return f"{packet.offset:>8}  {name}  {outcome.sentence()}"
    return json.dumps(
        {
            "offset": packet.offset,
            "qn": packet.qn,
            "mn": packet.mn,
            "cn": packet.cn,
            "asks": packet.asks,
            "acknowledged": outcome.milliseconds is not None,
            "milliseconds": outcome.milliseconds,
            "fault": packet.fault or None,
            "said": outcome.sentence(),
        },
        ensure_ascii=False,
    )
