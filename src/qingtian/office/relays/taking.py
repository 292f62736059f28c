"""What the relay says, taken from the log: standings (RELAYS) and records (RELAYED). Twice the same changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from qingtian.law import rules
from qingtian.office.ledger import api as ledger
from qingtian.office.relays.models import Record, RelayTarget, Sample, Standing

KEPT = timedelta(days=2)
MOST = 20_000
"""Records kept of each target; the log has all of the last 90 days."""
FIELDS = (
    "state",
    "sequence",
    "in_flight",
    "lag_packets",
    "lag_messages",
    "lag_s",
    "rate",
    "acknowledged",
    "repeated",
    "refused",
    "left_out",
)


def take_standing(*, message: Mapping[str, Any]) -> bool:
    """Keep the standing of a target; False if there is no such target (any more), or a later word is known.

    :raises KeyError, ValueError: if the message is none.
    """
    at = datetime.fromisoformat(message["at"])
    values = {name: message[name] for name in FIELDS} | {
        "at": at,
        "since": datetime.fromisoformat(message["since"]),
        "why": str(message["why"])[:255],
    }
    with transaction.atomic():
        target = RelayTarget.objects.select_related("standing").filter(pk=message["code"]).first()
        known = getattr(target, "standing", None)
        if target is None or (known is not None and known.at >= at):
            return False
        Standing.objects.update_or_create(target=target, defaults=values)
        _sample(target, values, at)
        if known is None or known.state != values["state"] or _moved(known, values):
            ledger.tell(kind="relay.changed", id=None, relay=target.pk)
    return True


def _moved(known: Standing, values: Mapping[str, Any]) -> bool:
    """Say whether an open page would show other figures."""
    return any(getattr(known, name) != values[name] for name in ("lag_packets", "acknowledged", "refused", "why"))


def _sample(target: RelayTarget, values: Mapping[str, Any], at: datetime) -> None:
    minute = at.replace(second=0, microsecond=0)
    figures = {name: values[name] for name in ("lag_packets", "lag_s", "rate")}
    _, fresh = Sample.objects.update_or_create(target=target, minute=minute, defaults=figures)
    if fresh:
        Sample.objects.filter(target=target, minute__lt=minute - KEPT).delete()


def take_record(*, message: Mapping[str, Any]) -> bool:
    """Keep a record; False if it is here already, or its target is not.

    :raises KeyError, ValueError: if the message is none.
    """
    values = {
        "target_id": message["code"],
        "kind": message["kind"],
        "reason": message["reason"],
        "at": datetime.fromisoformat(message["at"]),
        "mn": str(message["mn"])[:64],
        "as_mn": str(message["as_mn"])[:64],
        "qn": str(message["qn"])[:32],
        "cn": message["cn"],
        "detail": str(message["detail"])[:255],
        "frame": message["frame"],
        "sequence": message["sequence"],
        "index": message["index"],
    }
    with transaction.atomic():
        if not RelayTarget.objects.filter(pk=message["code"]).exists():
            return False
        _, fresh = Record.objects.get_or_create(id=message["id"], defaults=values)
        if fresh:
            _make_room(message["code"])
            ledger.tell(kind="relay.changed", id=None, relay=message["code"])
    return fresh


def _make_room(code: str) -> None:
    edge = Record.objects.filter(target_id=code).order_by("-at").values_list("at", flat=True)[MOST : MOST + 1].first()
    if edge is not None:
        Record.objects.filter(target_id=code, at__lte=edge).delete()


def reason_sentence(reason: str, language: str = "zh") -> str:
    """Return what a reason of a record means (rules/relay/reasons.yaml)."""
    for row in rules.table("relay/reasons"):
        if row["reason"] == reason:
            return str(row["zh" if language.startswith("zh") else "en"])
    return reason


def reasons() -> list[str]:
    """Return the reasons there are, in the order of the rule file."""
    return [row["reason"] for row in rules.table("relay/reasons")]
