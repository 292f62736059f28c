"""Fuzzing led by coverage: ``python -m tests.fuzz.guided TARGET SECONDS [FOLDER]`` runs one target of `targets`.

Needs atheris (dependency group ``fuzz``). What it finds new is kept in FOLDER; a crash is written beside it, and its
bytes belong into ``corpus`` once the fault is mended.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

import qingtian

CODEC = "qingtian.stream.hj212"
CORPUS = Path(__file__).parent / "corpus"
LONGEST = 8192
SLOW = 10
"""Seconds that one input may take before it counts as a find."""

MEMORY = 2048
"""MiB that the process may hold."""


def _modules() -> list[str]:
    """Return the modules of the codec, found without importing it: an import is the moment to instrument."""
    return [file.stem for root in qingtian.__path__ for file in Path(root, "stream", "hj212").glob("*.py")]


def main(name: str, seconds: int, folder: Path) -> None:
    # what Numba compiles must stay as it was written
    kernels = [f"{CODEC}.{name}" for name in _modules() if name.startswith(("kernel", "words"))]
    with atheris.instrument_imports(include=["qingtian.stream", "qingtian.entry.convert"], exclude=kernels):
        from tests.fuzz import targets
    folder.mkdir(parents=True, exist_ok=True)
    limits = (
        *(f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={SLOW}", f"-rss_limit_mb={MEMORY}"),
        *(f"-artifact_prefix={folder}/", "-print_final_stats=1"),
    )
    atheris.Setup([sys.argv[0], *limits, str(folder), str(CORPUS)], targets.TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    where = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(tempfile.mkdtemp(prefix="qingtian-fuzz-"))
    main(sys.argv[1], int(sys.argv[2]), where)
