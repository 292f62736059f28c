"""Columns for matters that are under way or closed already (存量台账): their names, and what a cell of each means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from qingtian.law import clocks
from qingtian.law.machine import untaken
from qingtian.law.machine.definition import Act, Definition
from qingtian.law.machine.step import UnknownAct
from qingtian.office.matters import tabular

STOCK: Mapping[str, tuple[str, str]] = {
    "old_number": ("原编号*", "原台账中的编号，照录；同一编号只能录入一次"),
    "stage": ("所处阶段", "在办的填写，已办结的不填；可填中文、英文或代码"),
    "reached": ("到达日期", "到达所处阶段的日期，如 2026-03-02"),
    "end": ("办结方式", "已办结的填写，在办的不填"),
    "ended": ("办结日期", "已办结的填写，如 2026-05-20"),
    "done": ("另已办行为", "到达该阶段必经之外另已办理的行为，以顿号分隔，可不填"),
}
"""Headings and explanations, by key."""
MARKS = frozenset(STOCK) | {"number"}
CLOCK, PAUSED, FACT, PEOPLE = "clock.", "paused.", "fact.", "people."


def is_stock(cells: Collection[str]) -> bool:
    """Say whether a row tells of a matter that was begun elsewhere."""
    return any(key in MARKS or key.startswith((CLOCK, PAUSED)) for key in cells)


def columns(definition: Definition, act: Act, *, day: date) -> dict[str, str]:
    """Return the columns of a register of existing matters: key → Chinese heading; nothing of the opening is asked."""
    found = {"old_number": STOCK["old_number"][0], "title": "标题", "opened": "开启时间*"}
    found |= {key: heading for key, (heading, _) in STOCK.items() if key not in found}
    found |= {"source": "来源", "reference": "来文号", "district": "行政区代码", "enterprise": "企业编码"}
    for name in clocks_of(definition):
        found[f"{CLOCK}{name}"] = clock_heading(name, day=day)
        if name in paused_of(definition):
            found[f"{PAUSED}{name}"] = paused_heading(name, day=day)
    named = {name for each in definition.acts.values() for name in each.assigns}
    for name in (name for name in definition.roles if name in named):
        found[f"{PEOPLE}{name}"] = f"{definition.words.of('roles', name).zh}（用户名，以逗号分隔）"
    order = [*act.takes, *(name for name in definition.facts if name not in act.takes)]
    return {**found, **{f"{FACT}{name}": definition.words.of("facts", name).zh for name in order}}


def heading(key: str) -> str:
    """Return what a column is called, without its star."""
    general = {"opened": "开启时间", **{name: said for name, (said, _) in STOCK.items()}}
    return general.get(key, key).rstrip("*")


def clock_heading(name: str, *, day: date) -> str:
    """Return what the column of a clock is called."""
    return f"起算：{clocks.named(name, day=day).words.zh}（{name}）"


def paused_heading(name: str, *, day: date) -> str:
    """Return what the column is called that says since when a clock stands still."""
    return f"中止：{clocks.named(name, day=day).words.zh}（{name}）"


def told(definition: Definition, key: str, *, day: date) -> str:
    """Return what belongs in a column of these; empty for other columns."""
    if key in STOCK:
        return STOCK[key][1]
    if key.startswith(CLOCK):
        clock = clocks.named(key.removeprefix(CLOCK), day=day)
        return f"仍在计算或者已中止的填写起算日：{clock.start_event.zh}（{clock.basis}）"
    if key.startswith(PAUSED):
        return "已中止的填写中止的第一日，如 2026-03-02；没有中止的不填"
    return ""


def paused_of(definition: Definition) -> frozenset[str]:
    """Return the clocks that acts of the kind pause."""
    moves = (move for act in definition.acts.values() for move in act.clocks)
    return frozenset(move.clock for move in moves if move.move == "pause")


def clocks_of(definition: Definition) -> list[str]:
    """Return the clocks that acts of the kind start, in their order."""
    moves = (move for act in definition.acts.values() for move in act.clocks)
    return list(dict.fromkeys(move.clock for move in moves if move.move == "start"))


def stages(definition: Definition, *, ends: bool) -> list[str]:
    """Return what stages that are ends, or are none, are called in Chinese."""
    return [definition.words.of("stages", each.name).zh for each in definition.stages.values() if each.end == ends]


def stage(definition: Definition, cell: Any, *, key: str) -> str:
    """Return the stage that a cell of the column ``key`` names in either language, or by its code.

    :raises NoSuchStage: with those that the column takes.
    """
    said = [(name, _both(definition, "stages", name)) for name in definition.stages]
    found = tabular.named(said, cell)
    if found not in definition.stages:
        fitting = [words for name, words in said if definition.stages[name].end == (key == "end")]
        known_zh, known_en = "、".join(zh for zh, _ in fitting), ", ".join(en for _, en in fitting)
        words = definition.manifest.words
        raise untaken.NoSuchStage(kind=words, found=cell, known=known_zh, known_en=known_en, column=heading(key))
    return found


def acts(definition: Definition, cell: Any) -> Iterator[str]:
    """Yield the acts that a cell lists.

    :raises UnknownAct: for the first that is none.
    """
    said = [(name, _both(definition, "acts", name)) for name in definition.acts]
    for text in tabular.several(cell):
        found = tabular.named(said, text)
        if found not in definition.acts:
            known = "、".join(words[0] for _, words in said)
            raise UnknownAct(kind=definition.manifest.words, act=text, near=known)
        yield found


def _both(definition: Definition, section: str, name: str) -> tuple[str, str]:
    words = definition.words.of(section, name)
    return words.zh, words.en
