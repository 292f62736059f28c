"""The key that signs sessions: from ``QINGTIAN_SECRET_KEY``, else made once and kept under the data folder."""

from __future__ import annotations

import os
import secrets

from qingtian.base import settings as base_settings


def secret_key() -> str:
    """Return the key. All processes of one data folder get the same one, whoever comes first makes it."""
    given = os.environ.get("QINGTIAN_SECRET_KEY")
    if given:
        return given
    file = base_settings.from_environment().run_folder / "secret"
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        # written whole beside it and linked in place: a second process never reads half a key
        draft = file.with_name(f"secret.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text()
