"""``papers.yaml`` and the Word files in ``papers/`` → the papers of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path

from qingtian.law.clocks import Words
from qingtian.law.machine.definition import PAPER_FORMS, Paper, Part
from qingtian.law.machine.documents import Cursor
from qingtian.law.machine.patterns import Pattern

VOLUMES = ("main", "side")
TEXTS = ("to", "heading", "text", "list", "party")
"""Parts with one text: of ``list`` and ``party`` the name of a fact."""
LABELS = ("sign", "opinions")
PARTS = (*TEXTS, *LABELS, "table", "seal")
SHOWN = "shown"
"""``table: shown`` is a row for each fact that the paper shows."""
WORD = ".docx"


def templates(folder: Path | Traversable) -> dict[str, bytes]:
    """Return the kind's own Word templates, by the paper they are for."""
    papers = folder.joinpath("papers")
    if not papers.is_dir():
        return {}
    return {
        each.name.removesuffix(WORD): each.read_bytes()
        for each in sorted(papers.iterdir(), key=lambda each: each.name)
        if each.name.endswith(WORD)
    }


def paper(name: str, row: Cursor, template: bytes) -> Paper:
    """Read one paper."""
    row.keys("zh", "en", "shows", optional=("volume", "law", "mark", "number", "letters", "form", "body"))
    return Paper(
        name=name,
        title=Words(zh=row.text("zh"), en=row.text("en")),
        shows=row.texts("shows"),
        volume=row.one_of("volume", VOLUMES, default="main"),
        law=row.text("law"),
        mark=row.text("mark"),
        pattern=_pattern(row) if row.has("number") else None,
        form=row.one_of("form", PAPER_FORMS, default="letter") if row.has("form") else "",
        body=parts(row, "body"),
        template=template,
        line=row.line,
    )


def _pattern(row: Cursor) -> Pattern:
    letters = {
        fact: {option: each.text(option) for option, _ in row.at("letters").named(fact)}
        for fact, each in row.named("letters")
    }
    return Pattern(text=row.text("number"), letters=letters)


def parts(row: Cursor, key: str) -> tuple[Part, ...]:
    """Read the parts of a text."""
    return tuple(part for each in row.rows(key) if (part := _part(each)) is not None)


def _part(row: Cursor) -> Part | None:
    if not isinstance(row.value, dict):
        row.wrong("一个部分，如 text: …", "a part, such as `text: …`")
        return None
    row.keys(optional=(*PARTS, "when"))
    given = [kind for kind in PARTS if row.has(kind)]
    if len(given) != 1:
        row.wrong(f"恰好一种部分（{'、'.join(PARTS)}）", f"exactly one of {', '.join(PARTS)}")
        return None
    kind = given[0]
    return Part(
        kind=kind,
        text=row.text(kind) if kind in TEXTS else "",
        rows=_rows(row, kind),
        when=row.text("when"),
        line=row.line,
    )


def _rows(row: Cursor, kind: str) -> tuple[tuple[str, str], ...]:
    if kind in LABELS:
        return tuple((label, "") for label in row.texts(kind))
    if kind != "table":
        return ()
    if row.value[kind] == SHOWN:
        return (("", SHOWN),)
    return tuple(pair for each in row.rows(kind) for pair in _pairs(each))


def _pairs(each: Cursor) -> list[tuple[str, str]]:
    """A fact stands for its name and value; ``{label: text}`` for itself."""
    value: object = each.value
    if isinstance(value, Mapping):
        return [(str(label), each.text(str(label))) for label in value]
    if isinstance(value, str):
        return [("", value)]
    each.wrong("事实的名称，或“标签: 文字”", "the name of a fact, or `label: text`")
    return []
