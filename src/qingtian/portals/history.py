"""The readers of the lake that pages share: readings and packets, and the windows that judgement made."""

from __future__ import annotations

from functools import cache

from qingtian.base import settings as base_settings
from qingtian.lake.files import TableFiles
from qingtian.lake.reader import Lake, open_lake
from qingtian.lake.windows import open_windows


@cache
def lake() -> Lake:
    """Return the reader of this process; it remembers the list of files."""
    return open_lake(base_settings.from_environment().lake_url)


@cache
def windows() -> TableFiles:
    """Return the files of the windows; they too are remembered."""
    return open_windows(base_settings.from_environment().lake_url)
