"""A newcomer follows docs/matters.md word for word: a folder outside the package becomes a kind in the pages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.form_reader import FormReader
from tests.office_world import MONDAY

from qingtian.base import times

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

ROOT = Path(__file__).resolve().parents[2]
EDITOR = "sed -i -e s/petition$/tip_off/ -e s/信访事项$/举报线索/ -e s/Petition$/Tip-off/"
"""What the clerk types: the code, and what the kind is called."""


def steps() -> str:
    """Return the commands of the guide, as they stand there."""
    guide = (ROOT / "docs/matters.md").read_text(encoding="utf-8")
    block = guide.split("\n\n    export", 1)[1].split("\n\n", 1)[0]
    return "\n".join(line.strip() for line in f"export{block}".splitlines())


@pytest.fixture
def clerks_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a clerk who has done what the guide says."""
    programs = Path(sys.executable).parent
    environment = {**os.environ, "HOME": str(tmp_path), "EDITOR": EDITOR, "PATH": f"{programs}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-e", "-c", steps()], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ tip_off" in done.stdout
    assert "stateDiagram" in done.stdout
    monkeypatch.setenv("QINGTIAN_KINDS", str(tmp_path / "our-kinds"))
    return tmp_path


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``clock(moment)``: it is then."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(times, "now", lambda: moment)

    set_clock(MONDAY)
    return set_clock


def sent(browser: Any, address: str, **typed: str) -> Any:
    """Fill in the form at an address and send it."""
    form = FormReader(browser.get(address).content.decode())
    for name, value in typed.items():
        form.fill(name.replace("__", "."), value)
    return browser.post(address, form.sends())


def test_the_new_kind_is_explained_opened_acted_on_printed_and_closed(
    clerks_home: Path, people: dict[str, Any], clock: Any
) -> None:
    from django.test import Client

    from qingtian.office.matters.models import Matter, MatterPaper

    desk = Client()
    desk.force_login(people["desk"])
    rows = json.loads(desk.get("/kinds/?format=json").content)["rows"]
    assert [row["kind"] for row in rows if row["code"] == "tip_off"] == ["举报线索"]
    page = desk.get("/kinds/tip_off/").content.decode()
    assert page.count('<svg class="flow"') == 2
    assert "举报线索" in desk.get("/matters/new/").content.decode()
    opened = sent(
        desk,
        "/matters/new/tip_off/",
        source="call",
        district="440306",
        fact__petitioner="王某",
        fact__received_on="2026-11-20",
        fact__claim="夜间偷排",
        fact__class="accusation",
    )
    assert opened.status_code == 302, opened.content.decode()
    matter = Matter.objects.get(code="tip_off")
    assert "举报线索第1号" in matter.number
    assert matter.next_due
    assert matter.number in desk.get("/inbox/").content.decode()
    # what the law does not allow is refused in the words of the folder
    refused = desk.post(
        f"/matters/{matter.pk}/act/accept/", {"revision": matter.revision, "people.handler": ["officer"]}
    )
    assert "只有申诉求决类事项受理办理" in refused.content.decode()
    done = sent(desk, f"/matters/{matter.pk}/act/guide/", fact__route="移送执法部门")
    assert done.status_code == 302, done.content.decode()
    matter.refresh_from_db()
    assert (matter.stage, matter.closed) == ("passed_on", True)
    paper = MatterPaper.objects.get(matter=matter, name="guide_notice")
    printed = desk.get(f"/matters/papers/{paper.pk}.pdf")
    assert (printed.status_code, printed.content[:5]) == (200, b"%PDF-")
    rows = json.loads(desk.get("/kinds/?format=json&q=tip_off").content)["rows"]
    assert [row["live"] for row in rows] == [0]
