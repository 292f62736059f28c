"""``qingtian bench``: how fast, measured here and now. Each module of `qingtian.entry.bench` is one bench."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
from typing import Any, Protocol, cast

from qingtian.entry import bench

SUMMARY = "measure how fast this machine frames, judges, stores, tells"
EXAMPLES = """\
  qingtian bench codec
  qingtian bench ingest --seconds 10
  qingtian bench latency --rate 10000 --seconds 10 --json     the last line is one JSON object
"""


class Bench(Protocol):
    """What a module of `qingtian.entry.bench` offers."""

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> dict[str, Any]:
        """Measure, print a small table, return the figures."""
        ...


def bench_names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__))


def load(name: str) -> Bench:
    return cast(Bench, importlib.import_module(f"{bench.__name__}.{name}"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    choices = parser.add_subparsers(dest="bench", metavar="NAME", required=True)
    for name in bench_names():
        found = load(name)
        choice = choices.add_parser(name, help=found.SUMMARY, description=found.SUMMARY)
        choice.add_argument("--seconds", type=float, default=5.0, help="how long to measure (5)")
        choice.add_argument("--json", action="store_true", help="print one JSON object as the last line")
        found.add_arguments(choice)


def run(args: argparse.Namespace) -> int:
    figures = load(args.bench).run(args)
    if args.json:
        print(json.dumps(figures))
    return 0
