"""A scenario file read and checked: behaviour, and the devices if it names any. Every fault is told with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from qingtian.base.errors import QingtianError, Term
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.factors import factor
from qingtian.stream.simulator import schema
from qingtian.stream.simulator.device import SimulatedDevice, SimulatedFactor
from qingtian.stream.simulator.scenarios import Scenario, UnknownScenario, names, text_of
from qingtian.stream.simulator.schema import Key

ST_OF_MEDIUM = {"water": "32", "gas": "31"}
NUMBER = "{number"


class ScenarioRefused(QingtianError):
    code = "simulator.scenario_refused"
    zh = "情景文件 {file} 的 {where} 处不可用：{why}。可用的字段见 docs/simulator.md。"
    en = "Scenario file {file}, {where}: {why}. The keys are in docs/simulator.md."


@dataclass(frozen=True, kw_only=True)
class Player:
    """A device and how it behaves."""

    device: SimulatedDevice
    scenario: Scenario


@dataclass(frozen=True, kw_only=True)
class Script:
    """A file: its behaviour for all, and its devices (none: those of the command line)."""

    scenario: Scenario
    players: tuple[Player, ...] = ()


@cache
def named(name: str) -> Scenario:
    """Return a built-in scenario.

    :raises UnknownScenario: if there is none of that name.
    """
    return read(text_of(name), file=name).scenario


def load(name: str) -> Script:
    """Return a built-in scenario by its name, else the file of that path.

    :raises UnknownScenario: if there is neither.
    :raises ScenarioRefused: if the file cannot be used.
    """
    if name in names():
        return read(text_of(name), file=name)
    path = Path(name)
    if not path.is_file():
        raise UnknownScenario(name=name, names=", ".join(names()))
    return read(path.read_text(encoding="utf-8"), file=path.name)


def read(text: str, *, file: str) -> Script:
    """Return what a scenario file says.

    :raises ScenarioRefused: with the place and the reason, if it cannot be used.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = (
            Term(zh=f"第 {mark.line + 1} 行", en=f"line {mark.line + 1}") if mark else Term(zh="开头", en="beginning")
        )
        raise _refused(file, line, "不是 YAML", "this is no YAML") from error
    root = Term(zh="最外层", en="top level")
    found = _checked(document, schema.FILE, file, root)
    scenario = _behaviour(found.get("behaviour", {}), found, file, "behaviour")
    players = [
        player
        for number, group in enumerate(found.get("devices", ()), 1)
        for player in _players(group, scenario, file, f"devices {number}")
    ]
    return Script(scenario=scenario, players=tuple(players))


def _refused(file: str, where: Term, zh: str, en: str) -> ScenarioRefused:
    return ScenarioRefused(file=file, where=where, why=Term(zh=zh, en=en))


def _checked(found: Any, keys: Mapping[str, Key], file: str, where: Term) -> dict[str, Any]:
    """Return attribute → value of a mapping whose every key is known and fits."""
    if not isinstance(found, Mapping):
        raise _refused(file, where, "这里应当是“字段: 值”的表", "a table of “key: value” is expected here")
    for name, value in found.items():
        place = Term(zh=f"{where.zh} › {name}", en=f"{where.en} › {name}")
        if name not in keys:
            known = "、".join(keys), ", ".join(keys)
            raise _refused(
                file, place, f"没有这个字段，可用的有 {known[0]}", f"there is no such key; there are {known[1]}"
            )
        kind = keys[name].kind
        if not kind.fits(value):
            raise _refused(file, place, f"应为{kind.zh}，写的是 {value!r}", f"expected {kind.en}, got {value!r}")
    return {keys[name].attribute: value for name, value in found.items()}


def _behaviour(found: Any, about: Mapping[str, Any], file: str, where: str) -> Scenario:
    if isinstance(found, str):
        return named(found)
    values = _checked(found, schema.BEHAVIOUR, file, Term(zh=where, en=where))
    return Scenario(name=file.removesuffix(".yaml"), zh=about.get("zh", file), en=about.get("en", file), **values)


def _players(group: Any, scenario: Scenario, file: str, where: str) -> list[Player]:
    place = Term(zh=where, en=where)
    found = _checked(group, schema.DEVICE, file, place)
    if "mn" not in found:
        raise _refused(file, place, "缺少 mn", "mn is missing")
    own = found.pop("behaviour", None)
    behaviour = scenario if own is None else _behaviour(own, {}, file, f"{where} › behaviour")
    first, count, pattern = found.pop("first", 1), found.pop("count", 1), found.pop("mn")
    if count > 1 and NUMBER not in pattern:
        raise _refused(file, place, "多台设备的 mn 须含 {number}", "the mn of several devices needs a {number}")
    common = _device(found, file, where)
    return [
        Player(device=SimulatedDevice(mn=_mn(pattern, number, file, place), **common), scenario=behaviour)
        for number in range(first, first + count)
    ]


def _mn(pattern: str, number: int, file: str, place: Term) -> str:
    try:
        return pattern.format(number=number)
    except (ValueError, KeyError, IndexError) as error:
        why = f"mn 写法不成立：{pattern}", f"the mn {pattern} cannot be read"
        raise _refused(file, place, *why) from error


def _device(found: dict[str, Any], file: str, where: str) -> dict[str, Any]:
    place = Term(zh=where, en=where)
    factors = found.pop("factors", None)
    if not factors:
        raise _refused(file, place, "缺少 factors", "factors are missing")
    medium = found.get("medium", "water")
    edition = Edition(found.pop("edition", 2017))
    key = found.pop("key", None)
    if key is not None and edition is not Edition.HJ2025:
        raise _refused(file, place, "只有 2025 版有密钥", "only the edition of 2025 has a key")
    return {
        "announces": True,
        "st": ST_OF_MEDIUM[medium],
        **found,
        "edition": edition,
        "key": key.encode() if key else None,
        "equipment": tuple(found.get("equipment", ("SB1",))),
        "factors": tuple(_factor(code, each, file, f"{where} › factors") for code, each in factors.items()),
    }


def _factor(code: Any, found: Any, file: str, where: str) -> SimulatedFactor:
    place = Term(zh=f"{where} › {code}", en=f"{where} › {code}")
    if not isinstance(code, str) or schema.FACTOR.fullmatch(code) is None:
        raise _refused(
            file,
            place,
            "因子编码应为 2 到 8 位字母数字，须加引号",
            "a factor code is 2 to 8 letters and digits, in quotes",
        )
    values = _checked(found, schema.FACTOR_KEYS, file, place)
    if "typical" not in values:
        raise _refused(file, place, "缺少 level", "level is missing")
    known = factor(code)
    usual = {
        "unit": (known and known.unit) or "",
        "decimals": 2 if known is None or known.decimals is None else known.decimals,
    }
    return SimulatedFactor(code=code, **{**usual, **values})
