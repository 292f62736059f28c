"""What pages read from the lake: the readings of a chart, the latest packets, the packets of a finding."""

from __future__ import annotations

from functools import cache

from qingtian.base import settings as base_settings
from qingtian.lake.reader import Lake, open_lake


@cache
def lake() -> Lake:
    """Return the reader of this process; it remembers the list of files."""
    return open_lake(base_settings.from_environment().lake_url)
