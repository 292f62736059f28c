"""``qingtian decode``: raw bytes in, one JSON object a packet out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import BinaryIO

import orjson

from qingtian.stream.hj212.decoded import decoded
from qingtian.stream.hj212.frames import Frame, FrameReader

SUMMARY = "read raw HJ 212 packets; print one JSON object a line"
EXAMPLES = """\
  qingtian decode packets.txt
  nc -l 9212 | qingtian decode -
  qingtian decode dump.bin | jq 'select(.ok | not)'

Any number of packets, end to end or one a line, from a file of any size. What is no packet is a line with "ok": false
and an "error": bad_checksum, bad_length, garbage, oversize, broken_segment.

exit codes: 0 all packets are in order, 1 some are not, 2 no such file
"""

PIECE = 1 << 16
"""Bytes read at a time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="raw packets; - is standard input")


def run(args: argparse.Namespace) -> int:
    if args.file == "-":
        return _print_all(sys.stdin.buffer)
    try:
        source = open(args.file, "rb")  # noqa: SIM115 - closed below; only its opening is guarded
    except OSError as error:
        print(f"qingtian decode: {args.file}: {error.strerror}", file=sys.stderr)
        return 2
    with source:
        return _print_all(source)


def _frames(source: BinaryIO) -> Iterator[Frame]:
    reader = FrameReader()
    # read1 gives what a pipe has by now, so a live stream is not held back
    read = getattr(source, "read1", source.read)
    while piece := read(PIECE):
        yield from reader.feed(piece)
        if len(piece) < PIECE:
            sys.stdout.buffer.flush()
    yield from reader.finish()


def _print_all(source: BinaryIO) -> int:
    exit_code = 0
    out = sys.stdout.buffer
    for frame in _frames(source):
        packet = decoded(frame)
        out.write(orjson.dumps(packet, option=orjson.OPT_APPEND_NEWLINE))
        if not packet["ok"]:
            exit_code = 1
    out.flush()
    return exit_code
