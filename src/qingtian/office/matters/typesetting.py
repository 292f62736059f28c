"""Papers that acts have made are typeset after them 制成: Word file and PDF, once, and kept as they then are.

An act freezes what a paper says and is done; here the paper gets its particulars and its files. Both, with the digest
of the template, are written to the row and the ledger in one transaction, behind the files, which lie under their
SHA-256: killed at any instant a paper is wholly typeset or waits. A template changed later changes no paper of before.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from qingtian.base.errors import QingtianError
from qingtian.base.times import BEIJING
from qingtian.law.machine.definition import Definition
from qingtian.office.ledger import api as ledger
from qingtian.office.ledger import canonical
from qingtian.office.matters import events, kinds, numbering
from qingtian.office.matters.models import Matter, MatterPaper, PaperOrigin
from qingtian.office.objects import api as objects
from qingtian.office.papers import api as papers
from qingtian.office.papers.api import Content, Particulars
from qingtian.office.people.models import Certificate, CertificateKind, User

log = logging.getLogger(__name__)

TYPESETTER = ledger.System("worker")
TYPESET = "typeset"
WAITING = Q(origin=PaperOrigin.MADE, typeset_at=None)
AT_ONCE = 20
"""Papers of one turn of the worker: some seconds, so that it leaves room for others and ends soon when asked to."""


def typeset_waiting(*, at: datetime, most: int = AT_ONCE) -> int:
    """Typeset papers that wait, oldest first; return how many. What cannot be typeset is logged and waits on."""
    done, last = 0, 0
    while done < most:
        keys = list(MatterPaper.objects.filter(WAITING, pk__gt=last).order_by("pk").values_list("pk", flat=True)[:most])
        if not keys:
            break
        last = keys[-1]
        done += sum(_tried(key, at) for key in keys)
    return done


def _tried(key: int, at: datetime) -> bool:
    try:
        return typeset(key, at=at, skip_locked=True) is not None
    except QingtianError as error:
        log.warning("paper %d waits: %s", key, error)
        return False


def typeset(paper_id: int, *, at: datetime, skip_locked: bool = False) -> MatterPaper | None:
    """Typeset a paper unless it is; return it as it then is. None: another process is at it (``skip_locked``).

    :raises TextRefused, TemplateRefused, PaperRefused, FontMissing: if it cannot be; then it waits.
    :raises StoreUnreachable: if the files cannot be kept.
    """
    with transaction.atomic():
        rows = MatterPaper.objects.select_for_update(of=("self",), skip_locked=skip_locked)
        paper = rows.select_related("matter__enterprise__district").filter(pk=paper_id).first()
        if paper is None or not waits(paper):
            return paper
        definition = kinds.version(paper.content["kind"], paper.content["version"])
        particulars = gathered(paper, definition)
        made = papers.render(content_of(paper, definition, particulars))
        paper.particulars, paper.template, paper.typeset_at = particulars.as_dict(), made.template, at
        paper.pdf, paper.docx = objects.put(made.pdf), objects.put(made.docx)
        paper.save(update_fields=["particulars", "template", "pdf", "docx", "typeset_at"])
        _record(paper, at)
    return paper


def waits(paper: MatterPaper) -> bool:
    """Say whether a paper has still to be typeset."""
    return paper.origin == PaperOrigin.MADE and paper.typeset_at is None


def content_of(paper: MatterPaper, definition: Definition, particulars: Particulars) -> Content:
    """Return a paper of the file as it is made: its frozen content with its particulars."""
    return Content(
        definition=definition,
        name=paper.name,
        facts=paper.content["facts"],
        particulars=particulars,
        number=paper.number,
        version=paper.version,
        made_at=paper.at,
    )


def _record(paper: MatterPaper, at: datetime) -> None:
    content = {
        "paper": paper.name,
        "version": paper.version,
        "digest": paper.digest,
        # by digest only: names in them can be somebody's whom not everybody may know
        "particulars": canonical.digest(canonical.canonical(paper.particulars), algorithm=canonical.SHA256),
        "template": paper.template,
        "pdf": paper.pdf,
        "docx": paper.docx,
    }
    events.record(paper.matter, acting_user=TYPESETTER, act=TYPESET, at=at, content=content)


def gathered(paper: MatterPaper, definition: Definition) -> Particulars:
    """Return what a paper says besides its facts; of one that is not in the file yet, as things are now."""
    matter, at = paper.matter, paper.at
    day = at.astimezone(BEIJING).date()
    known = definition.acts.get(paper.act)
    return Particulars(
        authority=numbering.authority(matter.district_id, day=day).zh,
        matter={"number": matter.number, "title": matter.title},
        basis=known.basis.on(day) if known else "",
        firm=_firm(matter),
        officers=_officers(_acting(matter.state["history"], paper.revision), at),
        papers=_before(paper),
        people=_people(paper, definition),
    )


def _acting(history: list[Mapping[str, Any]], revision: int) -> list[str]:
    """Return who did the act and who was there: acts are counted by revision."""
    done = history[revision - 1 : revision]
    return list(dict.fromkeys(name for row in done for name in (row["by"], *row["present"])))


def _firm(matter: Matter) -> dict[str, str]:
    firm = matter.enterprise
    return {"name": firm.name, "code": firm.uscc, "place": firm.district.name} if firm else {}


def _officers(usernames: list[str], at: datetime) -> list[dict[str, str]]:
    """Return names and enforcement certificates 执法证, in the order in which they acted."""
    users = {user.username: user for user in User.objects.filter(username__in=usernames)}
    day = at.astimezone(BEIJING).date()
    good = Q(since__lte=day) & (Q(until=None) | Q(until__gte=day))
    numbers = dict(
        Certificate.objects.filter(good, user__in=users.values(), kind=CertificateKind.ENFORCEMENT)
        .order_by("number")
        .values_list("user__username", "number")
    )
    return [{"name": users[name].name, "certificate": numbers.get(name, "")} for name in usernames if name in users]


def _before(paper: MatterPaper) -> dict[str, dict[str, str]]:
    """Return number and day of the papers that were made before, the newest of each name."""
    rows = MatterPaper.objects.filter(matter=paper.matter, origin=PaperOrigin.MADE).order_by("pk")
    if paper.pk is not None:
        rows = rows.filter(pk__lt=paper.pk)
    return {
        name: {"number": number, "date": at.astimezone(BEIJING).date().isoformat()}
        for name, number, at in rows.values_list("name", "number", "at")
    }


def _people(paper: MatterPaper, definition: Definition) -> dict[str, str]:
    """Return the names of those whom the paper's facts of the kind ``person`` name."""
    named = [
        value
        for name, value in paper.content["facts"].items()
        if name in definition.facts and definition.facts[name].type == "person"
    ]
    return dict(User.objects.filter(username__in=named).values_list("username", "name")) if named else {}
