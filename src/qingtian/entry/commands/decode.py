"""``qingtian decode``: raw bytes in, one JSON object a packet out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

import orjson

from qingtian.stream.hj212.decoded import decoded
from qingtian.stream.hj212.frames import Frame, FrameReader
from qingtian.stream.hj212.profile import STRICT, Profile, verdicts_from
from qingtian.stream.hj212.tolerant import Reading, TolerantReader

SUMMARY = "read raw HJ 212 packets; print one JSON object a line"
EXAMPLES = """\
  qingtian decode packets.txt
  nc -l 9212 | qingtian decode -
  qingtian decode dump.bin | jq 'select(.ok | not)'
  qingtian decode --tolerant --deviations dump.bin
  qingtian decode --tolerant --refuse checksum_modbus --refuse unknown_factor dump.bin

Any number of packets, end to end or one a line, from a file of any size. What is no packet is a line with "ok": false
and an "error": bad_checksum, bad_length, garbage, oversize, broken_segment. With --tolerant, packets that break the
standard in a way that loses no information are read too; docs/hj212.md has a table of the deviations.

exit codes: 0 all packets are in order, 1 some are not, 2 no such file
"""

PIECE = 1 << 16
"""Bytes read at a time."""

Packet = dict[str, object]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="raw packets; - is standard input")
    parser.add_argument("--tolerant", action="store_true", help="read also what breaks the standard but loses nothing")
    parser.add_argument("--deviations", action="store_true", help="add the codes of how a packet breaks the standard")
    parser.add_argument(
        "--refuse", metavar="CODE", action="append", default=[], help="a deviation to refuse (with --tolerant)"
    )


def run(args: argparse.Namespace) -> int:
    packets: Callable[[BinaryIO], Iterator[Packet]] = _strict
    if args.tolerant or args.deviations:
        verdicts = verdicts_from(dict.fromkeys(args.refuse, "refuse"))
        packets = _tolerant(Profile(verdicts=verdicts) if args.tolerant else STRICT, deviations=args.deviations)
    if args.file == "-":
        return _print_all(packets(sys.stdin.buffer))
    try:
        source = open(args.file, "rb")  # noqa: SIM115 - closed below; only its opening is guarded
    except OSError as error:
        print(f"qingtian decode: {args.file}: {error.strerror}", file=sys.stderr)
        return 2
    with source:
        return _print_all(packets(source))


def _strict(source: BinaryIO) -> Iterator[Packet]:
    reader = FrameReader()
    yield from (_packet(frame) for piece in _pieces(source) for frame in reader.feed(piece))
    yield from map(_packet, reader.finish())


def _tolerant(profile: Profile, *, deviations: bool) -> Callable[[BinaryIO], Iterator[Packet]]:
    def told(reading: Reading) -> Packet:
        packet = _packet(reading.frame)
        return {**packet, "deviations": reading.deviations} if deviations else packet

    def packets(source: BinaryIO) -> Iterator[Packet]:
        reader = TolerantReader(lambda mn: profile)
        yield from (told(reading) for piece in _pieces(source) for reading in reader.feed(piece))
        yield from map(told, reader.finish())

    return packets


def _packet(frame: Frame) -> Packet:
    return {**decoded(frame)}


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    # read1 gives what a pipe has by now, so a live stream is not held back
    read = getattr(source, "read1", source.read)
    while piece := read(PIECE):
        yield piece
        if len(piece) < PIECE:
            sys.stdout.buffer.flush()


def _print_all(packets: Iterator[Packet]) -> int:
    exit_code = 0
    out = sys.stdout.buffer
    for packet in packets:
        out.write(orjson.dumps(packet, option=orjson.OPT_APPEND_NEWLINE))
        if not packet["ok"]:
            exit_code = 1
    out.flush()
    return exit_code
