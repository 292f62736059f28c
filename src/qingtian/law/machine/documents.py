"""YAML with line numbers: a cursor walks a file, takes what it expects, and notes every surprise as a problem."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath
from typing import Any

import yaml

from qingtian.base import parsers
from qingtian.base.errors import Term
from qingtian.law.clocks import Words
from qingtian.law.machine.problems import Problem

Path = tuple[str | int, ...]
Readable = FilePath | Traversable
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A parsed file: plain values, and the line of each by its path."""

    name: str
    value: Any
    lines: Mapping[Path, int]


def near(name: str, known: Collection[str]) -> str:
    """Return the names most like ``name``, for a sentence."""
    return ", ".join(difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.4) or sorted(known)[:5]) or "-"


def read(file: Readable, *, name: str, problems: list[Problem]) -> Document:
    """Read a file of YAML in UTF-8, with or without a byte order mark; other bytes are noted, as `parse` notes."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.append(Problem(file=name, line=line, code="not_utf8", fields={}))
        text = ""
    return parse(text, name=name, problems=problems)


def parse(text: str, *, name: str, problems: list[Problem]) -> Document:
    """Read YAML; what cannot be read is noted in ``problems`` and leaves an empty document."""
    lines: dict[Path, int] = {(): 1}
    try:
        root = yaml.compose(text, Loader=LOADER)
        value = _value(root, (), lines, name, problems) if root else {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        why = parsers.of_yaml(problem, column=mark.column if mark else None)
        line = mark.line + 1 if mark else 1
        tab = text.splitlines()[line - 1 : line] if mark else []
        code = "tab_in_yaml" if any("\t" in each for each in tab) else "not_yaml"
        problems.append(Problem(file=name, line=line, code=code, fields={"why": why}))
        value = {}
    return Document(name=name, value=value, lines=lines)


def _value(node: yaml.Node, path: Path, lines: dict[Path, int], name: str, problems: list[Problem]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, (*path, number), lines, name, problems) for number, each in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return yaml.constructor.SafeConstructor().construct_object(node)
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in found:
            problems.append(Problem(file=name, line=line, code="key_twice", fields={"key": key}))
        lines[(*path, key)] = line
        found[key] = _value(value_node, (*path, key), lines, name, problems)
    return found


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """A place in a document. What it takes has the right shape, or a harmless stand-in and a problem noted."""

    document: Document
    problems: list[Problem]
    path: Path = ()

    @property
    def value(self) -> Any:
        found = self.document.value
        for part in self.path:
            found = found[part]
        return found

    @property
    def line(self) -> int:
        return self.document.lines.get(self.path, 1)

    @property
    def where(self) -> str:
        return ".".join(str(part + 1 if isinstance(part, int) else part) for part in self.path) or self.document.name

    def report(self, code: str, /, **fields: object) -> None:
        self.problems.append(
            Problem(file=self.document.name, line=self.line, code=code, fields={"where": self.where, **fields})
        )

    def wrong(self, zh: str, en: str) -> None:
        self.report("wrong_shape", should_zh=zh, should_en=en, found=_shown(self.value))

    def at(self, key: str | int) -> Cursor:
        return Cursor(document=self.document, problems=self.problems, path=(*self.path, key))

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def keys(self, *required: str, optional: Collection[str] = ()) -> Cursor:
        """Note keys that are missing or unknown; return self."""
        if not isinstance(self.value, dict):
            self.wrong("一组“键: 值”", "a mapping")
            return self
        for key in required:
            if key not in self.value:
                self.report("key_missing", key=key)
        known = (*required, *optional)
        for key in self.value:
            if key not in known:
                self.at(key).report("key_unknown", where=self.where, key=key, known=", ".join(known))
        return self

    def named(self, key: str) -> Iterator[tuple[str, Cursor]]:
        """Yield the entries of the mapping under ``key``."""
        if not self.has(key):
            return
        inner = self.at(key)
        if not isinstance(inner.value, dict):
            inner.wrong("一组“名称: 内容”", "a mapping of names")
            return
        for name in inner.value:
            yield name, inner.at(name)

    def rows(self, key: str) -> Iterator[Cursor]:
        """Yield the entries of the list under ``key``."""
        if not self.has(key):
            return
        inner = self.at(key)
        if not isinstance(inner.value, list):
            inner.wrong("列表", "a list")
            return
        yield from (inner.at(number) for number in range(len(inner.value)))

    def text(self, key: str, *, default: str = "") -> str:
        """Return a text; a number is taken as it is written."""
        if not self.has(key):
            return default
        found = self.at(key).value
        if isinstance(found, dict | list):
            self.at(key).wrong("文字", "a text")
            return default
        return str(found).strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; one text alone is a list of one."""
        if not self.has(key):
            return ()
        found = self.at(key).value
        if isinstance(found, list) and all(isinstance(each, str | int) for each in found):
            return tuple(str(each) for each in found)
        if isinstance(found, str):
            return (found,)
        self.at(key).wrong("文字的列表", "a list of texts")
        return ()

    def one_of(self, key: str, known: Collection[str], *, default: str) -> str:
        found = self.text(key, default=default)
        if found not in known:
            self.at(key).report("not_one_of", found=found, known=", ".join(filter(None, known)))
            return default
        return found

    def flag(self, key: str) -> bool:
        found = self.at(key).value if self.has(key) else False
        if not isinstance(found, bool):
            self.at(key).wrong("true 或 false", "true or false")
            return False
        return found

    def whole(self, key: str, *, default: int) -> int:
        found = self.at(key).value if self.has(key) else default
        if not isinstance(found, int) or isinstance(found, bool):
            self.at(key).wrong("整数", "a whole number")
            return default
        return found

    def day(self, key: str) -> date | None:
        if not self.has(key):
            return None
        found = self.at(key).value
        if type(found) is not date:
            self.at(key).wrong("日期，如 2026-08-15", "a date like 2026-08-15")
            return None
        return found

    def words(self) -> Words:
        """Return the pair ``zh``, ``en`` that stands here."""
        self.keys("zh", "en", optional=tuple(self.value) if isinstance(self.value, dict) else ())
        return Words(zh=self.text("zh"), en=self.text("en"))


def _shown(value: object) -> Term | str:
    kinds: dict[type, Term] = {dict: Term(zh="一组“键: 值”", en="a mapping"), list: Term(zh="列表", en="a list")}
    kinds[type(None)] = Term(zh="空的", en="nothing")
    return kinds.get(type(value)) or f"{value!r}"[:40]
