"""Answers as the gateway would tell them, for tests of the office."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from qingtian.bus.answers import GATEWAY, OFFICE, Answer, Item, State


def answer(command: Any, state: str, *, at: datetime, **more: Any) -> dict[str, Any]:
    """Return the message of ANSWERS that says this of ``command``, a row of the office."""
    told = {"attempt": 1, **more}
    return message(
        Answer(
            command=command.pk,
            mn=command.device_id,
            qn=command.qn,
            cn=command.cn,
            parameters=command.parameters,
            state=State(state),
            at=at,
            **told,
        )
    )


def gateways_own(mn: str, *, qn: str, state: str, at: datetime, cn: int = 1012, actor: str = GATEWAY) -> dict[str, Any]:
    """Return what the gateway tells of a command that it gave by itself."""
    return message(
        Answer(
            command=(qn * 2)[:32],
            mn=mn,
            qn=qn,
            cn=cn,
            parameters=(),
            state=State(state),
            at=at,
            attempt=1,
            actor=actor,
            why={GATEWAY: "first_connect", OFFICE: None}.get(actor, "province"),
        )
    )


def message(told: Answer) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(told.message())
    return found


def part(cn: int, cp: dict[str, str], factors: dict[str, dict[str, str]] | None = None) -> Item:
    return Item(cn=cn, qn="20261123100000000", cp=cp, factors=factors or {})
