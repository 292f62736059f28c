"""The commands that may be asked for (rules/reverse_control.yaml) with the names of the codec's table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.base.times import BEIJING
from qingtian.law import rules
from qingtian.stream.hj212 import commands as hj212

TABLE = "reverse_control"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One item of CP that a person fills in.

    ``name``: as CP has it, other fields' values in braces; ``form``: as a form calls it. ``unsent``: only fills
    another's name. ``joined``: it belongs to the item before it.
    """

    name: str
    form: str
    kind: str
    zh: str
    en: str
    help_zh: str = ""
    help_en: str = ""
    unit: str = ""
    low: int | None = None
    high: int | None = None
    among: tuple[int, ...] = ()
    options: tuple[tuple[str, str, str], ...] = ()
    most: int = 64
    pattern: str = ""
    optional: bool = False
    unsent: bool = False
    joined: bool = False
    editions: frozenset[int] = frozenset()

    def said(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en

    def help(self, language: str = "zh") -> str:
        return self.help_zh if language.startswith("zh") else self.help_en


@dataclass(frozen=True, kw_only=True)
class Requestable:
    """A command as a person may send it: who, to which outlets, with what; seconds of waiting."""

    cn: int
    zh: str
    en: str
    group: str
    roles: frozenset[str]
    media: frozenset[str]
    editions: frozenset[int]
    needs_reason: bool
    changes: bool
    fields: tuple[Field, ...]
    answer_s: int
    execute_s: int
    retries: int
    expires_s: int

    def name(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en

    def suits(self, *, medium: str, edition: str | None) -> bool:
        """Say whether it makes sense for such an outlet, and stands in the device's edition (None: not known)."""
        fits = not self.media or medium in self.media
        return fits and (edition is None or int(edition) in self.editions)


def command_name(cn: int, language: str = "zh") -> str:
    """Return the name of any command number; one that no edition knows is called by its number."""
    known = hj212.command(cn)
    return known.name(language) if known else f"CN={cn}"


def requestable(*, at: datetime) -> dict[int, Requestable]:
    """Return the commands that may be asked for on the day of ``at``, by number, in the order of the rule file."""
    rows = rules.table(TABLE).at(at.astimezone(BEIJING).date())
    return {row["cn"]: _requestable(row) for row in rows}


def _requestable(row: rules.Rule) -> Requestable:
    known = hj212.COMMANDS[row["cn"]]
    return Requestable(
        cn=known.cn,
        zh=known.zh,
        en=known.en,
        group=row["group"],
        roles=frozenset(row["roles"]),
        media=frozenset(row.get("media", ())),
        editions=frozenset(row.get("editions", known.versions)),
        needs_reason=bool(row.get("reason", False)),
        changes=bool(row.get("changes", False)),
        fields=tuple(_field(each) for each in row["fields"]),
        answer_s=row["answer_s"],
        execute_s=row["execute_s"],
        retries=row["retries"],
        expires_s=row["expires_s"],
    )


def _field(given: Mapping[str, Any]) -> Field:
    values = dict(given)
    values["form"] = values.get("form", values["name"])
    values["among"] = tuple(values.get("among", ()))
    values["options"] = tuple(tuple(option) for option in values.get("options", ()))
    values["editions"] = frozenset(values.get("editions", ()))
    return Field(**values)
