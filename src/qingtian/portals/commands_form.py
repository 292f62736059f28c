"""The form of a command: what this person may send, its fields with their bounds, and the question before it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as say

from qingtian.base import times
from qingtian.base.errors import QingtianError
from qingtian.office.people.api import User
from qingtian.office.reverse_control import api
from qingtian.office.reverse_control.api import Field, Requestable
from qingtian.office.sites.api import Device
from qingtian.portals import commands_words as words
from qingtian.portals.templatetags.parts import factor_name, language
from qingtian.portals.words import Word

PREFIX = "p-"
"""Before the name of a field of a command, so that none can be taken for one of the form's own."""

INPUTS = {"whole": "number", "moment": "datetime-local", "clock": "time", "hour_minute": "time"}
STEPS = {"whole": "1", "moment": "60", "clock": "1"}


@dataclass(frozen=True, kw_only=True)
class FieldLine:
    """A field as it is shown: its label, its control, what was given, what is wrong with that."""

    name: str
    label: str
    help: str
    unit: str
    input: str
    step: str
    low: int | None
    high: int | None
    most: int
    required: bool
    options: list[tuple[str, str]]
    value: str
    wrong: str


@dataclass(frozen=True, kw_only=True)
class CommandForm:
    """The form, ready to be shown: devices and commands to choose from, and the fields of the chosen one."""

    devices: list[Device]
    device: Device | None
    groups: list[tuple[Word, list[tuple[int, str]]]]
    wanted: Requestable | None = None
    name: str = ""
    lines: list[FieldLine] = field(default_factory=list)
    reason: str = ""
    wrong: str = ""


def given(form: QueryDict) -> dict[str, str]:
    """Return the fields of the command from a form, by their own names."""
    return {name[len(PREFIX) :]: str(form[name]) for name in form if name.startswith(PREFIX)}


def build(
    user: User,
    devices: Sequence[Device],
    *,
    mn: str = "",
    cn: int | None = None,
    values: Mapping[str, str] | None = None,
    reason: str = "",
    refused: QingtianError | None = None,
) -> CommandForm | None:
    """Return the form for these devices (outlet and status joined); None if this person may send them nothing."""
    at = times.now()
    able = [(device, found) for device in devices if (found := api.offered(user, device, at=at))]
    if not able:
        return None
    device, found = next(((device, found) for device, found in able if device.pk == mn), able[0])
    wanted = next((each for each in found if each.cn == cn), None)
    wrong_form = refused.fields.get("form") if refused else None
    sentence = refused.sentence(language()) if refused else ""
    return CommandForm(
        devices=[each for each, _found in able],
        device=device,
        groups=_groups(found),
        wanted=wanted,
        name=wanted.name(language()) if wanted else "",
        lines=[
            _line(each, device, (values or {}).get(each.form, ""), sentence if each.form == wrong_form else "")
            for each in _fields(wanted, device)
        ],
        reason=reason,
        # what belongs to a field stands there
        wrong="" if wrong_form else sentence,
    )


def _fields(wanted: Requestable | None, device: Device) -> list[Field]:
    """The fields of a command, less those of another edition than the device's."""
    edition = api.edition_of(device)
    fields = wanted.fields if wanted else ()
    return [each for each in fields if not (edition and each.editions) or int(edition) in each.editions]


def _groups(found: Sequence[Requestable]) -> list[tuple[Word, list[tuple[int, str]]]]:
    return [
        (words.GROUPS[group], [(each.cn, each.name(language())) for each in members])
        for group, members in groupby(found, key=lambda each: each.group)
    ]


def _line(field: Field, device: Device, value: str, wrong: str) -> FieldLine:
    options = _options(field, device)
    return FieldLine(
        name=PREFIX + field.form,
        label=field.said(language()),
        help=field.help(language()),
        unit=field.unit,
        input="select" if options else INPUTS.get(field.kind, "text"),
        step=STEPS.get(field.kind, ""),
        low=field.low,
        high=field.high,
        most=field.most,
        required=not field.optional,
        options=options,
        value=value,
        wrong=wrong,
    )


def _options(field: Field, device: Device) -> list[tuple[str, str]]:
    """What can be chosen from; a factor is one that the device was heard to send."""
    if field.among:
        return [(str(value), f"{value} {field.unit}") for value in field.among]
    if field.options:
        zh = language().startswith("zh")
        return [(value, own if zh else english) for value, own, english in field.options]
    if field.kind == "factor":
        status = getattr(device, "status", None)
        return [(code, f"{factor_name(code)} {code}") for code in sorted(status.values)] if status else []
    return []


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked before a command that changes what the monitor reports."""

    checked: api.Checked
    name: str
    written: str
    warning: Word
    hidden: list[tuple[str, str]]
    back: str


def question(checked: api.Checked, values: Mapping[str, str]) -> Question:
    """Return the question for a command that was checked."""
    wanted, mn = checked.wanted, checked.device.pk
    hidden = [("mn", mn), ("cn", str(wanted.cn)), ("reason", checked.reason)]
    hidden += [(PREFIX + name, value) for name, value in values.items()]
    return Question(
        checked=checked,
        name=wanted.name(language()),
        written=words.items_said(checked.items) or say("(no items)"),
        warning=words.WARNINGS.get(wanted.group, ""),
        hidden=hidden,
        back="/commands/new/?" + urlencode(hidden),
    )
