"""A file that a command was given, read whole."""

from __future__ import annotations

from pathlib import Path

from qingtian.base.errors import QingtianError


class FileUnreadable(QingtianError):
    code = "verify.file_unreadable"
    zh = "文件 {file} 无法读取：{why}。请核对路径。"
    en = "The file {file} cannot be read: {why}. Check the path."


def content(file: str) -> bytes:
    """Return what the file holds.

    :raises FileUnreadable: if it cannot be read.
    """
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise FileUnreadable(file=file, why=error.strerror or error) from error
