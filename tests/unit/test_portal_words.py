"""Every sentence of the pages is said in Chinese too, with the same places in it."""

from __future__ import annotations

import re

from babel.messages.pofile import read_po

from qingtian.portals.extract import PO, said_in_code, said_in_templates

PLACE = re.compile(r"%\((\w+)\)[sd]")


def translations() -> dict[str, tuple[str, ...]]:
    with PO.open("rb") as file:
        catalogue = read_po(file, locale="zh_Hans")
    found = {}
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


def test_it_says_every_sentence_in_chinese() -> None:
    known = translations()
    said = {words if isinstance(words, str) else words[0] for _, words in [*said_in_code(), *said_in_templates()]}
    assert len(said) > 300
    assert not [words for words in said if not all(known.get(words, ("",)))], "run python -m qingtian.portals.extract"
    assert not set(known) - said, "no longer said; run python -m qingtian.portals.extract"


def test_it_keeps_the_places_of_a_sentence() -> None:
    for key, texts in translations().items():
        for text in texts:
            assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(key)), key
