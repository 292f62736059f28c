"""Files as they go out under ASGI (流式下载): bit by bit, read in a thread, whatever their size."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.http import FileResponse, HttpRequest
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]


class Streamed(FileResponse):
    """A file that an event loop sends piece by piece; Django's own would be read whole into memory, with a warning."""

    block_size = 64 * 1024

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = cast(Iterator[bytes], self.streaming_content)
        while (piece := await sync_to_async(_next)(pieces)) is not None:
            yield piece


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)


class _StaticFile(Streamed):
    """WhiteNoise has set the headers already."""

    def set_headers(self, filelike: object) -> None:
        return None


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serves style, scripts and pictures of the pages."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> FileResponse:
        found = static_file.get_response(request.method, request.META)
        answer = _StaticFile(found.file or (), status=int(found.status))
        del answer["content-type"]
        for name, value in found.headers:
            answer[name] = value
        return answer
