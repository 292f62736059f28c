"""Dated rules: ``rules.table("limits/gb_18918_2002").at(day)`` is the only way to a figure of the law.

A rule file under ``qingtian/rules`` is YAML: ``title``, ``source``, optional ``certainty``, ``from``, ``to``,
and ``rows``. A row may override ``source``, ``certainty`` (``read`` in its source, ``memory``: to be confirmed,
``default``: an engineering choice of ours), ``from`` and ``to`` (exclusive). A row without a source is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from qingtian.base.errors import QingtianError, Term

CERTAINTIES = frozenset({"read", "memory", "default"})
COMMON = ("source", "certainty", "from", "to")
NAME = re.compile(r"[a-z][a-z0-9_]*")


class RuleRefused(QingtianError):
    code = "rules.refused"
    zh = "规则文件 {file} 第 {row} 条不可用：{why}。请补全后重新启动。"
    en = "Rule file {file}, row {row} cannot be used: {why}. Complete it and start again."


class RuleFileMissing(QingtianError):
    code = "rules.missing"
    zh = "没有规则文件 {file}。请检查名称，或恢复该文件。"
    en = "There is no rule file {file}. Check the name or restore the file."


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row: its values, where they were read, how sure we are, and the days it is in force."""

    values: Mapping[str, Any]
    source: str
    certainty: str
    start: date | None
    end: date | None

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def in_force(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, kw_only=True)
class RuleTable:
    """The rows of one file, of all dates."""

    name: str
    title: str
    rows: tuple[Rule, ...]

    def at(self, day: date) -> tuple[Rule, ...]:
        """Return the rows in force on ``day``, in the order of the file."""
        asked = day if _held is None else _held
        return tuple(rule for rule in self.rows if rule.in_force(asked))

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rows)


_held: date | None = None


def hold(day: date) -> None:
    """Answer by the rules of ``day`` whatever day is asked for, in this process, from now on and for good.

    For a process that replays history by other rules and does nothing else. Call it before any rule is asked for.
    """
    global _held
    _held = day


def read(document: Mapping[str, Any], *, name: str) -> RuleTable:
    """Turn a parsed rule file into a table.

    :raises RuleRefused: if a row has no source, an unknown certainty, dates that are none, a field without a name.
    """
    rows = [
        _rule(row, document, file=name, number=number) for number, row in enumerate(document.get("rows") or (), start=1)
    ]
    return RuleTable(name=name, title=str(document.get("title", name)), rows=tuple(rows))


def _rule(row: Mapping[str, Any], document: Mapping[str, Any], *, file: str, number: int) -> Rule:
    common = {key: row.get(key, document.get(key)) for key in COMMON}
    if not common["source"]:
        raise RuleRefused(file=file, row=number, why=Term(zh="没有写 source（来源）", en="it has no source"))
    certainty = str(common["certainty"] or "read")
    if certainty not in CERTAINTIES:
        known = "、".join(sorted(CERTAINTIES))
        zh, en = f"certainty 只能是 {known}，写的是 {certainty}", f"certainty {certainty!r} is none of {known}"
        raise RuleRefused(file=file, row=number, why=Term(zh=zh, en=en))
    for key in row:
        if not NAME.fullmatch(str(key)):
            zh, en = (
                f"“{key}”不是字段名；含逗号的文字请加引号",
                f"{key!r} is no name of a field; a text with a comma wants quotes",
            )
            raise RuleRefused(file=file, row=number, why=Term(zh=zh, en=en))
    for key in ("from", "to"):
        if common[key] is not None and type(common[key]) is not date:
            zh, en = f"{key} 写的是 {common[key]}，不是日期", f"{key}: {common[key]!r} is not a date"
            raise RuleRefused(file=file, row=number, why=Term(zh=zh, en=en))
    return Rule(
        values={key: value for key, value in row.items() if key not in COMMON},
        source=str(common["source"]),
        certainty=certainty,
        start=common["from"],
        end=common["to"],
    )


def _root() -> Traversable:
    return files("qingtian.rules")


@cache
def table(name: str) -> RuleTable:
    """Return the table of ``rules/<name>.yaml``; files are read once.

    :raises RuleFileMissing: if there is no such file.
    :raises RuleRefused: if a row cannot be used.
    """
    file = _root().joinpath(*f"{name}.yaml".split("/"))
    if not file.is_file():
        raise RuleFileMissing(file=f"rules/{name}.yaml")
    # libyaml's loader where it is built in: the factor table is long
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader
    return read(document, name=name)


def text(name: str) -> str | None:
    """Return ``rules/<name>.yaml`` as it stands, or None if there is no such file."""
    file = _root().joinpath(*f"{name}.yaml".split("/"))
    return file.read_text(encoding="utf-8") if file.is_file() else None


def has(folder: str) -> bool:
    """Return whether ``rules`` has a folder of that name."""
    return _root().joinpath(folder).is_dir()


def folders() -> set[str]:
    """Return the folders that hold tables, for `names`; the empty name is ``rules`` itself."""
    return {"", *(one.name for one in _root().iterdir() if one.is_dir() and names(one.name))}


def names(folder: str = "") -> list[str]:
    """Return the names of all tables in a folder of ``rules`` (not below it), for `table`."""
    prefix = f"{folder}/" if folder else ""
    found = _root().joinpath(folder) if folder else _root()
    return sorted(f"{prefix}{file.name[:-5]}" for file in found.iterdir() if file.name.endswith(".yaml"))
