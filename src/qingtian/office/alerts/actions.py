"""Acts of people on an episode: acknowledge, confirm, explain, close."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.office.alerts import events, grading
from qingtian.office.alerts.models import EnterpriseAnswer, Episode, EpisodeState
from qingtian.office.ledger import api as ledger
from qingtian.office.people.api import NotYours, Role, Scope, User
from qingtian.office.sites.api import NotFoundHere

DESK = (Role.DUTY_DESK, Role.LEADER)


class StillRunning(QingtianError):
    code = "alerts.still_running"
    zh = "预警 {number} 的异常仍在持续，不能办结。请等监测值恢复正常，或先处置现场。"
    en = (
        "Episode {number} is still going on and cannot be closed. "
        "Wait until the values recover, or deal with the site first."
    )


class HasTask(QingtianError):
    code = "alerts.has_task"
    zh = "预警 {number} 已转为任务，随任务一并办结。请到任务中办理。"
    en = "Episode {number} has become a task and closes with it. Go on in the task."


class AlreadyDone(QingtianError):
    code = "alerts.already_done"
    zh = "预警 {number} 的这一步已经办过：{step}。请刷新页面查看最新状态。"
    en = "This step of episode {number} was done before: {step}. Reload the page to see how it stands."


class NoAnswerAsked(QingtianError):
    code = "alerts.no_answer_asked"
    zh = "预警 {number} 无需企业确认或说明。请刷新页面查看最新状态。"
    en = "Episode {number} asks for no answer of the enterprise. Reload the page to see how it stands."


class TextMissing(QingtianError):
    code = "alerts.text_missing"
    zh = "请填写{what}后再提交。"
    en = "Fill in {what}, then submit."


def acknowledge(*, acting_user: User, episode_id: int, at: datetime) -> Episode:
    """Note that the duty desk has seen the episode (值班签收).

    :raises NotYours, NotFoundHere, AlreadyDone:
    """
    _require(acting_user, DESK, Term(zh="签收", en="acknowledge"))
    with transaction.atomic():
        episode = _locked(acting_user, episode_id)
        if episode.acknowledged_at:
            raise AlreadyDone(number=episode.number, step=Term(zh="签收", en="acknowledge"))
        episode.acknowledged_at, episode.acknowledged_by = at, acting_user
        episode.save(update_fields=["acknowledged_at", "acknowledged_by"])
        events.record(episode, acting_user=acting_user, act="acknowledge", at=at, content={})
    return episode


def confirm(*, acting_user: User, episode_id: int, at: datetime) -> Episode:
    """Note that the enterprise has received the alert (企业确认); late is noted, not refused.

    :raises NotYours, NotFoundHere, NoAnswerAsked, AlreadyDone:
    """
    _require(acting_user, (Role.ENTERPRISE,), Term(zh="确认", en="confirm"))
    with transaction.atomic():
        episode = _locked(acting_user, episode_id)
        answer = _answer(episode)
        if answer.confirmed_at:
            raise AlreadyDone(number=episode.number, step=Term(zh="确认", en="confirm"))
        answer.confirmed_at, answer.confirmed_by = at, acting_user
        answer.save(update_fields=["confirmed_at", "confirmed_by"])
        content = {"due": answer.confirm_due, "late": at > answer.confirm_due}
        events.record(episode, acting_user=acting_user, act="confirm", at=at, content=content)
    return episode


def explain(
    *,
    acting_user: User,
    episode_id: int,
    cause: str,
    text: str,
    planned_repair: date | None,
    at: datetime,
) -> Episode:
    """Keep the enterprise's explanation (企业说明): cause code, its words, when it will be repaired.

    Explaining confirms too, if that was not done. May be repeated until the episode is closed; each is an entry.

    :raises NotYours, NotFoundHere, NoSuchCause, TextMissing, NoAnswerAsked, AlreadyDone:
    """
    _require(acting_user, (Role.ENTERPRISE,), Term(zh="说明", en="explain"))
    grading.require_cause(cause, at=at)
    if not text.strip():
        raise TextMissing(what=Term(zh="情况说明", en="explanation"))
    with transaction.atomic():
        episode = _locked(acting_user, episode_id)
        if episode.state == EpisodeState.CLOSED:
            raise AlreadyDone(number=episode.number, step=Term(zh="办结", en="close"))
        answer = _answer(episode)
        answer.confirmed_at = answer.confirmed_at or at
        answer.confirmed_by = answer.confirmed_by or acting_user
        answer.explained_at, answer.explained_by = at, acting_user
        answer.cause, answer.text, answer.planned_repair = cause, text.strip(), planned_repair
        answer.save()
        content = {
            "cause": cause,
            "text": answer.text,
            "planned_repair": planned_repair,
            "due": answer.explain_due,
            "late": at > answer.explain_due,
        }
        events.record(episode, acting_user=acting_user, act="explain", at=at, content=content)
    return episode


def close_episode(*, acting_user: User, episode_id: int, cause: str, conclusion: str, at: datetime) -> Episode:
    """Close an episode that never became a task (办结).

    :raises NotYours, NotFoundHere, NoSuchCause, TextMissing, StillRunning, HasTask, AlreadyDone:
    """
    _require(acting_user, DESK, Term(zh="办结", en="close"))
    grading.require_cause(cause, at=at)
    if not conclusion.strip():
        raise TextMissing(what=Term(zh="办结意见", en="conclusion"))
    with transaction.atomic():
        episode = _locked(acting_user, episode_id)
        if episode.tasked:
            raise HasTask(number=episode.number)
        return _close(episode, acting_user, cause, conclusion.strip(), at)


def close_with_task(*, acting_user: ledger.Actor, episode_id: int, cause: str, conclusion: str, at: datetime) -> bool:
    """Close the episode of a closed task, inside the task's transaction; False while the exceedance goes on."""
    episode = Episode.objects.select_for_update().get(pk=episode_id)
    if episode.state != EpisodeState.RECOVERED:
        return False
    _close(episode, acting_user, cause, conclusion, at)
    return True


def _close(episode: Episode, acting_user: ledger.Actor, cause: str, conclusion: str, at: datetime) -> Episode:
    if episode.state == EpisodeState.CLOSED:
        raise AlreadyDone(number=episode.number, step=Term(zh="办结", en="close"))
    if episode.state == EpisodeState.OPEN:
        raise StillRunning(number=episode.number)
    episode.state, episode.closed_at = EpisodeState.CLOSED, at
    episode.closed_by = acting_user if isinstance(acting_user, User) else None
    episode.cause, episode.conclusion = cause, conclusion
    episode.save(update_fields=["state", "closed_at", "closed_by", "cause", "conclusion"])
    content = {"cause": cause, "conclusion": conclusion}
    events.record(episode, acting_user=acting_user, act="close_episode", at=at, content=content)
    return episode


def _require(user: User, roles: tuple[Role, ...], act: Term) -> None:
    if user.role not in roles or not user.is_active:
        raise NotYours(role=user.role_term, act=act)


def _locked(user: User, episode_id: int) -> Episode:
    rows = Episode.objects.select_for_update(of=("self",)).filter(Scope.of(user).q(), pk=episode_id)
    episode = rows.first()
    if episode is None:
        raise NotFoundHere(what=Term(zh="预警", en="alert"), code=episode_id)
    return episode


def _answer(episode: Episode) -> EnterpriseAnswer:
    answer = EnterpriseAnswer.objects.select_for_update().filter(episode=episode).first()
    if answer is None:
        raise NoAnswerAsked(number=episode.number)
    return answer
