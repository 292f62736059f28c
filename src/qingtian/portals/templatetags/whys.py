"""Why somebody was told of an alert, or was not, as a sentence."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from qingtian.office.alerts.api import Why
from qingtian.portals import detectors, words

register = template.Library()


@register.simple_tag
def detector_name(code: str) -> str:
    """How a detector is called."""
    return detectors.name(code)


@register.simple_tag
def why_sentence(why: Why) -> str:
    """Say what became of an alert for one person, and by which rule."""
    match why.outcome:
        case "told":
            return _told(why)
        case "held":
            return _held(why)
        case "came_later":
            return _("You were not told: your role and place were not on the list when it was sent.")
    if why.needs is None:
        return _("Your role is not told of such alerts; you see this one because it lies in your scope.")
    severity = words.SEVERITIES[why.needs].word
    return _("You were not told: your role hears of an alert from “%(severity)s” on.") % {"severity": severity}


@register.simple_tag
def why_not(why: Why) -> str:
    """Say for somebody else why a person was not told of an alert."""
    if why.outcome == "came_later":
        return _("no: not on the list when it was sent")
    if why.needs is None:
        return _("no: the role is not told of such alerts")
    return _("no: the role hears of it from “%(severity)s” on") % {"severity": words.SEVERITIES[why.needs].word}


def _told(why: Why) -> str:
    basis = why.basis or {}
    figures = {
        "severity": words.SEVERITIES[basis.get("severity", 1)].word,
        "role": words.ROLES.get(why.person.role, why.person.role),
    }
    if "always" in basis:
        return (
            _("You were told at once: from “%(severity)s” on nothing holds it back from your role (%(role)s).")
            % figures
        )
    figures |= {"n": basis.get("told_today", 0) + 1, "most": basis.get("per_day", 0)}
    sentence = _(
        "You were told: “%(severity)s” goes to your role (%(role)s). It was notice %(n)s of at most %(most)s that day."
    )
    return sentence % figures


def _held(why: Why) -> str:
    basis = why.basis or {}
    match why.reason:
        case "silenced":
            return _("You were not told at once: the outlet was silenced.")
        case "grouped":
            return _(
                "You were not told at once: you had heard of %(lead)s of the same outlet minutes before, "
                "which is at least as severe."
            ) % {"lead": basis.get("lead", "")}
        case "quiet":
            return _("You were not told at once: it came in your quiet hours, %(begins)s to %(ends)s.") % dict(basis)
    return _("You were not told at once: you had had your %(n)s notices of that day.") % {"n": basis.get("per_day", 0)}
