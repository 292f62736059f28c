"""``qingtian worker``: the process that does what is due: escalation, housekeeping, clearing away."""

from __future__ import annotations

import argparse

from qingtian.entry.process import run_process
from qingtian.office import start

SUMMARY = "do what is due: escalate overdue tasks, tidy the lake, clear away what is over"
EXAMPLES = """\
  qingtian worker                                engines of the running `qingtian up`
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no options of its own."""


def run(args: argparse.Namespace) -> int:
    start.start()
    from qingtian.office.jobs.process import main

    return run_process("worker", main)
