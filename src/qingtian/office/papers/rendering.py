"""A frozen paper → its Word file, its PDF, and the digest of the template they were made by.

The PDF is set from the Word file, so both say the same. All of it is a function of content and template: whenever the
same paper is made again by the same template, the bytes are the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from qingtian.office.papers import filling, forms, layout
from qingtian.office.papers.layout import Content
from qingtian.office.papers.sheet import sheet
from qingtian.office.papers.typesetting import pdf

LETTER = files("qingtian.office.papers") / "typst" / "letter.typ"
DRAFT = "草稿"


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A paper made: the Word file, the PDF (PDF/A-2), and the SHA-256 of what they were made by."""

    docx: bytes
    pdf: bytes
    template: str


def render(content: Content, *, draft: bool = False) -> Rendered:
    """Make the paper. ``draft``: the PDF says so on every page.

    :raises TextRefused, TemplateRefused: if the kind's text or template cannot be filled in.
    :raises FontMissing, PaperRefused: if the PDF cannot be set.
    """
    word = docx(content)
    return Rendered(docx=word, pdf=of_word(word, content, draft=draft), template=template_digest(content))


def docx(content: Content) -> bytes:
    """Return the Word file alone.

    :raises TextRefused, TemplateRefused: if the kind's text or template cannot be filled in.
    """
    known = layout.values(content)
    return filling.filled(content, known, [asdict(block) for block in layout.blocks(content, known)])


def of_word(word: bytes, content: Content, *, draft: bool) -> bytes:
    """Return the PDF of a Word file."""
    data = {
        "title": content.paper.title.zh,
        "authority": content.particulars.authority,
        "draft": DRAFT if draft else "",
        **sheet(word),
    }
    return pdf(template=LETTER, data=data, made_at=content.made_at)


def template_digest(content: Content) -> str:
    """Return the SHA-256 of all that decides how the paper looks: Word template, text, and setting."""
    told = repr((content.paper.title, [(part.kind, part.text, part.rows, part.when) for part in _body(content)]))
    made_of = (filling.template_of(content), told.encode(), _letter())
    return hashlib.sha256(b"".join(hashlib.sha256(each).digest() for each in made_of)).hexdigest()


def _body(content: Content) -> Any:
    return forms.body(content.paper)


@cache
def _letter() -> bytes:
    return LETTER.read_bytes()
