"""Make a package: an act with rights, a number and a ledger entry that names the digest of its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from django.db import transaction

from qingtian.base.errors import Term
from qingtian.base.times import BEIJING
from qingtian.lake.reader import Lake
from qingtian.office.alerts import api as alerts
from qingtian.office.evidence import arithmetic, container, packets, report
from qingtian.office.evidence.gathering import Material, gather
from qingtian.office.evidence.models import EvidencePackage
from qingtian.office.ledger import api as ledger
from qingtian.office.ledger.keys import Signer
from qingtian.office.objects import api as objects
from qingtian.office.papers import api as papers
from qingtian.office.people.api import NotYours, Role, User

SERIES = "证据"
MAY_MAKE = (Role.DUTY_DESK, Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.ADMINISTRATOR)


def make_package(*, acting_user: User, episode_id: int, lake: Lake, signer: Signer, at: datetime) -> EvidencePackage:
    """Gather, sign and keep the evidence package (证据包) of an episode; the ledger names the manifest's digest.

    :raises NotYours: if this role may not.
    :raises NotFoundHere, EvidenceNotReady, LakeUnreachable, FontMissing, StoreUnreachable: then nothing is kept.
    """
    if acting_user.role not in MAY_MAKE or not acting_user.is_active:
        raise NotYours(role=acting_user.role_term, act=Term(zh="制作证据包", en="make an evidence package"))
    material = gather(acting_user, episode_id=episode_id, lake=lake)
    with transaction.atomic():
        number = ledger.next_number(kind=SERIES, at=at)
        contents = _contents(material, number=number, at=at, maker=acting_user, signer=signer)
        facts = _facts(material, number=number, at=at, maker=acting_user)
        package, manifest = container.seal(contents, facts=facts, signer=signer)
        kept = EvidencePackage.objects.create(
            number=number,
            episode=material.episode,
            made_by=acting_user,
            made_at=at,
            packets=len(material.packets),
            bytes=len(package),
            sha256=objects.put(package),
            manifest_sha256=manifest,
            key_id=signer.key_id,
        )
        content = {"number": material.episode.number, "package": number, "manifest_sha256": manifest}
        ledger.append(
            chain=alerts.chain(episode_id), acting_user=acting_user, act="make_evidence", at=at, content=content
        )
    return kept


def _facts(material: Material, *, number: str, at: datetime, maker: User) -> dict[str, Any]:
    episode = material.episode
    return {
        "number": number,
        "made_at": at.astimezone(BEIJING).isoformat(),
        "made_by": maker.username,
        "made_by_name": maker.name,
        "software": f"qingtian {version('qingtian')}",
        "episode": episode.number,
        "outlet": episode.outlet_id,
        "factor": episode.factor,
        "findings": sorted({str(event["finding"]) for event in material.events}),
    }


def _contents(material: Material, *, number: str, at: datetime, maker: User, signer: Signer) -> dict[str, bytes]:
    """Return the files of the package; the report behind what it prints the digests of, the list of sums last."""
    made = [
        arithmetic.of_event(event, material.packets, _outlet(material, event), material.marks)
        for event in material.events
    ]
    documents: dict[str, Any] = {
        "finding.json": {"episode": _episode(material), "events": material.events},
        "packets/index.json": packets.index(material.packets),
        "arithmetic.json": made,
        "plan.json": {"plans": material.plans},
        "marks.json": material.marks,
        "registers.json": material.registers,
        **{
            f"ledger/{name.replace(':', '-')}.json": {"chain": name, "entries": entries}
            for name, entries in material.chains.items()
        },
    }
    contents = {name: report.as_file(document) for name, document in documents.items()}
    contents |= packets.files(material.packets)
    contents |= {f"rules/{name}": text.encode() for name, text in material.rules.items()}
    data = report.data(
        material,
        made,
        number=number,
        made_at=at,
        made_by=maker.name,
        key={"id": signer.key_id, "public": signer.public},
        digests={name: container.digests(content) for name, content in contents.items()},
    )
    template = files("qingtian.office.evidence") / "report.typ"
    contents["report.pdf"] = papers.pdf(template=template, data=data, made_at=at)
    contents[container.README] = container.readme(number=number, public=signer.public)
    return {**contents, container.SUMS: container.sums(contents)}


def _outlet(material: Material, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    part = material.plans.get(str(event["plan"]))
    return part["outlet"] if part else None


def _episode(material: Material) -> dict[str, Any]:
    episode = material.episode
    names = ("number", "state", "severity", "level", "period", "factor", "unit", "value", "peak", "times_over")
    moments = ("since", "opened_at", "last_at", "recovered_at", "closed_at")
    found = {name: getattr(episode, name) for name in names}
    return found | {
        name: at.astimezone(BEIJING).isoformat() if (at := getattr(episode, name)) else None for name in moments
    }
