"""What becomes of a command, as lines for a person or for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from qingtian.base.times import BEIJING
from qingtian.stream.hj212.messages.returns import EXE_RETURNS, QN_RETURNS, Return

if TYPE_CHECKING:
    from qingtian.office.reverse_control.api import CommandAnswer, DeviceCommand

STATES = {
    "queued": ("已登记，等待网关", "queued for the gateway"),
    "sent": ("已发送，第{attempt}次", "sent, attempt {attempt}"),
    "accepted": ("设备已接受", "accepted"),
    "executing": ("执行中", "executing"),
    "done": ("已完成", "done"),
    "refused": ("被拒绝或失败", "refused or failed"),
    "timed_out": ("超时未答", "timed out"),
    "expired": ("过期未发", "expired before it could be sent"),
}


def queued(command: DeviceCommand, language: str, *, as_json: bool) -> str:
    """Return the line of a command that was just given."""
    if as_json:
        return _json(command=command.pk, qn=command.qn, cn=command.cn, state=command.state, at=command.state_at)
    return f"{_clock(command.state_at)}  QN={command.qn} CN={command.cn}  {_state('queued', language)}"


def answer(found: CommandAnswer, language: str, *, as_json: bool) -> str:
    """Return the line of one state, with what the device returned and answered."""
    if as_json:
        return _json(
            state=found.state,
            at=found.at,
            attempt=found.attempt,
            qn_rtn=found.qn_rtn,
            exe_rtn=found.exe_rtn,
            items=found.items,
        )
    said = [_state(found.state, language, attempt=found.attempt)]
    if found.state in ("accepted", "refused") and found.exe_rtn is None:
        said += _returned("QnRtn", found.qn_rtn, QN_RETURNS, language)
    said += _returned("ExeRtn", found.exe_rtn, EXE_RETURNS, language)
    lines = [f"{_clock(found.at)}  {'  '.join(said)}", *(f"    {_item(item)}" for item in found.items)]
    return "\n".join(lines)


def end(command: DeviceCommand, language: str) -> Iterator[str]:
    """Yield what is to be added when a command has ended: why we ended it, how much came, or that no word came."""
    if command.error:
        yield f"    {command.error['zh' if language == 'zh' else 'en']} [{command.error['code']}]"
    if command.parts:
        yield f"    共 {command.parts} 条数据" if language == "zh" else f"    {command.parts} messages of data in all"
    if not command.answers.all():
        yield f"{_clock(command.state_at)}  {_state(command.state, language)}"


def _state(state: str, language: str, *, attempt: int = 1) -> str:
    zh, en = STATES[state]
    return (zh if language == "zh" else en).format(attempt=attempt)


def _returned(name: str, value: int | None, table: Mapping[int, Return], language: str) -> list[str]:
    if value is None:
        return []
    known = table.get(value)
    return [f"{name}={value} {known.name(language) if known else ''}".rstrip()]


def _item(item: Mapping[str, Any]) -> str:
    pairs = [f"{name}={text}" for name, text in item["cp"].items()]
    for code, tags in item["factors"].items():
        pairs += [f"{code}-{tag}={text}" for tag, text in tags.items()] or [code]
    return f"CN={item['cn']} " + " ".join(pairs)


def _clock(at: Any) -> str:
    return str(at.astimezone(BEIJING).strftime("%H:%M:%S.%f"))[:-3]


def _json(**fields: Any) -> str:
    return json.dumps(fields, ensure_ascii=False, default=lambda at: at.astimezone(BEIJING).isoformat())
