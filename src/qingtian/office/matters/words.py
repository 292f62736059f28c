"""Words of a text for search without a dictionary: pairs of neighbouring Chinese characters, and words of letters.

A run of characters ends with its last one alone, so that a single character is found by prefix wherever it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal

from qingtian.law.machine.definition import Definition
from qingtian.law.machine.state import FactValue, State

RUNS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[0-9a-z]+")
LAST = re.compile(r"[0-9a-z]+$")
LONGEST = 40
"""A lexeme longer than this is no word; PostgreSQL's own limit is 2 KiB."""


def lexemes(text: str) -> Iterator[str]:
    """Yield the words of a text, in its order."""
    for run in RUNS.findall(_plain(text)):
        if run[0].isascii():
            yield run[:LONGEST]
        else:
            yield from (run[place : place + 2] for place in range(len(run)))


def vector(texts: Iterable[str]) -> str:
    """Return PostgreSQL's ``tsvector`` of these texts, as it is written."""
    return " ".join(f"'{word}'" for word in sorted({word for text in texts for word in lexemes(text)}))


def _plain(text: str) -> str:
    """Return the text as it is compared: what an input method makes full-width １２Ａ is 12a."""
    return unicodedata.normalize("NFKC", text).lower()


def query(text: str) -> str:
    """Return the ``tsquery`` of what somebody searches for: all of it has to be there; empty if it says nothing.

    A word of letters may be going on, a figure only where it is the last that was typed: 第1号 is not 第12号.
    """
    found: list[str] = []
    plain = _plain(text)
    last = LAST.search(plain.rstrip())
    for run in RUNS.findall(plain):
        if run[0].isascii():
            whole = run.isdigit() and not (last and run == last[0])
            found.append(f"'{run[:LONGEST]}'" + ":*" * (not whole))
        elif len(run) == 1:
            found.append(f"'{run}':*")
        else:
            found += [f"'{run[place : place + 2]}'" for place in range(len(run) - 1)]
    return " & ".join(found)


def of_state(definition: Definition, state: State) -> tuple[list[str], list[str]]:
    """Return the texts of a matter that whoever sees it may search, and those of facts that not everybody sees."""
    open_: list[str] = [definition.manifest.words.zh]
    guarded: list[str] = []
    for name, value in state.facts.items():
        (guarded if definition.facts[name].seen_by else open_).extend(_said(definition, name, value))
    open_ += [definition.papers[paper.name].title.zh for paper in state.papers if paper.name in definition.papers]
    return open_, guarded


def _said(definition: Definition, name: str, value: FactValue) -> Iterator[str]:
    if isinstance(value, tuple):
        yield from value
    elif definition.facts[name].type == "choice":
        yield definition.words.of("choices", f"{name}.{value}").zh
    elif isinstance(value, str | Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        yield str(value)
