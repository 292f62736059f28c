"""``qingtian dispatcher``: the process between the log and the office."""

from __future__ import annotations

import argparse

from qingtian.entry.process import run_process
from qingtian.office import start

SUMMARY = "take findings, device states and dead letters into the office; put plans on the log"
EXAMPLES = """\
  qingtian dispatcher                            engines of the running `qingtian up`
  QINGTIAN_NATS_URL=nats://log:4222 QINGTIAN_DATABASE_URL=postgresql://… qingtian dispatcher
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def run(args: argparse.Namespace) -> int:
    start.start()
    from qingtian.office.intake.process import main

    return run_process("dispatcher", main)
