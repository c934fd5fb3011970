"""The endpoints for files, and the faults that the knobs order."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from vchat_tui.simulator.account import Account
from vchat_tui.simulator.http_server import TRANSPORT
from vchat_tui.simulator.knobs import Controls
from vchat_tui.simulator.media import File, Files
from vchat_tui.simulator.meta_json import MetaJSON

_PAGE = "<html><head><title>Error</title></head><body>Sorry, something went wrong.</body></html>"


class MediaApi:
    """Answers about files; who asks was judged before."""

    def __init__(self, files: Files, controls: Controls) -> None:
        self._files = files
        self._controls = controls

    async def upload(self, request: Request, number: Account) -> Response:
        """POST /{phone-number-id}/media."""
        body = await request.body()
        kind = request.headers.get("content-type", "")
        return MetaJSON(self._files.upload(body, kind, number))

    def knows(self, node: str) -> bool:
        """Whether a node is a file, there or gone; nothing else has so long a number."""
        return self._files.is_file(node) or (node.isdigit() and len(node) > 15)

    def lookup(
        self, request: Request, media_id: str, number: str | None = None, server: str | None = None
    ) -> Response:
        """GET /{media-id}.

        Args:
            number: the id of the number that it must be for; None: the one that was asked with.
            server: where it says that the file lies; None: here.
        """
        number = number or request.query_params.get("phone_number_id")
        found = self._files.lookup(media_id, number, server or str(request.base_url))
        return MetaJSON(found)

    def delete(self, media_id: str) -> Response:
        """DELETE /{media-id}."""
        return MetaJSON(self._files.delete(media_id))

    def attachment(self, request: Request) -> Response:
        """The file behind a URL."""
        if self._controls.take("media_page_next"):
            return HTMLResponse(_PAGE)
        query = request.query_params
        file = self._files.at(query.get("mid", ""), query.get("hash", ""))
        if file is None:
            return self.not_there()
        if self._controls.take("media_drop_next"):
            return StreamingResponse(
                self._half(request, file),
                media_type=file.mime_type,
                headers={"Content-Length": str(len(file.data))},
            )
        return Response(file.data, media_type=file.mime_type)

    def not_there(self) -> Response:
        """The answer to an expired URL, and to those who may not."""
        return HTMLResponse(_PAGE, 404)

    async def _half(self, request: Request, file: File) -> AsyncIterator[bytes]:
        yield file.data[: len(file.data) // 2]
        request.scope[TRANSPORT].close()
