"""Where a limit is printed, as people cite it: the standard with its table (DB44/2367-2022 表1)."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

# the rule files name a place in a document (``….pdf#table1``) or say it in words (``GB 18485-2014 table 4``)
TABLE = re.compile(r"#table(\d+)|\btable (\d+)")


def cite(*, standard: str, source: str) -> str:
    """Return the standard with the table that the source names; without one, the standard alone."""
    found = TABLE.search(source)
    if not found:
        return standard
    return _("%(standard)s, table %(table)s") % {"standard": standard, "table": found[1] or found[2]}
