"""What states, groups and answers of commands are called on a page (反控)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from qingtian.office.reverse_control import api
from qingtian.office.reverse_control.api import DeviceCommand
from qingtian.portals.templatetags.parts import language
from qingtian.portals.words import State, Word
from qingtian.stream.hj212.messages.returns import EXE_RETURNS, NO_DATA, QN_RETURNS, READY

STATES: dict[str, State] = {
    "queued": State(word=_("Queued"), shape="clock"),
    "sent": State(word=_("Sent"), tone="brand"),
    "accepted": State(word=_("Accepted by the device"), tone="brand"),
    "executing": State(word=_("Executing"), tone="brand", shape="normal"),
    "done": State(word=_("Carried out"), tone="normal", shape="done"),
    "refused": State(word=_("Refused or failed"), tone="breach", shape="breach"),
    "timed_out": State(word=_("Timed out"), tone="attention", shape="attention"),
    "expired": State(word=_("Expired, never sent"), tone="silent", shape="silent"),
}

STEPS: tuple[str, ...] = ("queued", "sent", "accepted", "executing", "done")

GROUPS: dict[str, Word] = {
    "clock": _("Clock"),
    "interval": _("Intervals and time-outs"),
    "limits": _("Alarm limits"),
    "upload": _("Uploads on and off"),
    "history": _("History"),
    "sampling": _("Sampling"),
    "control": _("Calibration and cleaning"),
    "information": _("Instrument information"),
}

WARNINGS: dict[str, Word] = {
    "clock": _("The device will stamp its data with the new time; records may repeat or be missing around it."),
    "interval": _("The device will report at another pace; what is expected of it changes with that."),
    "limits": _("The device will raise its alarms by the new figures."),
    "upload": _("The device will stop reporting until it is asked again; it will look silent here."),
    "sampling": _("The sampler will take or keep a sample on site and use up a bottle."),
    "control": _("The analyser will not measure the outlet meanwhile; its values must carry the flag C or M."),
    "information": _("A parameter of the analyser changes its values from now on."),
}
"""What a command does to the monitoring, asked before it is sent."""

ORIGINS: dict[str, Word] = {
    "person": _("Person"),
    "backfill": _("Back-fill"),
    "gateway": _("Gateway"),
    "relay": _("Another platform"),
}

WHYS: dict[str, Word] = {
    "clock_asked": _("the device asked for the time"),
    "clock_drift": _("its clock was wrong"),
    "first_connect": _("it connected for the first time"),
}


def name(cn: int) -> str:
    """Return the name of a command number in the language of the page."""
    return api.command_name(cn, language())


def who(row: DeviceCommand) -> str:
    """Return who wanted the command: a person's name, or what part of the system."""
    return row.actor_name if row.origin == "person" else str(ORIGINS[row.origin])


def items_said(items: Sequence[Mapping[str, str]]) -> str:
    """Return items of CP as the wire has them."""
    return ";".join(",".join(f"{name}={text}" for name, text in item.items()) for item in items)


def returned(kind: str, value: int | None) -> str:
    """Return what a ``qn_rtn`` or ``exe_rtn`` means; empty if there is none."""
    if value is None:
        return ""
    known = (QN_RETURNS if kind == "qn_rtn" else EXE_RETURNS).get(value)
    return known.name(language()) if known else say("a value the standard does not have")


def outcome(row: DeviceCommand) -> str:
    """Return in one phrase why a command stands as it does; empty if its state says all."""
    if row.error:
        return str(row.error.get("zh" if language().startswith("zh") else "en", ""))
    if row.exe_rtn is not None and (row.state == "refused" or row.exe_rtn == NO_DATA):
        return returned("exe_rtn", row.exe_rtn)
    if row.qn_rtn not in (None, READY):
        return returned("qn_rtn", row.qn_rtn)
    return ""
