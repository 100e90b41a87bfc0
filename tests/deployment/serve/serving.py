"""A server in a process of its own, and requests to it."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Of an error."""
        return str(self.json["error"]["code"])


@dataclass
class Server:
    """A process that serves."""

    process: subprocess.Popen[str]
    port: int
    told: list[str]

    def ask(
        self, path: str, body: Any = None, *, method: str | None = None, **headers: str
    ) -> Reply:
        """One request on a connection of its own; ``_`` in names of headers is ``-``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, body, sent)
            reply = connection.getresponse()
            return Reply(reply.status, reply.read(), {k.title(): v for k, v in reply.getheaders()})
        finally:
            connection.close()

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        text = self.ask("/metrics").body.decode()
        found = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE)
        return sum(map(float, found))

    @property
    def rss(self) -> int:
        """Bytes of memory."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(re.findall(r"VmRSS:\s+(\d+)", text)[0])

    def end(self, number: int = signal.SIGTERM) -> int:
        """Tell it to end, and give its exit status."""
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def serving(*arguments: object, ready: bool = True) -> Iterator[Server]:
    """``topwork serve`` with these arguments, on a free port."""
    command = [sys.executable, "-W", "error", "-m", "topwork", "serve", *map(str, arguments)]
    process = subprocess.Popen(
        [*command, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    told: list[str] = []
    assert process.stderr is not None
    stream = process.stderr
    reader = threading.Thread(target=lambda: told.extend(stream), daemon=True)
    reader.start()
    try:
        until = time.monotonic() + 60
        port = 0
        while ready and not port:
            ports = re.findall(r"Serving on http://\S+:(\d+)", "".join(told))
            port = int(ports[0]) if ports else 0
            assert port or process.poll() is None, "".join(told)
            assert time.monotonic() < until, "".join(told)
            time.sleep(0.02)
        yield Server(process, port, told)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        reader.join(10)
        assert process.stdout is not None
        process.stdout.close()
        stream.close()


def form_of(parts: Mapping[str, bytes], boundary: str = "xyz") -> tuple[bytes, str]:
    """A form with a file in each part, and its content type."""
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, data in parts.items()
    )
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
