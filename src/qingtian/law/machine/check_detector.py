"""The folder of a detector, as far as it is data: manifest, dated parameters with source, words in both languages."""

from __future__ import annotations

from collections.abc import Iterator

from qingtian.base.errors import QingtianError, Term
from qingtian.law import rules
from qingtian.law.machine import documents
from qingtian.law.machine.documents import Cursor
from qingtian.law.machine.problems import Problem
from qingtian.law.machine.reading import Folder

FILES = ("manifest.yaml", "words.yaml", "detector.py")
COMMON = ("code", "version", "zh", "en", "rules")
OF_SERIES = ("family", "inputs", "evidence", "reach")
"""What a detector that looks at regular series says besides (docs/detectors.md)."""


def is_detector(folder: Folder) -> bool:
    return folder.joinpath("detector.py").is_file()


def problems(folder: Folder) -> list[Problem]:
    """Return what is wrong with the data of a detector's folder, sorted by file and line."""
    found: list[Problem] = []
    for name in FILES:
        if not folder.joinpath(name).is_file():
            found.append(Problem(file=f"{folder.name}/{name}", line=1, code="file_missing", fields={"name": name}))
    if not found:
        _manifest(folder, _open(folder, "manifest.yaml", found))
        _words(_open(folder, "words.yaml", found))
    return sorted(found, key=lambda each: (each.file, each.line, each.code))


def _open(folder: Folder, name: str, found: list[Problem]) -> Cursor:
    document = documents.read(folder.joinpath(name), name=f"{folder.name}/{name}", problems=found)
    return Cursor(document=document, problems=found)


def _manifest(folder: Folder, place: Cursor) -> None:
    of_series = isinstance(place.value, dict) and place.value.get("family") == "series"
    place.keys(*COMMON, *(OF_SERIES if of_series else ()))
    code = place.text("code")
    if code != folder.name:
        place.at("code").report("code_not_folder", code=code, folder=folder.name)
    for name, table in place.named("rules"):
        try:
            rules.read(table.value, name=f"{code}/{name}")
        except (rules.RuleRefused, AttributeError, TypeError) as error:
            table.report("rules_refused", name=name, why=_said(error))


def _said(error: Exception) -> Term | str:
    if isinstance(error, QingtianError):
        return Term(zh=error.sentence("zh"), en=error.sentence("en"))
    return str(error)


def _words(place: Cursor) -> None:
    """What is said in one language is said in the other."""
    place.keys("zh", "en")
    said = {language: set(_paths(place.value.get(language) or {})) for language in ("zh", "en")}
    for language, other in (("zh", "en"), ("en", "zh")):
        for path in sorted(said[other] - said[language]):
            place.at(language).report("words_missing", section=language, name=".".join(path))


def _paths(words: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(words, dict):
        for key, value in words.items():
            yield from _paths(value, (*path, str(key)))
    else:
        yield path
