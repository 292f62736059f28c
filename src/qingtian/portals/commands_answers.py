"""What a device answered to a command, as a table that people read: bottles, times, parameters, serial numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from qingtian.base.times import parse_stamp
from qingtian.law import rules
from qingtian.office.reverse_control.api import DeviceCommand
from qingtian.portals.templatetags import parts
from qingtian.portals.templatetags.parts import factor_name, language
from qingtian.portals.words import Word

ITEMS: dict[str, Word] = {
    "DataTime": _("Time of the data"),
    "SystemTime": _("Clock"),
    "RtdInterval": _("Real-time interval"),
    "MinInterval": _("Minute interval"),
    "ReportTime": _("Daily report time"),
    "ReportTarget": _("Platform address"),
    "AlarmTarget": _("Platform address"),
    "PolId": _("Factor"),
    "VaseNo": _("Bottle number"),
    "CstartTime": _("First sample of the day"),
    "CTime": _("Sampling cycle"),
    "Ctime": _("Sampling cycle"),
    "Stime": _("Time to result"),
    "STime": _("Time to result"),
    "SN": _("Serial number"),
    "LowValue": _("Lower alarm limit"),
    "UpValue": _("Upper alarm limit"),
    "RS": _("Running state"),
    "RT": _("Hours of running"),
}
UNITS = {
    "RtdInterval": "s",
    "MinInterval": "min",
    "CTime": "h",
    "Ctime": "h",
    "Stime": "min",
    "STime": "min",
    "RT": "h",
}
MEASURED = range(2000, 3000)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing answered. ``of``: the factor or code it is about; ``raw``: as it stood on the wire."""

    of: str
    what: Word
    said: str | SafeString
    raw: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """One message of the device."""

    cn: int
    lines: list[Line]


def answered(command: DeviceCommand) -> list[Part]:
    """Return what the device answered, message by message, in the order they came; answers must be prefetched."""
    told = sorted(command.answers.all(), key=lambda row: (row.at, row.pk))
    return [Part(cn=item["cn"], lines=list(_lines(item))) for row in told for item in row.items]


def _lines(item: Mapping[str, Any]) -> Iterator[Line]:
    for name, text in item["cp"].items():
        yield Line(of="", what=ITEMS.get(name, name), said=_said(name, text), raw=f"{name}={text}")
    # measured values went to the lake like those of any packet; only what they are of stands here
    if item["cn"] in MEASURED and not any(item["factors"].values()):
        if item["factors"]:
            yield Line(of="", what=_("Factors"), said=say(", ").join(map(factor_name, item["factors"])), raw="")
        return
    for code, tags in item["factors"].items():
        for tag, text in tags.items():
            yield _tagged(code, tag, text)


def _tagged(code: str, tag: str, text: str) -> Line:
    raw = f"{code}-{tag}={text}"
    if tag == "Info":
        return Line(of=information(code), what=_("Instrument information"), said=information_said(code, text), raw=raw)
    return Line(of=factor_name(code), what=ITEMS.get(tag, tag), said=_said(tag, text), raw=raw)


def _said(name: str, text: str) -> str | SafeString:
    if name == "PolId":
        return ", ".join(factor_name(code) for code in text.split(","))
    if name in ("CstartTime", "ReportTime") and text.isdigit():
        return ":".join(text[place : place + 2] for place in range(0, len(text), 2))
    try:
        return parts.exact(parse_stamp(text)) if name.endswith("Time") else _with_unit(text, UNITS.get(name, ""))
    except ValueError:
        return _with_unit(text, UNITS.get(name, ""))


def _with_unit(text: str, unit: str) -> str:
    return f"{text} {unit}" if unit else text


@cache
def _information() -> dict[str, rules.Rule]:
    return {rule["code"]: rule for rule in rules.table("site_information")}


def information(code: str) -> str:
    """Return what a code of table B.10 is called; an unknown one is called by itself."""
    known = _information().get(code)
    return str(known["zh" if language().startswith("zh") else "en"]) if known else code


def information_said(code: str, text: str) -> str:
    """Return the value of such a code in words, or with its unit."""
    known = _information().get(code)
    words = (known.get("values") or {}).get(text) if known else None
    if words:
        return str(words[0 if language().startswith("zh") else 1])
    return _with_unit(text.strip("/") if text.startswith("//") else text, known.get("unit", "") if known else "")
