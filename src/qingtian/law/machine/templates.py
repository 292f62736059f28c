"""A Word template 模板 as the text that its placeholders stand in, for those who check it. Read by `docxtpl`."""

from __future__ import annotations

import io
import re
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate

# broken XML is a SyntaxError
UNREADABLE = (BadZipFile, PackageNotFoundError, SyntaxError, KeyError, ValueError)
LEFT_OUT = re.compile(r"<w:(drawing|pict|object|footnoteReference|commentReference)\b")
"""What a PDF made from the file would not have."""


def source(template: bytes) -> str:
    """Return body, headers and footers of a template as text with placeholders (XML).

    :raises UNREADABLE: if it is no Word file.
    """
    file = DocxTemplate(io.BytesIO(template))
    file.init_docx()
    found = [file.patch_xml(file.get_xml())]
    for uri in (file.HEADER_URI, file.FOOTER_URI):
        found += [file.patch_xml(file.get_part_xml(part)) for _, part in file.get_headers_footers(uri)]
    return "\n".join(found)


def left_out(text: str) -> list[str]:
    """Return what stands in a template and cannot come to the PDF: pictures, objects, notes."""
    return sorted({match.group(1) for match in LEFT_OUT.finditer(text)})
