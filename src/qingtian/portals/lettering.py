"""Text for drawings made by the server: how wide it will be, and where its lines break. No font is asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

TextLines = tuple[str, ...]
EM, LINE = 13.0, 17.0
"""Size of the letters of a drawing and distance of its lines, in its own units."""
NARROW, CAPITAL = 0.54, 0.68
"""Width of Latin letters in ems: the mean of the fonts that the pages name, rounded up."""
PIECES = re.compile(r"[\u0021-\u024f]+|\s+|.", re.DOTALL)
"""What is not broken: a word of Latin letters; a Chinese character stands by itself."""
NEVER_FIRST = "，。；：、）」』》！？·-/"


def width(text: str) -> float:
    """Return about how wide a text is drawn."""
    return EM * sum(_ems(letter) for letter in text)


def _ems(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return CAPITAL if letter.isupper() else NARROW


def lettering(text: str, *, width: float) -> TextLines:
    """Return a text broken into lines of at most that width; a single word that is wider stands on its own."""
    return tuple(_lines(text, width))


def _lines(text: str, most: float) -> Iterator[str]:
    line = ""
    for piece in PIECES.findall(text):
        if line and width(line + piece) > most and piece not in NEVER_FIRST:
            yield line.rstrip()
            line = piece.lstrip()
        else:
            line += piece
    if line:
        yield line
