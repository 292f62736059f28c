"""The sentences of a check, Chinese and English; the words are ``words.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml


@cache
def _words() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    text = (files("qingtian.office.evidence") / "words.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, tuple[str, str]]] = yaml.safe_load(text)
    return found


def sentence(what: str, holds: bool, language: str, places: Mapping[str, object]) -> str:
    """Return what is said of a check that holds, or does not."""
    good, bad = _words()["zh" if language.startswith("zh") else "en"][what]
    return (good if holds else bad).format_map(places)
