"""A Word template and values → a Word file, by `docxtpl` in the sandbox of `law.machine.phrases`. Pure."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from typing import Any
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import TemplateError

from qingtian.base import parsers
from qingtian.law.machine import phrases
from qingtian.office.papers import house
from qingtian.office.papers.layout import Content
from qingtian.office.papers.packing import packed
from qingtian.office.papers.refusals import TemplateRefused

UNFILLED = (
    *(BadZipFile, PackageNotFoundError, SyntaxError, TemplateError),
    *(TypeError, KeyError, ValueError, ArithmeticError),
)


@cache
def house_template() -> bytes:
    """Return the house's template, which a clerk may take as the beginning of another."""
    return house.FILE.read_bytes()


def template_of(content: Content) -> bytes:
    """Return the template that a paper is filled into: its kind's own, else the house's."""
    return content.paper.template or house_template()


def filled(content: Content, known: Mapping[str, Any], blocks: list[dict[str, Any]]) -> bytes:
    """Return the Word file; the same values always give the same bytes.

    :raises TemplateRefused: if the template is no Word file, or names what there is not.
    """
    made = io.BytesIO()
    try:
        file = DocxTemplate(io.BytesIO(template_of(content)))
        file.render({**known, "blocks": blocks}, phrases.environment(escaping=True), autoescape=True)
        file.save(made)
    except UNFILLED as error:
        why = parsers.of_jinja(str(error)) if str(error) else type(error).__name__
        raise TemplateRefused(kind=content.definition.manifest.code, paper=content.name, why=why) from error
    return packed(made.getvalue(), made_at=content.made_at, title=content.paper.title.zh, author=known["authority"])
