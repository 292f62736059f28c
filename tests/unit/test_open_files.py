"""An ordinary user's 1,024 open files are not enough for a city; the limit is raised as far as it may be."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import resource
from qingtian.base import open_files
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 2000))
print(open_files.allow(32), open_files.allow(1000), open_files.allow(100), open_files.allow(5000))
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_it_raises_the_soft_limit_and_never_lowers_it() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == ["288 1256 1256 2000", "(2000, 2000)"]
