"""``qingtian convert``: a file of raw HJ 212 bytes, or a network capture, to JSON lines, CSV or Parquet."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import BinaryIO

from qingtian.entry.convert.sources import packets
from qingtian.entry.convert.writers import FORMATS, Writer
from qingtian.entry.progress import Progress
from qingtian.stream.hj212.deviations import DEVIATIONS
from qingtian.stream.hj212.profile import STRICT, USUAL, Profile
from qingtian.stream.hj212.segment import read_header
from qingtian.stream.hj212.tally import Tally

SUMMARY = "turn raw HJ 212 bytes or a pcap into JSON lines, CSV or Parquet"
EXAMPLES = """\
  tcpdump -i eth0 -w line.pcap 'tcp port 9212'
  qingtian convert line.pcap -o line.parquet
  qingtian convert dump.bin --format csv > dump.csv
  qingtian convert line.pcap -o line.jsonl --statistics
  qingtian convert dump.bin | jq 'select(.ok | not)'

A classic pcap (Ethernet, IPv4, TCP) is told by its first bytes; its connections are put together by stream. JSON lines
have one object a packet; CSV and Parquet one row a value, and one for a packet without values. What breaks the standard
but loses nothing is read (--strict: is not), with the codes of the table in docs/hj212.md.

exit codes: 0 all packets are in order, 1 some are not, or the file cannot be used, 2 no such file or no way to write
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="raw bytes or a pcap; - is standard input")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to (default: standard output)")
    parser.add_argument("--format", choices=sorted(FORMATS), help="default: by the ending of FILE, or jsonl")
    parser.add_argument("--strict", action="store_true", help="read only what the strict reader accepts")
    parser.add_argument("--statistics", action="store_true", help="tell how each device deviates, on standard error")


def run(args: argparse.Namespace) -> int:
    name = args.format or _format_of(args.output)
    if name is None or (name == "parquet" and args.output is None):
        print("qingtian convert: give -o FILE.jsonl, .csv or .parquet, or --format", file=sys.stderr)
        return 2
    try:
        with _opened(args.file) as source, _created(args.output) as target:
            counts, tally = _convert(source, FORMATS[name](target), STRICT if args.strict else USUAL)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        print(f"qingtian convert: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    if args.statistics:
        _print_statistics(tally)
    return 1 if counts["refused"] else 0


def _format_of(output: str | None) -> str | None:
    if output is None:
        return "jsonl"
    ending = Path(output).suffix.removeprefix(".").lower()
    return ending if ending in FORMATS else None


def _opened(file: str) -> BinaryIO:
    return open(sys.stdin.fileno(), "rb", closefd=False) if file == "-" else open(file, "rb")


def _created(output: str | None) -> BinaryIO:
    return open(sys.stdout.fileno(), "wb", closefd=False) if output is None else open(output, "wb")


def _convert(source: BinaryIO, writer: Writer, profile: Profile) -> tuple[Counter[str], Tally]:
    size = os.fstat(source.fileno()).st_size or None
    progress = Progress(size, stream=sys.stderr, clock=time.monotonic)
    counts: Counter[str] = Counter()
    tally = Tally()
    for found in packets(source, profile, tell=progress.tell):
        writer.write(found)
        counts["packets"] += 1
        counts["refused"] += not found.reading.ok
        counts["deviating"] += bool(found.reading.recorded)
        tally.add(read_header(found.reading.frame.segment).get("MN", ""), found.reading.recorded)
    writer.close()
    progress.finish(
        f"{counts['packets']} packets, of which {counts['refused']} refused and {counts['deviating']} deviating"
    )
    return counts, tally


def _print_statistics(tally: Tally) -> None:
    for share in tally:
        sentence = DEVIATIONS[share.code].sentence("en")
        print(f"{share.mn or '(no MN)'}  {share.code}  {share.count} of {share.packets}: {sentence}", file=sys.stderr)
