"""Files are kept once, whole, and given back only if they are the same; in a folder and in a bucket."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.engines
CONTENT = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture(params=["folder", "memory"])
def place(request: pytest.FixtureRequest, settings_override: Any, tmp_path: Path) -> str:
    url = str(tmp_path / "kept") if request.param == "folder" else f"memory://{tmp_path.name}"
    settings_override(OBJECTS_URL=url)
    return url


def test_it_gives_back_what_it_was_given(place: str) -> None:
    from qingtian.office.objects import api as objects

    assert objects.put(CONTENT) == objects.put(CONTENT) == hashlib.sha256(CONTENT).hexdigest()
    assert objects.get(hashlib.sha256(CONTENT).hexdigest()) == CONTENT


def test_it_says_what_is_missing_and_what_was_changed(place: str) -> None:
    import fsspec

    from qingtian.office.objects import api as objects

    with pytest.raises(objects.ObjectMissing):
        objects.get("0" * 64)
    sha256 = objects.put(CONTENT)
    files, root = fsspec.core.url_to_fs(place)
    files.pipe_file(f"{root}/{sha256[:2]}/{sha256}", b"another")
    with pytest.raises(objects.ObjectDamaged):
        objects.get(sha256)
