"""A folder → a `Definition`: ``manifest``, ``facts``, ``machine``, ``papers`` and ``words`` (.yaml), Word templates.

`read` notes what is wrong with each file; `load` refuses a kind that has anything wrong in its shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import cast

from qingtian.law import rules
from qingtian.law.clocks import Words
from qingtian.law.machine import documents, reading_papers
from qingtian.law.machine import reading_machine as machine
from qingtian.law.machine.definition import (
    FACT_TYPES,
    Archive,
    Computed,
    Definition,
    Fact,
    FactType,
    Manifest,
    Setting,
    Table,
    WordBook,
)
from qingtian.law.machine.documents import Cursor
from qingtian.law.machine.problems import BrokenKind, Problem
from qingtian.law.machine.reading_conditions import decimal

FILES = ("manifest.yaml", "facts.yaml", "machine.yaml", "papers.yaml", "words.yaml", "README.md")
FOLDERS = ("walks", "papers")
SECTIONS = ("stages", "acts", "facts", "choices", "roles", "guards", "gates", "reasons", "settings", "sources")
UNREADABLE = ("not_yaml", "tab_in_yaml", "not_utf8")
SECRECY = ("public", "internal", "confidential")
OF_A_FACT = (
    *("unit", "options", "least", "most", "when", "filled_by", "seen_by", "law", "proposed"),
    *("number_of", "chosen_from", "computed", "table"),
)
PROPOSED = ("", "enterprise", "alert")
GROUPS, OTHER = "kind_groups", "other"
"""The rule table of the catalogue's headings, and that of a kind which names none."""
Folder = Path | Traversable


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What came of a folder. ``places`` has a cursor at the top of each file, for those who check further."""

    definition: Definition | None
    problems: list[Problem]
    places: Mapping[str, Cursor]


def read(folder: Folder) -> Reading:
    """Read a folder, and note all that is wrong in the shape of its files."""
    problems: list[Problem] = []
    missing = [name for name in FILES if not folder.joinpath(name).is_file()]
    for name in missing:
        problems.append(Problem(file=f"{folder.name}/{name}", line=1, code="file_missing", fields={"name": name}))
    problems.extend(_strangers(folder))
    if missing:
        return Reading(definition=None, problems=problems, places={})
    places = {name: _open(folder, name, problems) for name in FILES if name.endswith(".yaml")}
    if any(problem.code in UNREADABLE for problem in problems):
        return Reading(definition=None, problems=problems, places=places)
    return Reading(definition=_definition(folder, places), problems=problems, places=places)


def load(folder: Folder) -> Definition:
    """Return the definition in a folder.

    :raises BrokenKind: if a file is missing or has not the shape it should have.
    """
    found = read(folder)
    if found.problems or found.definition is None:
        raise BrokenKind.of(folder.name, found.problems)
    return found.definition


def _strangers(folder: Folder) -> list[Problem]:
    known = ", ".join((*FILES, *FOLDERS))
    return [
        Problem(
            file=f"{folder.name}/{each.name}", line=1, code="file_unknown", fields={"name": each.name, "known": known}
        )
        for each in sorted(folder.iterdir(), key=lambda each: each.name)
        if each.name not in (*FILES, *FOLDERS) and not each.name.startswith((".", "__"))
    ]


def _open(folder: Folder, name: str, problems: list[Problem]) -> Cursor:
    document = documents.read(folder.joinpath(name), name=f"{folder.name}/{name}", problems=problems)
    return Cursor(document=document, problems=problems)


def _definition(folder: Folder, places: Mapping[str, Cursor]) -> Definition:
    facts = places["facts.yaml"].keys("facts")
    papers = places["papers.yaml"].keys("papers")
    templates = reading_papers.templates(folder)
    body = places["machine.yaml"].keys(*machine.MACHINE, optional=machine.MACHINE_MORE)
    return Definition(
        folder=folder.name,
        manifest=_manifest(places["manifest.yaml"]),
        facts={name: _fact(name, row) for name, row in facts.named("facts")},
        papers={
            name: reading_papers.paper(name, row, templates.get(name, b"")) for name, row in papers.named("papers")
        },
        roles={role.name: role for role in machine.roles(body)},
        separations=tuple(machine.separations(body)),
        stages={stage.name: stage for stage in machine.stages(body)},
        guards={guard.name: guard for guard in machine.guards(body)},
        gates={gate.name: gate for gate in machine.gates(body)},
        acts={act.name: act for act in machine.acts(body)},
        words=_word_book(places["words.yaml"]),
    )


def _manifest(place: Cursor) -> Manifest:
    place.keys(
        "code",
        "version",
        "zh",
        "en",
        "valid",
        "basis",
        "opens",
        "secrecy",
        "archive",
        optional=("group", "statistics", "settings"),
    )
    valid = place.at("valid").keys("from", optional=("to",)) if place.has("valid") else None
    opens = place.at("opens").keys("by", "from") if place.has("opens") else None
    return Manifest(
        code=place.text("code"),
        version=place.whole("version", default=1),
        words=Words(zh=place.text("zh"), en=place.text("en")),
        group=place.one_of("group", [rule["group"] for rule in rules.table(GROUPS)], default=OTHER),
        start=(valid.day("from") if valid else None) or date.min,
        end=valid.day("to") if valid else None,
        basis=machine.basis(place, "basis"),
        opened_by=opens.texts("by") if opens else (),
        opened_from=opens.texts("from") if opens else (),
        secrecy=place.one_of("secrecy", SECRECY, default="internal"),
        archive=_archive(place),
        statistics={name: row.words() for name, row in place.named("statistics")},
        settings={name: _setting(name, row) for name, row in place.named("settings")},
    )


def _archive(place: Cursor) -> Archive:
    if not place.has("archive"):
        return Archive(years=None, basis="")
    row = place.at("archive").keys("years", "basis")
    forever = row.text("years") == "forever"
    return Archive(years=None if forever else row.whole("years", default=30), basis=row.text("basis"))


def _setting(name: str, row: Cursor) -> Setting:
    row.keys("value", "unit", "source", optional=("least", "most"))
    value = decimal(row, "value")
    return Setting(
        name=name,
        value=Decimal(0) if value is None else value,
        unit=row.text("unit"),
        source=row.text("source"),
        least=decimal(row, "least"),
        most=decimal(row, "most"),
        line=row.line,
    )


def _fact(name: str, row: Cursor) -> Fact:
    row.keys("type", "help", optional=OF_A_FACT)
    if row.has("proposed") and row.text("type") != "text":
        row.at("proposed").wrong("文字类事实（type: text）的拟填来源", "what is proposed for a fact of type text")
    if row.has("number_of") and (row.text("type") != "text" or row.has("filled_by")):
        row.at("number_of").wrong(
            "文字类事实（type: text）的文书，且没有 filled_by（没有人填写编号）",
            "a paper, for a fact of type text without filled_by: nobody types a number",
        )
    if row.has("chosen_from") and (row.text("type") != "text" or row.has("number_of")):
        row.at("chosen_from").wrong(
            "文字类事实（type: text）可选的文书编号，且没有 number_of",
            "papers whose numbers are offered, for a fact of type text without number_of",
        )
    return Fact(
        name=name,
        type=cast(FactType, row.one_of("type", FACT_TYPES, default="text")),
        unit=row.text("unit"),
        options=row.texts("options"),
        least=decimal(row, "least"),
        most=decimal(row, "most"),
        when=row.one_of("when", ("past", "future", "any"), default="any"),
        filled_by=row.texts("filled_by"),
        seen_by=row.texts("seen_by"),
        help=row.at("help").words() if row.has("help") else Words(zh="", en=""),
        law=row.text("law"),
        proposed=row.one_of("proposed", PROPOSED, default=""),
        number_of=row.texts("number_of"),
        computed=_computed(row.at("computed")) if row.has("computed") else None,
        table=_table(row.at("table")) if row.has("table") else None,
        chosen_from=row.texts("chosen_from"),
        line=row.line,
    )


def _computed(row: Cursor) -> Computed:
    row.keys("how", "of", optional=("part",))
    return Computed(how=row.text("how"), of=row.texts("of"), part=row.text("part"))


def _table(row: Cursor) -> Table:
    row.keys("rule", optional=("by",))
    return Table(rule=row.text("rule"), by=row.text("by"))


def _word_book(place: Cursor) -> WordBook:
    place.keys("stages", "acts", "facts", "roles", optional=SECTIONS)
    return WordBook(sections={section: dict(_words(place, section)) for section in SECTIONS})


def _words(place: Cursor, section: str) -> list[tuple[str, Words]]:
    """Choices have one level more: the fact, then its options."""
    if section != "choices":
        return [(name, row.words()) for name, row in place.named(section)]
    return [
        (f"{fact}.{option}", row.words())
        for fact, _ in place.named(section)
        for option, row in place.at(section).named(fact)
    ]
