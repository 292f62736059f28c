"""``qingtian export``: write a chain of the ledger as one file that proves itself."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from qingtian.base import settings as base_settings
from qingtian.base import times
from qingtian.office import start

SUMMARY = "write a chain of the ledger (台账) as one file that proves itself offline"
EXAMPLES = """\
  qingtian export task:12 -o task-12.json
  qingtian verify task-12.json             # anywhere, without the database
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chain", metavar="CHAIN", help="for example task:12 or episode:7")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="where to write it (standard output)")


def run(args: argparse.Namespace) -> int:
    """Make a checkpoint, so that every entry is under one, and write the file.

    :raises ChainUnknown, KeyUnreadable:
    """
    start.start()
    from qingtian.office.ledger import api as ledger

    language = base_settings.from_environment().language
    try:
        ledger.checkpoint(at=times.now())
    except ledger.NotSettled as error:
        # the newest entries then stand in the file without a path to a checkpoint
        print(error.sentence(language), file=sys.stderr)
    content = ledger.export(chain=args.chain, at=times.now())
    if args.output is None:
        sys.stdout.buffer.write(content)
        return 0
    args.output.write_bytes(content)
    said = (
        f"已写入 {args.output}，{len(content)} 字节。" if language == "zh" else f"{args.output}: {len(content)} bytes."
    )
    print(said)
    return 0
