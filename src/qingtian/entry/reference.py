"""``python -m qingtian.entry.reference docs/hj212.md docs/simulator.md``: make the tables of the pages anew."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from qingtian.stream.hj212 import reference as codec
from qingtian.stream.requests import reference as requests
from qingtian.stream.simulator import reference as simulator


def requests_table() -> str:
    """Return every request of `qingtian command`."""
    rows = ((f"`{name}`", cn, editions, _code(items), *rest) for name, cn, editions, items, *rest in requests.rows())
    return codec.table(requests.HEAD, rows)


def _code(items: str) -> str:
    """Mark names as code, leave ``2005:`` and the dash alone."""
    return " ".join(word if word[0] in "2–" else f"`{word}`" for word in items.split())


TABLES: Mapping[str, Callable[[], str]] = {**codec.TABLES, "requests": requests_table}


def filled(page: str) -> str:
    """Return a page with its tables made anew."""
    return codec.filled(page, TABLES)


def main() -> int:
    """Rewrite the pages named on the command line; return 0, or 2 without one."""
    if not sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    for name in sys.argv[1:]:
        page = Path(name)
        page.write_text(simulator.filled(filled(page.read_text(encoding="utf-8"))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
