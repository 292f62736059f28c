"""The pages of evidence packages: made on an alert's page, listed, downloaded; for those in scope alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.evidence_world import Evidence, evidence
from tests.office_world import MONDAY, OUTLET

from qingtian.office.evidence import checking

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]


@pytest.fixture
def world(office: Any, data_folder: Path, settings_override: Any, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    from qingtian.portals import packages

    settings_override(OBJECTS_URL=str(data_folder / "objects"))
    made = evidence(data_folder)
    monkeypatch.setattr(packages, "lake", lambda: made.lake)
    monkeypatch.setenv("QINGTIAN_LEDGER_KEY", str(data_folder / "keys" / "ledger.pem"))
    return made


@pytest.fixture
def alert(world: Evidence) -> Any:
    from qingtian.office.alerts.models import Episode
    from qingtian.office.tasks import api as tasks

    for event in world.receive(world.over()):
        tasks.take_finding(message=event, at=MONDAY)
    return Episode.objects.get()


def test_an_officer_makes_a_package_and_gets_a_file_that_proves_itself(alert: Any, as_person: Any) -> None:
    officer = as_person("officer")
    panel = officer.get(f"/packages/of/{alert.pk}/").content.decode()
    assert "还没有制作过证据包" in panel
    assert f'action="/packages/make/{alert.pk}/"' in panel
    assert officer.post(f"/packages/make/{alert.pk}/").status_code == 302
    (row,) = officer.get("/packages/?format=json").json()["rows"]
    assert (row["outlet"], row["alert"], row["packets"]) == (OUTLET, alert.number, 5)
    link = f"/packages/{alert.packages.get().pk}/"
    assert link in officer.get(f"/packages/of/{alert.pk}/").content.decode()
    sent = officer.get(link)
    assert sent.headers["Content-Type"] == "application/zip"
    verdict = checking.verify(sent.content)
    assert verdict.holds, [check.sentence("en") for check in verdict.broken]
    assert verdict.manifest["made_by"] == "officer"
    assert "制作证据包" in officer.get(f"/alerts/{alert.pk}/").content.decode()


def test_the_system_page_shows_the_key_that_signed(alert: Any, as_person: Any) -> None:
    desk, administrator = as_person("desk"), as_person("admin")
    assert desk.post(f"/packages/make/{alert.pk}/").status_code == 302
    verdict = checking.verify(desk.get(f"/packages/{alert.packages.get().pk}/").content)
    key = administrator.get("/system/?format=json").json()["key"]
    assert verdict.holds
    assert key["id"] == alert.packages.get().key_id
    assert key["public"] in administrator.get("/system/").content.decode()


def test_those_who_must_not_see_it_do_not(alert: Any, as_person: Any) -> None:
    as_person("desk").post(f"/packages/make/{alert.pk}/")
    link = f"/packages/{alert.packages.get().pk}/"
    elsewhere, firm = as_person("officer2"), as_person("firm")
    assert elsewhere.get("/packages/?format=json").json()["rows"] == []
    assert [elsewhere.get(path).status_code for path in (link, f"/packages/of/{alert.pk}/")] == [404, 404]
    assert elsewhere.post(f"/packages/make/{alert.pk}/").status_code == 404
    assert [firm.get(path).status_code for path in ("/packages/", link, f"/packages/of/{alert.pk}/")] == [403] * 3
    assert firm.post(f"/packages/make/{alert.pk}/").status_code == 403
    assert "/packages/" not in firm.get(f"/alerts/{alert.pk}/").content.decode()
    assert alert.packages.count() == 1


def test_one_who_may_look_but_not_make_gets_no_button(alert: Any, as_person: Any) -> None:
    member = as_person("grid")
    assert "/packages/make/" not in member.get(f"/packages/of/{alert.pk}/").content.decode()
    assert member.post(f"/packages/make/{alert.pk}/").status_code == 403
