"""One error type: a code one can quote, and a sentence that says what happened, why and what to do.

Each error class stands beside the code that raises it and brings its own sentences in both languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word that a sentence names, in both languages: given as a field, each sentence takes its own."""

    zh: str
    en: str

    def said(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


class QingtianError(Exception):
    """An error meant for a person.

    Subclasses set ``code`` (stable, ``area.what``), ``zh`` and ``en``: sentences with ``{field}`` places that
    are filled from the keyword arguments; a `Term` stands in each sentence in its language.
    """

    code: ClassVar[str] = "base.error"
    zh: ClassVar[str] = "出现错误。"
    en: ClassVar[str] = "Something went wrong."

    def __init__(self, **fields: object) -> None:
        self.fields = fields
        super().__init__(self.sentence("en"))

    def sentence(self, language: str = "zh") -> str:
        """Return the sentence in ``zh`` (also ``zh-hans``) or ``en``."""
        template = self.zh if language.startswith("zh") else self.en
        return template.format_map(self._said(language))

    def _said(self, language: str) -> dict[str, object]:
        return {name: value.said(language) if isinstance(value, Term) else value for name, value in self.fields.items()}

    def as_dict(self, language: str = "zh") -> dict[str, object]:
        """Return code, sentence and fields, as an answer of an API or a line of ``--json``."""
        return {"code": self.code, "message": self.sentence(language), "fields": self._said(language)}
