"""Every kind of matter opened, walked to each of its ends and printed through the pages, as a browser would.

The forms are read from the pages: a fact that a form forgets, an option it does not offer, a person who cannot be
chosen fails the test. What a walk expects to be refused is sent all the same, and has to be refused for that reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest
from tests.form_reader import FormReader
from tests.integration.test_office_matters import player

from qingtian.base import times
from qingtian.base.times import BEIJING
from qingtian.law import calendar, rules
from qingtian.law.file_review import NOT_APPLICABLE
from qingtian.law.machine import shelf, walks
from qingtian.law.machine.reading import load
from qingtian.law.machine.state import Event

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

FOLDERS = sorted(shelf.folders(), key=lambda folder: folder.name)
PDF = b"%PDF-1.7\n" + b"0" * 64


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """``at(moment)``: from now on the pages think it is then."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(times, "now", lambda: moment)

    return set_clock


@dataclass
class Office:
    """People at their browsers, and the matter they have opened."""

    definition: Any
    users: Mapping[str, Any]
    set_clock: Callable[[datetime], None]
    matter: Any = None
    browsers: dict[str, Any] = field(default_factory=dict)

    def browser(self, name: str) -> Any:
        from django.test import Client

        if name not in self.browsers:
            self.browsers[name] = Client()
            self.browsers[name].force_login(self.users[name])
        return self.browsers[name]

    def do(self, event: Event, *, refused: str) -> Any:
        """Do an act in the pages; return the answer to the form."""
        self.set_clock(event.at)
        browser, address = self.browser(event.by.name), self.address(event)
        asked = browser.get(address)
        if asked.status_code == 404:
            return asked
        form = FormReader(asked.content.decode())
        assert form.found, (address, asked.content.decode()[:2000])
        sent = fill(form, event, self.definition, opening=self.matter is None, strictly=not refused)
        return browser.post(address, sent)

    def address(self, event: Event) -> str:
        if self.matter is None:
            return f"/matters/new/{self.definition.manifest.code}/?act={event.act}"
        return f"/matters/{self.matter.pk}/act/{event.act}/"


def fill(form: FormReader, event: Event, definition: Any, *, opening: bool, strictly: bool) -> dict[str, Any]:
    """Return what a browser sends when the event's form is filled in; ``strictly``: by what the page offers only."""
    more: dict[str, Any] = {}

    def put(name: str, *values: str) -> None:
        if strictly:
            form.fill(name, *values)
        else:
            more[name] = list(values)

    if opening:
        form.fill("source", event.source)
        form.fill("district", "440306")
        form.fill("reference", event.reference)
    for name, value in event.facts.items():
        fact = definition.facts[name]
        if fact.table is None:
            put(f"fact.{name}", typed(value))
        else:
            put_rows(put, fact, value)
    for role, some in event.people.items():
        put(f"people.{role}", *(f"walk-{person.name}" for person in some))
    if event.present or "present" in form.controls:
        put("present", *(f"walk-{person.name}" for person in event.present if person.name != event.by.name))
    return {**form.sends(), **more, **dict(papers(form, event, strictly=strictly))}


def put_rows(put: Callable[..., None], fact: Any, lines: Any) -> None:
    """Fill in a list that is asked row by row: points, that a row does not apply, or a tick."""
    table = {row["zh"]: row["item"] for row in rules.table(fact.table.rule)}
    for line in lines:
        said, _colon, points = line.partition("：")
        name = f"fact.{fact.name}.{table[said]}"
        if points == NOT_APPLICABLE:
            put(f"{name}.absent", "1")
        else:
            put(name, points or "1")


def papers(form: FormReader, event: Event, *, strictly: bool) -> Iterator[tuple[str, Any]]:
    """Yield the papers that are brought: the first as a file, the others on paper only."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    for number, name in enumerate(sorted(event.papers)):
        assert not strictly or f"paper.{name}" in form.controls, name
        if number == 0:
            yield f"paper.{name}", SimpleUploadedFile(f"{name}.pdf", PDF, content_type="application/pdf")
        else:
            yield f"paper.{name}.on_paper", "1"


def typed(value: object) -> str:
    """Return a value as a person types it into its field."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_it_is_walked_to_each_of_its_ends_and_printed(folder: Any, at: Callable[[datetime], None]) -> None:
    from django.db import transaction

    definition = load(folder)
    if (definition.manifest.code, definition.manifest.version) not in shelf.discover().kinds:
        pytest.skip("its folder came after the shelf was read")
    reached: set[str] = set()
    for walk in chosen(walks.read(folder, []), definition):
        # each walk has its own people of the same names
        with transaction.atomic():
            office = walked(walk, definition, at)
            assert office.matter.closed == definition.stages[office.matter.stage].end
            printed(office)
            reached.add(office.matter.stage)
            transaction.set_rollback(True)
    assert reached == {stage.name for stage in definition.stages.values() if stage.end}


def chosen(told: list[Any], definition: Any) -> list[Any]:
    """Return the shortest walk to each end; all walks, act by act, are those of test_office_matters."""
    shortest: dict[str, tuple[int, Any]] = {}
    for walk in told:
        done = [
            each.outcome.state for each in walks.run(walk, definition, calendar=calendar.official()) if each.outcome
        ]
        end, length = done[-1].stage, len(done)
        if end not in shortest or length < shortest[end][0]:
            shortest[end] = (length, walk)
    return [walk for _length, walk in shortest.values()]


def walked(walk: Any, definition: Any, at: Callable[[datetime], None]) -> Office:
    """Do a walk in the pages."""
    from qingtian.office.matters.models import Matter

    users = {name: player(name, person) for name, person in walk.people.items()}
    office = Office(definition=definition, users=users, set_clock=at)
    for row in walk.place.rows("acts"):
        event, refused = walks.event(walk, row), row.text("refused")
        if refused == "version_not_in_force":
            # the pages open under the version of the day, so that cannot happen to them
            continue
        answer = office.do(event, refused=refused)
        text = answer.content.decode()
        if refused:
            unseen = answer.status_code == 404 and definition.manifest.secrecy == "confidential"
            assert answer.status_code >= 400, (walk.name, event.act, "was done")
            assert refused in text or unseen, (walk.name, event.act, refused, codes(text))
            continue
        assert answer.status_code == 302, (walk.name, event.act, answer.status_code, codes(text))
        if office.matter is None:
            office.matter = Matter.objects.order_by("-pk")[0]
        office.matter.refresh_from_db()
        expect = row.at("expect")
        if row.has("expect") and expect.has("stage"):
            assert office.matter.stage == expect.text("stage"), (walk.name, event.act)
    return office


def codes(text: str) -> str:
    """Return what an error summary says, for the message of a failure."""
    return text.partition('class="error-summary"')[2].partition("</div>")[0] or text[:500]


def printed(office: Office) -> None:
    """Look at the page of the matter at its end, and print its newest paper."""
    from qingtian.office.matters.models import MatterPaper

    browser = office.browser(next(reversed(office.browsers)))
    page = browser.get(f"/matters/{office.matter.pk}/")
    assert page.status_code == 200
    assert office.matter.number in page.content.decode()
    made = MatterPaper.objects.filter(matter=office.matter, origin="made").order_by("pk").last()
    if made is None:
        return
    for user in (office.users[name] for name in office.browsers):
        reader = office.browser(next(name for name, one in office.users.items() if one == user))
        answer = reader.get(f"/matters/papers/{made.pk}.pdf")
        if answer.status_code == 200:
            assert answer.content.startswith(b"%PDF-")
            return
        # who may not see a fact may not read a paper that shows it
        assert answer.status_code == 404
    pytest.fail(f"nobody in {office.matter.number} may print {made.name}")
