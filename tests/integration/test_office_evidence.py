"""Evidence packages: from packets over a finding to a signed zip that proves itself offline, and breaks at any byte."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.evidence_world import MIDNIGHT, Evidence, evidence
from tests.office_world import MONDAY, OUTLET, finding

from qingtian.base.times import to_microseconds
from qingtian.office.evidence import checking, container
from qingtian.office.ledger.keys import Signer

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("rolled_back")]

SIGNER = Signer(private=Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
CHANGES = 300


@pytest.fixture
def world(office: Any, data_folder: Path, settings_override: Any) -> Evidence:
    settings_override(OBJECTS_URL=str(data_folder / "objects"))
    return evidence(data_folder)


def take(events: list[dict[str, Any]]) -> Any:
    """Take findings as the dispatcher does; return their episode."""
    from qingtian.office.alerts.models import Episode
    from qingtian.office.tasks import api as tasks

    assert events
    for event in events:
        tasks.take_finding(message=event, at=MONDAY + timedelta(minutes=5))
    return Episode.objects.get(findings__pk=events[0]["id"])


def make(world: Evidence, episode: Any, person: Any) -> tuple[Any, bytes]:
    from qingtian.office.evidence import api

    made = api.make_package(
        acting_user=person, episode_id=episode.pk, lake=world.lake, signer=SIGNER, at=MONDAY + timedelta(hours=2)
    )
    return made, api.content(made)


@pytest.fixture
def screened(world: Evidence, people: dict[str, Any]) -> tuple[Any, bytes]:
    """The package of an alert by real-time values."""
    return make(world, take(world.receive(world.over())), people["desk"])


@pytest.fixture
def confirmed(world: Evidence, people: dict[str, Any]) -> tuple[Any, bytes]:
    """The package of a confirmed day."""
    world.receive(world.hours([120.0 + hour for hour in range(24)]))
    return make(world, take(world.confirm()), people["desk"])


def held(verdict: checking.Verdict) -> set[str]:
    return {check.what for check in verdict.checks if check.holds}


def read(package: bytes, name: str) -> Any:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        content = archive.read(name)
    return json.loads(content) if name.endswith(".json") else content


def test_a_package_of_an_alert_proves_itself(screened: tuple[Any, bytes]) -> None:
    verdict = checking.verify(screened[1], public=SIGNER.public)
    assert verdict.holds, [check.sentence("en") for check in verdict.broken]
    assert {"signature", "key", "files", "container", "chain", "packets", "values"} <= held(verdict)


def test_a_package_of_a_confirmed_day_is_worked_out_anew(confirmed: tuple[Any, bytes]) -> None:
    verdict = checking.verify(confirmed[1])
    assert verdict.holds, [check.sentence("en") for check in verdict.broken]
    assert "window" in held(verdict)
    (made,) = [one for one in read(confirmed[1], "arithmetic.json") if one["found_again"]][:1]
    assert any("24" in step for step in made["steps"]["zh"])


def test_a_package_holds_the_checks_and_the_hours_that_they_undo(world: Evidence, people: dict[str, Any]) -> None:
    from qingtian.office.quality import api as quality

    def enter(measured: float, hours: float) -> None:
        wanted = quality.Wanted(
            factor="w01018",
            kind="standard_check",
            at=MONDAY + timedelta(hours=hours),
            technician="陈工",
            pairs=[(50.0, measured)],
        )
        quality.record_check(acting_user=people["officer"], outlet_code=OUTLET, wanted=wanted, at=MONDAY)

    enter(61.0, -9)
    enter(50.5, -5.5)
    world.receive(world.hours([120.0 + hour for hour in range(24)]))
    _, package = make(world, take(world.confirm()), people["desk"])
    marks = read(package, "marks.json")
    (undone,) = marks["standing"]
    assert (undone["kind"], undone["start"], undone["end"]) == (
        "quality",
        "2026-11-23T01:00:00+08:00",
        "2026-11-23T04:30:00+08:00",
    )
    assert [(one["verdict"], one["judged"]["error"]) for one in marks["checks"]] == [
        ("out_of_control", 22.0),
        ("passed", 1.0),
    ]
    assert "quality/tolerances.yaml" in {name.removeprefix("rules/") for name in names_of(package)}
    (made,) = [one for one in read(package, "arithmetic.json") if one["windows"]][:1]
    hours = {one["data_time"][11:13]: one["reason"] for one in made["windows"] if one["period"] == "hour"}
    assert [hours[name] for name in ("00", "01", "02", "03", "04")] == ["", *["out_of_control"] * 3, ""]


def test_a_failed_check_has_a_package_too(world: Evidence, people: dict[str, Any]) -> None:
    from qingtian.office.alerts.models import Episode
    from qingtian.office.quality import api as quality

    wanted = quality.Wanted(
        factor="w01018",
        kind="standard_check",
        at=MONDAY - timedelta(hours=1),
        technician="陈工",
        pairs=[(50.0, 61.0)],
    )
    quality.record_check(acting_user=people["officer"], outlet_code=OUTLET, wanted=wanted, at=MONDAY)
    _, package = make(world, Episode.objects.get(detector="quality_control"), people["desk"])
    verdict = checking.verify(package)
    assert verdict.holds, [check.sentence("en") for check in verdict.broken]
    assert [one["verdict"] for one in read(package, "marks.json")["checks"]] == ["out_of_control"]


def names_of(package: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.namelist()


def test_it_holds_the_packets_as_they_came(world: Evidence, people: dict[str, Any]) -> None:
    frames = world.over()
    _, package = make(world, take(world.receive(frames)), people["desk"])
    index = read(package, "packets/index.json")
    assert [read(package, line["file"]) for line in index] == [one for one, _ in frames]
    assert [line["received"] for line in index] == [at.isoformat() for _, at in frames]


def test_the_plan_in_it_tells_no_password(screened: tuple[Any, bytes]) -> None:
    (part,) = read(screened[1], "plan.json")["plans"].values()
    assert [device["pw"] for device in part["outlet"]["devices"]] == ["******"]


def test_the_act_stands_in_the_ledger_with_the_digest_of_the_manifest(screened: tuple[Any, bytes]) -> None:
    from qingtian.office.ledger import api as ledger

    made, package = screened
    last = ledger.history(f"episode:{made.episode_id}")[-1]
    assert (last.act, last.content["package"]) == ("make_evidence", made.number)
    manifest = read(package, "manifest.json")
    assert last.content["manifest_sha256"] == container.digests(container.canonical(manifest).encode())["sha256"]
    assert made.number == manifest["number"]


def entry_at(package: bytes, place: int) -> str:
    """Return the file whose content holds a byte of the zip; the empty text for the zip's own headers."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for entry in archive.infolist():
            start = entry.header_offset + 30 + len(entry.filename.encode())
            if start <= place < start + entry.file_size:
                return entry.filename
    return ""


def test_any_changed_byte_is_found_and_located(screened: tuple[Any, bytes]) -> None:
    package, dice = screened[1], random.Random(20261123)
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        entries = archive.infolist()
    # a third of the changes anywhere, the rest spread over the files, so that small ones are hit as often as the report
    places = [dice.randrange(len(package)) for _ in range(CHANGES // 3)]
    while len(places) < CHANGES:
        entry = dice.choice(entries)
        places.append(entry.header_offset + 30 + len(entry.filename) + dice.randrange(entry.file_size))
    for place in places:
        changed = bytearray(package)
        changed[place] ^= dice.randrange(1, 256)
        verdict = checking.verify(bytes(changed))
        file = entry_at(package, place)
        assert not verdict.holds, (place, file)
        said = " ".join(check.where for check in verdict.broken)
        if file:
            assert file in said, (place, file, said)


def test_who_has_no_qingtian_checks_it_with_sha256sum_and_openssl(screened: tuple[Any, bytes], tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(screened[1])) as archive:
        archive.extractall(tmp_path)
    readme = (tmp_path / container.README).read_text(encoding="utf-8")
    commands = [line.strip() for line in readme.splitlines() if line.startswith("  ") and line.strip()[0] in "spo"]
    assert len(commands) == 4
    for command in commands:
        done = subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    listed = {line.split("  ")[1] for line in (tmp_path / container.SUMS).read_text().splitlines()}
    inside = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    made_by_hand = {"key.pem", "signature.bin"}
    assert inside - listed - made_by_hand == {container.SUMS, container.MANIFEST, container.SIGNATURE}


def test_a_key_copied_from_the_report_is_the_key(screened: tuple[Any, bytes]) -> None:
    copied = "\u200b".join(SIGNER.public[:32]) + "\n" + SIGNER.public[32:].upper()
    assert checking.verify(screened[1], public=copied).holds


@pytest.mark.parametrize("content", [b"", b"PK", b"# a text", bytes(range(256))])
def test_what_is_no_package_is_told_so(content: bytes) -> None:
    (check,) = checking.verify(content).checks
    assert "不是青天的证据包" in check.sentence("zh")
    assert "no evidence package" in check.sentence("en")


@pytest.mark.parametrize("cut", [1, 22, 1000])
def test_a_cut_package_is_refused(screened: tuple[Any, bytes], cut: int) -> None:
    assert not checking.verify(screened[1][:-cut]).holds
    assert not checking.verify(screened[1] + b"\0" * cut).holds


def resealed(package: bytes, name: str, content: bytes, signer: Signer = SIGNER) -> bytes:
    """What somebody with a key would make of a package in which one file is another."""
    files = checking.unpack(package)
    assert files is not None
    manifest = json.loads(files.pop(container.MANIFEST))
    files.pop(container.SIGNATURE)
    files[name] = content
    facts = {key: value for key, value in manifest.items() if key not in ("files", "format")}
    return container.seal(files, facts=facts, signer=signer)[0]


def test_a_package_signed_by_another_key_is_told_apart(screened: tuple[Any, bytes]) -> None:
    other = Signer(private=Ed25519PrivateKey.from_private_bytes(bytes(32)))
    forged = resealed(screened[1], "marks.json", read_raw(screened[1], "marks.json"), signer=other)
    assert checking.verify(forged).holds
    assert [check.what for check in checking.verify(forged, public=SIGNER.public).broken] == ["key"]


def read_raw(package: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read(name)


def test_a_value_that_no_packet_carries_is_found_though_all_is_signed(screened: tuple[Any, bytes]) -> None:
    finding = read(screened[1], "finding.json")
    finding["events"][0]["evidence"]["packets"][0]["value"] += 0.5
    forged = resealed(screened[1], "finding.json", json.dumps(finding).encode())
    assert [check.what for check in checking.verify(forged).broken] == ["value"]


def test_a_packet_of_other_values_is_found_though_all_is_signed(screened: tuple[Any, bytes]) -> None:
    line = read(screened[1], "packets/index.json")[-1]
    forged = resealed(screened[1], line["file"], read_raw(screened[1], line["file"]).replace(b"=180", b"=190"))
    assert "packet" in {check.what for check in checking.verify(forged).broken}


def test_a_confirmed_value_that_does_not_come_out_is_found_though_all_is_signed(confirmed: tuple[Any, bytes]) -> None:
    plan = read(confirmed[1], "plan.json")
    for part in plan["plans"].values():
        for limit in part["outlet"]["limits"]:
            limit["upper"] = None if limit["upper"] is None else limit["upper"] * 10
    forged = resealed(confirmed[1], "plan.json", json.dumps(plan).encode())
    assert "window" in {check.what for check in checking.verify(forged).broken}


def test_a_ledger_entry_of_other_words_is_found_though_all_is_signed(screened: tuple[Any, bytes]) -> None:
    (name,) = [one for one in checking.unpack(screened[1]) or {} if one.startswith("ledger/episode")]
    chain = read(screened[1], name)
    chain["entries"][0]["actor_name"] = "另一个人"
    forged = resealed(screened[1], name, json.dumps(chain).encode())
    assert [(check.what, check.where) for check in checking.verify(forged).broken] == [("chain", name)]


def test_a_package_without_its_index_is_refused_in_a_sentence(screened: tuple[Any, bytes]) -> None:
    forged = resealed(screened[1], "packets/index.json", b"[{}]")
    (broken,) = checking.verify(forged).broken
    assert broken.what == "content"
    assert "无法核验" in broken.sentence("zh")


def test_a_suspicion_has_a_package_too(world: Evidence, people: dict[str, Any]) -> None:
    world.receive(world.hours([55.0] * 24))
    told = {
        **finding(outlet=OUTLET, factor="w01018"),
        "detector": "flat_line",
        "level": "suspicion",
        "cn": 2061,
        "measure": "Avg",
        "period": "hour",
        "limit": None,
        "value": None,
        "peak": None,
        "times_over": None,
        "weight": 0.8,
        "mn": world.mn,
        "since": MIDNIGHT.isoformat(),
        "data_time": (MIDNIGHT + timedelta(hours=23)).isoformat(),
        "end": (MIDNIGHT + timedelta(hours=24)).isoformat(),
        "received_us": to_microseconds(MIDNIGHT + timedelta(hours=26)),
    }
    _, package = make(world, take([told]), people["officer"])
    verdict = checking.verify(package)
    assert verdict.holds, [check.sentence("en") for check in verdict.broken]
    (made,) = read(package, "arithmetic.json")
    assert [row["value"] for row in made["windows"] if row["period"] == "hour"] == [55.0] * 24
    assert len(read(package, "packets/index.json")) == 24


def test_what_was_superseded_is_told_as_such(world: Evidence, people: dict[str, Any]) -> None:
    world.receive(world.hours([120.0] * 24))
    (opened,) = world.confirm()
    closed = {**opened, "id": "f" * 32, "event": "closed", "reason": "superseded", "superseded_by": None}
    _, package = make(world, take([opened, closed]), people["desk"])
    assert checking.verify(package).holds
    assert [one["found_again"] for one in read(package, "arithmetic.json")] == [True, None]


def test_it_waits_for_packets_that_are_on_their_way_to_the_lake(world: Evidence, people: dict[str, Any]) -> None:
    from qingtian.lake.reader import open_lake
    from qingtian.office.evidence import api

    episode = take(world.receive(world.over()))
    empty = open_lake(world.lake_url + "-empty")
    with pytest.raises(api.EvidenceNotReady):
        api.make_package(acting_user=people["desk"], episode_id=episode.pk, lake=empty, signer=SIGNER, at=MONDAY)
    assert api.packages(people["desk"]) == []


def test_who_may_make_and_see_packages(world: Evidence, people: dict[str, Any]) -> None:
    from qingtian.office.evidence import api
    from qingtian.office.people.api import NotYours
    from qingtian.office.sites.api import NotFoundHere

    episode = take(world.receive(world.over()))
    firm = (
        people["firm-e0001"]
        if "firm-e0001" in people
        else next(person for person in people.values() if person.role == "enterprise")
    )
    with pytest.raises(NotYours):
        make(world, episode, firm)
    elsewhere = next(
        person for person in people.values() if person.role == "officer" and person.district_id != episode.district_id
    )
    with pytest.raises(NotFoundHere):
        make(world, episode, elsewhere)
    made, _ = make(world, episode, people["desk"])
    assert [one.pk for one in api.packages(people["desk"])] == [made.pk]
    assert api.packages(firm) == api.packages(elsewhere) == []
    with pytest.raises(NotFoundHere):
        api.package(elsewhere, made.pk)


def test_the_command_proves_a_package_without_engines(screened: tuple[Any, bytes], data_folder: Path) -> None:
    file = data_folder / "evidence.zip"
    file.write_bytes(screened[1])
    words = [sys.executable, "-m", "qingtian", "verify", str(file)]
    alone = {"QINGTIAN_DATA": str(data_folder / "none"), "QINGTIAN_LANG": "zh", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([*words, "--key", SIGNER.public], env=alone, capture_output=True, text=True, timeout=180)
    assert (done.returncode, done.stderr) == (0, "")
    assert "证据包完好" in done.stdout
    file.write_bytes(screened[1].replace(b"=180", b"=190"))
    done = subprocess.run([*words, "--json"], env=alone, capture_output=True, text=True, timeout=180)
    assert done.returncode == 1
    assert json.loads(done.stdout)["holds"] is False
