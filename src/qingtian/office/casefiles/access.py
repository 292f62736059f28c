"""The file of a matter as a person may see it: who may read a paper sees it listed and bound, nobody else does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from qingtian.law.machine.state import day_of
from qingtian.office.casefiles import contents
from qingtian.office.casefiles.contents import Volume
from qingtian.office.ledger import api as ledger
from qingtian.office.matters import api as matters
from qingtian.office.matters.api import MatterPaper, OneMatter
from qingtian.office.people.api import Role, User

FILED = "file_away"
"""The act, as the ledger names it; its entry says all that was bound under ``case_file``."""
ENTRY = "case_file"
Papers = frozenset[tuple[str, int]]
"""Papers by name and version."""


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A file as it was filed away 归档: when, by whom, the entry of the ledger, and its volumes as that says."""

    at: datetime
    by: str
    sequence: int
    hash: str
    volumes: dict[str, dict[str, Any]]

    def papers(self, volume: str) -> Papers:
        return frozenset((each["name"], each["version"]) for each in self.volumes[volume]["items"])


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """The file of a matter: its volumes as this person may read them, how many papers are not for them, and the file
    as it was filed away, if it was."""

    one: OneMatter
    volumes: list[Volume]
    withheld: int
    filed: Filed | None

    @cached_property
    def frozen(self) -> dict[str, dict[str, Any]]:
        """The volumes as they were filed away, of which the person may read every paper."""
        if self.filed is None:
            return {}
        mine = frozenset((row.name, row.version) for row in self.one.papers)
        return {
            name: said
            for name, said in self.filed.volumes.items()
            if self.filed.papers(name) <= mine and (name == "main" or self.one.viewer.user.role != Role.ENTERPRISE)
        }

    @property
    def authority(self) -> str:
        """The full name of the authority that the matter is of."""
        return matters.authority(self.one.matter.district_id, day=day_of(self.one.matter.opened_at)).zh


def case_file(user: User, matter_id: int, *, at: datetime) -> CaseFile:
    """Return the file of a matter. Seven queries, and the files whose pages nobody has counted yet.

    :raises NotFoundHere: if there is no such matter that the person may see.
    """
    one = matters.matter(user, matter_id, at=at)
    return CaseFile(
        one=one,
        volumes=contents.laid(one.definition, one.matter, one.papers, at=at),
        withheld=_withheld(one),
        filed=filed(matter_id),
    )


def _withheld(one: OneMatter) -> int:
    """Return how many papers this person may not read; a firm learns nothing of the side volume, not even its size."""
    rows = MatterPaper.objects.filter(matter=one.matter).exclude(pk__in=[row.pk for row in one.papers])
    if one.viewer.user.role != Role.ENTERPRISE:
        return rows.count()
    known = one.definition.papers
    return sum(1 for name in rows.values_list("name", flat=True) if name in known and known[name].volume == "main")


def filed(matter_id: int) -> Filed | None:
    """Return the file as it was filed away last; None if it was not. One query."""
    lines = ledger.history(matters.chain(matter_id), acts=[FILED])
    if not lines:
        return None
    line = lines[-1]
    return Filed(
        at=line.at,
        by=line.actor_name,
        sequence=line.sequence,
        hash=line.hash,
        volumes={each["volume"]: each for each in line.content[ENTRY]["volumes"]},
    )
