"""``qingtian``: finds the command, reads its words, runs it. Exit codes: 0 done, 1 refused or failed, 2 misused."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from qingtian import __version__
from qingtian.base import settings as base_settings
from qingtian.base.errors import QingtianError
from qingtian.entry import commands


class Command(Protocol):
    """What a module of `qingtian.entry.commands` offers."""

    SUMMARY: str
    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, args: argparse.Namespace) -> int: ...


def command_names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))


def load(name: str) -> Command:
    return cast(Command, importlib.import_module(f"{commands.__name__}.{name}"))


def _summary_of_all() -> str:
    lines = [f"  {name:<12} {load(name).SUMMARY}" for name in command_names()]
    return "commands:\n" + "\n".join(lines) + "\n\n`qingtian COMMAND --help` shows its options and examples."


def _usage(stream: object = None) -> None:
    head = f"Qingtian 青天 {__version__}\nusage: qingtian COMMAND [options]\n\n"
    print(head + _summary_of_all(), file=sys.stderr if stream is None else None)


def _parser(name: str, command: Command) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"qingtian {name}",
        description=command.SUMMARY,
        epilog="examples:\n" + command.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", metavar="FOLDER", help="the data folder (default: ./var, or QINGTIAN_DATA)")
    command.add_arguments(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words in (["--version"], ["-V"]):
        print(f"qingtian {__version__}")
        return 0
    if not words or words[0] in ("-h", "--help"):
        _usage("out" if words else None)
        return 0 if words else 2
    name = words[0]
    if name not in command_names():
        print(f"qingtian: no command {name!r}; there are: {', '.join(command_names())}", file=sys.stderr)
        return 2
    command = load(name)
    args = _parser(name, command).parse_args(words[1:])
    if args.data:
        # child processes and settings read the same place
        os.environ["QINGTIAN_DATA"] = args.data
    try:
        return command.run(args)
    except QingtianError as error:
        language = base_settings.from_environment().language
        print(f"qingtian: {error.sentence(language)} [{error.code}]", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    raise SystemExit(main())
