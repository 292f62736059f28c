"""Items of a request, checked before anything is sent: a device must be able to understand what it gets.

Names, kinds and bounds are those of the typed bodies of the codec (HJ 212-2017 table 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from qingtian.base.errors import QingtianError, Term
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages.bodies import Body, Plain
from qingtian.stream.hj212.messages.bounds import breaches
from qingtian.stream.hj212.messages.catalogue import BODIES, Way
from qingtian.stream.hj212.messages.head import Head
from qingtian.stream.hj212.messages.items import Item, declared_of
from qingtian.stream.hj212.messages.message import Contents, Message, typed
from qingtian.stream.requests.catalogue import Request
from qingtian.stream.requests.secrets import MASK, SECRETS

# what separates items must not stand in a value, or one value would say several things to a device
UNSAFE = re.compile(r"[;&=\r\n\x00-\x1f]|##")
COMMA = ","

SET_CLOCK = 1012

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
    en = "The value of {name} has separators or control characters, which change what the packet says; leave them out."


class ParameterBeyond(QingtianError):
    code = "requests.parameter_beyond"
    zh = "参数 {name} 的值 {value} 超出标准允许的范围（{allowed}）。请改正后再下发。"
    en = "The value {value} of {name} is beyond what the standard allows ({allowed}). Correct it and send again."


def needed(cn: int, edition: Edition) -> tuple[str, ...]:
    """Return the items of a request: ``[X]`` may be missing, ``CODE`` stands for a code.

    :raises NotInEdition: if this edition has no such request.
    """
    return tuple(_names(_body_of(cn, edition)))


def items(request: Request, given: Mapping[str, str], *, edition: Edition) -> list[dict[str, str]]:
    """Return the items of a request from what was given by name, checked; an empty value counts as none.

    :raises QingtianError: one of this module, if the device could not understand it.
    """
    stripped = {name: text.strip() for name, text in given.items()}
    pairs = {**request.usual, **{name: text for name, text in stripped.items() if text}, **request.fixed}
    found = [{name: text} for name, text in pairs.items() if "-" not in name]
    for code in dict.fromkeys(name.partition("-")[0] for name in pairs if "-" in name):
        found.append({name: text for name, text in pairs.items() if name.startswith(f"{code}-")})
    message(Head(cn=request.cn), with_clock(request.cn, found, clock="20260101000000"), edition=edition)
    return found


def with_clock(cn: int, items: Items, *, clock: str) -> list[Mapping[str, str]]:
    """Return the items with the time of sending, if the request sets the clock and none was given."""
    given = list(items)
    if cn == SET_CLOCK and not any("SystemTime" in item for item in given):
        given.append({"SystemTime": clock})
    return given


def message(head: Head, items: Items, *, edition: Edition) -> Message:
    """Return the typed message of a request.

    :raises QingtianError: one of this module, if a body of this edition cannot say it.
    """
    body = _body_of(head.cn, edition)
    contents = _contents(items)
    found = typed(head, contents, way=Way.DOWN, edition=edition)
    if isinstance(found.body, Plain):
        raise ParameterMissing(cn=head.cn, needed=_said(_names(body)), given=_said(_given(contents)))
    if found.rest:
        unknown = [*found.rest.cp, *(f"{code}-{tag}" for code, tags in found.rest.factors.items() for tag in tags)]
        raise ParameterUnknown(cn=head.cn, names=", ".join(unknown), needed=_said(_names(body)))
    for breach in breaches(found):
        raise ParameterBeyond(name=breach.name, value=breach.value, allowed=breach.allowed)
    return found


def _body_of(cn: int, edition: Edition) -> type[Body]:
    try:
        return BODIES[cn, Way.DOWN, edition]
    except KeyError:
        raise NotInEdition(cn=cn, edition=edition.value) from None


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


def _names(body: type[Body]) -> Iterator[str]:
    for declared in declared_of(body).values():
        if isinstance(declared, Item):
            yield f"[{declared.names[0]}]" if declared.optional else declared.names[0]
        else:
            yield from (f"CODE-{tag}" for tag in ([declared.tag] if declared.tag else ["LowValue", "UpValue"]))


def _given(contents: Contents) -> Iterator[str]:
    for name, text in contents.cp.items():
        yield f"{name}={MASK if name in SECRETS else text}"
    for code, tags in contents.factors.items():
        yield from (f"{code}-{tag}={text}" for tag, text in tags.items())


def _said(names: Iterator[str]) -> object:
    return ", ".join(names) or Term(zh="无", en="none")
