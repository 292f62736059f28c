"""One request, one step: what a device answers, sends and becomes (HJ 212-2017 §6.5.2, tables 7 and 8).

``obey(site, standing, message, now=…)`` is a pure function. A request is answered 9011; if it is taken, data and 9012
follow, 9012 when the act is done. A notice is answered 9013. What bears another device's MN, a wrong PW and so on is
answered with the QnRtn that says so; 2005 knows but one for all of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from qingtian.stream.hj212 import COMMANDS, Edition, Message, Way, bodies, breaches
from qingtian.stream.hj212.commands import Kind
from qingtian.stream.hj212.messages.catalogue import BODIES
from qingtian.stream.hj212.messages.returns import EXE_RETURNS, QN_RETURNS, READY, known
from qingtian.stream.hj212.replies import ANSWERS
from qingtian.stream.simulator.obedience import control, early, history, information, parameters, streams
from qingtian.stream.simulator.obedience.outcome import CONDITION, FAILED, Handler, Outcome, Site, Upload
from qingtian.stream.simulator.obedience.standing import REMEMBERED, Handled, Standing

REFUSED, WRONG_PW, WRONG_MN, WRONG_ST, WRONG_QN, WRONG_CN = 2, 3, 4, 5, 7, 8
"""QnRtn (HJ 212-2017 table 7)."""

LATER = {**parameters.HANDLERS, **streams.HANDLERS, **history.HANDLERS, **control.HANDLERS, **information.HANDLERS}
EARLY = {**LATER, **early.HANDLERS}
QN = re.compile(r"[0-9]{17}")


@dataclass(frozen=True, kw_only=True)
class Saying:
    """Something to be said: an answer, or an upload.

    ``qn``: that of the request; None for an exchange of its own. ``after`` seconds. ``in_turn``: behind what the device
    is sending already; else at once.
    """

    cn: int
    body: bodies.Body
    qn: str | None
    pw: str | None = None
    after: float = 0.0
    in_turn: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """The device from now on, and what it says."""

    standing: Standing
    sayings: tuple[Saying, ...] = ()


def obey(site: Site, standing: Standing, message: Message, *, now: float) -> Step:
    """Return what comes of a message of the platform; nothing for answers, and for what no command is."""
    head = message.head
    command = COMMANDS.get(head.cn)
    if head.cn in ANSWERS:
        return Step(standing=standing)
    refusal = _refusal(site, standing, message)
    if command is not None and command.kind is Kind.NOTICE and command.down:
        return Step(standing=standing) if refusal else _notice(site, standing, message, now)
    edition = site.device.edition
    if refusal is not None:
        spoken = refusal if known(QN_RETURNS, refusal, edition) else REFUSED
        return Step(standing=standing, sayings=_answered(message, spoken))
    again = next((one for one in standing.handled if (one.qn, one.cn) == (head.qn, head.cn)), None)
    return _again(standing, message, again, now) if again is not None else _request(site, standing, message, now)


def _refusal(site: Site, standing: Standing, message: Message) -> int | None:
    """Return the QnRtn of a request that is not taken."""
    head, edition = message.head, site.device.edition
    if QN.fullmatch(head.qn or "") is None:
        return WRONG_QN
    if head.mn != standing.mn:
        return WRONG_MN
    if head.pw != standing.pw:
        return WRONG_PW
    if head.st != site.device.st:
        return WRONG_ST
    handled = (head.cn, Way.DOWN, edition) in BODIES and _handler(edition, head.cn) is not None
    return None if handled else WRONG_CN


def _handler(edition: Edition, cn: int) -> Handler | None:
    return (EARLY if edition is Edition.HJ2005 else LATER).get(cn)


def _notice(site: Site, standing: Standing, message: Message, now: float) -> Step:
    outcome = _outcome(site, standing, message, now)
    answer = Saying(cn=9013, body=bodies.NoticeAnswer(), qn=message.head.qn, pw=message.head.pw)
    return Step(standing=outcome.standing, sayings=(answer,) if message.head.asks else ())


def _request(site: Site, standing: Standing, message: Message, now: float) -> Step:
    outcome, edition = _outcome(site, standing, message, now), site.device.edition
    result = outcome.result if known(EXE_RETURNS, outcome.result, edition) else FAILED
    qn = message.head.qn or ""
    handled = Handled(qn=qn, cn=message.head.cn, returned=READY, result=result, done_at=now + outcome.seconds)
    changed = replace(outcome.standing, handled=(*outcome.standing.handled[1 - REMEMBERED :], handled))
    sayings = (*_answered(message, READY), *(_upload(message, upload, edition) for upload in outcome.data))
    return Step(standing=changed, sayings=(*sayings, _result(message, result, after=outcome.seconds)))


def _outcome(site: Site, standing: Standing, message: Message, now: float) -> Outcome:
    handler = _handler(site.device.edition, message.head.cn)
    assert handler is not None
    expected = BODIES[(message.head.cn, Way.DOWN, site.device.edition)]
    if not isinstance(message.body, expected) or breaches(message):
        return Outcome(standing=standing, result=CONDITION)
    return handler(site, standing, message, now)


def _again(standing: Standing, message: Message, handled: Handled, now: float) -> Step:
    """Answer a request that came again as it was answered; do nothing twice."""
    sayings = _answered(message, handled.returned)
    if handled.result is not None and handled.done_at <= now:
        sayings = (*sayings, _result(message, handled.result, after=0.0))
    return Step(standing=standing, sayings=sayings)


def _answered(message: Message, returned: int) -> tuple[Saying, ...]:
    if not message.head.asks:
        return ()
    return (Saying(cn=9011, body=bodies.RequestAnswer(returned=returned), qn=message.head.qn, pw=message.head.pw),)


def _result(message: Message, result: int, *, after: float) -> Saying:
    body = bodies.ExecutionResult(returned=result)
    return Saying(cn=9012, body=body, qn=message.head.qn, pw=message.head.pw, after=after, in_turn=True)


def _upload(message: Message, upload: Upload, edition: Edition) -> Saying:
    # data of 2005 name the request they answer; later history stands for itself
    own = upload.own and edition is not Edition.HJ2005
    qn = None if own else message.head.qn
    return Saying(cn=upload.cn, body=upload.body, qn=qn, pw=None if own else message.head.pw, in_turn=True)
