"""The worker's jobs on a page: what waits, runs and failed, why, and who may have one done again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.office_world import MONDAY

from qingtian.base.settings import Settings

pytestmark = pytest.mark.engines

MANY = 40


@pytest.fixture
def queue(office: Settings) -> Iterator[Callable[..., int]]:
    """Enter a job of the queue in a state; the queue is empty before and after."""
    wipe = "DELETE FROM procrastinate_jobs; DELETE FROM jobs_jobfailure; DELETE FROM procrastinate_workers"

    def enter(name: str, status: str = "todo", *, lock: str | None = None, worker: int | None = None) -> int:
        columns = "(queue_name, task_name, status, lock, queueing_lock, args, worker_id)"
        row = ["default", f"qingtian:{name}", status, lock, name, '{"timestamp": 0}', worker]
        with connection.cursor() as cursor:
            insert = f"INSERT INTO procrastinate_jobs {columns} VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id"
            cursor.execute(insert, row)
            return int(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute(wipe)
    yield enter
    with connection.cursor() as cursor:
        cursor.execute(wipe)


def run_the_worker() -> None:
    """Do all that waits, as the worker does, then stop."""
    from procrastinate.contrib.django.procrastinate_app import current_app

    from qingtian.office.jobs.periodic import jobs

    async def work() -> None:
        if "qingtian:escalate" not in current_app.tasks:
            current_app.add_tasks_from(jobs, namespace="qingtian")
        with current_app.replace_connector(current_app.connector.get_worker_connector()) as working:
            async with working.open_async():
                await working.run_worker_async(wait=False, install_signal_handlers=False, concurrency=1)

    asyncio.run(work())


def status_of(job_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job_id])
        return str(cursor.fetchone()[0])


def test_a_job_that_fails_says_why_on_its_page_and_is_done_again(
    queue: Callable[..., int], as_person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingtian.office.tasks import api as tasks

    done: list[str] = []

    def breaks(*, at: object) -> int:
        raise ValueError("the <b>clock</b> stands still")

    monkeypatch.setattr(tasks, "escalate", breaks)
    job_id = queue("escalate")
    run_the_worker()
    assert status_of(job_id) == "failed"
    admin = as_person("admin")
    page = admin.get(f"/system/jobs/{job_id}/").content.decode()
    assert "ValueError the &lt;b&gt;clock&lt;/b&gt; stands still" in page
    assert "下一次到点会接着办" in page
    listed = admin.get("/system/jobs/?state=failed&format=json").json()["rows"]
    assert [(row["id"], row["name"]) for row in listed if row["name"] == "escalate"] == [(job_id, "escalate")]

    monkeypatch.setattr(tasks, "escalate", lambda *, at: done.append("escalated") or 0)
    assert admin.post(f"/system/jobs/{job_id}/again/").status_code == 302
    assert status_of(job_id) == "todo"
    run_the_worker()
    assert done
    assert status_of(job_id) == "succeeded"
    page = admin.get(f"/system/jobs/{job_id}/").content.decode()
    assert "作业重新排队" in page
    assert "clock" not in page, "what went well has no reason why it failed"


@pytest.mark.usefixtures("rolled_back")
def test_only_what_failed_is_done_again_and_not_beside_one_of_its_kind_that_waits(
    queue: Callable[..., int], as_person: Any
) -> None:
    admin = as_person("admin")
    failed, running = queue("checkpoint", "failed"), queue("escalate", "doing")
    refused = admin.post(f"/system/jobs/{running}/again/")
    assert (refused.status_code, status_of(running)) == (409, "doing")
    queue("checkpoint")
    refused = admin.post(f"/system/jobs/{failed}/again/")
    assert (refused.status_code, status_of(failed)) == (409, "failed")
    assert "已有一个在排队" in refused.content.decode()


@pytest.mark.usefixtures("rolled_back")
def test_who_is_no_administrator_sees_no_job_and_has_none_done_again(queue: Callable[..., int], as_person: Any) -> None:
    from qingtian.office.jobs import api
    from qingtian.office.people.api import NotYours, User

    job_id = queue("escalate", "failed")
    for name in ("desk", "officer", "leader", "reviewer", "grid", "firm"):
        person = as_person(name)
        for answer in (
            person.get("/system/jobs/"),
            person.get(f"/system/jobs/{job_id}/"),
            person.post(f"/system/jobs/{job_id}/again/"),
        ):
            assert answer.status_code == 403, name
        user = User.objects.get(username=name)
        assert api.jobs(user) == []
        assert set(api.counts(user).values()) == {0}
        with pytest.raises(NotYours):
            api.do_again(acting_user=user, job_id=job_id, at=MONDAY)
    assert status_of(job_id) == "failed"


@pytest.mark.usefixtures("rolled_back")
def test_the_list_asks_as_often_for_many_jobs_as_for_one(queue: Callable[..., int], as_person: Any) -> None:
    admin = as_person("admin")

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert admin.get("/system/jobs/").status_code == 200
        return len(queries)

    queue("escalate", "failed")
    asked()
    few = asked()
    for _each in range(MANY):
        queue("escalate", "succeeded")
    assert asked() == few


@pytest.mark.usefixtures("rolled_back")
def test_the_system_page_counts_jobs_and_an_unknown_state_is_refused(queue: Callable[..., int], as_person: Any) -> None:
    queue("escalate", "failed")
    admin = as_person("admin")
    page = admin.get("/system/").content.decode()
    assert 'href="/system/jobs/?state=failed" class="nowrap is-breach">失败 1</a>' in page
    assert admin.get("/system/jobs/?state=lost").status_code == 400


def test_every_job_of_the_clock_has_a_word() -> None:
    from qingtian.office.jobs.periodic import jobs
    from qingtian.portals import job_words

    assert {name.removeprefix("qingtian:") for name in jobs.tasks} >= set(job_words.JOBS)
    assert {name.rpartition(":")[2] for name in jobs.tasks} - {"remove_old_jobs"} == set(job_words.JOBS)


def test_a_job_whose_worker_was_killed_is_ended_and_lets_its_successor_run(
    queue: Callable[..., int], as_person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qingtian.office.matters import api as matters

    done: list[str] = []
    monkeypatch.setattr(matters, "typeset_waiting", lambda *, at: done.append("typeset") or 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        killed = cursor.fetchone()[0]
    left = queue("typeset_papers", "doing", lock="typeset_papers", worker=killed)
    successor = queue("typeset_papers", lock="typeset_papers")
    queue("end_cut_off")
    run_the_worker()
    run_the_worker()
    assert status_of(left) == "failed"
    assert status_of(successor) == "succeeded"
    assert done
    assert "中途终止" in as_person("admin").get(f"/system/jobs/{left}/").content.decode()
