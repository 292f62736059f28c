"""The rail and the tabs of a page: the same links on page after page, made once for each set of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from qingtian.portals.templatetags.parts import icon, language

register = template.Library()

Entry = tuple[str, str, str]
"""Path, drawing and word of an entry."""


@register.simple_tag
def rail(places: Sequence[object], current: str, overdue: object = "") -> SafeString:
    """The entries of the rail; the word stands in the title too, for a narrow rail shows drawings alone."""
    return _row(_entries(places), current, str(overdue), language(), titled=True)


@register.simple_tag
def tabs(places: Sequence[object], current: str, overdue: object = "") -> SafeString:
    """The entries of a phone's bottom line."""
    return _row(_entries(places), current, str(overdue), language(), titled=False)


@register.simple_tag
def tabs_more(places: Sequence[object], current: str) -> SafeString:
    """The entries behind "more"."""
    return _items(_entries(places), current)


def _entries(places: Sequence[object]) -> tuple[Entry, ...]:
    return tuple((place.path, place.icon, str(place.word)) for place in places)  # type: ignore[attr-defined]


@lru_cache(maxsize=512)
def _row(entries: tuple[Entry, ...], current: str, overdue: str, _language: str, *, titled: bool) -> SafeString:
    parts = []
    for path, drawn, word in entries:
        title = f' title="{escape(word)}"' if titled else ""
        count = _count(overdue) if path == "/inbox/" and overdue else ""
        parts.append(
            f'<a href="{path}"{_here(path, current)}{title}>{icon(drawn)}<span>{escape(word)}</span>{count}</a>'
        )
    return SafeString("".join(parts))


def _count(overdue: str) -> str:
    said = escape(_("overdue"))
    return f'<b class="count">{escape(overdue)}<span class="visually-hidden"> {said}</span></b>'


@lru_cache(maxsize=256)
def _items(entries: tuple[Entry, ...], current: str) -> SafeString:
    return SafeString(
        "".join(
            f'<li><a href="{path}"{_here(path, current)}>{icon(drawn)}{escape(word)}</a></li>'
            for path, drawn, word in entries
        )
    )


def _here(path: str, current: str) -> str:
    return ' aria-current="page"' if path == current else ""
