"""The kinds of the package, the machine's refusals, and the guide: a kind is added without touching code."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from qingtian.base.times import BEIJING
from qingtian.entry import cli
from qingtian.law import calendar
from qingtian.law.machine import check, check_detector, shelf, values, walks
from qingtian.law.machine.allowed import allowed, visible
from qingtian.law.machine.diagram import mermaid
from qingtian.law.machine.problems import BrokenKind
from qingtian.law.machine.reading import load
from qingtian.law.machine.running import StartsBeforeTheMatter
from qingtian.law.machine.state import Event, Outcome, Person, Refusal, State
from qingtian.law.machine.step import step

DEMO = load(Path(__file__).parent / "broken_kinds/demo")
KINDS = Path(str(next(iter(shelf.folders())))).parent
LI = Person(name="li", roles=frozenset({"officer"}), qualifications=frozenset({"enforcement"}))
WANG = replace(LI, name="wang")
CHEN = Person(name="chen", roles=frozenset({"head"}))
MONDAY = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=BEIJING)


def opening(**changes: object) -> Event:
    event = Event(
        act="open",
        at=MONDAY,
        by=LI,
        source="complaint",
        facts={"party": "某工地", "size": "small"},
        people={"handler": (LI, WANG)},
    )
    return replace(event, **changes)


def do(state: State | None, event: Event) -> Outcome:
    return step(DEMO, state, event, calendar=calendar.official())


def opened() -> State:
    return do(None, opening()).state


def visit(**changes: object) -> Event:
    event = Event(act="visit", at=at(3), by=LI, present=(WANG,), facts={"cost": Decimal("12.50")})
    return replace(event, **changes)


def closed() -> State:
    return do(opened(), Event(act="drop", at=at(4), by=CHEN)).state


REFUSED = {
    "unknown_act": (opened, visit(act="vist")),
    "not_opened": (lambda: None, visit()),
    "already_open": (opened, opening(at=at(3))),
    "closed": (closed, visit(at=at(5))),
    "not_in_this_stage": (opened, Event(act="longer", at=at(3), by=CHEN)),
    "before_last_act": (opened, visit(at=at(1))),
    "version_not_in_force": (lambda: None, opening(at=datetime(2025, 12, 31, 23, tzinfo=BEIJING))),
    "unknown_source": (lambda: None, opening(source="dream")),
    "missing_role": (opened, visit(by=CHEN)),
    "not_assigned": (opened, visit(by=replace(LI, name="zhou"), present=(LI,))),
    "not_qualified": (lambda: None, opening(by=replace(LI, qualifications=frozenset()))),
    "assignment_missing": (lambda: None, opening(people={})),
    "assignment_unknown": (lambda: None, opening(people={"handler": (LI,), "hander": (LI,)})),
    "too_few_officers": (opened, visit(present=())),
    "unknown_fact": (opened, visit(facts={"cost": 1, "coast": 1})),
    "fact_not_asked": (opened, visit(facts={"cost": 1, "size": "big"})),
    "fact_missing": (opened, visit(facts={})),
    "wrong_type": (opened, visit(facts={"cost": "a lot"})),
    "out_of_range": (opened, visit(facts={"cost": -1})),
    "text_too_long": (lambda: None, opening(facts={"party": "工" * 20_001, "size": "big"})),
    "text_unreadable": (lambda: None, opening(facts={"party": "某\0工地", "size": "big"})),
    "not_an_option": (lambda: None, opening(facts={"party": "某工地", "size": "huge"})),
    "paper_not_asked": (opened, visit(papers=frozenset({"letter"}))),
}


@pytest.mark.parametrize("code", REFUSED)
def test_it_refuses_with_a_code_of_its_own_and_a_sentence_in_both_languages(code: str) -> None:
    state, event = REFUSED[code]
    with pytest.raises(Refusal) as refused:
        do(state(), event)
    assert refused.value.code == f"machine.{code}"
    zh, en = refused.value.sentence("zh"), refused.value.sentence("en")
    assert zh != en
    assert "{" not in zh + en


@pytest.mark.parametrize(
    "wrong",
    [
        True,
        1.5,
        "1e400x",
        "1e400",
        "1e999999999",
        "12.345",
        Decimal("NaN"),
        Decimal("Infinity"),
        None,
        [1],
        date(2026, 3, 2),
    ],
)
def test_an_amount_is_never_a_float_nor_finer_than_a_cent(wrong: object) -> None:
    with pytest.raises(Refusal) as refused:
        do(opened(), visit(facts={"cost": wrong}))
    assert refused.value.code == "machine.wrong_type"


@pytest.mark.parametrize("wrong", [date(206, 3, 2), "0001-01-01", "9999-12-31", date(1899, 12, 31)])
def test_a_day_of_no_plausible_year_is_refused(wrong: object) -> None:
    with pytest.raises(values.ImplausibleDay) as refused:
        values.settled(DEMO, DEMO.facts["planned"], wrong, day=date(2026, 3, 2))
    assert "1900" in refused.value.sentence("zh")


def test_a_notice_is_not_received_before_there_is_a_matter() -> None:
    visited = do(opened(), visit()).state
    told = Event(act="notify", at=at(5), by=LI, facts={"told_on": date(2025, 3, 4)})
    with pytest.raises(StartsBeforeTheMatter) as refused:
        do(visited, told)
    assert "2025-03-04" in refused.value.sentence("zh")
    assert "2026-03-02" in refused.value.sentence("en")
    run = do(visited, replace(told, facts={"told_on": date(2026, 3, 4)})).state.clock("PEN-DEF")
    assert run is not None
    assert run.due == date(2026, 3, 11)


def test_an_amount_is_kept_exactly() -> None:
    assert do(opened(), visit(facts={"cost": "12.5"})).state.facts["cost"] == Decimal("12.50")
    assert do(opened(), visit(facts={"cost": 0})).state.facts["cost"] == Decimal("0.00")


def test_a_refusal_leaves_the_state_as_it_was() -> None:
    state = opened()
    with pytest.raises(Refusal):
        do(state, visit(present=()))
    assert state == opened()


def test_a_time_without_a_zone_is_a_programmers_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        do(None, opening(at=datetime(2026, 3, 2, 9)))


def test_nobody_is_named_in_one_act_for_two_roles_that_are_kept_apart() -> None:
    both = replace(LI, roles=frozenset({"officer", "reviewer"}))
    acts = {**DEMO.acts, "open": replace(DEMO.acts["open"], assigns=("handler", "reviewer"))}
    event = opening(by=both, people={"handler": (both,), "reviewer": (both,)})
    with pytest.raises(Refusal, match="li has been"):
        step(replace(DEMO, acts=acts), None, event, calendar=calendar.official())


def test_a_fact_is_filled_in_by_those_whose_it_is() -> None:
    facts = {**DEMO.facts, "cost": replace(DEMO.facts["cost"], filled_by=("head",))}
    with pytest.raises(Refusal, match="filled in by: head") as refused:
        step(replace(DEMO, facts=facts), opened(), visit(), calendar=calendar.official())
    assert refused.value.code == "machine.may_not_fill"


def test_a_matter_is_not_walked_by_another_version() -> None:
    other = replace(DEMO, manifest=replace(DEMO.manifest, version=2))
    with pytest.raises(Refusal) as refused:
        step(other, opened(), visit(), calendar=calendar.official())
    assert refused.value.code == "machine.other_definition"


def test_a_gate_reads_the_settings_of_the_authority() -> None:
    own = DEMO.with_settings({"large": Decimal(10)})
    assert own.manifest.settings["large"].value == 10
    assert DEMO.manifest.settings["large"].value == 1000


def test_a_citation_follows_the_law_of_the_day() -> None:
    basis = DEMO.manifest.basis
    assert basis.on(date(2026, 8, 14)) == "大气污染防治法 69"
    assert basis.on(date(2026, 8, 15)) == "生态环境法典 1095"


def test_it_says_which_acts_are_possible_and_why_the_others_are_not() -> None:
    found = {each.act.name: each for each in allowed(DEMO, opened(), LI, at=at(3))}
    assert [name for name, each in found.items() if each.possible] == ["visit"]
    assert found["open"].reasons[0].code == "machine.already_open"
    assert found["drop"].reasons[0].code == "machine.missing_role"
    assert found["finish"].reasons[0].code == "machine.not_in_this_stage"


def test_it_gives_every_reason_that_shuts_an_act() -> None:
    state = do(
        do(opened(), visit()).state, Event(act="notify", at=at(4), by=LI, facts={"told_on": date(2026, 3, 4)})
    ).state
    found = {each.act.name: each for each in allowed(DEMO, state, LI, at=at(5))}
    codes = [reason.code for reason in found["finish"].reasons]
    assert codes == ["machine.missing_role", "machine.notice_runs", "machine.no_review"]


def test_anybody_sees_what_may_open_a_matter() -> None:
    found = {each.act.name: each.possible for each in allowed(DEMO, None, LI, at=MONDAY)}
    assert [name for name, possible in found.items() if possible] == ["open"]


def test_some_facts_are_seen_by_some_roles_only() -> None:
    petition = shelf.discover(more=()).on("petition", day=date(2026, 9, 1))
    clerk = Person(name="he", roles=frozenset({"clerk"}))
    facts = {"petitioner": "刘某", "received_on": "2026-09-01", "claim": "噪声扰民", "class": "claim"}
    event = Event(act="receive", at=datetime(2026, 9, 1, 9, tzinfo=BEIJING), by=clerk, source="letter", facts=facts)
    state = step(petition, None, event, calendar=calendar.official()).state
    assert "petitioner" in visible(petition, state, clerk)
    assert "petitioner" not in visible(petition, state, WANG)
    assert "claim" in visible(petition, state, WANG)


def test_a_matter_opens_under_the_version_of_its_day() -> None:
    kinds = shelf.discover(more=())
    assert kinds.on("credit_repair", day=date(2026, 3, 31)).manifest.version == 1
    assert kinds.on("credit_repair", day=date(2026, 4, 1)).manifest.version == 2
    with pytest.raises(shelf.NoVersionInForce):
        kinds.on("credit_repair", day=date(2020, 1, 1))
    with pytest.raises(shelf.UnknownKind, match="penalty"):
        kinds.on("penality", day=date(2026, 4, 1))


def test_every_kind_of_the_package_is_whole() -> None:
    found = check.every(shelf.folders(), calendar=calendar.official())
    assert len(found) >= 10
    assert {folder: [str(each) for each in problems] for folder, problems in found.items() if problems} == {}


def test_every_kind_can_be_drawn_with_all_its_stages() -> None:
    for kind in shelf.discover(more=()).kinds.values():
        drawn = mermaid(kind, language="en")
        assert all(f" as {stage}\n" in drawn for stage in kind.stages), kind.folder
        assert drawn.count("--> [*]") == sum(stage.end for stage in kind.stages.values())


@pytest.fixture
def clerks_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder outside the package with a copy of a kind, as docs/matters.md says: copy, rename, check."""
    folder = tmp_path / "kinds"
    copy = shutil.copytree(KINDS / "petition", folder / "tip_off")
    manifest = copy / "manifest.yaml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace("code: petition", "code: tip_off"), encoding="utf-8"
    )
    monkeypatch.setenv("QINGTIAN_KINDS", str(folder))
    monkeypatch.setenv("QINGTIAN_LANG", "en")
    return folder


def test_a_clerk_adds_a_kind_without_touching_code(clerks_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(clerks_folder)]) == 0
    assert "✓ tip_off" in capsys.readouterr().out
    assert shelf.discover().on("tip_off", day=date(2026, 9, 1)).manifest.words.zh == "信访事项"
    assert cli.main(["check", "--diagram", "tip_off"]) == 0
    assert "stateDiagram" in capsys.readouterr().out


def test_the_check_finds_what_the_clerk_gets_wrong(clerks_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    machine = clerks_folder / "tip_off/machine.yaml"
    machine.write_text(
        machine.read_text(encoding="utf-8").replace("by: [handler]", "by: [handlr]", 1), encoding="utf-8"
    )
    assert cli.main(["check", "--json", str(clerks_folder / "tip_off")]) == 1
    found = json.loads(capsys.readouterr().out)["problems"]
    line = 1 + machine.read_text(encoding="utf-8")[: machine.read_text(encoding="utf-8").index("  settle:")].count("\n")
    assert [(each["code"], each["line"]) for each in found] == [("unknown_name", line)]
    assert "nearest are: handler" in found[0]["en"]


def test_two_versions_may_not_be_valid_on_the_same_day(clerks_folder: Path) -> None:
    copy = shutil.copytree(clerks_folder / "tip_off", clerks_folder / "tip_off_again")
    found = check.every([clerks_folder / "tip_off", copy], calendar=calendar.official())
    assert {each.code for each in found[str(copy)]} == {"version_twice", "versions_overlap"}


def test_a_newer_version_of_a_kind_of_the_package_takes_over_from_its_day(clerks_folder: Path) -> None:
    newer = clerks_folder / "petition_2030"
    (clerks_folder / "tip_off").rename(newer)
    manifest = newer / "manifest.yaml"
    text = manifest.read_text(encoding="utf-8").replace("code: tip_off", "code: petition")
    text = text.replace("version: 1", "version: 2").replace("2022-05-01", "2030-01-01")
    manifest.write_text(text, encoding="utf-8")
    found = check.every([newer, KINDS / "petition"], calendar=calendar.official())
    # only its walks are still of days when the older one is law
    assert {each.code for problems in found.values() for each in problems} == {"walk_fails"}
    kinds = shelf.discover()
    assert not kinds.left_out
    assert [kinds.on("petition", day=date(year, 1, 1)).manifest.version for year in (2029, 2030)] == [1, 2]
    assert kinds.version("petition", 1).manifest.end == date(2030, 1, 1)


def test_a_kind_is_opened_only_by_kinds_that_it_expects(clerks_folder: Path) -> None:
    machine = clerks_folder / "tip_off/machine.yaml"
    text = machine.read_text(encoding="utf-8").replace("{count: petitions}", "{count: petitions}, {open: penalty}")
    machine.write_text(text, encoding="utf-8")
    found = check.every([clerks_folder / "tip_off", KINDS / "penalty"], calendar=calendar.official())
    assert [each.code for each in found[str(clerks_folder / "tip_off")]] == ["not_opened_from"]


def test_a_kind_of_the_wrong_shape_is_never_loaded(clerks_folder: Path) -> None:
    (clerks_folder / "tip_off/words.yaml").unlink()
    with pytest.raises(BrokenKind, match=r"words\.yaml"):
        load(clerks_folder / "tip_off")


BROKEN = {
    "a name that is not there": ("machine.yaml", "by: [handler]", "by: [handlr]"),
    "no YAML": ("words.yaml", "stages:", "stages: ["),
    "a clock that is none": ("machine.yaml", "start: PET-ACC", "start: PET-ACCEPT"),
    "the code and version of another": ("manifest.yaml", "code: tip_off", "code: petition"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_folder_that_cannot_be_used_is_left_out_and_the_office_goes_on(clerks_folder: Path, name: str) -> None:
    file, find, put = BROKEN[name]
    changed = clerks_folder / "tip_off" / file
    text = changed.read_text(encoding="utf-8")
    assert find in text
    changed.write_text(text.replace(find, put, 1), encoding="utf-8")
    shutil.copytree(KINDS / "mediation", clerks_folder / "quarrel")
    manifest = clerks_folder / "quarrel/manifest.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("code: mediation", "code: quarrel"), "utf-8")
    (clerks_folder / "quarrel/words.yaml~").write_text("left by an editor", encoding="utf-8")
    found = shelf.discover()
    assert [error.fields["folder"] for error in found.left_out] == ["tip_off"]
    assert "tip_off" in found.left_out[0].sentence("zh")
    assert {"petition", "quarrel"} <= set(found.codes())
    assert found.on("petition", day=date(2026, 9, 1)).folder == "petition"


def test_the_command_is_misused_with_a_folder_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["check", "nowhere"])
    assert stopped.value.code == 2
    assert "is no folder" in capsys.readouterr().err


def test_an_effect_with_a_guard_follows_only_when_the_guard_holds() -> None:
    kind = shelf.discover(more=()).on("proposal", day=date(2026, 3, 1))
    folder = next(each for each in shelf.folders() if each.name == "proposal")
    published = {}
    for walk in walks.read(folder, []):
        for done in walks.run(walk, kind, calendar=calendar.official()):
            if done.act == "reply" and done.outcome:
                fact = done.outcome.state.facts["public"]
                published[fact] = "publish" in {effect.kind for effect in done.outcome.effects}
    assert published == {True: True, False: False}


def test_a_clock_that_is_met_too_late_is_said_to_be_missed() -> None:
    late = Event(act="finish", at=at(31), by=CHEN)
    state = do(do(opened(), visit()).state, Event(act="notify", at=at(4), by=LI, facts={"told_on": "2026-03-04"})).state
    state = do(state, Event(act="pass", at=at(5), by=Person(name="sun", roles=frozenset({"reviewer"})))).state
    effects = {(effect.kind, effect.name) for effect in do(state, late).effects}
    assert ("clock_missed", "OGI-ANS") in effects
    assert ("clock_missed", "PEN-DEF") not in effects  # a right that lapses is nobody's failure
    assert ("clock_missed", "OGI-ANS") not in {
        (e.kind, e.name) for e in do(state, replace(late, at=at(30, 23))).effects
    }


DETECTOR = next(folder for folder in shelf.detectors() if folder.name == "exceedance")


@pytest.mark.parametrize(
    ("file", "find", "put", "code"),
    [
        ("manifest.yaml", "code: exceedance", "code: exceed", "code_not_folder"),
        ("manifest.yaml", 'version: "1"\n', "", "key_missing"),
        ("manifest.yaml", "    source: Qingtian engineering default, after", "    remark: after", "rules_refused"),
        ("words.yaml", "  upper: above\n", "", "words_missing"),
    ],
)
def test_the_data_of_a_detector_is_checked_too(tmp_path: Path, file: str, find: str, put: str, code: str) -> None:
    copy = Path(shutil.copytree(Path(str(DETECTOR)), tmp_path / "exceedance"))
    assert check_detector.problems(copy) == []
    text = (copy / file).read_text(encoding="utf-8")
    assert find in text
    (copy / file).write_text(text.replace(find, put, 1), encoding="utf-8")
    assert {each.code for each in check_detector.problems(copy)} == {code}
    assert cli.main(["check", str(copy)]) == 1
