"""Bring the catalogue of words up to date: ``python -m qingtian.portals.extract``.

The English sentences of pages and code are the keys. New ones enter ``django.po`` without a translation, which a test
refuses until somebody has translated them; those no longer said are dropped.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PORTALS = Path(__file__).resolve().parent
PO = PORTALS / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "say": None}
QUOTED = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"(?:\b_|\bn?gettext)\(\s*({QUOTED})(?:,\s*({QUOTED}))?")

Said = str | tuple[str, ...]


def said_in_code() -> Iterator[tuple[str, Said]]:
    """Yield file and sentence (or singular and plural) of the Python files."""
    for file in sorted(PORTALS.rglob("*.py")):
        for _line, said, _comments, _context in extract_from_file("python", file, KEYWORDS):
            yield str(file.relative_to(PORTALS)), said


def said_in_templates() -> Iterator[tuple[str, Said]]:
    """Yield the same of the templates; Django makes each look like code first."""
    for file in sorted(PORTALS.rglob("templates/**/*.html")):
        for single, plural in CALL.findall(templatize(file.read_text(), origin=str(file))):
            words = tuple(str(ast.literal_eval(text)) for text in (single, plural) if text)
            yield str(file.relative_to(PORTALS)), words if len(words) > 1 else words[0]


def catalogue() -> Catalog:
    """Return the catalogue as it should be: what is said now, with the translations there are."""
    with PO.open("rb") as file:
        known = read_po(file, locale="zh_Hans")
    fresh = Catalog(locale="zh_Hans", project="Qingtian", fuzzy=False, header_comment="# Words of the pages.")
    for place, said in [*said_in_code(), *said_in_templates()]:
        key = said if isinstance(said, str) else said[0]
        before = known.get(key)
        fresh.add(said, string=before.string if before else "", locations=[(place, 0)], flags=[])
    return fresh


def main() -> int:
    fresh = catalogue()
    with PO.open("wb") as file:
        write_po(file, fresh, width=120, sort_output=True, include_lineno=False, omit_header=False)
    missing = [str(message.id) for message in fresh if message.id and not any(_texts(message.string))]
    sys.stdout.write("".join(f"not translated: {text}\n" for text in missing))
    return 1 if missing else 0


def _texts(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [string or ""] if string is None or isinstance(string, str) else list(string)


if __name__ == "__main__":
    raise SystemExit(main())
