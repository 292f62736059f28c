"""Papers for programs (文书接口): the frozen file of a paper, as the page sends it."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from ninja import Router

from qingtian.base import times
from qingtian.office.matters import api as matters
from qingtian.portals.rest_door import PROBLEMS, Bearer, owner

router = Router(tags=["matters 事项"])


@router.get(
    "{int:paper_id}/{form}", auth=Bearer("papers:read"), response={200: bytes, **PROBLEMS}, operation_id="paper_file"
)
def paper_file(request: HttpRequest, paper_id: int, form: Literal["pdf", "docx", "original"]) -> HttpResponse:
    """A file of a paper 文书: `pdf` or `docx` of one made here, `original` of one that was brought."""
    found = matters.paper_file(owner(request), paper_id, form=form, at=times.now())
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}"}
    return HttpResponse(found.content, content_type=found.media_type, headers=headers)
