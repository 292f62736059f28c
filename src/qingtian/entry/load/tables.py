"""What the benches of the office run on: engines of their own, the tables made, Django started in this process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from qingtian.base.settings import Settings
from qingtian.entry.load import stage as stages
from qingtian.office import start


@contextmanager
def made() -> Iterator[Settings]:
    """Yield the settings of an office with empty tables, gone afterwards."""
    with stages.stage() as stage:
        os.environ.update(stage.environment())
        stages.step("making the tables")
        subprocess.run([sys.executable, "-m", "qingtian.entry.migrate"], check=True, capture_output=True)
        start.start()
        try:
            yield stage.settings
        finally:
            close()


def close() -> None:
    """Close this process's connections to the database, so that the server or the process can end."""
    from django.db import connections

    connections.close_all()
    connections["default"].close_pool()  # type: ignore[attr-defined]
