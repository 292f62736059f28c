"""Compile every kernel now: ``python -m qingtian.stream.warm``. Set-up calls it, so that no start waits for a compiler.

How the cache works. A kernel is compiled when it is first called with arguments of new types, and the machine code is
written as ``*.nbi`` (index) and ``*.nbc`` (code) into ``__pycache__`` beside its source; where that cannot be written,
into the user's cache folder; or into ``NUMBA_CACHE_DIR`` if that is set. An entry is good for this Numba, this
processor and this state of *its own* source file: a kernel that was changed is compiled again by itself, but a kernel
in another file that calls it is not. After a change in a kernel that others call, run this with ``--anew``, which
deletes the kept code first (an installed package never changes, so only developers need it).

A package that has kernels offers a module ``kernels`` or ``kernel`` with a function ``warm``; those under
`qingtian.stream`, `qingtian.kinds` and `qingtian.office` are found and called.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import qingtian

PLACES = ("stream", "kinds", "office")
NAMES = frozenset({"kernel", "kernels"})
KEPT = ("*.nbi", "*.nbc")


def _kernel_modules() -> Iterator[ModuleType]:
    """Yield the modules that know how to warm themselves; nothing else is imported but the packages they are in."""
    for place in PLACES:
        folders = [str(Path(folder) / place) for folder in qingtian.__path__]
        for found in pkgutil.walk_packages(folders, f"{qingtian.__name__}.{place}."):
            if found.name.rpartition(".")[2] in NAMES:
                yield importlib.import_module(found.name)


def forget() -> int:
    """Delete the machine code kept beside the sources; return how many files that were."""
    files = [
        file
        for folder in qingtian.__path__
        for place in PLACES
        for pattern in KEPT
        for file in (Path(folder) / place).rglob(f"__pycache__/{pattern}")
    ]
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)


def warm_all() -> list[str]:
    """Compile what is not kept yet; return the names of the modules warmed."""
    warmed = []
    for module in _kernel_modules():
        warm = getattr(module, "warm", None)
        if warm is not None:
            warm()
            warmed.append(module.__name__)
    return warmed


def main(words: Sequence[str]) -> int:
    if list(words) not in ([], ["--anew"]):
        sys.stderr.write("usage: python -m qingtian.stream.warm [--anew]\n")
        return 2
    if words:
        sys.stdout.write(f"{forget()} kept files deleted\n")
    start = time.perf_counter()
    warmed = warm_all()
    sys.stdout.write(f"kernels ready in {time.perf_counter() - start:.1f} s: {', '.join(warmed)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
