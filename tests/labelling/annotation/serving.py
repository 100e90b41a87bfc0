"""A server that runs beside a test."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

from topwork.labelling.annotation.session import Sitting
from topwork.labelling.served.page_file import label_page
from topwork.labelling.served.server import TOKEN, LabelServer


@contextmanager
def served(sitting: Sitting) -> Iterator[LabelServer]:
    """Serve a sitting until the block ends."""
    page = label_page(
        title="shapes",
        inline=sitting.items.kind.inline,
        form=sitting.form.name,
        out=str(sitting.file.file),
    )
    with LabelServer(sitting, page) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    port: int,
    path: str,
    body: object = None,
    *,
    token: str | None = None,
    method: str | None = None,
    **headers: str,
) -> Reply:
    """One request; keyword arguments are headers, with ``_`` for ``-``."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent[TOKEN] = token
    data = None
    if body is not None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method or ("GET" if data is None else "POST"), path, data, sent)
        reply = connection.getresponse()
        return Reply(reply.status, reply.read(), dict(reply.getheaders()))
    finally:
        connection.close()
