"""The cells of a row as text, and the rows that are kept: most rows of a list look as they did when it was last opened.

A row is kept under all that it shows, in one language, and nothing of the viewer: which rows somebody sees, and whether
they can be chosen, is decided outside, each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from html import escape

from django.utils.formats import localize
from django.utils.safestring import SafeString

Cell = tuple[str, object, bool]
"""The title of its column, what is shown (escaped unless a part made it), and whether it is a number."""
MOST = 4096
"""Rows of a process, some 1.5 kB each; when there are more, all are forgotten."""
_kept: dict[Hashable, str] = {}


def kept(key: Hashable | None, made: Callable[[], str]) -> str:
    """Return the text that is kept under the key, made if it is not there; without a key it is always made."""
    if key is None:
        return made()
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST:
            _kept.clear()
        found = _kept[key] = made()
    return found


def html(cells: Iterable[Cell], link: str) -> str:
    """Return the cells of a row; the first leads to ``link``, if there is one."""
    return "".join(_cell(cell, link if place == 0 else "", first=place == 0) for place, cell in enumerate(cells))


def text(shown: object) -> str:
    """Return what is shown as HTML."""
    if isinstance(shown, SafeString):
        return shown
    return "—" if shown is None else escape(str(localize(shown)))


def _cell(cell: Cell, link: str, *, first: bool) -> str:
    title, shown, number = cell
    classes = ("first " if first else "") + ("num" if number else "")
    said = text(shown)
    if link:
        said = f'<a href="{escape(link)}">{said}</a>'
    return f'<td data-title="{escape(title)}" class="{classes}">{said}</td>'
