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


def test_a_store_of_no_known_kind_is_said_with_what_is_missing(settings_override: Any) -> None:
    from qingtian.office.objects import api as objects

    settings_override(OBJECTS_URL="cloud://evidence")
    with pytest.raises(objects.StoreUnreachable) as refused:
        objects.put(CONTENT)
    assert "cloud" in refused.value.sentence("zh")


def test_a_store_that_fails_in_its_own_way_is_said_to_be_unreachable(
    settings_override: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    from qingtian.office.objects import api as objects

    class EndpointConnectionError(Exception):
        """As an object store's own library names it."""

    def fails(*_given: object, **_named: object) -> None:
        raise EndpointConnectionError("no route to the bucket")

    settings_override(OBJECTS_URL=f"memory://{tmp_path.name}-fails")
    for name in ("exists", "cat_file", "pipe_file"):
        monkeypatch.setattr(MemoryFileSystem, name, fails)
    for ask in (lambda: objects.put(CONTENT), lambda: objects.get("0" * 64)):
        with pytest.raises(objects.StoreUnreachable, match="no route to the bucket"):
            ask()
