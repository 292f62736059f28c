"""The tables of docs/simulator.md, made from what the simulator works with, so that the page cannot lag behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from qingtian.stream.hj212 import DEVIATIONS
from qingtian.stream.simulator import quirks, scenarios, schema, script
from qingtian.stream.simulator.schema import Key

PART = re.compile(r"(<!-- keys: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str) -> str:
    """Return a page with the tables between ``<!-- keys: NAME -->`` and ``<!-- end -->`` made anew."""
    return PART.sub(lambda match: f"{match[1]}{TABLES[match['name']]()}{match[3]}", page)


def _keys(keys: Mapping[str, Key]) -> str:
    rows = ((f"`{name}`", key.meaning.zh, key.meaning.en, f"{key.kind.zh} {key.kind.en}") for name, key in keys.items())
    return _table(("key", "含义", "meaning", "value"), rows)


def _scenarios() -> str:
    rows = ((f"`{name}`", script.named(name).zh, script.named(name).en) for name in scenarios.names())
    return _table(("scenario", "情景", "what happens"), rows)


def _quirks() -> str:
    return ", ".join(f"`{code}`" for code in DEVIATIONS if code in quirks.QUIRKS) + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


TABLES: dict[str, Callable[[], str]] = {
    "scenarios": _scenarios,
    "file": lambda: _keys(schema.FILE),
    "device": lambda: _keys(schema.DEVICE),
    "factor": lambda: _keys(schema.FACTOR_KEYS),
    "behaviour": lambda: _keys(schema.BEHAVIOUR),
    "deviations": _quirks,
}
