"""Papers for programs (文书接口): the frozen file of a paper, as the page sends it."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from qingtian.base import times
from qingtian.office.matters import api as matters
from qingtian.portals import saved
from qingtian.portals.rest_door import PROBLEMS, Bearer, owner

router = Router(tags=["matters 事项"])


@router.get(
    "{int:paper_id}/{form}", auth=Bearer("papers:read"), response={200: bytes, **PROBLEMS}, operation_id="paper_file"
)
def paper_file(request: HttpRequest, paper_id: int, form: Literal["pdf", "docx", "original"]) -> HttpResponseBase:
    """A file of a paper 文书: `pdf` or `docx` of one made here; `original` of one that was brought: its only file, or
    all of them as a zip."""
    return _sent(matters.paper_file(owner(request), paper_id, form=form, at=times.now()))


@router.get(
    "{int:paper_id}/files/{int:place}",
    auth=Bearer("papers:read"),
    response={200: bytes, **PROBLEMS},
    operation_id="paper_scan",
)
def paper_scan(request: HttpRequest, paper_id: int, place: int) -> HttpResponseBase:
    """One file of a paper that was brought; `place` counts from 1, in the order of its `files`."""
    return _sent(matters.brought_file(owner(request), paper_id, place, at=times.now()))


def _sent(found: matters.PaperFile) -> HttpResponseBase:
    return saved.file(found.content, media_type=found.media_type, name=found.name)
