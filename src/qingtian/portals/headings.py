"""What the columns of a list are called in a file that people open (``?headings=words``): titles, and words for columns
that only programs are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from qingtian.portals.words import Word

CODES: dict[str, Word] = {
    "actor": _("Username"),
    "biological": _("Biological treatment"),
    "closed": _("Has ended"),
    "closed_at": _("Ended at"),
    "code": _("Code"),
    "comparator": _("Comparison"),
    "days_left": _("Days left"),
    "ended_at": _("Ended at"),
    "enterprise": _("Enterprise code"),
    "finding": _("Key in the system"),
    "from": _("In force from"),
    "id": _("Key in the system"),
    "last_id": _("Last entry"),
    "lat": _("Latitude"),
    "limit": _("Limit value"),
    "link": _("Address"),
    "lon": _("Longitude"),
    "note": _("Note"),
    "old_number": _("Old number"),
    "origin": _("Origin"),
    "outlet": _("Outlet code"),
    "outlet_code": _("Outlet code"),
    "rank": _("Rank"),
    "records": _("Number of records"),
    "reference": _("Reference number"),
    "reference_oxygen": _("Reference oxygen"),
    "regime": _("Regime"),
    "setting": _("Code of the setting"),
    "source": _("Source"),
    "to": _("In force until"),
    "unit": _("Unit"),
    "uscc": _("Unified social credit code"),
    "zh": _("Chinese name"),
}
"""Of columns without a title, by their names."""


def of(columns: Sequence[tuple[str, Word]]) -> list[str]:
    """Return the headings of columns (name, title), each once: one that comes twice has the column's name behind it."""
    said = [_said(name, title) for name, title in columns]
    twice = {heading for heading, count in Counter(said).items() if count > 1}
    return [f"{each} ({name})" if each in twice else each for each, (name, _title) in zip(said, columns, strict=True)]


def _said(name: str, title: Any) -> str:
    text = str(title)
    return str(CODES.get(name, text or name)) if text in ("", "id", name) else text
