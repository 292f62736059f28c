"""``python -m qingtian.entry.reference docs/hj212.md``: make the tables of the page anew."""

from __future__ import annotations

import sys
from pathlib import Path

from qingtian.stream.hj212.reference import filled


def main() -> int:
    """Rewrite the pages named on the command line; return 0, or 2 without one."""
    if not sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    for name in sys.argv[1:]:
        page = Path(name)
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
