"""A Word file whose bytes depend on what it says alone: one time for all its parts, one for its properties."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

FIRST = (1980, 1, 1, 0, 0, 0)
"""The first time a zip can state."""
PROPERTIES = "docProps/core.xml"


def packed(file: bytes, *, made_at: datetime, title: str = "", author: str = "Qingtian") -> bytes:
    """Return the same Word file with its times set: those of the parts to 1980, its own to ``made_at``."""
    made = io.BytesIO()
    with ZipFile(io.BytesIO(file)) as old, ZipFile(made, "w", ZIP_DEFLATED) as new:
        for part in sorted(old.infolist(), key=lambda part: (part.filename != "[Content_Types].xml", part.filename)):
            content = old.read(part)
            if part.filename == PROPERTIES:
                content = _properties(made_at, title, author)
            info = ZipInfo(part.filename, date_time=FIRST)
            info.compress_type, info.create_system = ZIP_DEFLATED, 0
            new.writestr(info, content)
    return made.getvalue()


def _properties(made_at: datetime, title: str, author: str) -> bytes:
    at = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = "".join(f"<dc:{name}>{_escaped(text)}</dc:{name}>" for name, text in (("title", title), ("creator", author)))
    times = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{at}</dcterms:{name}>' for name in ("created", "modified")
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{said}{times}</cp:coreProperties>"
    ).encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
