"""A server for one person on the same machine: a page, images, and answers.

It listens on the loopback address alone. Whoever asks must know the token of the address that was
printed, must call the server by its own name (a foreign name that points here is refused), and
answers are taken from its own page alone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from topwork.errors import BadItem, ParameterError, UserError
from topwork.labelling.annotation.session import Sitting
from topwork.labelling.served.page_file import LabelPage

HOST: Final = "127.0.0.1"
TOKEN: Final = "X-Topwork-Token"  # noqa: S105
MAX_BODY: Final = 1 << 20
MAX_SIDE: Final = 2048

_SECONDS: Final = 30


class Refused(Exception):
    """A request that is not answered.

    Parameters
    ----------
    status
        The HTTP status.
    message
        What to say.
    """

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class LabelServer(ThreadingHTTPServer):
    """Serves a sitting until its person is done.

    Parameters
    ----------
    sitting
        What is asked and answered.
    page
        The page.
    port
        0 for a free one.

    Raises
    ------
    ParameterError
        The port is taken.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, sitting: Sitting, page: LabelPage, *, port: int = 0) -> None:
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise ParameterError(
                f"Port {port} can't be used: {(error.strerror or '').lower()}.",
                remedy="Leave --port out: a free one is found.",
                code="port_taken",
            ) from error
        self.sitting = sitting
        self.page = page
        self.token = secrets.token_urlsafe(24)
        self.closed = False

    @property
    def address(self) -> str:
        """What to open in a browser; whoever knows it can label."""
        return f"http://{HOST}:{self.server_port}/?token={self.token}"

    @property
    def names(self) -> frozenset[str]:
        """What the server may be called."""
        return frozenset(f"{name}:{self.server_port}" for name in (HOST, "localhost"))

    def server_close(self) -> None:
        """Listen no more, and answer no more on connections that are still open."""
        self.closed = True
        super().server_close()

    def finish(self) -> None:
        """Take no more requests, once the present one is answered."""
        self.sitting.end()
        Thread(target=self.shutdown, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: LabelServer
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS
    server_version = "topwork"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """The page, the state, images and grids."""
        if self.path == "/favicon.ico":
            self._send(HTTPStatus.NO_CONTENT, "image/x-icon", b"")
            return
        self._answer({"/": _page, "/state": _state, "/item": _item, "/grid": _grid}, self._query)

    def do_POST(self) -> None:
        """Answers, taking back, new classes, and the end."""
        actions = {"/answer": _take, "/undo": _undo, "/class": _add_class, "/done": _done}
        self._answer(actions, self._body)

    def log_message(self, *_: Any) -> None:
        """Requests are nobody's business."""

    def _answer(
        self,
        routes: Mapping[str, Callable[[LabelServer, Mapping[str, Any]], tuple[str, bytes]]],
        given: Callable[[], Mapping[str, Any]],
    ) -> None:
        if self.server.closed:
            self.close_connection = True
            return
        status = HTTPStatus.OK
        try:
            self._check_host()
            route = routes.get(urlsplit(self.path).path)
            if route is None:
                raise Refused(HTTPStatus.NOT_FOUND, "There is nothing here.")
            kind, content = route(self.server, given())
        except Refused as error:
            status = error.status
            kind, content = _json({"error": {"message": error.message, "remedy": ""}})
            self.close_connection = True
        except UserError as error:
            status = HTTPStatus.BAD_REQUEST
            told = {"code": error.code, "message": error.message, "remedy": error.remedy}
            kind, content = _json({"error": told})
        except (BadItem, OSError) as error:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            kind, content = _json({"error": {"message": str(error), "remedy": ""}})
        self._send(status, kind, content)

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": self.server.page.policy,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def _check_host(self) -> None:
        if self.headers.get("Host", "") not in self.server.names:
            raise Refused(HTTPStatus.FORBIDDEN, "This server is called by another name.")
        origin = self.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://") not in self.server.names:
            raise Refused(HTTPStatus.FORBIDDEN, "Another page can't ask here.")

    def _query(self) -> Mapping[str, Any]:
        query = {k: v[-1] for k, v in parse_qs(urlsplit(self.path).query).items()}
        self._check_token(self.headers.get(TOKEN) or query.pop("token", ""))
        return query

    def _body(self) -> Mapping[str, Any]:
        self._check_token(self.headers.get(TOKEN, ""))
        if self.headers.get_content_type() != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "JSON is wanted.")
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "The length is wanted.")
        if int(length) > MAX_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "That is too much at once.")
        try:
            found = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError) as error:
            raise Refused(HTTPStatus.BAD_REQUEST, "That is no JSON.") from error
        if not isinstance(found, dict):
            raise Refused(HTTPStatus.BAD_REQUEST, "An object is wanted.")
        return found

    def _check_token(self, token: str) -> None:
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            raise Refused(
                HTTPStatus.FORBIDDEN, "Open the address that topwork label printed, with its token."
            )


def _page(server: LabelServer, _: Mapping[str, Any]) -> tuple[str, bytes]:
    return "text/html; charset=utf-8", server.page.content


def _state(server: LabelServer, query: Mapping[str, Any]) -> tuple[str, bytes]:
    shown = str(query.get("shown", ""))
    number = int(shown) if shown.isascii() and shown.isdecimal() and len(shown) < 10 else -1
    return _json(asdict(server.sitting.state(number)))


def _item(server: LabelServer, query: Mapping[str, Any]) -> tuple[str, bytes]:
    try:
        number, size = int(query.get("id", "")), int(query.get("size", MAX_SIDE))
        part = int(query.get("part", 0)) % 2
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "The number of an item is wanted.") from error
    items = server.sitting.items
    if items.kind.inline:
        raise Refused(HTTPStatus.NOT_FOUND, "Texts have no image.")
    row = server.sitting.row(number)
    return "image/jpeg", items.image(row, min(max(size, 16), MAX_SIDE) if size else None, part)


def _grid(server: LabelServer, query: Mapping[str, Any]) -> tuple[str, bytes]:
    return _json({"items": server.sitting.grid(str(query.get("name", "")))})


def _take(server: LabelServer, body: Mapping[str, Any]) -> tuple[str, bytes]:
    answers = body.get("answers")
    if not isinstance(answers, list) or not all(isinstance(one, dict) for one in answers):
        raise Refused(HTTPStatus.BAD_REQUEST, "A list of answers is wanted.")
    server.sitting.answer(answers, grid=body.get("grid") is True)
    return _state(server, {})


def _undo(server: LabelServer, _: Mapping[str, Any]) -> tuple[str, bytes]:
    server.sitting.undo()
    return _state(server, {})


def _add_class(server: LabelServer, body: Mapping[str, Any]) -> tuple[str, bytes]:
    server.sitting.add_class(body.get("name"))
    return _state(server, {})


def _done(server: LabelServer, _: Mapping[str, Any]) -> tuple[str, bytes]:
    found = _state(server, {})
    server.finish()
    return found


def _json(value: object) -> tuple[str, bytes]:
    text = json.dumps(value, default=list)
    return "application/json", text.encode("utf-8", "replace")
