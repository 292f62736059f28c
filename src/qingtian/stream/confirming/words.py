"""The sentences of what no folder of a detector says: data captured, and a finding that is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    document: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        (files("qingtian.stream.confirming") / "words.yaml").read_text(encoding="utf-8")
    )
    return document


def sentence(name: str, language: str, **places: object) -> str:
    """Return a sentence of ``words.yaml``."""
    return _words()[language][name].format_map(places)


def superseded(message: Mapping[str, Any], by: Mapping[str, Any] | None, language: str) -> str:
    """Return why the suspicion told by ``message`` does not stand; ``by`` is the one that took its place, if any."""
    own = _words()[language]
    start, end = (_clock(message[name]) for name in ("since", "end"))
    before = str(message["evidence"][language])
    if by is None:
        return own["gone"].format(start=start, end=end, before=before)
    return own["again"].format(start=start, end=end, before=before, now=by["evidence"][language])


def _clock(instant: str) -> str:
    return datetime.fromisoformat(instant).strftime("%Y-%m-%d %H:%M")
