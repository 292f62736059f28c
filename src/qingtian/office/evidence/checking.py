"""Prove an evidence package offline: no engine, no register, no network; the zip, and at most a public key. Pure.

What is checked, in this order: the signature over the manifest; every file against the digests in it; the container
itself, byte for byte; the ledger's chains; the packets' checksums; the values that the findings name; the windows.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingtian.law import rules
from qingtian.office.evidence import arithmetic, packets
from qingtian.office.evidence.container import FORMAT, MANIFEST, SIGNATURE, digests, pack, signature_text
from qingtian.office.evidence.words import sentence
from qingtian.office.ledger.canonical import canonical, entry_hash
from qingtian.office.ledger.keys import key_id, signed

CONTAINER = "zip"
LOCAL_HEADER = 30


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at: ``what`` is a key of `words`; ``where`` the file it is about; note: no verdict."""

    what: str
    holds: bool
    where: str = ""
    places: Mapping[str, object]
    note: bool = False

    def sentence(self, language: str = "zh") -> str:
        """Return what holds or does not, in ``zh`` or ``en``."""
        return sentence(self.what, self.holds, language, {"where": self.where, **self.places})


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a package. ``manifest``: what it says of itself, empty if it cannot be read."""

    checks: Sequence[Check]
    manifest: Mapping[str, Any]

    @property
    def holds(self) -> bool:
        return all(check.holds or check.note for check in self.checks)

    @property
    def broken(self) -> list[Check]:
        return [check for check in self.checks if not check.holds and not check.note]


def verify(package: bytes, *, public: str | None = None) -> Verdict:
    """Check a package. ``public``: the authority's public key in hex, if it is known from elsewhere."""
    contents = unpack(package)
    if contents is None or MANIFEST not in contents or SIGNATURE not in contents:
        return Verdict(checks=[_bad("package", CONTAINER)], manifest={})
    checks = list(_signature(contents, public))
    manifest = _json(contents[MANIFEST])
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return Verdict(checks=[*checks, _bad("manifest", MANIFEST)], manifest={})
    try:
        checks += _digests(contents, manifest)
        if all(check.holds for check in checks):
            checks += [_container(package, contents)]
        if all(check.holds for check in checks):
            checks += _meaning(contents)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # made by another program, or by somebody with a key who left something out
        checks += [_bad("content", why=f"{type(error).__name__} {error}")]
    return Verdict(checks=checks, manifest=manifest)


def unpack(package: bytes) -> dict[str, bytes] | None:
    """Return the files as they stand in the zip, whatever its own check sums say; None if it is no zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            return {entry.filename: _stored(package, entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, IndexError):
        return None


def _stored(package: bytes, entry: zipfile.ZipInfo) -> bytes:
    lengths = package[entry.header_offset + 26 : entry.header_offset + LOCAL_HEADER]
    start = entry.header_offset + LOCAL_HEADER + int.from_bytes(lengths[:2], "little")
    start += int.from_bytes(lengths[2:], "little")
    return package[start : start + entry.file_size]


def _good(what: str, where: str = "", **places: object) -> Check:
    return Check(what=what, holds=True, where=where, places=places)


def _bad(what: str, where: str = "", **places: object) -> Check:
    return Check(what=what, holds=False, where=where, places=places)


def _check(what: str, holds: bool, where: str = "", *, note: bool = False, **places: object) -> Check:
    return Check(what=what, holds=holds, where=where, places=places, note=note)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _signature(contents: Mapping[str, bytes], public: str | None) -> Iterator[Check]:
    told = _json(contents[SIGNATURE])
    told = told if isinstance(told, dict) else {}
    key, signature = str(told.get("public_key", "")), str(told.get("signature", ""))
    if not _is_hex(key, 64) or contents[SIGNATURE] != signature_text(
        public=key, key_id=key_id(key), signature=signature
    ):
        yield _bad("signature_file", SIGNATURE)
        return
    holds = _is_hex(signature, 128) and signed(contents[MANIFEST], signature=signature, public=key)
    yield _check("signature", holds, f"{MANIFEST}, {SIGNATURE}", key=key_id(key))
    if public is not None:
        # copied out of the report it has the marks at which its line may break
        given = "".join(sign for sign in public.lower() if sign.isalnum())
        yield _check("key", key == given, SIGNATURE, key=key_id(key))


def _is_hex(text: str, length: int) -> bool:
    # in small letters alone: a capital would be another byte with the same meaning
    return len(text) == length and set(text) <= set("0123456789abcdef")


def _digests(contents: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[Check]:
    named = {str(file["name"]): file for file in manifest["files"]}
    here = set(contents) - {MANIFEST, SIGNATURE}
    wrong = [_bad("file_missing", name) for name in sorted(set(named) - here)]
    wrong += [_bad("file_extra", name) for name in sorted(here - set(named))]
    wrong += [_bad("file", name) for name in sorted(here & set(named)) if not _same(contents[name], named[name])]
    return wrong or [_good("files", count=len(named))]


def _same(content: bytes, told: Mapping[str, Any]) -> bool:
    """Compare by all digests that both machines know."""
    mine = digests(content)
    return all(mine[name] == told.get(name) for name in mine if mine[name] is not None and told.get(name) is not None)


def _container(package: bytes, contents: Mapping[str, bytes]) -> Check:
    """Pack the files again: what is not the same now was changed in the zip's own headers."""
    again = pack(contents)
    if again == package:
        return _good("container", CONTAINER)
    differs = (place for place, (one, other) in enumerate(zip(again, package, strict=False)) if one != other)
    return _bad("container", CONTAINER, why=next(differs, min(len(again), len(package))))


def _meaning(contents: Mapping[str, bytes]) -> list[Check]:
    """Check what the files say: chains, packets, values, windows, rules."""
    found = [_chain(name, contents[name]) for name in sorted(contents) if name.startswith("ledger/")]
    lines = json.loads(contents["packets/index.json"])
    held = packets.of_index(lines, contents)
    found += _packets(held, lines, contents)
    events = json.loads(contents["finding.json"])["events"]
    found += _values(events, held)
    found += _windows(events, held, contents)
    return [*found, *_rules(contents)]


def _chain(name: str, content: bytes) -> Check:
    told = json.loads(content)
    previous = ""
    for number, entry in enumerate(told["entries"], start=1):
        fields = {key: value for key, value in entry.items() if key != "hash"}
        fields["at"] = datetime.fromisoformat(entry["at"])
        if entry["sequence"] != number or entry["previous"] != previous or entry_hash(**fields) != entry["hash"]:
            return _bad("chain", name, chain=told["chain"], number=number)
        previous = entry["hash"]
    return _good("chain", name, chain=told["chain"], number=len(told["entries"]))


def _packets(
    held: Sequence[packets.Packet], lines: Sequence[Mapping[str, Any]], contents: Mapping[str, bytes]
) -> list[Check]:
    wrong = [
        _bad("packet", line["file"])
        for packet, line in zip(held, lines, strict=True)
        if not _same(contents[line["file"]], line) or not _speaks(packet)
    ]
    return wrong or [_good("packets", count=len(held))]


def _speaks(packet: packets.Packet) -> bool:
    """The frame is whole (length, CRC), and says the device and the number that the index gives it."""
    said = packets.segment(packet)
    return said is not None and said.mn == packet.mn and (said.qn or "") == packet.qn


def _values(events: Sequence[Mapping[str, Any]], held: Sequence[packets.Packet]) -> list[Check]:
    named = [(event, value) for event in events for value in arithmetic.named_values(event, held)]
    wrong = [
        _bad("value", f"{value['sequence']}-{value['index']}", value=value["value"], event=event["id"][:12])
        for event, value in named
        if not value["holds"]
    ]
    return wrong or ([_good("values", count=len(named))] if named else [])


def _windows(
    events: Sequence[Mapping[str, Any]], held: Sequence[packets.Packet], contents: Mapping[str, bytes]
) -> list[Check]:
    plans = json.loads(contents["plan.json"])["plans"]
    marks = json.loads(contents["marks.json"])
    confirmed = [event for event in events if event["level"] == arithmetic.CONFIRMED and event["event"] == "opened"]
    found = []
    for event in (one for one in confirmed if str(one["plan"]) in plans):
        outlet = plans[str(event["plan"])]["outlet"]
        made = arithmetic.windows(event, held, outlet, marks)
        holds = arithmetic.found_again(event, made, outlet)
        found.append(_check("window", holds, "finding.json", event=event["finding"][:12], value=event["value"]))
    return found


def _rules(contents: Mapping[str, bytes]) -> list[Check]:
    """Say which rule files are not those that this program would use: a note, the package stands by its own."""
    prefix = "rules/"
    mine = {
        name: rules.text(name[len(prefix) : -len(".yaml")])
        for name in contents
        if name.startswith(prefix) and not name.startswith("rules/detectors/")
    }
    other = sorted(name for name, text in mine.items() if text is None or text.encode() != contents[name])
    return [_check("rules", not other, ", ".join(other), note=True, count=len(mine))]


def as_json(verdict: Verdict) -> str:
    """Return the verdict as one canonical line."""
    checks = [
        {
            "what": check.what,
            "holds": check.holds,
            "where": check.where,
            "note": check.note,
            "sentence": check.sentence("en"),
        }
        for check in verdict.checks
    ]
    facts = {name: verdict.manifest.get(name) for name in ("number", "made_at", "made_by", "episode", "outlet")}
    return canonical({"holds": verdict.holds, **facts, "checks": checks})
