"""``qingtian judge``: the process that judges the packets on the log and keeps them in the lake."""

from __future__ import annotations

import argparse

from qingtian.entry.process import run_process
from qingtian.stream.findings.loop import main

SUMMARY = "judge the packets on the log by the plan; keep packets and readings in the lake"
EXAMPLES = """\
  qingtian judge                                 engines of the running `qingtian up`
  QINGTIAN_NATS_URL=nats://log:4222 QINGTIAN_LAKE_URL=s3://lake/qingtian qingtian judge
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own: everything comes from the settings."""


def run(args: argparse.Namespace) -> int:
    return run_process("judge", main)
