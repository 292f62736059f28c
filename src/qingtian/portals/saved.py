"""Answers that a browser saves as files (下载): their names, workbooks, and tables as spreadsheets read them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import IO, TypeVar
from urllib.parse import quote

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from qingtian.portals.streamed import Streamed

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MARK = "\ufeff"
"""Spreadsheets take Chinese for another code without it."""
QUOTED = re.compile(r"[ !#-\[\]-~]+")
"""Names that stand in a header as they are; programs that know no other way read them too."""
Answer = TypeVar("Answer", bound=HttpResponseBase)


def called(answer: Answer, name: str, *, inline: bool = False) -> Answer:
    """Say what the file is called (RFC 6266), and whether it is shown instead (``inline``); return the answer."""
    how = "inline" if inline else "attachment"
    file = f'filename="{name}"' if QUOTED.fullmatch(name) else f"filename*=UTF-8''{quote(name)}"
    answer.headers["Content-Disposition"] = f"{how}; {file}"
    return answer


def file(content: bytes | IO[bytes], *, media_type: str, name: str, inline: bool = False) -> HttpResponseBase:
    """Return a file as it was kept, whole or read bit by bit."""
    kind = HttpResponse if isinstance(content, bytes) else Streamed
    return called(kind(content, content_type=media_type), name, inline=inline)


def workbook(content: bytes, *, name: str) -> HttpResponse:
    """Return an Excel workbook 工作簿; ``name`` without its ending."""
    return called(HttpResponse(content, content_type=XLSX), f"{name}.xlsx")


def table(rows: Iterable[Iterable[object]], *, name: str) -> HttpResponse:
    """Return rows, the headings first, as CSV; ``name`` without its ending."""
    answer = called(HttpResponse(content_type="text/csv; charset=utf-8"), f"{name}.csv")
    answer.write(MARK)
    csv.writer(answer).writerows([_cell(each) for each in row] for row in rows)
    return answer


def _cell(value: object) -> object:
    """A text that begins like a formula would be run by a spreadsheet; a quote before it stops that."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value
