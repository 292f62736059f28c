"""``qingtian up``: engines and all processes of one machine, supervised until Ctrl-C."""

from __future__ import annotations

import argparse

from qingtian.entry import ports
from qingtian.entry.supervisor import Supervisor

SUMMARY = "start engines and all processes, keep them alive, stop them with Ctrl-C"
EXAMPLES = """\
  qingtian up
  qingtian up --data /srv/qingtian --host 0.0.0.0 --gateway-host 0.0.0.0
  QINGTIAN_DATABASE_URL=postgresql://… QINGTIAN_NATS_URL=nats://… qingtian up
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    ports.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    return Supervisor(settings=ports.settings(args)).run()
