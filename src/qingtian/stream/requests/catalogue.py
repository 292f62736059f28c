"""The requests by name, from ``rules/hj212/requests.yaml``; what each needs: the typed bodies of the codec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from qingtian.base.errors import QingtianError
from qingtian.law import rules
from qingtian.law.rules import Rule
from qingtian.stream.hj212.editions import Edition


class Effect(StrEnum):
    """What a request does to a device. ``ACT`` makes an analyser do what marks its values (docs/hj212.md)."""

    READ = "read"
    UPLOAD = "upload"
    SET = "set"
    ACT = "act"


class UnknownRequest(QingtianError):
    code = "requests.unknown"
    zh = "没有名为 {name} 的反控命令（{edition}）。可用的命令见 `qingtian command --list`。"
    en = "There is no request {name} ({edition}). `qingtian command --list` shows them."


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request. ``fixed``: items of CP that its name implies; ``usual``: items with a usual value.

    ``clause``: table of annex C of HJ 212-2017, or the other text; ``certainty`` as in the rules.
    """

    name: str
    cn: int
    zh: str
    en: str
    effect: Effect
    editions: tuple[Edition, ...]
    clause: str
    certainty: str
    fixed: Mapping[str, str]
    usual: Mapping[str, str]

    def title(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en


def _request(rule: Rule) -> Request:
    return Request(
        name=rule["name"],
        cn=rule["cn"],
        zh=rule["zh"],
        en=rule["en"],
        effect=Effect(rule["effect"]),
        editions=tuple(Edition(each) for each in rule["editions"]),
        clause=str(rule["clause"]),
        certainty=rule.certainty,
        fixed=rule.get("fixed", {}),
        usual=rule.get("usual", {}),
    )


@cache
def requests() -> Mapping[str, Request]:
    """Return all requests by name, in the order of their numbers."""
    return {rule["name"]: _request(rule) for rule in rules.table("hj212/requests")}


def named(name: str) -> Request:
    """Return a request.

    :raises UnknownRequest: if there is none of that name.
    """
    try:
        return requests()[name]
    except KeyError:
        raise UnknownRequest(name=name, edition="2005, 2017, 2025") from None


def known(cn: int, edition: Edition) -> tuple[Request, ...]:
    """Return the requests that this number may mean in an edition: of 3020 and 3011 there are several."""
    return tuple(each for each in requests().values() if each.cn == cn and edition in each.editions)
