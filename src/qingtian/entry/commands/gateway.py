"""``qingtian gateway``: the process that listens to the devices."""

from __future__ import annotations

import argparse
import os

from qingtian.entry.process import run_process
from qingtian.stream.gateway.server import main

SUMMARY = "listen to the devices (数采仪); acknowledge only what the log has confirmed"
EXAMPLES = """\
  qingtian gateway                               on 127.0.0.1:9212, engines of the running `qingtian up`
  qingtian gateway --host 0.0.0.0 --port 9300
  QINGTIAN_NATS_URL=nats://log:4222 qingtian gateway
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (QINGTIAN_GATEWAY_HOST, 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (QINGTIAN_GATEWAY_PORT, 9212)")


def run(args: argparse.Namespace) -> int:
    if args.host:
        os.environ["QINGTIAN_GATEWAY_HOST"] = args.host
    if args.port:
        os.environ["QINGTIAN_GATEWAY_PORT"] = str(args.port)
    return run_process("gateway", main)
