"""``qingtian confirmer``: the process that confirms closed periods from the lake and tells what they show."""

from __future__ import annotations

import argparse

from qingtian.entry.process import run_process
from qingtian.stream.confirming.loop import main

SUMMARY = "confirm hours and days from the lake: exceedances, contradictions, suspicions"
EXAMPLES = """\
  qingtian confirmer                             engines of the running `qingtian up`
  QINGTIAN_NATS_URL=nats://log:4222 QINGTIAN_LAKE_URL=s3://lake/qingtian qingtian confirmer
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own: everything comes from the settings."""


def run(args: argparse.Namespace) -> int:
    return run_process("confirmer", main)
