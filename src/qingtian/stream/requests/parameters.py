"""What a request needs, and what somebody gave, checked: names, kinds and bounds are those of the typed bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from qingtian.base.errors import QingtianError, Term
from qingtian.law import rules
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages.bodies import Body, Plain
from qingtian.stream.hj212.messages.bounds import breaches
from qingtian.stream.hj212.messages.catalogue import BODIES, Way
from qingtian.stream.hj212.messages.head import Head
from qingtian.stream.hj212.messages.items import Item, declared_of
from qingtian.stream.hj212.messages.message import Contents, Message, typed
from qingtian.stream.requests.catalogue import Request

# what separates items must not stand in a value, or one value would say several things to a device
UNSAFE = re.compile(r"[;&=\r\n\x00-\x1f]|##")
COMMA = ","

Items = Sequence[Mapping[str, str]]
"""Items of CP in their order, each one or several pairs that belong together (`bus.commands.Command`)."""


class NotInEdition(QingtianError):
    code = "requests.not_in_edition"
    zh = "{edition} 版没有命令 {cn}。请在设备档案中核对版本，或换用该版本的命令。"
    en = "Edition {edition} has no request {cn}. Check the device's edition, or use a request of its edition."


class ParameterMissing(QingtianError):
    code = "requests.parameter_missing"
    zh = "命令 {cn} 缺少参数，或参数无法读取：需要 {needed}，给出的是 {given}。"
    en = "Request {cn} lacks a parameter, or one cannot be read: it needs {needed}, given were {given}."


class ParameterUnknown(QingtianError):
    code = "requests.parameter_unknown"
    zh = "命令 {cn} 没有参数 {names}。可用的参数：{needed}。"
    en = "Request {cn} has no parameter {names}. There are: {needed}."


class ParameterUnsafe(QingtianError):
    code = "requests.parameter_unsafe"
    zh = "参数 {name} 的值含有分隔符或控制字符，会改变报文的含义。请去掉 ; & = 和换行。"
    en = "The value of {name} contains separators or control characters, which would change what the packet says."


class ParameterBeyond(QingtianError):
    code = "requests.parameter_beyond"
    zh = "参数 {name} 的值 {value} 超出标准允许的范围（{allowed}）。"
    en = "The value {value} of {name} is beyond what the standard allows ({allowed})."


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """An item of a request, as a form asks for it. ``name``: of CP, or ``*-Info`` for a value by code.

    ``kind``: text, whole, moment, milliseconds, clock, hour_minute (`messages.items`). ``usual``: None if it has no
    usual value. ``secret``: never shown again.
    """

    name: str
    zh: str
    en: str
    kind: str
    optional: bool
    many: bool
    low: int | None
    high: int | None
    among: tuple[int, ...]
    usual: str | None
    secret: bool

    def label(self, language: str = "zh") -> str:
        return self.zh if language.startswith("zh") else self.en


@cache
def _words() -> Mapping[str, rules.Rule]:
    return {rule["item"]: rule for rule in rules.table("hj212/items")}


@cache
def secrets() -> frozenset[str]:
    """Return the names of items that are never shown or kept."""
    return frozenset(name for name, rule in _words().items() if rule.get("secret"))


def body_of(cn: int, edition: Edition) -> type[Body]:
    """Return the body of a request.

    :raises NotInEdition: if this edition has no such request.
    """
    try:
        return BODIES[cn, Way.DOWN, edition]
    except KeyError:
        raise NotInEdition(cn=cn, edition=edition.value) from None


def parameters(request: Request, edition: Edition) -> tuple[Parameter, ...]:
    """Return what a form asks for, in the order of the standard; what the request's name fixes is left out.

    :raises NotInEdition: if this edition has no such request.
    """
    found: list[Parameter] = []
    for declared in declared_of(body_of(request.cn, edition)).values():
        if isinstance(declared, Item):
            if declared.names[0] not in request.fixed:
                found.append(_parameter(request, declared))
        else:
            tags = (declared.tag,) if declared.tag else ("LowValue", "UpValue")
            found.extend(_tagged(f"*-{tag}") for tag in tags)
    return tuple(found)


def _parameter(request: Request, declared: Item) -> Parameter:
    name = declared.names[0]
    usual = request.usual.get(name)
    return Parameter(
        **_labels(name),
        kind=declared.kind.name,
        optional=declared.optional or usual is not None,
        many=declared.many,
        low=declared.low,
        high=declared.high,
        among=tuple(sorted(declared.among)),
        usual=usual,
    )


def _tagged(name: str) -> Parameter:
    return Parameter(**_labels(name), kind="text", optional=False, many=True, low=None, high=None, among=(), usual=None)


def _labels(name: str) -> dict[str, Any]:
    rule = _words()[name]
    return {"name": name, "zh": rule["zh"], "en": rule["en"], "secret": bool(rule.get("secret"))}


def items(request: Request, given: Mapping[str, str], *, edition: Edition) -> list[dict[str, str]]:
    """Return the items of a request from what somebody gave by name, checked; for `bus.commands.Command`.

    An empty value counts as none. The clock of 1012 may be left out: then it is the time of sending.

    :raises QingtianError: one of this module, if the device could not understand it.
    """
    wanted = {**request.usual, **{name: text for name, text in given.items() if text.strip()}, **request.fixed}
    pairs = {name: text.strip() for name, text in wanted.items() if text.strip()}
    found = [{name: text} for name, text in pairs.items() if "-" not in name]
    for code in dict.fromkeys(name.partition("-")[0] for name in pairs if "-" in name):
        found.append({name: text for name, text in pairs.items() if name.startswith(f"{code}-")})
    head = Head(cn=request.cn)
    message(head, with_clock(request.cn, found, clock="20260101000000"), edition=edition)
    return found


def with_clock(cn: int, items: Items, *, clock: str) -> list[Mapping[str, str]]:
    """Return the items with the time of sending, if the request sets the clock and none was given."""
    given = list(items)
    if cn == SET_CLOCK and not any("SystemTime" in item for item in given):
        given.append({"SystemTime": clock})
    return given


SET_CLOCK = 1012


def message(head: Head, items: Items, *, edition: Edition) -> Message:
    """Return the typed message of a request.

    :raises QingtianError: one of this module, if a body of this edition cannot say it.
    """
    body = body_of(head.cn, edition)
    contents = _contents(items)
    found = typed(head, contents, way=Way.DOWN, edition=edition)
    if isinstance(found.body, Plain):
        raise ParameterMissing(cn=head.cn, needed=_needed(body), given=_given(contents))
    if found.rest:
        unknown = [*found.rest.cp, *(f"{code}-{tag}" for code, tags in found.rest.factors.items() for tag in tags)]
        raise ParameterUnknown(cn=head.cn, names=", ".join(unknown), needed=_needed(body))
    for breach in breaches(found):
        raise ParameterBeyond(name=breach.name, value=breach.value, allowed=breach.allowed)
    return found


def _contents(items: Items) -> Contents:
    cp: dict[str, str] = {}
    factors: dict[str, dict[str, str]] = {}
    for name, text in ((name, text) for item in items for name, text in item.items()):
        if UNSAFE.search(text) or UNSAFE.search(name) or COMMA in name:
            raise ParameterUnsafe(name=name)
        code, dash, tag = name.partition("-")
        if dash:
            factors.setdefault(code, {})[tag] = text
        else:
            cp[name] = f"{cp[name]},{text}" if name in cp else text
    return Contents(cp=cp, factors=factors)


def _needed(body: type[Body]) -> object:
    names = list(_names(body))
    return ", ".join(names) if names else Term(zh="无", en="none")


def _names(body: type[Body]) -> Iterator[str]:
    for declared in declared_of(body).values():
        if isinstance(declared, Item):
            yield f"[{declared.names[0]}]" if declared.optional else declared.names[0]
        else:
            yield f"CODE-{declared.tag}" if declared.tag else "CODE-LowValue, CODE-UpValue"


def _given(contents: Contents) -> object:
    secret = secrets()
    pairs = [f"{name}={'******' if name in secret else text}" for name, text in contents.cp.items()]
    pairs += [f"{code}-{tag}={text}" for code, tags in contents.factors.items() for tag, text in tags.items()]
    return ", ".join(pairs) or Term(zh="无", en="none")
