"""Acts of people on a task. Each is one transaction: the table of `machine` is asked, clocks turn, an entry is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from qingtian.base.errors import QingtianError, Term
from qingtian.office.alerts import api as alerts
from qingtian.office.objects.api import Upload
from qingtian.office.people.api import Role, Scope, User
from qingtian.office.sites.api import NotFoundHere
from qingtian.office.tasks import clocks, events, evidence
from qingtian.office.tasks.access import person
from qingtian.office.tasks.machine import FINAL, Act, State, step
from qingtian.office.tasks.models import Report, Review, Task


class CannotMerge(QingtianError):
    code = "tasks.cannot_merge"
    zh = "不能并入任务 {into}：{why}。请选择同一企业、尚未结束的另一个任务。"
    en = "It cannot be merged into {into}: {why}. Choose another live task of the same enterprise."


class CannotReassign(QingtianError):
    code = "tasks.cannot_reassign"
    zh = "不能改派给 {to}：{why}。请选择辖区内的执法人员或网格员。"
    en = "It cannot be reassigned to {to}: {why}. Choose an officer or grid member whose scope has this outlet."


def accept(*, acting_user: User, task_id: int, at: datetime) -> Task:
    """Take the task on: the acting user becomes its handler (接收).

    :raises NotFoundHere, NotByYou, NotNow:
    """
    with transaction.atomic():
        task = _move(acting_user, task_id, Act.ACCEPT, {}, at)
        task.handler = acting_user
        task.save()
        events.record(task, acting_user=acting_user, act="accept", at=at, content={})
    return task


def arrive(
    *, acting_user: User, task_id: int, at: datetime, lon: float | None = None, lat: float | None = None
) -> Task:
    """Note that the handler is on site (到场), with the place if the phone gave it (WGS-84).

    :raises NotFoundHere, NotByYou, NotNow:
    """
    with transaction.atomic():
        task = _move(acting_user, task_id, Act.ARRIVE, {}, at)
        task.on_site_at = at
        task.save()
        content = {"lon": lon, "lat": lat}
        events.record(task, acting_user=acting_user, act="arrive", at=at, content=content)
    return task


def report(
    *,
    acting_user: User,
    task_id: int,
    cause: str,
    situation: str,
    measures: str,
    at: datetime,
    uploads: Sequence[Upload] = (),
    lon: float | None = None,
    lat: float | None = None,
) -> Task:
    """Report what was found and done (报告), with evidence files.

    :raises NotFoundHere, NotByYou, NotNow, FieldMissing, NoSuchCause, UploadRefused:
    """
    given = {"cause": cause, "situation": situation, "measures": measures}
    with transaction.atomic():
        task = _move(acting_user, task_id, Act.REPORT, given, at)
        alerts.require_cause(cause, at=at)
        task.save()
        written = Report.objects.create(
            task=task,
            version=task.reports.count() + 1,
            author=acting_user,
            at=at,
            on_site_at=task.on_site_at or at,
            cause=cause,
            situation=situation.strip(),
            measures=measures.strip(),
            lon=lon,
            lat=lat,
        )
        hashes = evidence.attach(task=task, report=written, uploads=uploads, at=at)
        content = {**given, "version": written.version, "evidence": hashes, "lon": lon, "lat": lat}
        events.record(task, acting_user=acting_user, act="report", at=at, content=content)
    return task


def review(*, acting_user: User, task_id: int, opinion: str, at: datetime) -> Task:
    """Approve the report (审核通过). Whoever handled the task cannot.

    :raises NotFoundHere, NotByYou, NotNow, FieldMissing:
    """
    with transaction.atomic():
        task = _move(acting_user, task_id, Act.REVIEW, {"opinion": opinion}, at)
        return _judge(task, acting_user, approved=True, opinion=opinion, act=Act.REVIEW, at=at)


def send_back(*, acting_user: User, task_id: int, reason: str, at: datetime) -> Task:
    """Send the report back to its handler, with the reason (退回).

    :raises NotFoundHere, NotByYou, NotNow, FieldMissing:
    """
    with transaction.atomic():
        task = _move(acting_user, task_id, Act.RETURN, {"reason": reason}, at)
        # the result is owed again, by its first date
        task.clocks.filter(name="result").update(stopped_at=None)
        _judge(task, acting_user, approved=False, opinion=reason, act=Act.RETURN, at=at)
        if task.handler:
            _tell(task, [task.handler], alerts.NoticeKind.RETURNED, at)
    return task


def close(*, acting_user: User, task_id: int, at: datetime, conclusion: str = "") -> Task:
    """Close a reviewed task (办结), and its episode with it if that has recovered.

    :raises NotFoundHere, NotByYou, NotNow:
    """
    with transaction.atomic():
        task = _move(acting_user, task_id, Act.CLOSE, {}, at)
        task.closed_at = at
        task.save()
        events.record(task, acting_user=acting_user, act="close", at=at, content={"conclusion": conclusion})
        last = task.reports.order_by("-version").first()
        if task.episode_id and last:
            alerts.close_with_task(
                acting_user=acting_user,
                episode_id=task.episode_id,
                cause=last.cause,
                conclusion=conclusion.strip() or task.number,
                at=at,
            )
    return task


def reassign(*, acting_user: User, task_id: int, to: str, reason: str, at: datetime) -> Task:
    """Give the task to another person by username (改派); that person accepts it anew.

    :raises NotFoundHere, NotByYou, NotNow, FieldMissing, CannotReassign:
    """
    with transaction.atomic():
        task = _move(acting_user, task_id, Act.REASSIGN, {"to": to, "reason": reason}, at)
        other = User.objects.filter(username=to, is_active=True).first()
        if other is None or other.role not in (Role.OFFICER, Role.GRID_MEMBER):
            raise CannotReassign(to=to, why=Term(zh="没有该执法人员或网格员", en="no such officer or grid member"))
        if not _sees(other, task):
            raise CannotReassign(to=to, why="不在其辖区 / outside that person's scope")
        before = task.handler.username if task.handler else None
        task.handler, task.role = other, other.role
        task.save()
        content = {"from": before, "to": to, "reason": reason.strip()}
        events.record(task, acting_user=acting_user, act="reassign", at=at, content=content)
        _tell(task, [other], alerts.NoticeKind.TASK, at)
    return task


def merge(*, acting_user: User, task_id: int, into: int, reason: str, at: datetime) -> Task:
    """Merge a duplicate into another live task of the same enterprise (合并).

    :raises NotFoundHere, NotByYou, NotNow, FieldMissing, CannotMerge:
    """
    with transaction.atomic():
        task = _move(acting_user, task_id, Act.MERGE, {"into": into, "reason": reason}, at)
        other = _locked(acting_user, into)
        if other.pk == task.pk or other.enterprise_id != task.enterprise_id:
            raise CannotMerge(
                into=other.number, why=Term(zh="是同一任务或不是同一企业", en="itself, or another enterprise")
            )
        if State(other.state) in FINAL:
            raise CannotMerge(into=other.number, why=Term(zh="已经结束", en="it is over"))
        task.merged_into, task.closed_at = other, at
        task.save()
        content = {"into": other.number, "reason": reason.strip()}
        events.record(task, acting_user=acting_user, act="merge", at=at, content=content)
        content = {"from": task.number, "reason": reason.strip()}
        events.record(other, acting_user=acting_user, act="take_in", at=at, content=content)
    return task


def _locked(user: User, task_id: int) -> Task:
    task = Task.objects.select_for_update(of=("self",)).filter(Scope.of(user).q(), pk=task_id).first()
    if task is None:
        raise NotFoundHere(what=Term(zh="任务", en="task"), code=task_id)
    return task


def _move(user: User, task_id: int, act: Act, given: Mapping[str, object], at: datetime) -> Task:
    """Lock the task, ask the table, turn the clocks; the caller saves."""
    task = _locked(user, task_id)
    task.state = step(act=act, state=State(task.state), person=person(user, task), given=given).value
    task.changed_at = at
    clocks.turn(task, act.value, at=at)
    return task


def _judge(task: Task, reviewer: User, *, approved: bool, opinion: str, act: Act, at: datetime) -> Task:
    task.reviewer = reviewer
    task.save()
    last = task.reports.order_by("-version")[0]
    Review.objects.create(task=task, report=last, reviewer=reviewer, at=at, approved=approved, opinion=opinion.strip())
    content = {"report": last.version, "opinion": opinion.strip()}
    events.record(task, acting_user=reviewer, act=act.value, at=at, content=content)
    return task


def _sees(user: User, task: Task) -> bool:
    return Scope.of(user).contains(district=task.district_id, grid=task.grid_id, enterprise=task.enterprise_id)


def _tell(task: Task, people: Sequence[User], kind: alerts.NoticeKind, at: datetime) -> None:
    subject = f"{task.number} {task.title}"
    alerts.notify(people, kind=kind, subject=subject, at=at, episode=task.episode, task=task.pk)
