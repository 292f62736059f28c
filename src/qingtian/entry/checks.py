"""The checks of the house, one after another: ``python -m qingtian.entry.checks`` (``make check``).

Formatting and lint (ruff), types (mypy, strict), one-way imports (import-linter). Exit code 1 if any of them is red.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TOOLS = Path(sys.executable).parent

CHECKS = (
    ("format", ("ruff", "format", "--check", "--quiet", "src", "tests")),
    ("lint", ("ruff", "check", "--quiet", "src", "tests")),
    ("imports", ("lint-imports", "--no-logo")),
    ("types", ("mypy", "--no-error-summary")),
)


def run(name: str, words: tuple[str, ...]) -> bool:
    """Run one check; show what it said only if it is red."""
    outcome = subprocess.run((str(TOOLS / words[0]), *words[1:]), cwd=ROOT, capture_output=True, text=True)
    print(f"{name:<8} {'ok' if outcome.returncode == 0 else 'FAILED'}", flush=True)
    if outcome.returncode:
        print(outcome.stdout + outcome.stderr, flush=True)
    return outcome.returncode == 0


def main() -> int:
    results = [run(name, words) for name, words in CHECKS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
