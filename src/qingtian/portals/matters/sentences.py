"""Refusals of the machine as a page says them: people by their names, not by what they log in with."""

from __future__ import annotations

from collections.abc import Mapping

from qingtian.base.errors import QingtianError
from qingtian.portals.matters import naming
from qingtian.portals.templatetags.parts import language

WHO = ("person", "names", "known")
"""Fields of a refusal in which usernames stand, alone or with commas between them."""


def sentence(error: QingtianError, names: Mapping[str, str]) -> str:
    """Return what an error says in the language of the page. ``names``: of people, by username."""
    named = {key: _named(str(error.fields[key]), names) for key in WHO if key in error.fields}
    return type(error)(**{**error.fields, **named}).sentence(language())


def _named(text: str, names: Mapping[str, str]) -> str:
    return naming.joined(names.get(each, each) for each in text.split(", "))
