"""The tables of docs/hj212.md, made from those the codec works with, so that the page cannot lag behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from qingtian.stream.hj212.commands import COMMANDS, Command
from qingtian.stream.hj212.deviations import DEVIATIONS, Verdict
from qingtian.stream.hj212.editions import Edition
from qingtian.stream.hj212.messages.bodies import Body
from qingtian.stream.hj212.messages.catalogue import BODIES, Way
from qingtian.stream.hj212.messages.items import Item, Tagged, declared_of
from qingtian.stream.hj212.messages.returns import EXE_RETURNS, QN_RETURNS, Return

PART = re.compile(r"(<!-- table: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

ERRORS = (
    ("bad_checksum", "校验码与内容不符。", "The checksum does not match the segment."),
    ("bad_length", "长度字段与实际不符。", "The length is not that of the segment."),
    ("garbage", "不是数据包的字节。", "Bytes that are no packet."),
    ("oversize", "数据段长度超过 4096。", "A length beyond 4096."),
    ("broken_segment", "数据段没有 CP=&&…&& 或 CN。", "A segment without CP=&&…&& or CN."),
    ("unknown_mn", "设备编码（MN）未登记（仅网关）。", "The MN is not registered (gateway only)."),
)
"""The errors of `qingtian decode` and reasons of dead letters (`status.NAMES`)."""

_VERDICTS = {Verdict.ACCEPT: "accept", Verdict.RECORD: "record", Verdict.REFUSE: "**refuse**"}


def filled(page: str, tables: Mapping[str, Callable[[], str]]) -> str:
    """Return a page with the ``tables`` between ``<!-- table: NAME -->`` and ``<!-- end -->`` made anew."""
    return PART.sub(lambda match: f"{match[1]}{tables[match['name']]()}{match[3]}", page)


def commands_table() -> str:
    """Return every command with its directions, editions and items of CP."""
    return table(("CN", "editions", "命令", "command", "↓ platform to device", "↑ device to platform"), _command_rows())


def _command_rows() -> Iterator[tuple[str, ...]]:
    for cn, command in sorted(COMMANDS.items()):
        editions = " ".join(str(version % 100).zfill(2) for version in sorted(command.versions))
        yield f"{cn:04d}", editions, command.zh, command.en, _items(command, Way.DOWN), _items(command, Way.UP)


def _items(command: Command, way: Way) -> str:
    """Return the items of a command's bodies in this direction, those of an edition apart where they differ."""
    texts: dict[str, list[Edition]] = {}
    for edition in Edition:
        body = BODIES.get((command.cn, way, edition))
        if body is not None:
            texts.setdefault(_body_text(body), []).append(edition)
    if len(texts) == 1:
        return next(iter(texts))
    return "; ".join(f"{'/'.join(str(each.value) for each in editions)}: {text}" for text, editions in texts.items())


def _body_text(body: type[Body]) -> str:
    names = [_name(each) for each in declared_of(body).values()]
    return " ".join(f"`{name}`" for name in names) or "empty"


def _name(declared: Item | Tagged) -> str:
    if isinstance(declared, Tagged):
        return f"code-{declared.tag or '…'}"
    return f"[{declared.names[0]}]" if declared.optional else declared.names[0]


def deviations_table() -> str:
    """Return every deviation with its usual verdict."""
    rows = (
        (f"`{each.code}`", each.level.value, _VERDICTS[each.usual], each.zh, each.en) for each in DEVIATIONS.values()
    )
    return table(("code", "where", "usually", "偏离", "deviation"), rows)


def errors_table() -> str:
    """Return every error of a frame."""
    return table(("error", "含义", "meaning"), ((f"`{code}`", zh, en) for code, zh, en in ERRORS))


def qn_returns_table() -> str:
    return _returns(QN_RETURNS.values())


def exe_returns_table() -> str:
    return _returns(EXE_RETURNS.values())


def _returns(returns: Iterable[Return]) -> str:
    rows = ((str(each.value), each.zh, each.en, "yes" if each.in_2005 else "") for each in returns)
    return table(("value", "含义", "meaning", "in 2005"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


TABLES: dict[str, Callable[[], str]] = {
    "commands": commands_table,
    "deviations": deviations_table,
    "errors": errors_table,
    "qn-returns": qn_returns_table,
    "exe-returns": exe_returns_table,
}
